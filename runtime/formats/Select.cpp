//===- Select.cpp - Which format suits a matrix ---------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/formats/Select.h"

#include <cstdio>

using namespace sparsec::formats;

namespace {
/// Above this variance of block densities a matrix counts as structured.
/// Random zeros at density d in 8x8 blocks give d(1-d)/64 < 0.004; blocks that
/// are either empty or half full give at least 0.06.
constexpr double kBlockVariance = 0.05;

template <typename... Args>
std::string format(const char *pattern, Args... args) {
  char text[256];
  std::snprintf(text, sizeof text, pattern, args...);
  return text;
}
} // namespace

Selection sparsec::formats::select(const Statistics &stats,
                                   const SelectionRules &rules) {
  double sparsity = stats.sparsity();
  std::string percent = format("sparsity %.1f %%", 100 * sparsity);
  if (sparsity < rules.denseThreshold && !rules.forceSparse)
    return {nullptr, percent + format(" is below %.0f %%: compression would "
                                      "not pay for its overhead",
                                      100 * rules.denseThreshold)};

  std::string structure;
  if (sparsity < rules.blockThreshold) {
    const BlockOccupancy &blocks = stats.block(rules.blockSize);
    if (blocks.variance > kBlockVariance &&
        blocks.meanDensity >= rules.blockDensity)
      return {makeBlock(rules.blockSize),
              percent +
                  format(" is below %.0f %% and nonzeros cluster: %lld "
                         "of %lld blocks are occupied, %.0f %% full",
                         100 * rules.blockThreshold, (long long)blocks.occupied,
                         (long long)blocks.total, 100 * blocks.meanDensity)};
    structure = ", no block structure";
  }
  if (rules.preferColumns)
    return {makeFormat("csc", stats.rows, stats.cols),
            percent + structure + "; columns are preferred"};

  FormatPtr csr = makeFormat("csr", stats.rows, stats.cols);
  FormatPtr bitmask = makeBitmask();
  long long csrBytes = csr->storedBytes(stats);
  long long maskBytes = bitmask->storedBytes(stats);
  if (maskBytes < csrBytes)
    return {bitmask, percent + structure +
                         format("; a bit mask stores less than CSR: %lld bytes "
                                "against %lld",
                                maskBytes, csrBytes)};
  return {csr, percent + structure +
                   format("; CSR stores no more than a bit mask: %lld bytes "
                          "against %lld",
                          csrBytes, maskBytes)};
}

std::vector<Candidate> sparsec::formats::candidates(const Statistics &stats) {
  std::vector<Candidate> result{{nullptr, stats.denseBytes()}};
  for (FormatPtr &format : allFormats(stats.rows, stats.cols)) {
    int64_t bytes = format->storedBytes(stats);
    result.push_back({std::move(format), bytes});
  }
  return result;
}

Selection
sparsec::formats::selectSmallest(const std::vector<Candidate> &candidates) {
  const Candidate *best = &candidates.front(), *second = nullptr;
  for (const Candidate &candidate : candidates)
    if (candidate.bytes < best->bytes)
      best = &candidate;
  for (const Candidate &candidate : candidates)
    if (&candidate != best && (!second || candidate.bytes < second->bytes))
      second = &candidate;
  std::string reason = format("fewest bytes: %lld", (long long)best->bytes);
  if (second)
    reason += format(", then %s with %lld", second->spelling().c_str(),
                     (long long)second->bytes);
  return {best->format, reason};
}
