//===- Statistics.h - What is known of a pruned matrix ----------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_FORMATS_STATISTICS_H
#define SPARSEC_RUNTIME_FORMATS_STATISTICS_H

#include "runtime/formats/Buffer.h"

#include <array>
#include <cstdint>

namespace sparsec::formats {

/// How the nonzeros fill square blocks of one size. Blocks at the right and
/// bottom edge may be partial; a block's density counts its own elements.
struct BlockOccupancy {
  int64_t size = 0;       ///< rows and columns of a block
  int64_t total = 0;      ///< blocks that cover the matrix
  int64_t occupied = 0;   ///< blocks that hold a nonzero
  double meanDensity = 0; ///< mean density of the occupied blocks
  double variance = 0;    ///< variance of the density over all blocks
};

/// Nonzeros a row: the spread that decides load balance.
struct RowSpread {
  int64_t min = 0;
  int64_t max = 0;
  double mean = 0;
  double deviation = 0; ///< standard deviation over the rows
  int64_t empty = 0;    ///< rows without a nonzero
};

/// Statistics of one matrix. A nonzero is an element whose bits are not all
/// zero.
struct Statistics {
  static constexpr std::array<int64_t, 4> kBlockSizes = {4, 8, 16, 32};

  int64_t rows = 0;
  int64_t cols = 0;
  unsigned elementBytes = 4;
  int64_t nnz = 0;
  /// Nonzeros of which only the highest bit is set: -0.0 in a float.
  int64_t negativeZeros = 0;
  RowSpread rowSpread;
  std::array<BlockOccupancy, 4> blocks;

  int64_t elements() const { return rows * cols; }
  int64_t denseBytes() const { return elements() * elementBytes; }
  /// Fractions of the elements; an empty matrix counts as dense.
  double density() const {
    return elements() ? double(nnz) / double(elements()) : 1.0;
  }
  double sparsity() const { return 1.0 - density(); }
  /// denseBytes() / compressedBytes.
  double ratio(int64_t compressedBytes) const {
    return compressedBytes ? double(denseBytes()) / double(compressedBytes)
                           : 1.0;
  }
  /// The occupancy for one of kBlockSizes.
  const BlockOccupancy &block(int64_t size) const;
};

/// Reads the matrix once, in parallel.
Statistics analyze(const DenseView &dense);

/// The statistics of two matrices of as many columns, one above the other. The
/// upper one's rows are a multiple of the largest block size, unless one of
/// them has none.
Statistics stack(const Statistics &upper, const Statistics &lower);

} // namespace sparsec::formats

#endif // SPARSEC_RUNTIME_FORMATS_STATISTICS_H
