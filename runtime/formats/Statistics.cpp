//===- Statistics.cpp - What is known of a pruned matrix ------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The matrix is read once, in strips of 32 rows and panels of mask words. From
// the masks follow the nonzeros of each 4x4 block, side by side in the bytes of
// a word, from those the 8x8 blocks, and so on. What is kept is how many blocks
// hold how many nonzeros: integers, so the result does not depend on threads.
//
//===----------------------------------------------------------------------===//

#include "runtime/formats/Statistics.h"
#include "runtime/formats/Nonzeros.h"
#include "runtime/formats/Parallel.h"

#include <cmath>
#include <mutex>
#include <vector>

namespace sparsec::formats {

namespace {

constexpr int64_t kStrip = 32; // the largest block
constexpr int64_t kPanelWords = 32;
constexpr int kLevels = 4;
static_assert(Statistics::kBlockSizes[kLevels - 1] == kStrip);

__extension__ using Wide = __int128; // counts times squares of counts

/// Of one chunk of rows, or of all. Blocks are told apart by whether the right
/// (bit 0) and the bottom edge (bit 1) of the matrix cut them, since that
/// decides their size.
struct Counts {
  /// Where the histogram of a level starts: level i counts 0 to size * size.
  static constexpr int64_t kBase[] = {0, 17, 82, 339, 1364};

  int64_t blocks[4][kBase[kLevels]] = {};
  int64_t nnz = 0;
  int64_t negativeZeros = 0;
  int64_t min = INT64_MAX;
  int64_t max = 0;
  int64_t empty = 0;
  Wide squares = 0;

  void addRow(int64_t count) {
    nnz += count;
    min = std::min(min, count);
    max = std::max(max, count);
    empty += count == 0;
    squares += Wide(count) * count;
  }

  void add(const Counts &other) {
    for (int edge = 0; edge < 4; ++edge)
      for (int64_t i = 0; i < kBase[kLevels]; ++i)
        blocks[edge][i] += other.blocks[edge][i];
    nnz += other.nnz;
    negativeZeros += other.negativeZeros;
    min = std::min(min, other.min);
    max = std::max(max, other.max);
    empty += other.empty;
    squares += other.squares;
  }
};

/// Counts the blocks of 32 rows x 64 columns.
class Tile {
public:
  Tile(Counts &counts, int64_t rows, int64_t cols)
      : counts(counts), rows(rows), cols(cols) {}

  /// `masks` are 32 words, `stride` apart, of the rows from `row` on; rows
  /// behind the last are zero. `col` is the column of bit 0.
  void add(const uint64_t *masks, int64_t stride, int64_t row, int64_t col) {
    if (row + kStrip <= rows && col + kWordBits <= cols)
      addLevels<false>(masks, stride, row, col);
    else
      addLevels<true>(masks, stride, row, col);
  }

private:
  template <bool Edge>
  void addLevels(const uint64_t *masks, int64_t stride, int64_t row,
                 int64_t col) {
    constexpr uint64_t k8 = 0x00ff00ff00ff00ff, k16 = 0x0000ffff0000ffff;
    uint64_t of8[4] = {}, of16[2] = {}, of32 = 0;
    for (int i = 0; i < 8; ++i) {
      uint64_t even = 0, odd = 0; // 4x4 blocks 0, 2, 4, ... and 1, 3, 5, ...
      for (int r = 0; r < 4; ++r) {
        uint64_t bits = masks[(4 * i + r) * stride];
        bits -= (bits >> 1) & 0x5555555555555555;
        bits = (bits & 0x3333333333333333) + ((bits >> 2) & 0x3333333333333333);
        even += bits & 0x0f0f0f0f0f0f0f0f;
        odd += (bits >> 4) & 0x0f0f0f0f0f0f0f0f;
      }
      count<0, Edge>(even, 8, 8, row + 4 * i, col);
      count<0, Edge>(odd, 8, 8, row + 4 * i, col + 4);
      of8[i / 2] += even + odd; // a byte each, at most 64
    }
    for (int i = 0; i < 4; ++i) {
      count<1, Edge>(of8[i], 8, 8, row + 8 * i, col);
      of16[i / 2] += (of8[i] & k8) + ((of8[i] >> 8) & k8);
    }
    for (int i = 0; i < 2; ++i) {
      count<2, Edge>(of16[i], 16, 16, row + 16 * i, col);
      of32 += (of16[i] & k16) + ((of16[i] >> 16) & k16);
    }
    count<3, Edge>(of32, 32, 32, row, col);
  }

  /// Enters the blocks of one level whose counts are the lanes of `lanes`.
  template <int Level, bool Edge>
  void count(uint64_t lanes, int bits, int64_t step, int64_t row, int64_t col) {
    constexpr int64_t size = Statistics::kBlockSizes[Level];
    for (int shift = 0; shift < 64; shift += bits, col += step) {
      uint64_t nonzeros = (lanes >> shift) & ((uint64_t(1) << bits) - 1);
      int edge = 0;
      if constexpr (Edge) {
        if (row >= rows || col >= cols)
          return;
        edge = (col + size > cols) + 2 * (row + size > rows);
      }
      ++counts.blocks[edge][Counts::kBase[Level] + int64_t(nonzeros)];
    }
  }

  Counts &counts;
  int64_t rows, cols;
};

template <typename T>
void countRows(const DenseView &dense, int64_t row0, int64_t row1,
               Counts &counts) {
  uint64_t masks[kStrip * kPanelWords];
  Tile tile(counts, dense.rows, dense.cols);
  int64_t words = ceilDiv(dense.cols, kWordBits);
  for (int64_t r = row0; r < row1; r += kStrip) {
    int64_t height = std::min(kStrip, row1 - r);
    int64_t ofRow[kStrip] = {};
    for (int64_t w0 = 0; w0 < words; w0 += kPanelWords) {
      int64_t width = std::min(kPanelWords, words - w0);
      nonzeroMasks<T>(dense, r, r + height, w0, w0 + width, masks, kPanelWords);
      std::fill(masks + height * kPanelWords, std::end(masks), 0);
      for (int64_t w = 0; w < width; ++w)
        tile.add(masks + w, kPanelWords, r, (w0 + w) * kWordBits);
      for (int64_t i = 0; i < height; ++i)
        for (int64_t w = 0; w < width; ++w)
          ofRow[i] += __builtin_popcountll(masks[i * kPanelWords + w]);
    }
    for (int64_t i = 0; i < height; ++i)
      counts.addRow(ofRow[i]);
  }
}

/// Counts the elements of which only the highest bit is set.
template <typename T>
int64_t countSigns(const DenseView &dense, int64_t row0, int64_t row1) {
  constexpr T sign = T(T(1) << (8 * sizeof(T) - 1));
  int64_t count = 0;
  for (int64_t r = row0; r < row1; ++r)
    for (int64_t c = 0; c < dense.cols; ++c)
      count += load<T>(dense.data, r * dense.rowStride + c * dense.colStride) ==
               sign;
  return count;
}

/// A mean and a variance of `n` and `m` things together.
struct Moments {
  double n, mean, variance;

  Moments operator+(const Moments &other) const {
    double total = n + other.n;
    if (total == 0)
      return {0, 0, 0};
    double between = mean - other.mean;
    return {total, (n * mean + other.n * other.mean) / total,
            (n * variance + other.n * other.variance +
             n * other.n / total * between * between) /
                total};
  }
};

BlockOccupancy occupancy(const Counts &counts, int level, int64_t rows,
                         int64_t cols) {
  BlockOccupancy result;
  int64_t size = Statistics::kBlockSizes[level];
  result.size = size;
  result.total = ceilDiv(rows, size) * ceilDiv(cols, size);
  // Always in the same order: the sums round the same way every time.
  auto forEachDensity = [&](auto fn) {
    for (int edge = 0; edge < 4; ++edge) {
      int64_t width = edge & 1 ? cols % size : size;
      int64_t height = edge & 2 ? rows % size : size;
      for (int64_t nonzeros = 0; nonzeros <= width * height; ++nonzeros)
        if (int64_t n = counts.blocks[edge][Counts::kBase[level] + nonzeros])
          fn(double(n), double(nonzeros) / double(width * height));
    }
  };
  double sum = 0;
  forEachDensity([&](double n, double density) {
    sum += n * density;
    result.occupied += density != 0 ? int64_t(n) : 0;
  });
  if (result.occupied == 0)
    return result;
  result.meanDensity = sum / double(result.occupied);
  double mean = sum / double(result.total), squares = 0;
  forEachDensity([&](double n, double density) {
    squares += n * (density - mean) * (density - mean);
  });
  result.variance = squares / double(result.total);
  return result;
}

} // namespace

const BlockOccupancy &Statistics::block(int64_t size) const {
  for (const BlockOccupancy &occupancy : blocks)
    if (occupancy.size == size)
      return occupancy;
  static const BlockOccupancy none;
  return none;
}

Statistics analyze(const DenseView &dense) {
  Counts all;
  std::mutex mutex;
  // A chunk is a few strips: its histograms must cost less than its elements.
  int64_t strips =
      (int64_t(1) << 19) / kStrip / std::max(dense.cols, kWordBits);
  int64_t grain = kStrip * std::max<int64_t>(strips, 1);
  withWidth(dense.elementBytes, [&](auto zero) {
    parallelFor(dense.rows, grain, [&](int64_t row0, int64_t row1) {
      Counts counts;
      countRows<decltype(zero)>(dense, row0, row1, counts);
      counts.negativeZeros = countSigns<decltype(zero)>(dense, row0, row1);
      std::lock_guard<std::mutex> lock(mutex);
      all.add(counts);
    });
  });

  Statistics stats;
  stats.rows = dense.rows;
  stats.cols = dense.cols;
  stats.elementBytes = dense.elementBytes;
  stats.nnz = all.nnz;
  stats.negativeZeros = all.negativeZeros;
  if (dense.rows > 0) {
    double rows = double(dense.rows);
    Wide spread = Wide(dense.rows) * all.squares - Wide(all.nnz) * all.nnz;
    stats.rowSpread.min = all.min == INT64_MAX ? 0 : all.min;
    stats.rowSpread.max = all.max;
    stats.rowSpread.mean = double(all.nnz) / rows;
    stats.rowSpread.deviation = std::sqrt(double(spread)) / rows;
    stats.rowSpread.empty = all.empty;
  }
  for (int level = 0; level < kLevels; ++level)
    stats.blocks[level] = occupancy(all, level, dense.rows, dense.cols);
  return stats;
}

static BlockOccupancy stack(const BlockOccupancy &upper,
                            const BlockOccupancy &lower) {
  BlockOccupancy result;
  result.size = upper.size;
  result.total = upper.total + lower.total;
  result.occupied = upper.occupied + lower.occupied;
  double sum = upper.meanDensity * double(upper.occupied) +
               lower.meanDensity * double(lower.occupied);
  if (result.occupied == 0)
    return result;
  result.meanDensity = sum / double(result.occupied);
  auto moments = [](const BlockOccupancy &part) {
    double total = double(part.total);
    return Moments{total,
                   total ? part.meanDensity * double(part.occupied) / total : 0,
                   part.variance};
  };
  result.variance = (moments(upper) + moments(lower)).variance;
  return result;
}

Statistics stack(const Statistics &upper, const Statistics &lower) {
  if (upper.rows == 0 || lower.rows == 0)
    return upper.rows == 0 ? lower : upper;
  Statistics stats = upper;
  stats.rows += lower.rows;
  stats.nnz += lower.nnz;
  stats.negativeZeros += lower.negativeZeros;
  const RowSpread &a = upper.rowSpread, &b = lower.rowSpread;
  Moments rows =
      Moments{double(upper.rows), a.mean, a.deviation * a.deviation} +
      Moments{double(lower.rows), b.mean, b.deviation * b.deviation};
  stats.rowSpread = {std::min(a.min, b.min), std::max(a.max, b.max), rows.mean,
                     std::sqrt(rows.variance), a.empty + b.empty};
  for (int level = 0; level < kLevels; ++level)
    stats.blocks[level] = stack(upper.blocks[level], lower.blocks[level]);
  return stats;
}

} // namespace sparsec::formats
