//===- PackWeights.cpp - Constants into component arrays ------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Passes.h"

#include "dialect/Constants.h"
#include "dialect/Ops.h"
#include "passes/Orientation.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/SetVector.h"

namespace sparsec {
#define GEN_PASS_DEF_PACKWEIGHTS
#include "passes/Passes.h.inc"
} // namespace sparsec

using namespace mlir;
using namespace sparsec;

/// Arrays that the input file brings are not trusted.
static LogicalResult checkConstantComponents(AssembleOp op) {
  RankedTensorType type = op.getCompressed().getType();
  formats::PackedView packed;
  packed.rows = type.getDimSize(0);
  packed.cols = type.getDimSize(1);
  packed.elementBytes = getElementBytes(type.getElementType());
  std::vector<formats::Buffer> splats;
  for (Value component : op.getComponents()) {
    ElementsAttr elements = getConstantElements(component);
    if (!elements)
      return success();
    FailureOr<ConstantBytes> constant =
        getConstantBytes(elements, [&] { return op.emitError(); });
    if (failed(constant))
      return failure();
    ArrayRef<char> bytes = constant->bytes;
    if (constant->isSplat) {
      int64_t count = elements.getNumElements();
      formats::Buffer &all = splats.emplace_back(count * int64_t(bytes.size()));
      for (int64_t i = 0; i < count; ++i)
        llvm::copy(bytes, all.as<char>() + i * bytes.size());
      bytes = ArrayRef(all.as<char>(), all.size());
    }
    packed.components.push_back({bytes.data(), int64_t(bytes.size())});
  }
  formats::Status status = getFormat(type).getLayout()->validate(packed);
  if (!status.ok())
    return op.emitError() << "component arrays are not valid for " << type
                          << ": " << status.message();
  return success();
}

/// `op` as `known`, which is the same weight in another function.
static FailureOr<AssembleOp> copyConstants(CompressOp op, AssembleOp known,
                                           RewriterBase &rewriter) {
  SmallVector<Value> components;
  for (Value component : known.getComponents())
    components.push_back(
        rewriter.clone(*component.getDefiningOp())->getResult(0));
  DictionaryAttr attributes = op->getDiscardableAttrDictionary();
  auto assemble = rewriter.replaceOpWithNewOp<AssembleOp>(
      op, known.getCompressed().getType(), components);
  assemble->setDiscardableAttrs(attributes);
  return assemble;
}

namespace {

struct PackWeightsPass : sparsec::impl::PackWeightsBase<PackWeightsPass> {
  void runOnOperation() override {
    SmallVector<CompressOp> weights;
    SmallVector<AssembleOp> given;
    getOperation()->walk([&](Operation *op) {
      if (auto compress = dyn_cast<CompressOp>(op))
        weights.push_back(compress);
      else if (auto assemble = dyn_cast<AssembleOp>(op))
        given.push_back(assemble);
    });
    for (AssembleOp op : given)
      if (op.getCompressed().getType().hasStaticShape() &&
          failed(checkConstantComponents(op)))
        return signalPassFailure();

    Orientation orientation(getOperation());
    IRRewriter rewriter(&getContext());
    // A weight that is used twice is packed once, and one of several functions
    // has the same arrays in all of them.
    DenseMap<std::pair<Value, Type>, Value> packed;
    DenseMap<std::pair<Attribute, Type>, AssembleOp> first;
    llvm::SetVector<Operation *> constants;
    for (CompressOp op : weights) {
      RankedTensorType type = op.getCompressed().getType();
      if (!getFormat(type).isConcrete()) {
        op.emitError() << "cannot pack " << type
                       << ": its format is not chosen; run "
                          "sparsec-select-format first";
        return signalPassFailure();
      }
      if (!getConstantElements(op.getDense())) {
        ++numRuntime;
        continue;
      }
      Value dense = op.getDense();
      Operation *constant = dense.getDefiningOp();
      constants.insert(constant);
      RankedTensorType transposed = orientation.getTransposedType(op);
      if (transposed)
        Orientation::transposeUses(op.getCompressed());
      Value &result = packed[{dense, type}];
      if (result) {
        rewriter.replaceOp(op, result);
      } else {
        // Beside the constant, so that it dominates every use.
        op->moveAfter(constant);
        rewriter.setInsertionPoint(op);
        AssembleOp &known = first[{getConstantElements(dense), type}];
        FailureOr<AssembleOp> assemble =
            known ? copyConstants(op, known, rewriter)
                  : packConstant(op, rewriter, transposed);
        if (failed(assemble))
          return signalPassFailure();
        known = *assemble;
        result = assemble->getCompressed();
        if (transposed) {
          recordTransposed(*assemble);
          ++numTransposed;
        }
        ++numPacked;
      }
    }
    // The dense constants are dead now; dropping them here frees nothing (they
    // live in the context) but keeps them out of everything that follows.
    for (Operation *constant : constants)
      if (constant->use_empty())
        rewriter.eraseOp(constant);
  }

private:
  void recordTransposed(AssembleOp op);
};

} // namespace

/// What sparsec-select-format has noted of the weight, with the bytes of what
/// is stored instead.
void PackWeightsPass::recordTransposed(AssembleOp op) {
  auto records = getOperation()->getAttrOfType<ArrayAttr>(kWeightsAttrName);
  auto info = op->getAttrOfType<DictionaryAttr>(kWeightAttrName);
  if (!records || !info)
    return;
  Builder b(&getContext());
  int64_t bytes = 0;
  for (Value component : op.getComponents()) {
    auto type = cast<RankedTensorType>(component.getType());
    bytes += type.getNumElements() * type.getElementTypeBitWidth() / 8;
  }
  SmallVector<Attribute> updated(records.getValue());
  for (Attribute &record : updated) {
    NamedAttrList fields(cast<DictionaryAttr>(record));
    if (fields.get("name") != info.get("name"))
      continue;
    auto reason = cast<StringAttr>(fields.get("reason")).getValue();
    fields.set("reason",
               b.getStringAttr(reason + Twine("; stored transposed")));
    fields.set("compressed_bytes", b.getI64IntegerAttr(bytes));
    fields.set(
        "format",
        b.getStringAttr(
            getFormat(op.getCompressed().getType()).getLayout()->spelling()));
    record = fields.getDictionary(&getContext());
  }
  getOperation()->setAttr(kWeightsAttrName, b.getArrayAttr(updated));
}
