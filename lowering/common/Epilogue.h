//===- Epilogue.h - The epilogue of a product, on vectors ----- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_COMMON_EPILOGUE_H
#define SPARSEC_LOWERING_COMMON_EPILOGUE_H

#include "dialect/Ops.h"

#include "mlir/IR/Builders.h"

namespace sparsec {

/// Emits what happens to a sum before it is stored: the epilogue of a product,
/// or the rounding to the element type of the result.
class Epilogue {
public:
  /// A dimension of the result that the kernel's result does not have: it is 0.
  static constexpr int kUnitDim = -1;

  /// `operands` stand for the epilogue operands, and `captured` for the values
  /// that the region takes from outside, inside the kernel. `dims[d]` is the
  /// dimension of the kernel's result that dimension d of the product's is, or
  /// kUnitDim.
  Epilogue(MatmulOp op, mlir::ValueRange operands,
           llvm::ArrayRef<std::pair<mlir::Value, mlir::Value>> captured,
           llvm::ArrayRef<int> dims)
      : op(op), operands(operands.begin(), operands.end()),
        captured(captured.begin(), captured.end()),
        dims(dims.begin(), dims.end()) {}

  /// The element(s) to store for the f32 `sum`, a scalar or a vector, whose
  /// first element is at `position` in the kernel's result. A vector runs along
  /// its dimension `vectorDim`; lanes that `mask` (may be null) has off are
  /// never loaded.
  mlir::Value apply(mlir::OpBuilder &builder, mlir::Location loc,
                    mlir::Value sum, mlir::ValueRange position,
                    unsigned vectorDim = 0, mlir::Value mask = {}) const;

  /// Whether `op` can be emitted on vectors; if not, on scalars only.
  static bool isVectorizable(MatmulOp op);

private:
  mlir::Value loadOperand(mlir::OpBuilder &builder, mlir::Location loc,
                          unsigned index, mlir::VectorType vector,
                          mlir::ValueRange position, unsigned vectorDim,
                          mlir::Value mask) const;

  MatmulOp op;
  llvm::SmallVector<mlir::Value> operands;
  llvm::SmallVector<std::pair<mlir::Value, mlir::Value>> captured;
  llvm::SmallVector<int> dims;
};

} // namespace sparsec

#endif // SPARSEC_LOWERING_COMMON_EPILOGUE_H
