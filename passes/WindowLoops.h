//===- WindowLoops.h - Loops over windows of a weight --------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_PASSES_WINDOWLOOPS_H
#define SPARSEC_PASSES_WINDOWLOOPS_H

#include "dialect/Ops.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace sparsec {

/// An operand that is a weight, packed or expanded, then perhaps in another
/// shape.
struct WindowOperand {
  unsigned number;
  mlir::Value weight;
  bool expanded;
  mlir::tensor::ExpandShapeOp view; ///< or null
};

/// Tiles of `rows` along one loop of an operation, which has `total` steps;
/// one that is smaller for the rest.
struct LoopTiles {
  unsigned loop;
  int64_t total, rows;
};

/// Replaces an operation on tensors by a loop over tiles. Each has its own
/// window of the operands. With `outer`, that is done for each of these tiles,
/// along a loop that does not walk along the weights.
mlir::LogicalResult tileIntoWindows(mlir::Operation *op, LoopTiles windows,
                                    llvm::ArrayRef<WindowOperand> operands,
                                    std::optional<LoopTiles> outer = {});

} // namespace sparsec

#endif // SPARSEC_PASSES_WINDOWLOOPS_H
