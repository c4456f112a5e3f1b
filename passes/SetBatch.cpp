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
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

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
          << "sparsec-set-batch: batch must be at least 1, got "
          << int64_t(batch);
      return signalPassFailure();
    }
    bool any = false;
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (func.isPublic() && !func.isExternal())
        any |= setArguments(func);
    if (!any) {
      getOperation().emitError()
          << "no argument has a dynamic leading dimension that batch="
          << int64_t(batch) << " could fix; leave the batch out";
      return signalPassFailure();
    }
    castCalls();
    // Shapes follow through the body; what they say of the results is taken
    // over.
    OpPassManager simplify(ModuleOp::getOperationName());
    simplify.addPass(createCanonicalizerPass());
    if (failed(runPipeline(simplify, getOperation())))
      return signalPassFailure();
    if (failed(checkCasts()))
      return signalPassFailure();
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (func.isPublic() && !func.isExternal())
        setResults(func);
    castCalls();
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

  void castCalls() {
    getOperation().walk([&](func::CallOp call) {
      if (auto callee =
              getOperation().lookupSymbol<func::FuncOp>(call.getCallee()))
        castCall(call, callee.getFunctionType());
    });
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

  bool setArguments(func::FuncOp func) {
    OpBuilder builder = OpBuilder::atBlockBegin(&func.front());
    bool any = false;
    SmallVector<Type> inputs;
    for (BlockArgument argument : func.getArguments()) {
      Type old = argument.getType(), type = fixed(old);
      inputs.push_back(type);
      if (type == old)
        continue;
      any = true;
      argument.setType(type);
      auto cast = tensor::CastOp::create(builder, func.getLoc(), old, argument);
      argument.replaceAllUsesExcept(cast, cast);
    }
    func.setType(
        FunctionType::get(&getContext(), inputs, func.getResultTypes()));
    return any;
  }

  /// A model may say itself, with a cast, what the batch is.
  LogicalResult checkCasts() {
    WalkResult result = getOperation().walk([&](tensor::CastOp op) {
      Value source = op.getSource();
      while (auto inner = source.getDefiningOp<tensor::CastOp>())
        source = inner.getSource();
      if (succeeded(verifyCompatibleShape(source.getType(), op.getType())))
        return WalkResult::advance();
      op.emitError() << "batch=" << int64_t(batch)
                     << " does not fit the model: " << source.getType()
                     << " is cast to " << op.getType();
      return WalkResult::interrupt();
    });
    return failure(result.wasInterrupted());
  }

  void setResults(func::FuncOp func) {
    SmallVector<func::ReturnOp> returns;
    func.walk([&](func::ReturnOp op) { returns.push_back(op); });
    if (returns.size() != 1)
      return;
    for (OpOperand &operand : returns.front()->getOpOperands())
      if (auto cast = operand.get().getDefiningOp<tensor::CastOp>())
        if (isa<RankedTensorType>(cast.getSource().getType()))
          operand.set(cast.getSource());
    func.setType(FunctionType::get(&getContext(), func.getArgumentTypes(),
                                   returns.front().getOperandTypes()));
  }
};

} // namespace
