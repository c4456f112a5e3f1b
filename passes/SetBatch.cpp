//===- SetBatch.cpp - A static batch dimension ----------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"

namespace sparsec {
#define GEN_PASS_DEF_SETBATCH
#include "passes/Passes.h.inc"
} // namespace sparsec

using namespace mlir;

namespace {

struct SetBatchPass : sparsec::impl::SetBatchBase<SetBatchPass> {
  using SetBatchBase::SetBatchBase;

  void runOnOperation() override {
    if (batch < 1) {
      emitError(UnknownLoc::get(&getContext()))
          << "sparsec-set-batch: batch must be at least 1, got " << batch;
      return signalPassFailure();
    }
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (func.isPublic() && !func.isExternal())
        setBatch(func);
    getOperation().walk([&](func::CallOp call) {
      if (auto callee =
              getOperation().lookupSymbol<func::FuncOp>(call.getCallee()))
        castCall(call, callee.getFunctionType());
    });
  }

private:
  /// The type with its leading dimension fixed, where that is dynamic.
  Type fixed(Type type) const {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || tensor.getRank() == 0 || !tensor.isDynamicDim(0))
      return type;
    SmallVector<int64_t> shape(tensor.getShape());
    shape[0] = batch;
    return tensor.clone(shape);
  }

  /// A call inside the model of a function whose type has changed.
  void castCall(func::CallOp call, FunctionType type) {
    OpBuilder builder(call);
    for (auto [operand, expected] :
         llvm::zip_equal(call->getOpOperands(), type.getInputs()))
      if (operand.get().getType() != expected)
        operand.set(tensor::CastOp::create(builder, call.getLoc(), expected,
                                           operand.get()));
    builder.setInsertionPointAfter(call);
    for (auto [result, expected] :
         llvm::zip_equal(call.getResults(), type.getResults())) {
      Type old = result.getType();
      if (old == expected)
        continue;
      result.setType(expected);
      auto cast = tensor::CastOp::create(builder, call.getLoc(), old, result);
      result.replaceAllUsesExcept(cast, cast);
    }
  }

  void setBatch(func::FuncOp func) {
    OpBuilder builder = OpBuilder::atBlockBegin(&func.front());
    SmallVector<Type> inputs, results;
    for (BlockArgument argument : func.getArguments()) {
      Type old = argument.getType(), type = fixed(old);
      inputs.push_back(type);
      if (type == old)
        continue;
      argument.setType(type);
      auto cast = tensor::CastOp::create(builder, func.getLoc(), old, argument);
      argument.replaceAllUsesExcept(cast, cast);
    }
    func.walk([&](func::ReturnOp op) {
      builder.setInsertionPoint(op);
      results.clear();
      for (OpOperand &operand : op->getOpOperands()) {
        Type type = fixed(operand.get().getType());
        results.push_back(type);
        if (type != operand.get().getType())
          operand.set(tensor::CastOp::create(builder, op.getLoc(), type,
                                             operand.get()));
      }
    });
    func.setType(FunctionType::get(&getContext(), inputs, results));
  }
};

} // namespace
