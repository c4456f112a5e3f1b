//===- Products.cpp - What a weight is multiplied with --------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Products.h"

#include "passes/Orientation.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace sparsec;

/// Predictions that differ by less say nothing about which is the faster.
static constexpr double kTie = 1.05;

/// The name of a product's element types in a cost table.
static std::string getProductType(Type weight, Type operand) {
  std::string name;
  llvm::raw_string_ostream(name) << weight;
  if (isa<IntegerType>(weight) && isa<FloatType>(operand))
    name += " x float";
  return name;
}

void WeightProducts::add(CompressOp op, int64_t assumedColumns) {
  for (OpOperand &use : op->getUses()) {
    auto matmul = dyn_cast<MatmulOp>(use.getOwner());
    if (!matmul)
      continue;
    bool left = use.get() == matmul.getLhs();
    bool transposed =
        left ? matmul.getTransposeLhs() : matmul.getTransposeRhs();
    Product product;
    product.dtype = getProductType(
        op.getCompressed().getType().getElementType(),
        getElementTypeOrSelf(left ? matmul.getRhs() : matmul.getLhs()));
    product.transposed = left == transposed;
    product.movesOperand =
        left ? matmul.getTransposeRhs() : !matmul.getTransposeLhs();
    product.movesResult = !left;
    ShapedType result = matmul.getInit().getType();
    if (result.getRank() == 2)
      product.columns = result.getDimSize(left ? 1 : 0);
    if (ShapedType::isDynamic(product.columns)) {
      product.columns = assumedColumns;
      assumed = true;
    }
    list.push_back(std::move(product));
  }
}

std::optional<double> WeightProducts::predict(const CostTable &table,
                                              const formats::Statistics &stats,
                                              const formats::Format *format,
                                              bool transposed) const {
  std::optional<double> total;
  for (Product product : list) {
    product.transposed ^= transposed;
    std::optional<double> one = table.predict(product, stats, format);
    if (!one)
      return std::nullopt;
    total = total.value_or(0) + *one;
  }
  return total;
}

void WeightInput::findCandidates(
    const std::optional<formats::Statistics> &transposed,
    const CostTable *table) {
  for (const formats::Candidate &known : formats::candidates(stats)) {
    WeightCandidate &candidate = candidates.emplace_back();
    static_cast<formats::Candidate &>(candidate) = known;
    // csc adds up along columns as it is.
    bool turned = transposed && known.format && known.format->name() != "csc";
    formats::FormatPtr stored = known.format;
    if (turned) {
      stored = Orientation::getTransposedLayout(stored, stats.rows, stats.cols);
      turned = stored != nullptr;
      if (!turned)
        stored = known.format;
      else
        candidate.bytes = stored->storedBytes(*transposed);
    }
    if (table)
      candidate.seconds = products.predict(*table, turned ? *transposed : stats,
                                           stored.get(), turned);
  }
}

bool sparsec::startsFromZero(MatmulOp op) {
  auto fill = op.getInit().getDefiningOp<linalg::FillOp>();
  return op.getZeroInit() ||
         (fill && matchPattern(fill.getInputs()[0], m_PosZeroFloat()));
}

std::optional<formats::Selection>
sparsec::selectFastest(const WeightInput &input) {
  ArrayRef<WeightCandidate> all = input.candidates;
  if (!all.front().seconds)
    return std::nullopt;
  const WeightCandidate *fastest = &all.front(), *best = nullptr;
  for (const WeightCandidate &one : all)
    if (one.seconds && *one.seconds < *fastest->seconds)
      fastest = &one;
  for (const WeightCandidate &one : all)
    if (one.seconds && *one.seconds <= kTie * *fastest->seconds &&
        (!best || one.bytes < best->bytes))
      best = &one;
  const WeightCandidate *second = best == fastest ? nullptr : fastest;
  if (!second)
    for (const WeightCandidate &one : all)
      if (&one != best && one.seconds &&
          (!second || *one.seconds < *second->seconds))
        second = &one;

  std::string reason;
  llvm::raw_string_ostream text(reason);
  auto micro = [](double seconds) {
    return llvm::format("%.1f us", seconds * 1e6);
  };
  text << (best == fastest ? "fastest " : "smallest of the fastest ");
  const WeightProducts &products = input.products;
  int64_t columns = products.list.front().columns;
  if (llvm::all_of(products.list, [&](const Product &product) {
        return product.columns == columns;
      }))
    text << "for " << (products.assumed ? "an assumed " : "") << columns
         << (columns == 1 ? " column" : " columns");
  else
    text << "in all its products";
  text << " by the cost table: " << micro(*best->seconds);
  if (second)
    text << (best == fastest ? ", then " : ", and ") << second->spelling()
         << " with " << micro(*second->seconds);
  if (best != &all.front() && second != &all.front())
    text << "; dense takes " << micro(*all.front().seconds);
  return formats::Selection{best->format, reason};
}
