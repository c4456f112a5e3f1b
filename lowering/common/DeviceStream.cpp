//===- DeviceStream.cpp - Weights that come to a device in windows --------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The windows of all products, in the order in which an entry runs them, lie
// one after the other in one constant, each packed as a weight of its own. On
// the device there are two places, taken in turns: before the kernels of a
// product the entry asks for its window, whose copy runs beside the kernels of
// the window before. Kernels see no difference to a weight that is all there.

#include "lowering/Passes.h"
#include "lowering/common/DeviceCalls.h"
#include "lowering/common/StoredWeight.h"
#include "lowering/common/StreamLayout.h"

#include "dialect/Constants.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

namespace sparsec {
#define GEN_PASS_DEF_DEVICESTREAM
#include "lowering/Passes.h.inc"
} // namespace sparsec

using namespace mlir;
using namespace sparsec;

namespace {

/// A product and its windows: one, or those of the loop around it.
struct Step {
  MatmulOp product;
  unsigned side;                  ///< the operand that is the weight
  SmallVector<size_t, 1> windows; ///< numbers in the layout
  Value offset;                   ///< of the window, if there is a loop
  int64_t size;                   ///< outer indices of a window
  int64_t before;                 ///< windows of the entry before this step
};

struct DeviceStreamPass : sparsec::impl::DeviceStreamBase<DeviceStreamPass> {
  void runOnOperation() override;

private:
  FailureOr<SmallVector<Step>> findSteps(func::FuncOp func);
  FailureOr<Step> describe(MatmulOp op, AssembleOp weight, int64_t before);
  void stream(func::FuncOp func, ArrayRef<Step> steps,
              memref::GlobalOp constant);
  void replaceWeight(const Step &step, Value places, Value constant);
  Value choose(OpBuilder &b, Location loc, const Step &step, Value which,
               function_ref<int64_t(const StreamWindow &)> pick);
  void eraseUnused();

  StreamLayout layout;
  int64_t placeBytes = 0;
  unsigned tables = 0;
};

} // namespace

static AssembleOp findStreamed(MatmulOp op) {
  std::optional<unsigned> side = op.getCompressedOperand();
  if (!side)
    return nullptr;
  Value weight = op->getOperand(*side);
  if (auto window = weight.getDefiningOp<WindowOp>())
    weight = window.getSource();
  auto assemble = weight.getDefiningOp<AssembleOp>();
  return assemble && assemble->hasAttr(kStreamedAttrName) ? assemble : nullptr;
}

/// How often a loop runs that goes over windows of this size, from 0 on.
static std::optional<int64_t> countWindows(Value offset, int64_t size) {
  auto argument = dyn_cast<BlockArgument>(offset);
  auto loop = argument
                  ? dyn_cast<scf::ForOp>(argument.getOwner()->getParentOp())
                  : scf::ForOp();
  APInt begin, end, step;
  if (!loop || loop.getInductionVar() != offset ||
      !matchPattern(loop.getLowerBound(), m_ConstantInt(&begin)) ||
      !matchPattern(loop.getUpperBound(), m_ConstantInt(&end)) ||
      !matchPattern(loop.getStep(), m_ConstantInt(&step)) || !begin.isZero() ||
      step.getSExtValue() != size || end.getSExtValue() % size != 0)
    return std::nullopt;
  return end.getSExtValue() / size;
}

FailureOr<Step> DeviceStreamPass::describe(MatmulOp op, AssembleOp weight,
                                           int64_t before) {
  unsigned side = *op.getCompressedOperand();
  auto type = cast<RankedTensorType>(op->getOperand(side).getType());
  Step step{op, side, {}, {}, 0, before};
  step.size = type.getDimSize(getFormat(type).getOuterDim());
  int64_t begin = 0, count = 1;
  if (auto window = op->getOperand(side).getDefiningOp<WindowOp>()) {
    APInt known;
    if (matchPattern(window.getOffset(), m_ConstantInt(&known))) {
      begin = known.getSExtValue();
    } else {
      step.offset = window.getOffset();
      std::optional<int64_t> inLoop = countWindows(step.offset, step.size);
      if (!inLoop)
        return op.emitError() << "cannot stream a weight whose windows do not "
                                 "come one after the other";
      count = *inLoop;
    }
  }
  for (int64_t i = 0; i < count; ++i) {
    int64_t first = begin + i * step.size;
    FailureOr<size_t> number = layout.add(weight, first, first + step.size);
    if (failed(number))
      return failure();
    step.windows.push_back(*number);
  }
  return step;
}

FailureOr<SmallVector<Step>> DeviceStreamPass::findSteps(func::FuncOp func) {
  SmallVector<Step> steps;
  int64_t before = 0;
  WalkResult result = func.walk([&](MatmulOp op) -> WalkResult {
    AssembleOp weight = findStreamed(op);
    if (!weight)
      return WalkResult::advance();
    FailureOr<Step> step = describe(op, weight, before);
    if (failed(step))
      return WalkResult::interrupt();
    before += int64_t(step->windows.size());
    steps.push_back(*step);
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  return steps;
}

/// What `pick` says of the window that is `which` in the step.
Value DeviceStreamPass::choose(
    OpBuilder &b, Location loc, const Step &step, Value which,
    function_ref<int64_t(const StreamWindow &)> pick) {
  SmallVector<int64_t> numbers;
  for (size_t number : step.windows)
    numbers.push_back(pick(layout[number]));
  if (llvm::all_equal(numbers))
    return createI64(b, loc, numbers.front());
  auto type = LLVM::LLVMArrayType::get(b.getI64Type(), numbers.size());
  auto atStart = OpBuilder::atBlockBegin(getOperation().getBody());
  auto table = LLVM::GlobalOp::create(
      atStart, loc, type, /*isConstant=*/true, LLVM::Linkage::Internal,
      ("sparsec_windows_" + Twine(tables++)).str(),
      b.getI64TensorAttr(numbers));
  Value start = LLVM::AddressOfOp::create(b, loc, table);
  Value entry = LLVM::GEPOp::create(b, loc, start.getType(), b.getI64Type(),
                                    start, ArrayRef<LLVM::GEPArg>{which});
  return LLVM::LoadOp::create(b, loc, b.getI64Type(), entry);
}

void DeviceStreamPass::replaceWeight(const Step &step, Value places,
                                     Value constant) {
  MatmulOp op = step.product;
  OpBuilder b(op);
  Location loc = op.getLoc();
  auto add = [&](Value x, Value y) {
    return b.createOrFold<arith::AddIOp>(loc, x, y);
  };
  Value which = createI64(b, loc, 0);
  if (step.offset)
    which = arith::DivUIOp::create(
        b, loc, arith::IndexCastOp::create(b, loc, b.getI64Type(), step.offset),
        createI64(b, loc, step.size));
  Value turn = b.createOrFold<arith::AndIOp>(
      loc, add(which, createI64(b, loc, step.before)), createI64(b, loc, 1));
  Value place = add(places, b.createOrFold<arith::MulIOp>(
                                loc, turn, createI64(b, loc, placeBytes)));
  Value at = choose(b, loc, step, which, [](auto &one) { return one.at; });
  Value bytes =
      choose(b, loc, step, which, [](auto &one) { return one.bytes; });
  DeviceCalls(getOperation()).stream(b, loc, place, add(constant, at), bytes);

  auto type = cast<RankedTensorType>(op->getOperand(step.side).getType());
  // The most entries of a window; kernels find how many there are.
  int64_t stored = 0;
  for (size_t number : step.windows)
    stored = std::max(stored, layout[number].stored);
  SmallVector<Value> components;
  for (RankedTensorType component : getComponentTypes(type, stored)) {
    size_t index = components.size();
    Value array = choose(b, loc, step, which,
                         [&](auto &one) { return one.arrays[index]; });
    Value memref = makeMemref(
        b, loc, add(place, array),
        MemRefType::get(component.getShape(), component.getElementType()), {});
    components.push_back(bufferization::ToTensorOp::create(
        b, loc, component, memref, /*restrict=*/false, /*writable=*/false));
  }
  auto window = AssembleOp::create(b, loc, type, components);
  window->setAttr(kWholeOffsetsAttrName,
                  layout.getOffsets(layout[step.windows.front()].weight));
  op->setOperand(step.side, window);
}

void DeviceStreamPass::stream(func::FuncOp func, ArrayRef<Step> steps,
                              memref::GlobalOp constant) {
  auto b = OpBuilder::atBlockBegin(&func.getBody().front());
  Location loc = func.getLoc();
  Value places = DeviceCalls(getOperation())
                     .allocate(b, loc, createI64(b, loc, 2 * placeBytes));
  Value source =
      getAddress(b, loc,
                 memref::GetGlobalOp::create(b, loc, constant.getType(),
                                             constant.getSymName()));
  for (const Step &step : steps)
    replaceWeight(step, places, source);
}

/// The whole weights, so that they are not in the file a second time.
void DeviceStreamPass::eraseUnused() {
  eraseWeightHandles(getOperation());
  getOperation().walk([](memref::GetGlobalOp op) {
    if (op->use_empty())
      op->erase();
  });
  for (auto global :
       llvm::make_early_inc_range(getOperation().getOps<memref::GlobalOp>()))
    if (SymbolTable::symbolKnownUseEmpty(global, getOperation()))
      global.erase();
}

void DeviceStreamPass::runOnOperation() {
  SmallVector<std::pair<func::FuncOp, SmallVector<Step>>> functions;
  for (auto func : getOperation().getOps<func::FuncOp>()) {
    FailureOr<SmallVector<Step>> steps = findSteps(func);
    if (failed(steps))
      return signalPassFailure();
    if (!steps->empty())
      functions.emplace_back(func, *steps);
  }
  if (functions.empty())
    return;
  placeBytes = llvm::alignTo(layout.mostBytes(), kStreamPlace);
  FailureOr<memref::GlobalOp> constant = layout.makeConstant(getOperation());
  if (failed(constant))
    return signalPassFailure();
  for (auto &[func, steps] : functions)
    stream(func, steps, *constant);
  eraseUnused();
}
