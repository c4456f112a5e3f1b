//===- DenseKernels.cpp - Which dense product has which kernel ------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/amdgpu/DenseKernels.h"

using namespace mlir;
using namespace sparsec;

void sparsec::lowerDenseProducts(Operation *root, bool strict) {
  SmallVector<MatmulOp> products;
  root->walk([&](MatmulOp op) { products.push_back(op); });
  for (MatmulOp op : products) {
    DenseGemm gemm(op, strict);
    if (gemm.matches())
      gemm.run();
  }
  SmallVector<linalg::LinalgOp> convolutions;
  root->walk([&](linalg::LinalgOp op) { convolutions.push_back(op); });
  for (linalg::LinalgOp op : convolutions) {
    Convolution convolution(op, strict);
    if (convolution.matches())
      convolution.run();
  }
}
