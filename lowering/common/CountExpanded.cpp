//===- CountExpanded.cpp - Tell the runtime what is expanded --------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/Passes.h"
#include "lowering/common/DeviceCalls.h"
#include "lowering/common/DevicePlan.h"

#include "dialect/Ops.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace sparsec {
#define GEN_PASS_DEF_COUNTEXPANDED
#include "lowering/Passes.h.inc"
} // namespace sparsec

using namespace mlir;
using namespace sparsec;

namespace {

struct CountExpandedPass : sparsec::impl::CountExpandedBase<CountExpandedPass> {
  void runOnOperation() override {
    SmallVector<ExpandOp> expansions;
    getOperation()->walk([&](ExpandOp op) { expansions.push_back(op); });
    for (ExpandOp op : expansions)
      count(op);
  }

private:
  /// From the allocation of the buffer to its last use; to the end of the run
  /// where that is not to be seen.
  void count(ExpandOp op) {
    Value buffer = op.getTarget();
    while (auto view = buffer.getDefiningOp<ViewLikeOpInterface>())
      buffer = view.getViewSource();
    auto allocation = buffer.getDefiningOp<memref::AllocOp>();
    if (!allocation) {
      OpBuilder b(op);
      call(b, op.getLoc(), bytesOf(b, op.getLoc(), op.getTarget()));
      return;
    }
    OpBuilder b(allocation->getContext());
    b.setInsertionPointAfter(allocation);
    Location loc = allocation.getLoc();
    Value bytes = bytesOf(b, loc, buffer);
    call(b, loc, bytes);
    Operation *last = findLastUse(allocation);
    if (last->hasTrait<OpTrait::IsTerminator>())
      return;
    b.setInsertionPointAfter(last);
    Value zero = createI64(b, loc, 0);
    call(b, loc, b.createOrFold<arith::SubIOp>(loc, zero, bytes));
  }

  static Value bytesOf(OpBuilder &b, Location loc, Value buffer) {
    auto type = cast<MemRefType>(buffer.getType());
    SmallVector<Value> sizes;
    for (int64_t d = 0; d < type.getRank(); ++d)
      if (type.isDynamicDim(d))
        sizes.push_back(memref::DimOp::create(b, loc, buffer, d));
    return computeBytes(b, loc, type, sizes);
  }

  void call(OpBuilder &b, Location loc, Value bytes) {
    StringRef name = "sparsec_rt_decompressed";
    auto callee = getOperation().lookupSymbol<func::FuncOp>(name);
    if (!callee) {
      auto atStart = OpBuilder::atBlockBegin(getOperation().getBody());
      callee = func::FuncOp::create(atStart, getOperation().getLoc(), name,
                                    b.getFunctionType({b.getI64Type()}, {}));
      callee.setPrivate();
    }
    func::CallOp::create(b, loc, callee, bytes);
  }
};

} // namespace
