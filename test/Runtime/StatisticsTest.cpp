//===- StatisticsTest.cpp - Statistics of matrices ------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/Runtime/FormatsTestUtils.h"

#include <cmath>
#include <gtest/gtest.h>
#ifdef _OPENMP
#include <omp.h>
#endif

using namespace sparsec::formats;
using namespace sparsec::formats::test;

namespace {

constexpr double kTolerance = 1e-12;

/// Block by block, element by element.
BlockOccupancy naiveBlocks(const Matrix &matrix, int64_t size) {
  BlockOccupancy result;
  result.size = size;
  std::vector<double> densities;
  double occupiedSum = 0;
  for (int64_t r = 0; r < matrix.view.rows; r += size)
    for (int64_t c = 0; c < matrix.view.cols; c += size) {
      int64_t height = std::min(size, matrix.view.rows - r);
      int64_t width = std::min(size, matrix.view.cols - c);
      int64_t nonzeros = 0;
      for (int64_t i = 0; i < height; ++i)
        for (int64_t j = 0; j < width; ++j)
          nonzeros += matrix.get(r + i, c + j) != 0;
      densities.push_back(double(nonzeros) / double(height * width));
      result.occupied += nonzeros != 0;
      occupiedSum += densities.back();
    }
  result.total = int64_t(densities.size());
  if (result.occupied == 0)
    return result;
  result.meanDensity = occupiedSum / double(result.occupied);
  double mean = occupiedSum / double(result.total), squares = 0;
  for (double density : densities)
    squares += (density - mean) * (density - mean);
  result.variance = squares / double(result.total);
  return result;
}

void expectNaive(const Matrix &matrix, const Statistics &stats) {
  const DenseView &view = matrix.view;
  EXPECT_EQ(stats.rows, view.rows);
  EXPECT_EQ(stats.cols, view.cols);
  EXPECT_EQ(stats.elementBytes, view.elementBytes);
  std::vector<int64_t> counts;
  int64_t nnz = 0;
  for (int64_t r = 0; r < view.rows; ++r) {
    counts.push_back(0);
    for (int64_t c = 0; c < view.cols; ++c)
      counts.back() += matrix.get(r, c) != 0;
    nnz += counts.back();
  }
  EXPECT_EQ(stats.nnz, nnz);
  if (view.rows != 0) {
    double mean = double(nnz) / double(view.rows), squares = 0;
    int64_t empty = 0;
    for (int64_t count : counts) {
      squares += (double(count) - mean) * (double(count) - mean);
      empty += count == 0;
    }
    EXPECT_EQ(stats.rowSpread.min,
              *std::min_element(counts.begin(), counts.end()));
    EXPECT_EQ(stats.rowSpread.max,
              *std::max_element(counts.begin(), counts.end()));
    EXPECT_EQ(stats.rowSpread.empty, empty);
    EXPECT_NEAR(stats.rowSpread.mean, mean, kTolerance * (1 + mean));
    EXPECT_NEAR(stats.rowSpread.deviation,
                std::sqrt(squares / double(view.rows)), 1e-9);
  }
  for (int64_t size : Statistics::kBlockSizes) {
    SCOPED_TRACE("blocks of " + std::to_string(size));
    BlockOccupancy expected = naiveBlocks(matrix, size);
    const BlockOccupancy &found = stats.block(size);
    EXPECT_EQ(found.size, size);
    EXPECT_EQ(found.total, expected.total);
    EXPECT_EQ(found.occupied, expected.occupied);
    EXPECT_NEAR(found.meanDensity, expected.meanDensity, kTolerance);
    EXPECT_NEAR(found.variance, expected.variance, kTolerance);
  }
}

void expectNaive(const Matrix &matrix) {
  expectNaive(matrix, analyze(matrix.view));
}

TEST(Statistics, EqualNaiveCounts) {
  for (uint64_t seed = 0; seed < 15; ++seed)
    for (Layout layout : kLayouts)
      for (unsigned bytes : {1, 2, 4, 8}) {
        Random random(seed * 100 + bytes);
        Matrix matrix = randomMatrix(random, layout, bytes);
        SCOPED_TRACE("seed " + std::to_string(seed) + ": " +
                     describe(matrix.view));
        expectNaive(matrix);
        if (HasFailure())
          return;
      }
}

TEST(Statistics, OfStackedMatrices) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Random random(seed);
    int64_t upper = 32 * pick(random, 0, 4), lower = pick(random, 0, 70);
    int64_t cols = pick(random, 0, 90);
    Matrix matrix(Layout::Rows, upper + lower, cols, 4);
    for (int64_t r = 0; r < upper + lower; ++r)
      for (int64_t c = 0; c < cols; ++c)
        matrix.set(r, c, pick(random, 0, 9) < (r < upper ? 8 : 1));
    DenseView top = matrix.view, bottom = matrix.view;
    top.rows = upper;
    bottom.rows = lower;
    bottom.data = matrix.at(upper, 0);
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + std::to_string(upper) +
                 " above " + describe(bottom));
    expectNaive(matrix, stack(analyze(top), analyze(bottom)));
  }
}

TEST(Statistics, OfAWideMatrix) { // several panels of words
  Random random(1);
  expectNaive(randomMatrix(random, Layout::Rows, 70, 5000, 1, 0.05));
  expectNaive(randomMatrix(random, Layout::Columns, 70, 5000, 1, 0.05));
}

TEST(Statistics, OfTheExample) {
  Matrix matrix(Layout::Rows, 3, 3, 4);
  for (int64_t i = 0; i < 9; ++i)
    matrix.set(i / 3, i % 3, i % 2 == 0);
  Statistics stats = analyze(matrix.view);
  EXPECT_EQ(stats.nnz, 5);
  EXPECT_DOUBLE_EQ(stats.density(), 5.0 / 9.0);
  EXPECT_EQ(stats.rowSpread.min, 1);
  EXPECT_EQ(stats.rowSpread.max, 2);
  EXPECT_DOUBLE_EQ(stats.rowSpread.mean, 5.0 / 3.0);
  EXPECT_NEAR(stats.rowSpread.deviation, std::sqrt(2.0) / 3.0, kTolerance);
  // The only block is partial: five of its nine elements.
  EXPECT_EQ(stats.block(4).occupied, 1);
  EXPECT_DOUBLE_EQ(stats.block(4).meanDensity, 5.0 / 9.0);
  EXPECT_DOUBLE_EQ(stats.block(4).variance, 0.0);
  EXPECT_EQ(stats.block(5).size, 0); // not one of kBlockSizes
}

TEST(Statistics, NegativeZeroIsANonzero) {
  Matrix matrix(Layout::Splat, 2, 2, 4);
  matrix.set(0, 0, 0x80000000);
  EXPECT_EQ(analyze(matrix.view).nnz, 4);
  matrix.set(0, 0, 0);
  EXPECT_EQ(analyze(matrix.view).nnz, 0);
}

TEST(Statistics, OfEmptyMatrices) {
  for (auto [rows, cols] :
       {std::pair(0, 0), std::pair(0, 5), std::pair(5, 0)}) {
    Statistics stats = analyze(Matrix(Layout::Rows, rows, cols, 4).view);
    EXPECT_EQ(stats.nnz, 0);
    EXPECT_EQ(stats.density(), 1.0);
    EXPECT_EQ(stats.rowSpread.empty, rows);
    EXPECT_EQ(stats.rowSpread.min, 0);
    EXPECT_EQ(stats.block(8).total, 0);
  }
}

#ifdef _OPENMP
TEST(Statistics, DoNotDependOnThreads) {
  Random random(3);
  Matrix matrix = randomMatrix(random, Layout::Rows, 3001, 1003, 1, 0.1);
  int before = omp_get_max_threads();
  omp_set_num_threads(1);
  Statistics one = analyze(matrix.view);
  for (int threads : {2, 3, 8}) {
    omp_set_num_threads(threads);
    Statistics many = analyze(matrix.view);
    EXPECT_EQ(one.nnz, many.nnz);
    EXPECT_EQ(one.rowSpread.deviation, many.rowSpread.deviation);
    for (int64_t size : Statistics::kBlockSizes) {
      EXPECT_EQ(one.block(size).occupied, many.block(size).occupied);
      EXPECT_EQ(one.block(size).meanDensity, many.block(size).meanDensity);
      EXPECT_EQ(one.block(size).variance, many.block(size).variance);
    }
  }
  omp_set_num_threads(before);
}
#endif

} // namespace
