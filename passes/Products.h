//===- Products.h - What a weight is multiplied with ---------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_PASSES_PRODUCTS_H
#define SPARSEC_PASSES_PRODUCTS_H

#include "passes/CostModel.h"

#include "dialect/Ops.h"
#include "runtime/formats/Select.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <optional>
#include <vector>

namespace sparsec {

/// The products that a model multiplies one weight in.
struct WeightProducts {
  llvm::SmallVector<Product> list;
  /// The number of columns of some is known at run time only, and assumed.
  bool assumed = false;

  /// Adds those of one use of the weight.
  void add(CompressOp op, int64_t assumedColumns);

  /// The seconds of all of them with a weight in a format, null for dense.
  /// `transposed`: `stats` are of the transpose of the weight. Nothing if the
  /// table does not cover one of them.
  std::optional<double> predict(const CostTable &table,
                                const formats::Statistics &stats,
                                const formats::Format *format,
                                bool transposed) const;
};

/// A format that a weight could have, what it would take and, where the cost
/// table covers all products, the seconds of these.
struct WeightCandidate : formats::Candidate {
  std::optional<double> seconds;
};

/// What is known of a weight when its format is chosen.
struct WeightInput {
  llvm::StringRef name;
  formats::Statistics stats;
  WeightProducts products;
  std::vector<WeightCandidate> candidates;

  /// Fills in the candidates: all formats that the shape allows. `transposed`
  /// are the statistics of the transpose if sparsec-pack-weights would store
  /// that instead, in the formats that it does so for.
  void findCandidates(const std::optional<formats::Statistics> &transposed,
                      const CostTable *table);
};

/// Whether the sums of a product start from +0.0, and not from something that
/// they are added to.
bool startsFromZero(MatmulOp op);

/// Chooses the fastest candidate; of those that are as fast, as far as
/// predictions tell, the one with the fewest bytes, and then the first. Nothing
/// if there is no prediction for dense, which all others are measured by.
std::optional<formats::Selection> selectFastest(const WeightInput &input);

} // namespace sparsec

#endif // SPARSEC_PASSES_PRODUCTS_H
