//===- WindowPlan.h - What can be expanded in windows --------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_PASSES_WINDOWPLAN_H
#define SPARSEC_PASSES_WINDOWPLAN_H

#include "passes/WindowLoops.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

namespace sparsec {

/// The bytes of a tensor of known shape.
int64_t getTensorBytes(mlir::RankedTensorType type);

/// The windows of one operation, along one of its loops.
struct WindowPlan {
  unsigned loop = 0;
  int64_t outerSize = 0, granule = 1;
  int64_t rowBytes = 0;                 ///< of one outer index, in all weights
  llvm::SetVector<mlir::Value> weights; ///< results of decompress
  llvm::SmallVector<WindowOperand> operands;

  int64_t leastRows() const { return std::min(granule, outerSize); }
};

/// A loop of an operation.
struct Loop {
  unsigned number;
  int64_t size;
};

/// The outermost loop along which an operation can be parted without parting
/// its weights, if its size is known.
std::optional<Loop> findBatchLoop(mlir::Operation *op, const WindowPlan &plan);

/// What one function holds expanded.
class FunctionPlan {
public:
  explicit FunctionPlan(mlir::func::FuncOp func) { find(func); }

  /// The bytes of weights that have to be whole.
  int64_t wholeBytes() const;
  /// The bytes of all weights that something expands.
  int64_t allBytes() const;
  /// The least that the function can do with.
  int64_t leastBytes() const;

  llvm::MapVector<mlir::Operation *, WindowPlan> plans;

private:
  void find(mlir::func::FuncOp func);
  bool add(DecompressOp decompress);
  bool addUse(DecompressOp decompress, mlir::OpOperand &use,
              mlir::tensor::ExpandShapeOp view);
  void drop(mlir::Value weight);

  llvm::SetVector<DecompressOp> whole;
};

} // namespace sparsec

#endif // SPARSEC_PASSES_WINDOWPLAN_H
