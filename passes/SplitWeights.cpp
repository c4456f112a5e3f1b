//===- SplitWeights.cpp - Ranges of a weight with formats of their own ----===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The outputs of a weight are cut into segments. What a range of them costs in
// its fastest format follows from the statistics of its segments, which stack,
// and the cheapest way from the first output to the last one over ranges is a
// shortest path.

#include "passes/ChannelChain.h"
#include "passes/Passes.h"
#include "passes/Products.h"

#include "dialect/Constants.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/TilingInterface.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/Support/MathExtras.h"

namespace sparsec {
#define GEN_PASS_DEF_SPLITWEIGHTS
#include "passes/Passes.h.inc"
} // namespace sparsec

using namespace mlir;
using namespace sparsec;

/// Outputs of a segment, at least: two of the largest blocks.
static constexpr int64_t kSegment = 64;
static constexpr int64_t kMostSegments = 32;
/// Of the time of the whole, what its parts may take. Predictions are off by a
/// few per cent.
static constexpr double kPays = 0.9;

namespace {

/// Outputs [begin, end).
struct Outputs {
  int64_t begin, end;
};

/// A range of a weight.
struct Part {
  Outputs range;
  ElementsAttr elements;
  bool last;
};

/// Equal constants of the same format.
using WeightKey = std::pair<Attribute, Attribute>;

struct SplitWeightsPass : sparsec::impl::SplitWeightsBase<SplitWeightsPass> {
  using SplitWeightsBase::SplitWeightsBase;

  void runOnOperation() override;

private:
  LogicalResult findTable();
  LogicalResult trySplit(ElementsAttr elements, ArrayRef<CompressOp> uses);
  /// The fastest ranges; one that is all if no others pay.
  SmallVector<Outputs> findRanges(const formats::DenseView &view,
                                  const WeightProducts &products,
                                  bool transposed) const;
  LogicalResult split(CompressOp op, unsigned dim, ArrayRef<Part> parts);

  std::optional<CostTable> table;
};

} // namespace

LogicalResult SplitWeightsPass::findTable() {
  auto fail = [&](const Twine &why) {
    return emitError(UnknownLoc::get(&getContext()))
           << "sparsec-split-weights: " << why;
  };
  if (columns < 1)
    return fail("columns must be at least 1, got " + Twine(columns));
  llvm::Expected<CostTable> loaded = CostTable::load(target, costTable);
  if (!loaded)
    return fail(llvm::toString(loaded.takeError()));
  table = std::move(*loaded);
  return success();
}

void SplitWeightsPass::runOnOperation() {
  if (failed(findTable()))
    return signalPassFailure();
  if (!table->splits())
    return;
  llvm::MapVector<WeightKey, SmallVector<CompressOp>> weights;
  getOperation()->walk([&](CompressOp op) {
    Attribute format = op.getCompressed().getType().getEncoding();
    ElementsAttr elements = getConstantElements(op.getDense());
    if (elements && !cast<FormatAttrInterface>(format).isConcrete())
      weights[{elements, format}].push_back(op);
  });
  for (auto &[key, uses] : weights)
    if (failed(trySplit(cast<ElementsAttr>(key.first), uses)))
      return signalPassFailure();
}

/// Whether all uses are products on tensors that add up along a dimension.
static bool addsAlong(CompressOp op, int64_t dim) {
  return !op->use_empty() && llvm::all_of(op->getUses(), [&](OpOperand &use) {
    auto product = dyn_cast<MatmulOp>(use.getOwner());
    if (!product || !product.isTensorForm())
      return false;
    return product.getLoopOf(use.getOperandNumber(), dim) + 1 ==
           product.getLoopIteratorTypes().size();
  });
}

/// The fastest that all products with a weight can be. Of one that products add
/// up along the columns of, `stats` are those of the transpose, as which
/// formats by rows store it; csc adds up along columns as it is.
static double findFastest(const CostTable &table,
                          const WeightProducts &products,
                          const formats::Statistics &stats, bool transposed) {
  double fastest = std::numeric_limits<double>::infinity();
  for (const formats::Candidate &candidate : formats::candidates(stats)) {
    bool asItIs =
        transposed && candidate.format && candidate.format->name() == "csc";
    formats::Statistics stored = stats;
    if (asItIs) // what csc costs follows from the shape and the nonzeros
      std::swap(stored.rows, stored.cols);
    if (std::optional<double> seconds = products.predict(
            table, stored, candidate.format.get(), transposed && !asItIs))
      fastest = std::min(fastest, *seconds);
  }
  return fastest;
}

LogicalResult SplitWeightsPass::trySplit(ElementsAttr elements,
                                         ArrayRef<CompressOp> uses) {
  auto allAddAlong = [&](int64_t dim) {
    return llvm::all_of(uses,
                        [&](CompressOp op) { return addsAlong(op, dim); });
  };
  bool byRows = allAddAlong(1), byColumns = allAddAlong(0);
  if (!byRows && !byColumns)
    return success();
  FailureOr<formats::DenseView> view = getConstantMatrix(
      elements, [op = uses.front()]() mutable { return op.emitError(); });
  if (failed(view))
    return failure();
  if (byColumns) {
    std::swap(view->rows, view->cols);
    std::swap(view->rowStride, view->colStride);
  }
  WeightProducts products;
  for (CompressOp op : uses)
    products.add(op, columns);
  SmallVector<Outputs> ranges = findRanges(*view, products, byColumns);
  if (ranges.size() < 2)
    return success();
  ++numSplit;
  numParts += ranges.size();
  // All uses of the weight have the same parts.
  unsigned dim = byRows ? 0 : 1;
  SmallVector<Part> parts;
  for (Outputs range : ranges) {
    ElementsAttr part = gatherElements(
        elements, dim, llvm::to_vector(llvm::seq(range.begin, range.end)));
    if (!part)
      return uses.front()->emitError("no memory to split this weight");
    parts.push_back({range, part, range.end == ranges.back().end});
  }
  for (CompressOp op : uses)
    if (failed(split(op, dim, parts)))
      return op.emitError("cannot split a product with this weight");
  return success();
}

SmallVector<Outputs>
SplitWeightsPass::findRanges(const formats::DenseView &view,
                             const WeightProducts &products,
                             bool transposed) const {
  int64_t step = std::max<int64_t>(
      kSegment,
      llvm::alignTo(llvm::divideCeil(view.rows, kMostSegments), kSegment));
  SmallVector<formats::Statistics> segments;
  for (int64_t row = 0; row < view.rows; row += step) {
    formats::DenseView part = view;
    part.rows = std::min(step, view.rows - row);
    part.data = static_cast<const char *>(view.data) +
                row * view.rowStride * view.elementBytes;
    segments.push_back(formats::analyze(part));
  }
  // The least seconds of all outputs before a segment, and where the last range
  // of them begins.
  size_t count = segments.size();
  SmallVector<double> least(count + 1, std::numeric_limits<double>::infinity());
  SmallVector<size_t> from(count + 1);
  double whole = least[0];
  least[0] = 0;
  for (size_t begin = 0; begin < count; ++begin) {
    formats::Statistics stats;
    for (size_t end = begin + 1; end <= count; ++end) {
      stats = end == begin + 1 ? segments[begin]
                               : formats::stack(stats, segments[end - 1]);
      double fastest = findFastest(*table, products, stats, transposed);
      if (begin == 0 && end == count)
        whole = fastest;
      if (least[begin] + fastest < least[end]) {
        least[end] = least[begin] + fastest;
        from[end] = begin;
      }
    }
  }
  SmallVector<Outputs> ranges;
  if (!(least[count] < kPays * whole))
    return ranges;
  for (size_t end = count; end > 0; end = from[end])
    ranges.push_back(
        {int64_t(from[end]) * step, std::min(int64_t(end) * step, view.rows)});
  std::reverse(ranges.begin(), ranges.end());
  return ranges;
}

/// The weight of a range, compressed in a format that is chosen later.
static CompressOp createPart(OpBuilder &b, CompressOp op, unsigned dim,
                             const Part &part) {
  Location loc = op.getLoc();
  auto constant =
      arith::ConstantOp::create(b, loc, cast<TypedAttr>(part.elements));
  auto compress = CompressOp::create(
      b, loc,
      getCompressedType(cast<RankedTensorType>(constant.getType()),
                        op.getCompressed().getType().getEncoding()),
      constant);
  NamedAttrList info(op->getAttrOfType<DictionaryAttr>(kWeightAttrName));
  info.set("name",
           b.getStringAttr(getWeightName(op) + "[" + (dim == 1 ? ":, " : "") +
                           Twine(part.range.begin) + ":" +
                           Twine(part.range.end) + "]"));
  // What was removed before is counted once.
  if (!part.last) {
    info.erase(dim == 0 ? "removed_rows" : "removed_cols");
    info.erase("removed_nonzeros");
  }
  compress->setAttr(kWeightAttrName, info.getDictionary(b.getContext()));
  return compress;
}

/// The product of one range, in its slice of `result`.
static FailureOr<Value> createProduct(OpBuilder &b, MatmulOp op, unsigned side,
                                      unsigned loop, ArrayRef<Range> domain,
                                      Outputs range, CompressOp weight,
                                      Value result) {
  SmallVector<OpFoldResult> offsets, sizes;
  for (const Range &extent : domain) {
    offsets.push_back(extent.offset);
    sizes.push_back(extent.size);
  }
  offsets[loop] = b.getIndexAttr(range.begin);
  sizes[loop] = b.getIndexAttr(range.end - range.begin);
  op.getInitMutable().assign(result);
  FailureOr<TilingResult> tiled = op.getTiledImplementation(b, offsets, sizes);
  SmallVector<OpFoldResult> at, extent;
  if (failed(tiled) ||
      failed(op.getResultTilePosition(b, 0, offsets, sizes, at, extent)))
    return failure();
  Operation *product = tiled->tiledOps.front();
  // The part takes the place of a slice, and the other factor is whole.
  for (auto [operand, value] :
       {std::pair<unsigned, Value>(side, weight.getCompressed()),
        std::pair<unsigned, Value>(1 - side, op->getOperand(1 - side))}) {
    Operation *slice = product->getOperand(operand).getDefiningOp();
    product->setOperand(operand, value);
    slice->erase();
  }
  SmallVector<OpFoldResult> strides(at.size(), b.getIndexAttr(1));
  return tensor::InsertSliceOp::create(b, op.getLoc(), product->getResult(0),
                                       result, at, extent, strides)
      .getResult();
}

LogicalResult SplitWeightsPass::split(CompressOp op, unsigned dim,
                                      ArrayRef<Part> parts) {
  OpBuilder b(op);
  SmallVector<CompressOp> weights;
  for (const Part &part : parts)
    weights.push_back(createPart(b, op, dim, part));
  for (OpOperand &use : llvm::make_early_inc_range(op->getUses())) {
    auto product = cast<MatmulOp>(use.getOwner());
    unsigned side = use.getOperandNumber();
    unsigned loop = product.getLoopOf(side, dim);
    b.setInsertionPoint(product);
    use.set(op.getDense()); // of which a tile is a slice in any format
    SmallVector<Range> domain = product.getIterationDomain(b);
    Value result = product.getInit();
    for (auto [part, weight] : llvm::zip_equal(parts, weights)) {
      FailureOr<Value> next = createProduct(b, product, side, loop, domain,
                                            part.range, weight, result);
      if (failed(next))
        return failure();
      result = *next;
    }
    product.getResult().replaceAllUsesWith(result);
    product.erase();
  }
  op.erase();
  return success();
}
