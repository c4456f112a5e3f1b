//===- SelectFormat.cpp - A format for each weight, and the reason --------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Orientation.h"
#include "passes/Passes.h"
#include "passes/Products.h"

#include "dialect/Constants.h"
#include "dialect/Ops.h"
#include "runtime/formats/Select.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/MapVector.h"

namespace sparsec {
#define GEN_PASS_DEF_SELECTFORMAT
#include "passes/Passes.h.inc"
} // namespace sparsec

using namespace mlir;
using namespace sparsec;

namespace {

/// The uses of one weight: the same constant, to the same format.
using WeightKey = std::pair<Attribute, Attribute>;

struct SelectFormatPass : sparsec::impl::SelectFormatBase<SelectFormatPass> {
  using SelectFormatBase::SelectFormatBase;

  void runOnOperation() override {
    if (failed(checkOptions()))
      return signalPassFailure();
    llvm::MapVector<WeightKey, SmallVector<CompressOp>> weights;
    WalkResult found = getOperation()->walk([&](CompressOp op) -> WalkResult {
      ElementsAttr elements = getConstantElements(op.getDense());
      if (!elements)
        return checkRuntimeOperand(op);
      if (failed(checkUsers(op)))
        return failure();
      weights[{elements, op.getCompressed().getType().getEncoding()}].push_back(
          op);
      return success();
    });
    if (found.wasInterrupted())
      return signalPassFailure();
    for (auto &[key, uses] : weights)
      if (failed(choose(cast<ElementsAttr>(key.first), uses)))
        return signalPassFailure();
    getOperation()->walk([&](linalg::LinalgOp op) { recordConvolution(op); });
    getOperation()->setAttr(kWeightsAttrName,
                            Builder(&getContext()).getArrayAttr(records));
  }

private:
  LogicalResult checkOptions();
  LogicalResult checkRuntimeOperand(CompressOp op);
  LogicalResult checkUsers(CompressOp op);
  LogicalResult choose(ElementsAttr elements, ArrayRef<CompressOp> uses);
  FailureOr<formats::Selection> select(CompressOp op, const WeightInput &input);
  FailureOr<formats::Selection> selectByStrategy(CompressOp op,
                                                 const WeightInput &input);
  void makeDense(CompressOp op);
  void recordConvolution(linalg::LinalgOp op);
  void record(RankedTensorType type, const WeightInput &input,
              const formats::Selection &selection, CompressOp op = {});

  formats::SelectionRules rules;
  /// Nothing if there is none for the target.
  std::optional<CostTable> table;
  /// The entries of the module attribute.
  SmallVector<Attribute> records;
  DenseSet<Attribute> filters;
};

} // namespace

LogicalResult SelectFormatPass::checkOptions() {
  records.clear();
  filters.clear();
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
  if (strategy != "rules" && strategy != "size" && strategy != "cost")
    return fail("unknown strategy '" + strategy + "': use rules, size or cost");
  if (columns < 1)
    return fail("columns must be at least 1, got " + Twine(columns));
  rules = {denseThreshold, blockThreshold,       blockDensity,
           blockSize,      preferredOp == "col", forceSparse};

  table.reset();
  llvm::Expected<CostTable> loaded = CostTable::load(target, costTable);
  if (loaded)
    table = std::move(*loaded);
  else if (strategy == "cost" || !costTable.empty())
    return fail(llvm::toString(loaded.takeError()));
  else
    llvm::consumeError(loaded.takeError());
  return success();
}

LogicalResult SelectFormatPass::checkRuntimeOperand(CompressOp op) {
  RankedTensorType type = op.getCompressed().getType();
  if (getFormat(type).isConcrete())
    return success();
  return op.emitError() << "cannot choose a format for " << type
                        << ": its operand is not a constant; give the format "
                           "in the type";
}

LogicalResult SelectFormatPass::checkUsers(CompressOp op) {
  RankedTensorType type = op.getCompressed().getType();
  if (getFormat(type).isConcrete())
    return success();
  for (Operation *user : op->getUsers())
    if (!isa<MatmulOp, DecompressOp, ConvertOp>(user))
      return op.emitError() << "cannot choose a format for " << type << ": '"
                            << user->getName()
                            << "' depends on its type; give the format in the "
                               "type";
  return success();
}

FailureOr<formats::Selection>
SelectFormatPass::select(CompressOp op, const WeightInput &input) {
  const formats::Statistics &stats = input.stats;
  RankedTensorType type = op.getCompressed().getType();
  if (auto given = getFormat(type); given.isConcrete())
    return formats::Selection{given.getLayout(), "given by the model"};
  if (format == "auto")
    return selectByStrategy(op, input);
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

FailureOr<formats::Selection>
SelectFormatPass::selectByStrategy(CompressOp op, const WeightInput &input) {
  if (strategy == "rules")
    return formats::select(input.stats, rules);
  if (strategy == "size" || input.products.list.empty())
    return formats::selectSmallest(
        {input.candidates.begin(), input.candidates.end()});
  if (auto fastest = selectFastest(input))
    return *fastest;
  return op.emitError() << "cannot choose a format for '" << input.name
                        << "' by cost: the cost table for '" << target
                        << "' has no dense "
                        << input.products.list.front().dtype
                        << " product; calibrate it, or use strategy rules or "
                           "size";
}

LogicalResult SelectFormatPass::choose(ElementsAttr elements,
                                       ArrayRef<CompressOp> uses) {
  CompressOp first = uses.front();
  RankedTensorType type = first.getCompressed().getType();
  FailureOr<formats::DenseView> view =
      getConstantMatrix(elements, [&] { return first.emitError(); });
  if (failed(view))
    return failure();
  WeightInput input;
  input.name = getWeightName(first);
  input.stats = formats::analyze(*view);
  for (CompressOp op : uses)
    input.products.add(op, columns);
  std::optional<formats::Statistics> transposed;
  if (llvm::all_of(uses, Orientation::addsAlongColumns)) {
    std::swap(view->rows, view->cols);
    std::swap(view->rowStride, view->colStride);
    transposed = formats::analyze(*view);
  }
  input.findCandidates(transposed, table ? &*table : nullptr);

  FailureOr<formats::Selection> selection = select(first, input);
  if (failed(selection))
    return failure();
  if (auto info = first->getAttrOfType<DictionaryAttr>(kWeightAttrName))
    if (auto note = info.getAs<StringAttr>("note"))
      selection->reason += "; " + note.getValue().str();
  record(type, input, *selection, first);
  first.emitRemark() << "weight '" << input.name << "' is stored as "
                     << formats::Candidate{selection->format, 0}.spelling()
                     << ": " << selection->reason;
  for (CompressOp op : uses) {
    if (!selection->format) {
      ++numDense;
      makeDense(op);
      continue;
    }
    ++numCompressed;
    op.getCompressed().setType(getCompressedType(
        type, getFormatAttr(&getContext(), *selection->format)));
  }
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

/// What is still a convolution is computed dense, but its filter is a weight
/// that a user wants to see listed.
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
      !filters.insert(elements).second)
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
  WeightInput input;
  StringRef key = getConstantName(elements);
  input.name = key.empty() ? "filter" : key;
  input.stats = formats::analyze(view);
  input.candidates = {{{nullptr, input.stats.denseBytes()}, std::nullopt}};
  std::string reason = "a convolution is computed dense";
  auto info = op->getAttrOfType<DictionaryAttr>(kWeightAttrName);
  if (auto note = info ? info.getAs<StringAttr>("note") : StringAttr())
    reason += "; " + note.str();
  record(type, input, {nullptr, reason});
}

/// How many rows, columns or nonzeros an earlier pass took off a weight.
static int64_t getRemoved(CompressOp op, StringRef key) {
  if (!op)
    return 0;
  auto info = op->getAttrOfType<DictionaryAttr>(kWeightAttrName);
  auto count = info ? info.getAs<IntegerAttr>(key) : IntegerAttr();
  return count ? count.getInt() : 0;
}

void SelectFormatPass::record(RankedTensorType type, const WeightInput &input,
                              const formats::Selection &selection,
                              CompressOp op) {
  Builder b(&getContext());
  auto number = [&](StringRef key, int64_t value) {
    return b.getNamedAttr(key, b.getI64IntegerAttr(value));
  };
  auto text = [&](StringRef key, StringRef value) {
    return b.getNamedAttr(key, b.getStringAttr(value));
  };
  SmallVector<Attribute> list;
  for (const WeightCandidate &candidate : input.candidates) {
    NamedAttrList entry;
    entry.push_back(text("format", candidate.spelling()));
    entry.push_back(number("bytes", candidate.bytes));
    if (candidate.seconds)
      entry.push_back(
          b.getNamedAttr("seconds", b.getF64FloatAttr(*candidate.seconds)));
    list.push_back(entry.getDictionary(&getContext()));
  }
  const formats::Statistics &stats = input.stats;
  bool isFloat = isa<FloatType>(type.getElementType());
  int64_t bytes = selection.format ? selection.format->storedBytes(stats)
                                   : stats.denseBytes();
  for (const WeightCandidate &candidate : input.candidates)
    if (selection.format && candidate.format &&
        candidate.spelling() == selection.format->spelling())
      bytes = candidate.bytes;
  // The weight as the model has it, and what was taken off.
  int64_t rows = getRemoved(op, "removed_rows");
  int64_t cols = getRemoved(op, "removed_cols");
  SmallVector<int64_t> shape(type.getShape());
  int64_t dense = stats.denseBytes();
  if (rows || cols) {
    shape = {shape[0] + rows, shape[1] + cols};
    dense = shape[0] * shape[1] * stats.elementBytes;
  }
  records.push_back(b.getDictionaryAttr(
      {text("name", input.name),
       b.getNamedAttr("shape", b.getDenseI64ArrayAttr(shape)),
       b.getNamedAttr("dtype", TypeAttr::get(type.getElementType())),
       number("nnz", stats.nnz + getRemoved(op, "removed_nonzeros")),
       number("negative_zeros", isFloat ? stats.negativeZeros : 0),
       number("removed_rows", rows), number("removed_cols", cols),
       text("format", formats::Candidate{selection.format, 0}.spelling()),
       number("dense_bytes", dense), number("compressed_bytes", bytes),
       text("reason", selection.reason),
       b.getNamedAttr("candidates", b.getArrayAttr(list))}));
}
