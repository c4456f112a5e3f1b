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

  /// Whether there is a loop around the operation: buffers of windows are
  /// allocated outside of it, so those of all such operations, and of what a
  /// window leaves over, are there at one time.
  bool inLoop = false;

  int64_t leastRows() const { return std::min(granule, outerSize); }
  /// The bytes that are held for windows of so many rows.
  int64_t heldBytes(int64_t rows) const {
    return (inLoop && rows < outerSize ? rows + outerSize % rows : rows) *
           rowBytes;
  }
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
  /// What is left of a budget for one operation.
  int64_t roomFor(const WindowPlan &plan, int64_t budget) const;

  llvm::MapVector<mlir::Operation *, WindowPlan> plans;

private:
  void find(mlir::func::FuncOp func);
  bool add(DecompressOp decompress);
  bool addUse(DecompressOp decompress, mlir::OpOperand &use,
              mlir::tensor::ExpandShapeOp view);
  int64_t countInLoops() const;

  llvm::SetVector<DecompressOp> whole;
};

} // namespace sparsec

#endif // SPARSEC_PASSES_WINDOWPLAN_H
