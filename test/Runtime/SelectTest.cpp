//===- SelectTest.cpp - The selection rules -------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/formats/Select.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

using namespace sparsec::formats;

namespace {

/// A matrix whose elements are 1 where `stored(r, c)` holds.
template <typename Fn>
Statistics statistics(int64_t rows, int64_t cols, Fn stored) {
  std::vector<uint32_t> data(rows * cols, 0);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < cols; ++c)
      if (stored(r, c))
        data[r * cols + c] = 0x3f800000;
  return analyze({data.data(), rows, cols, cols, 1, 4});
}

/// Random zeros.
Statistics randomZeros(double sparsity, int64_t size = 256) {
  std::mt19937 generator(7);
  std::uniform_real_distribution<double> uniform;
  return statistics(size, size, [&](int64_t, int64_t) {
    return uniform(generator) >= sparsity;
  });
}

std::string chosen(const Statistics &stats, SelectionRules rules = {}) {
  Selection selection = select(stats, rules);
  EXPECT_FALSE(selection.reason.empty());
  return selection.format ? selection.format->spelling() : "dense";
}

TEST(Select, LowSparsityStaysDense) {
  EXPECT_EQ(chosen(randomZeros(0.3)), "dense");
  SelectionRules forced;
  forced.forceSparse = true;
  EXPECT_EQ(chosen(randomZeros(0.3), forced), "bitmask");
}

TEST(Select, ThresholdIsInclusive) {
  // Exactly half: not below the threshold.
  Statistics half =
      statistics(64, 64, [](int64_t r, int64_t c) { return (r + c) % 2 == 0; });
  EXPECT_EQ(half.sparsity(), 0.5);
  EXPECT_EQ(chosen(half), "bitmask");
}

TEST(Select, BlocksNeedStructure) {
  // 16 of 64 8x8 blocks are full: 75 % would be too sparse, so 24 of 64.
  auto blocks = statistics(64, 64, [](int64_t r, int64_t c) {
    return ((r / 8) * 8 + c / 8) % 8 < 3;
  });
  EXPECT_EQ(chosen(blocks), "block<8x8>");
  EXPECT_EQ(chosen(randomZeros(0.625)), "bitmask");
  SelectionRules picky;
  picky.blockDensity = 1.0;
  EXPECT_EQ(chosen(blocks, picky), "block<8x8>");
  // Sparser blocks of the same variance are not worth storing whole.
  auto thin = statistics(64, 64, [](int64_t r, int64_t c) {
    return ((r / 8) * 8 + c / 8) % 8 < 6 && c % 8 < 4 && r % 8 < 7;
  });
  EXPECT_EQ(chosen(thin, picky), "bitmask");
}

TEST(Select, HighSparsityFollowsTheProduct) {
  // A mask bit an element costs more than 16 bits an entry from 1/16 down.
  EXPECT_EQ(chosen(randomZeros(0.9)), "bitmask");
  EXPECT_EQ(chosen(randomZeros(0.97)), "csr<index = i16>");
  SelectionRules columns;
  columns.preferColumns = true;
  EXPECT_EQ(chosen(randomZeros(0.97), columns), "csc<index = i16>");
  EXPECT_EQ(chosen(randomZeros(0.9), columns), "csc<index = i16>");
}

TEST(Select, CandidatesCountBytes) {
  Statistics stats = randomZeros(0.9);
  for (const Candidate &candidate : candidates(stats))
    EXPECT_GT(candidate.bytes, 0) << candidate.spelling();
  EXPECT_EQ(candidates(stats).front().spelling(), "dense");
  EXPECT_EQ(candidates(stats).size(), 8u);
}

std::string smallest(const Statistics &stats) {
  Selection selection = selectSmallest(candidates(stats));
  EXPECT_FALSE(selection.reason.empty());
  return selection.format ? selection.format->spelling() : "dense";
}

TEST(Select, SmallestCountsEveryBlockSize) {
  EXPECT_EQ(smallest(randomZeros(0.0)), "dense");
  EXPECT_EQ(smallest(randomZeros(0.9)), "bitmask");
  EXPECT_EQ(smallest(randomZeros(0.97)), "csr<index = i16>");
  for (int64_t size : {4, 8, 16, 32}) {
    auto blocks = statistics(256, 256, [&](int64_t r, int64_t c) {
      return (r / size * 7 + c / size * 3) % 5 == 0;
    });
    std::string side = std::to_string(size);
    EXPECT_EQ(smallest(blocks), "block<" + side + "x" + side + ">");
  }
}

TEST(Select, SmallestTakesTheFirstOfEqualOnes) {
  // As many rows as columns: csr and csc take the same.
  Statistics stats =
      statistics(256, 256, [](int64_t r, int64_t c) { return r == c; });
  EXPECT_EQ(makeCsr(16)->storedBytes(stats), makeCsc(16)->storedBytes(stats));
  EXPECT_EQ(smallest(stats), "csr<index = i16>");
}

} // namespace
