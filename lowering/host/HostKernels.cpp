//===- HostKernels.cpp - Each product into kernels and calls --------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/Passes.h"
#include "lowering/common/Spread.h"
#include "lowering/host/ProductLowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/PatternMatch.h"

namespace sparsec {
#define GEN_PASS_DEF_HOSTKERNELS
#include "lowering/Passes.h.inc"
} // namespace sparsec

using namespace mlir;
using namespace sparsec;

namespace {

struct HostKernelsPass : sparsec::impl::HostKernelsBase<HostKernelsPass> {
  using HostKernelsBase::HostKernelsBase;

  void runOnOperation() override {
    KernelOptions options;
    options.unit = {lanes, registers, expand, permute};
    options.strict = strict;
    KernelTable kernels(getOperation());
    SmallVector<MatmulOp> products;
    getOperation()->walk([&](MatmulOp op) { products.push_back(op); });
    for (MatmulOp op : products) {
      if (op.isTensorForm()) {
        op.emitError() << "is not bufferized";
        return signalPassFailure();
      }
      if (failed(ProductLowering(op, kernels, options).run()))
        return signalPassFailure();
    }
    addSpreadTable(getOperation());
    eraseWeights();
  }

private:
  /// Handles of weights have no users any more.
  void eraseWeights() {
    IRRewriter rewriter(&getContext());
    SmallVector<Operation *> handles;
    getOperation()->walk([&](Operation *op) {
      if (isa<AssembleOp, WindowOp, bufferization::ToTensorOp>(op))
        handles.push_back(op);
    });
    for (Operation *op : llvm::reverse(handles))
      if (op->use_empty())
        rewriter.eraseOp(op);
  }
};

} // namespace
