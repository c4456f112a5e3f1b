//===- GpuExpand.cpp - Kernels that expand weights ------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/Passes.h"
#include "lowering/common/Expand.h"
#include "lowering/common/GpuLaunch.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace sparsec {
#define GEN_PASS_DEF_GPUEXPAND
#include "lowering/Passes.h.inc"
} // namespace sparsec

using namespace mlir;
using namespace sparsec;

namespace {

struct GpuExpandPass : sparsec::impl::GpuExpandBase<GpuExpandPass> {
  void runOnOperation() override {
    SmallVector<ExpandOp> expansions;
    getOperation()->walk([&](ExpandOp op) { expansions.push_back(op); });
    for (ExpandOp op : expansions) {
      OpBuilder b(op);
      Location loc = op.getLoc();
      FailureOr<StoredWeight> weight =
          findStoredWeight(b, op, op.getCompressed());
      if (failed(weight))
        return signalPassFailure();
      emitExpandZeros(b, loc, op.getTarget());
      launchOver(b, loc, "expand", getGroupCount(b, loc, *weight),
                 [&](OpBuilder &b, Location loc, ValueRange at) {
                   emitExpandGroup(b, loc, *weight, at[0], op.getTarget());
                 });
      op.erase();
    }
  }
};

} // namespace
