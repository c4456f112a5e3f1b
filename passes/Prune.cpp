//===- Prune.cpp - Weights with fewer elements ----------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Each constant is pruned by itself, once for all that use it as a weight; what
// uses it otherwise keeps it as it was.

#include "passes/Passes.h"

#include "passes/PruneMasks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/ScopedPrinter.h"

namespace sparsec {
#define GEN_PASS_DEF_PRUNE
#include "passes/Passes.h.inc"
} // namespace sparsec

using namespace mlir;
using namespace sparsec;

namespace {

struct PrunePass : sparsec::impl::PruneBase<PrunePass> {
  using PruneBase::PruneBase;

  void runOnOperation() override {
    pruned.clear();
    if (failed(readOptions()))
      return signalPassFailure();
    SmallVector<OpOperand *> weights;
    getOperation()->walk([&](Operation *op) { findWeights(op, weights); });
    for (OpOperand *weight : weights)
      if (failed(prune(*weight)))
        return signalPassFailure();
  }

private:
  LogicalResult readOptions();
  static void findWeights(Operation *op, SmallVectorImpl<OpOperand *> &weights);
  LogicalResult prune(OpOperand &weight);
  FailureOr<ElementsAttr> getPruned(Operation *op, ElementsAttr elements);

  PruneRules rules;
  DenseMap<Attribute, ElementsAttr> pruned;
};

} // namespace

LogicalResult PrunePass::readOptions() {
  auto fail = [&](const Twine &why) {
    return emitError(UnknownLoc::get(&getContext()))
           << "sparsec-prune: " << why;
  };
  auto known = llvm::StringSwitch<std::optional<PruneMode>>(mode)
                   .Case("magnitude", PruneMode::Magnitude)
                   .Case("row", PruneMode::Row)
                   .Case("column", PruneMode::Column)
                   .Case("channel", PruneMode::Channel)
                   .Case("block", PruneMode::Block)
                   .Case("nm", PruneMode::NM)
                   .Default(std::nullopt);
  if (!known)
    return fail("unknown mode '" + mode +
                "': use magnitude, row, column, channel, block or nm");
  if (!(sparsity >= 0 && sparsity <= 1))
    return fail("sparsity must be a fraction from 0 to 1, got " +
                llvm::to_string(double(sparsity)));
  if (block < 1)
    return fail("block must be at least 1, got " + Twine(block));
  if (m < 1 || n < 0 || n > m)
    return fail("of m elements n are kept: n must be from 0 to m, got n=" +
                Twine(n) + " and m=" + Twine(m));
  if (std::isnan(threshold))
    return fail("threshold must be a number");
  if (threshold >= 0 && mode != "magnitude")
    return fail("threshold is for mode=magnitude");
  rules = {*known, sparsity, threshold, block, n, m};
  return success();
}

/// The operands of `op` that are constant weights.
void PrunePass::findWeights(Operation *op,
                            SmallVectorImpl<OpOperand *> &weights) {
  auto add = [&](OpOperand &operand) {
    auto type = dyn_cast<RankedTensorType>(operand.get().getType());
    if (type && type.getRank() >= 2 &&
        ConstantReader::takes(type.getElementType()) &&
        getConstantElements(operand.get()))
      weights.push_back(&operand);
  };
  if (auto compress = dyn_cast<CompressOp>(op)) {
    add(compress.getDenseMutable());
    return;
  }
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp || linalgOp.getNumDpsInputs() != 2)
    return;
  if (linalg::isaConvolutionOpInterface(linalgOp))
    add(*linalgOp.getDpsInputOperand(1));
  else if (linalg::isaContractionOpInterface(linalgOp))
    for (OpOperand *input : linalgOp.getDpsInputOperands())
      add(*input);
}

FailureOr<ElementsAttr> PrunePass::getPruned(Operation *op,
                                             ElementsAttr elements) {
  FailureOr<ConstantBytes> bytes =
      getConstantBytes(elements, [&] { return op->emitError(); });
  FailureOr<ConstantReader> reader =
      ConstantReader::create(elements, [&] { return op->emitError(); });
  if (failed(bytes) || failed(reader))
    return failure();
  auto type = cast<RankedTensorType>(elements.getType());
  int64_t width = getElementBytes(type.getElementType());
  formats::Buffer values(type.getNumElements() * width);
  if (!values.valid())
    return op->emitError() << "there is no memory to prune " << type;
  llvm::BitVector dropped = findPruned(rules, type.getShape(), *reader);
  char *to = values.as<char>();
  for (int64_t i = 0; i < type.getNumElements(); ++i, to += width) {
    if (dropped[i])
      std::memset(to, 0, width);
    else
      std::memcpy(to, bytes->bytes.data() + (bytes->isSplat ? 0 : i * width),
                  width);
  }
  numElements += dropped.count();
  return getElementsAttr(type, std::move(values), getConstantName(elements));
}

LogicalResult PrunePass::prune(OpOperand &weight) {
  Operation *op = weight.getOwner();
  ElementsAttr elements = getConstantElements(weight.get());
  auto type = cast<RankedTensorType>(elements.getType());
  if (!suits(rules, type.getShape())) {
    // A model may have convolutions beside what is to be pruned.
    if (type.getRank() != 2 && rules.mode != PruneMode::NM) {
      ++numLeft;
      op->emitRemark() << "weight of type " << type << " is not pruned: mode "
                       << mode << " is for matrices";
      return success();
    }
    return op->emitError() << "cannot prune a weight of type " << type << " "
                           << rules.n << ":" << rules.m
                           << ": its last dimension is no multiple of "
                           << rules.m;
  }
  ElementsAttr &result = pruned[elements];
  if (!result) {
    FailureOr<ElementsAttr> made = getPruned(op, elements);
    if (failed(made))
      return failure();
    result = *made;
    ++numPruned;
  }
  OpBuilder b(op);
  weight.set(arith::ConstantOp::create(b, weight.get().getLoc(),
                                       cast<TypedAttr>(result)));
  std::string note = "pruned by " + mode + " to ";
  llvm::raw_string_ostream text(note);
  if (rules.mode == PruneMode::NM)
    text << rules.n << ":" << rules.m;
  else if (rules.threshold >= 0)
    text << "magnitudes above " << llvm::format("%g", rules.threshold);
  else
    text << llvm::format("%g", rules.sparsity);
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  bool isFilter = linalgOp && linalg::isaConvolutionOpInterface(linalgOp);
  StringRef name = getConstantName(elements);
  // The pruned filter's resource has a name of its own.
  if (isFilter && !op->hasAttr(kWeightAttrName) && !name.empty())
    op->setAttr(kWeightAttrName, b.getDictionaryAttr(b.getNamedAttr(
                                     "name", b.getStringAttr(name))));
  if (!linalgOp || isFilter)
    addWeightNote(op, note);
  return success();
}
