//===- AmdgpuKernels.cpp - The kernel of each product ---------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/Passes.h"
#include "lowering/amdgpu/BlockKernels.h"
#include "lowering/amdgpu/DenseKernels.h"
#include "lowering/amdgpu/IndexedKernels.h"
#include "lowering/amdgpu/Kernels.h"
#include "lowering/amdgpu/Versions.h"

#include "mlir/Dialect/AMDGPU/IR/AMDGPUDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace sparsec {
#define GEN_PASS_DEF_AMDGPUKERNELS
#include "lowering/Passes.h.inc"
} // namespace sparsec

using namespace mlir;
using namespace sparsec;

/// Runs the kernel if the product is one that it is for. Says whether it was,
/// and leaves in `result` what became of it.
template <typename Kernel>
static bool tryKernel(MatmulOp op, bool strict, LogicalResult &result) {
  Kernel kernel(op, strict);
  if (!kernel.matches())
    return false;
  result = kernel.run();
  return true;
}

/// Runs the first kernel that there is for the product, if any.
template <typename... Kernels>
static LogicalResult runFirst(MatmulOp op, bool strict) {
  LogicalResult result = success();
  (void)(tryKernel<Kernels>(op, strict, result) || ...);
  return result;
}

static LogicalResult runKernel(MatmulOp op, bool strict) {
  // Sums of integers are left to the plain kernels.
  if (op.getSumType().isInteger())
    return success();
  return runFirst<DenseGemv, DenseGemm, //
                  BitmaskGemv, BitmaskFew, BitmaskGemm, BitmaskSpmm,
                  BitmaskUpdates,                     //
                  BlockGemv, BlockSpmm, BlockUpdates, //
                  IndexedGemv, IndexedFew, IndexedSpmm, IndexedUpdates>(op,
                                                                        strict);
}

namespace {

struct AmdgpuKernelsPass : sparsec::impl::AmdgpuKernelsBase<AmdgpuKernelsPass> {
  using AmdgpuKernelsBase::AmdgpuKernelsBase;

  void runOnOperation() override {
    versionByColumns(getOperation(), strict);
    SmallVector<MatmulOp> products;
    getOperation()->walk([&](MatmulOp op) { products.push_back(op); });
    for (MatmulOp op : products)
      if (failed(runKernel(op, strict)))
        return signalPassFailure();
    SmallVector<linalg::LinalgOp> convolutions;
    getOperation()->walk(
        [&](linalg::LinalgOp op) { convolutions.push_back(op); });
    for (linalg::LinalgOp op : convolutions) {
      Convolution convolution(op, strict);
      if (convolution.matches())
        convolution.run();
    }
  }
};

} // namespace
