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

/// Replaces an operation on tensors by a loop over tiles of `rows` along its
/// loop number `loop`, which has `total` steps, and one tile for the rest.
/// Each tile has its own window of the operands.
mlir::LogicalResult tileIntoWindows(mlir::Operation *op, unsigned loop,
                                    int64_t total, int64_t rows,
                                    llvm::ArrayRef<WindowOperand> operands);

} // namespace sparsec

#endif // SPARSEC_PASSES_WINDOWLOOPS_H
