//===- SelectFormat.cpp - A format for each weight, and the reason --------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Passes.h"

#include "dialect/Constants.h"
#include "dialect/Ops.h"
#include "runtime/formats/Select.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Builders.h"

namespace sparsec {
#define GEN_PASS_DEF_SELECTFORMAT
#include "passes/Passes.h.inc"
} // namespace sparsec

using namespace mlir;
using namespace sparsec;

namespace {

struct SelectFormatPass : sparsec::impl::SelectFormatBase<SelectFormatPass> {
  using SelectFormatBase::SelectFormatBase;

  void runOnOperation() override {
    if (failed(checkOptions()))
      return signalPassFailure();
    SmallVector<CompressOp> weights;
    getOperation()->walk([&](CompressOp op) { weights.push_back(op); });
    for (CompressOp op : weights)
      if (failed(choose(op)))
        return signalPassFailure();
    getOperation()->walk([&](linalg::LinalgOp op) { recordConvolution(op); });
    getOperation()->setAttr(kWeightsAttrName,
                            Builder(&getContext()).getArrayAttr(records));
  }

private:
  LogicalResult checkOptions();
  LogicalResult choose(CompressOp op);
  FailureOr<formats::Selection> select(CompressOp op,
                                       const formats::Statistics &stats);
  void makeDense(CompressOp op);
  void recordConvolution(linalg::LinalgOp op);
  void record(StringRef name, RankedTensorType type,
              const formats::Statistics &stats, StringRef spelling,
              int64_t bytes, StringRef reason,
              ArrayRef<formats::Candidate> candidates);

  formats::SelectionRules rules;
  /// The entries of the module attribute, and the weights that have one.
  SmallVector<Attribute> records;
  DenseMap<std::pair<Attribute, Attribute>, formats::Selection> chosen;
};

} // namespace

LogicalResult SelectFormatPass::checkOptions() {
  records.clear();
  chosen.clear();
  auto fail = [&](const Twine &why) {
    return emitError(UnknownLoc::get(&getContext()))
           << "sparsec-select-format: " << why;
  };
  for (double fraction :
       {double(denseThreshold), double(blockThreshold), double(blockDensity)})
    if (!(fraction >= 0 && fraction <= 1))
      return fail("thresholds are fractions from 0 to 1");
  if (!formats::makeBlock(blockSize))
    return fail("block-size must be 4, 8, 16 or 32, got " + Twine(blockSize));
  if (preferredOp != "row" && preferredOp != "col")
    return fail("preferred-op must be row or col, got '" + preferredOp + "'");
  if (format != "auto" && format != "dense" &&
      !llvm::is_contained(formats::formatNames(), format))
    return fail("unknown format '" + format +
                "': use auto, dense, bitmask, csr, csc or block");
  rules = {denseThreshold, blockThreshold,       blockDensity,
           blockSize,      preferredOp == "col", forceSparse};
  return success();
}

FailureOr<formats::Selection>
SelectFormatPass::select(CompressOp op, const formats::Statistics &stats) {
  RankedTensorType type = op.getCompressed().getType();
  if (auto given = getFormat(type); given.isConcrete())
    return formats::Selection{given.getLayout(), "given by the model"};
  if (format == "auto")
    return formats::select(stats, rules);
  std::string reason = "asked for";
  if (format == "dense")
    return formats::Selection{nullptr, reason};
  formats::FormatPtr layout =
      format == "block" ? formats::makeBlock(blockSize)
                        : formats::makeFormat(format, stats.rows, stats.cols);
  formats::Status status = layout->supports(stats.rows, stats.cols);
  if (!status.ok())
    return op.emitError() << "cannot use format '" << format
                          << "': " << status.message();
  return formats::Selection{layout, reason};
}

LogicalResult SelectFormatPass::choose(CompressOp op) {
  RankedTensorType type = op.getCompressed().getType();
  ElementsAttr elements = getConstantElements(op.getDense());
  if (!elements) {
    if (getFormat(type).isConcrete())
      return success();
    return op.emitError() << "cannot choose a format for " << type
                          << ": its operand is not a constant; give the format "
                             "in the type";
  }
  if (!getFormat(type).isConcrete())
    for (Operation *user : op->getUsers())
      if (!isa<MatmulOp, DecompressOp, ConvertOp>(user))
        return op.emitError()
               << "cannot choose a format for " << type << ": '"
               << user->getName()
               << "' depends on its type; give the format in the type";
  StringRef name = "weight";
  if (auto info = op->getAttrOfType<DictionaryAttr>(kWeightAttrName))
    if (auto given = info.getAs<StringAttr>("name"))
      name = given.getValue();

  // A weight that is used twice is analysed and recorded once.
  auto [it, isNew] = chosen.try_emplace({elements, type.getEncoding()});
  if (isNew) {
    FailureOr<formats::DenseView> view =
        getConstantMatrix(elements, [&] { return op.emitError(); });
    if (failed(view))
      return failure();
    formats::Statistics stats = formats::analyze(*view);
    FailureOr<formats::Selection> selection = select(op, stats);
    if (failed(selection))
      return failure();
    it->second = *selection;
    std::string spelling =
        selection->format ? selection->format->spelling() : "dense";
    record(name, type, stats, spelling,
           selection->format ? selection->format->storedBytes(stats)
                             : stats.denseBytes(),
           selection->reason, formats::candidates(stats));
    op.emitRemark() << "weight '" << name << "' is stored as " << spelling
                    << ": " << selection->reason;
  }
  const formats::Selection &selection = it->second;
  if (!selection.format) {
    ++numDense;
    makeDense(op);
    return success();
  }
  ++numCompressed;
  op.getCompressed().setType(
      getCompressedType(type, getFormatAttr(&getContext(), *selection.format)));
  return success();
}

/// Products take the dense weight as it is; anything else that wants it
/// compressed has to say how.
void SelectFormatPass::makeDense(CompressOp op) {
  Value dense = op.getDense();
  for (OpOperand &use : llvm::make_early_inc_range(op->getUses())) {
    if (isa<MatmulOp>(use.getOwner())) {
      use.set(dense);
    } else if (auto decompress = dyn_cast<DecompressOp>(use.getOwner())) {
      decompress.replaceAllUsesWith(dense);
      decompress.erase();
    } else if (auto convert = dyn_cast<ConvertOp>(use.getOwner())) {
      OpBuilder builder(convert);
      convert.replaceAllUsesWith(
          CompressOp::create(builder, convert.getLoc(),
                             convert.getResult().getType(), dense)
              .getCompressed());
      convert.erase();
    }
  }
  if (op->use_empty())
    op.erase();
}

/// Convolutions are not compressed, but their filters are weights that a user
/// wants to see listed.
void SelectFormatPass::recordConvolution(linalg::LinalgOp op) {
  if (!linalg::isaConvolutionOpInterface(op) || op.getNumDpsInputs() < 2)
    return;
  Value filter = op.getDpsInputOperand(1)->get();
  ElementsAttr elements = getConstantElements(filter);
  auto type = dyn_cast<RankedTensorType>(filter.getType());
  if (!elements || !type || type.getRank() < 2 ||
      !type.getElementType().isIntOrFloat() ||
      type.getElementTypeBitWidth() % 8 != 0 ||
      !op.payloadUsesValueFromOperand(op.getDpsInputOperand(1)) ||
      !chosen.try_emplace({elements, Attribute()}).second)
    return;
  FailureOr<ConstantBytes> bytes =
      getConstantBytes(elements, [&] { return op.emitError(); });
  if (failed(bytes))
    return signalPassFailure();
  formats::DenseView view;
  view.data = bytes->bytes.data();
  view.rows = type.getDimSize(0);
  view.cols = type.getNumElements() / std::max<int64_t>(view.rows, 1);
  view.rowStride = bytes->isSplat ? 0 : view.cols;
  view.colStride = bytes->isSplat ? 0 : 1;
  view.elementBytes = getElementBytes(type.getElementType());
  formats::Statistics stats = formats::analyze(view);
  StringRef key = getConstantName(elements);
  record(key.empty() ? "filter" : key, type, stats, "dense", stats.denseBytes(),
         "a convolution is computed dense", {{"dense", stats.denseBytes()}});
}

void SelectFormatPass::record(StringRef name, RankedTensorType type,
                              const formats::Statistics &stats,
                              StringRef spelling, int64_t bytes,
                              StringRef reason,
                              ArrayRef<formats::Candidate> candidates) {
  Builder b(&getContext());
  SmallVector<Attribute> list;
  for (const formats::Candidate &candidate : candidates)
    list.push_back(b.getDictionaryAttr(
        {b.getNamedAttr("format", b.getStringAttr(candidate.format)),
         b.getNamedAttr("bytes", b.getI64IntegerAttr(candidate.bytes))}));
  records.push_back(b.getDictionaryAttr(
      {b.getNamedAttr("name", b.getStringAttr(name)),
       b.getNamedAttr("shape", b.getDenseI64ArrayAttr(type.getShape())),
       b.getNamedAttr("dtype", TypeAttr::get(type.getElementType())),
       b.getNamedAttr("nnz", b.getI64IntegerAttr(stats.nnz)),
       b.getNamedAttr("format", b.getStringAttr(spelling)),
       b.getNamedAttr("dense_bytes", b.getI64IntegerAttr(stats.denseBytes())),
       b.getNamedAttr("compressed_bytes", b.getI64IntegerAttr(bytes)),
       b.getNamedAttr("reason", b.getStringAttr(reason)),
       b.getNamedAttr("candidates", b.getArrayAttr(list))}));
}
