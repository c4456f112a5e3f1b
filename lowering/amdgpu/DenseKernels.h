//===- DenseKernels.h - Kernels that multiply dense matrices -- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Used by the pass sparsec-amdgpu-kernels.

#ifndef SPARSEC_LOWERING_AMDGPU_DENSEKERNELS_H
#define SPARSEC_LOWERING_AMDGPU_DENSEKERNELS_H

#include "dialect/Ops.h"
#include "lowering/amdgpu/TiledProduct.h"

namespace sparsec {

/// Two dense matrices, on tiles.
class DenseGemm {
public:
  DenseGemm(MatmulOp op, bool strict)
      : op(op), loc(op.getLoc()), b(op), strict(strict) {}

  /// Whether the product is one that this kernel is for.
  bool matches();
  void run();

private:
  TileFactor makeFactor(mlir::Value memref, bool depthFirst);
  void emitStore(mlir::OpBuilder &b, mlir::Value result,
                 mlir::OpFoldResult rows, mlir::OpFoldResult columns,
                 mlir::Value row, mlir::Value column,
                 llvm::ArrayRef<mlir::Value> sums);

  MatmulOp op;
  mlir::Location loc;
  mlir::OpBuilder b;
  bool strict;
};

} // namespace sparsec

#endif // SPARSEC_LOWERING_AMDGPU_DENSEKERNELS_H
