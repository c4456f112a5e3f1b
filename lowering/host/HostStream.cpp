//===- HostStream.cpp - Weights that leave memory again -------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/Passes.h"
#include "lowering/common/DeviceCalls.h"
#include "lowering/common/DevicePlan.h"
#include "lowering/common/StoredWeight.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace sparsec {
#define GEN_PASS_DEF_HOSTSTREAM
#include "lowering/Passes.h.inc"
} // namespace sparsec

using namespace mlir;
using namespace sparsec;

static constexpr StringLiteral kStreamed = "sparsec_rt_streamed";

namespace {

struct HostStreamPass : sparsec::impl::HostStreamBase<HostStreamPass> {
  void runOnOperation() override {
    SmallVector<MatmulOp> products;
    getOperation()->walk([&](MatmulOp op) {
      if (op.getCompressedOperand())
        products.push_back(op);
    });
    for (MatmulOp op : products)
      release(op);
  }

private:
  /// Only constants are in the file.
  void release(MatmulOp op) {
    Value weight = op->getOperand(*op.getCompressedOperand());
    auto type = cast<RankedTensorType>(weight.getType());
    unsigned outer = getFormat(type).getOuterDim();
    OpBuilder b(op->getContext());
    b.setInsertionPointAfter(op);
    Location loc = op.getLoc();
    Value begin = createIndex(b, loc, 0), size;
    while (auto window = weight.getDefiningOp<WindowOp>()) {
      if (!size)
        size = window.getSize();
      begin = addIndex(b, loc, begin, window.getOffset());
      weight = window.getSource();
    }
    auto assemble = weight.getDefiningOp<AssembleOp>();
    if (!assemble || assemble.getCompressed().getType().isDynamicDim(outer))
      return;
    if (!size)
      size = createIndex(b, loc, type.getDimSize(outer));
    Value end = arith::AddIOp::create(b, loc, begin, size);
    Value total =
        createI64(b, loc, assemble.getCompressed().getType().getDimSize(outer));
    auto toI64 = [&](Value value) -> Value {
      return arith::IndexCastOp::create(b, loc, b.getI64Type(), value);
    };
    for (Value component : assemble.getComponents()) {
      auto tensor = component.getDefiningOp<bufferization::ToTensorOp>();
      if (!tensor || !tensor.getBuffer().getDefiningOp<memref::GetGlobalOp>())
        continue;
      auto array = cast<MemRefType>(tensor.getBuffer().getType());
      call(b, loc,
           {getAddress(b, loc, tensor.getBuffer()),
            createI64(b, loc, getByteSize(array)), toI64(begin), toI64(end),
            total});
    }
  }

  void call(OpBuilder &b, Location loc, ValueRange arguments) {
    auto callee = getOperation().lookupSymbol<func::FuncOp>(kStreamed);
    if (!callee) {
      auto atStart = OpBuilder::atBlockBegin(getOperation().getBody());
      callee =
          func::FuncOp::create(atStart, getOperation().getLoc(), kStreamed,
                               b.getFunctionType(arguments.getTypes(), {}));
      callee.setPrivate();
    }
    func::CallOp::create(b, loc, callee, arguments);
  }
};

} // namespace
