//===- GpuAsserts.cpp - Assertions in kernels -----------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace sparsec {
#define GEN_PASS_DEF_GPUASSERTS
#include "lowering/Passes.h.inc"
} // namespace sparsec

using namespace mlir;

namespace {

struct GpuAssertsPass : sparsec::impl::GpuAssertsBase<GpuAssertsPass> {
  void runOnOperation() override {
    SmallVector<cf::AssertOp> asserts;
    getOperation()->walk([&](cf::AssertOp op) {
      if (op->getParentOfType<gpu::GPUFuncOp>())
        asserts.push_back(op);
    });
    for (cf::AssertOp op : asserts) {
      OpBuilder b(op);
      Location loc = op.getLoc();
      Value yes = arith::ConstantIntOp::create(b, loc, b.getI1Type(), 1);
      Value violated = arith::XOrIOp::create(b, loc, op.getArg(), yes);
      scf::IfOp::create(b, loc, violated, [&](OpBuilder &b, Location loc) {
        LLVM::Trap::create(b, loc);
        scf::YieldOp::create(b, loc);
      });
      op.erase();
    }
  }
};

} // namespace
