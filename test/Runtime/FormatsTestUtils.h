//===- FormatsTestUtils.h - Matrices for the tests of the formats -*- C++
//-*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_TEST_RUNTIME_FORMATSTESTUTILS_H
#define SPARSEC_TEST_RUNTIME_FORMATSTESTUTILS_H

#include "runtime/formats/Format.h"

#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace sparsec::formats::test {

inline std::vector<FormatPtr> allFormats() {
  return {makeBitmask(), makeCsr(16),  makeCsr(32),   makeCsc(16),  makeCsc(32),
          makeBlock(4),  makeBlock(8), makeBlock(16), makeBlock(32)};
}

using Random = std::mt19937_64;

inline int64_t pick(Random &random, int64_t low, int64_t high) {
  return std::uniform_int_distribution<int64_t>(low, high)(random);
}

/// How a test matrix lies in memory.
enum class Layout { Rows, PaddedRows, Columns, Strided, Splat };

constexpr Layout kLayouts[] = {Layout::Rows, Layout::PaddedRows,
                               Layout::Columns, Layout::Strided, Layout::Splat};

/// A matrix with memory of its own. What lies between its elements is not zero,
/// so a packer that reads it stores too much.
struct Matrix {
  std::vector<uint8_t> bytes;
  DenseView view;

  Matrix(Layout layout, int64_t rows, int64_t cols, unsigned elementBytes) {
    view.rows = rows;
    view.cols = cols;
    view.elementBytes = elementBytes;
    switch (layout) {
    case Layout::Rows:
      view.rowStride = cols;
      break;
    case Layout::PaddedRows:
      view.rowStride = cols + 3;
      break;
    case Layout::Columns:
      view.rowStride = 1;
      view.colStride = rows;
      break;
    case Layout::Strided:
      view.rowStride = 2 * cols + 1;
      view.colStride = 2;
      break;
    case Layout::Splat:
      view.rowStride = view.colStride = 0;
      break;
    }
    int64_t elements =
        1 + rows * view.rowStride + cols * std::max<int64_t>(view.colStride, 1);
    // One byte too far, so that no element is aligned.
    bytes.assign(size_t(elements) * elementBytes + 1, 0xa5);
    view.data = bytes.data() + 1;
  }

  uint8_t *at(int64_t row, int64_t col) {
    return bytes.data() + 1 +
           (row * view.rowStride + col * view.colStride) * view.elementBytes;
  }
  const uint8_t *at(int64_t row, int64_t col) const {
    return const_cast<Matrix *>(this)->at(row, col);
  }

  uint64_t get(int64_t row, int64_t col) const {
    uint64_t value = 0;
    std::memcpy(&value, at(row, col), view.elementBytes);
    return value;
  }
  void set(int64_t row, int64_t col, uint64_t value) {
    std::memcpy(at(row, col), &value, view.elementBytes);
  }

  MutableDenseView writable() {
    return {bytes.data() + 1, view.rows,      view.cols,
            view.rowStride,   view.colStride, view.elementBytes};
  }
};

/// Elements are nonzero with the given probability, and then any bit pattern;
/// a quarter of them only in their highest bit, as -0.0 is.
inline Matrix randomMatrix(Random &random, Layout layout, int64_t rows,
                           int64_t cols, unsigned elementBytes,
                           double density) {
  Matrix matrix(layout, rows, cols, elementBytes);
  uint64_t highest = uint64_t(1) << (8 * elementBytes - 1);
  uint64_t all = highest | (highest - 1);
  std::bernoulli_distribution stored(density);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < cols; ++c) {
      uint64_t bits = random() & all;
      bits = bits % 4 == 0 ? highest : bits;
      matrix.set(r, c, stored(random) ? bits : 0);
    }
  return matrix;
}

/// A shape of at most 300 x 300, often an edge case, at a random density.
inline Matrix randomMatrix(Random &random, Layout layout,
                           unsigned elementBytes) {
  static constexpr int64_t kEdges[] = {0,  1,  2,  31,  32,  33,
                                       63, 64, 65, 127, 128, 256};
  static constexpr double kDensities[] = {0, 0.01, 0.1, 0.5, 1};
  auto extent = [&] {
    return pick(random, 0, 1) ? kEdges[pick(random, 0, 11)]
                              : pick(random, 0, 300);
  };
  int64_t rows = extent(), cols = extent();
  return randomMatrix(random, layout, rows, cols, elementBytes,
                      kDensities[pick(random, 0, 4)]);
}

inline std::string describe(const DenseView &view) {
  return std::to_string(view.rows) + "x" + std::to_string(view.cols) + " of " +
         std::to_string(view.elementBytes) + " bytes, strides " +
         std::to_string(view.rowStride) + ", " + std::to_string(view.colStride);
}

/// Whether both hold the same bits.
inline bool sameElements(const Matrix &a, const Matrix &b) {
  for (int64_t r = 0; r < a.view.rows; ++r)
    for (int64_t c = 0; c < a.view.cols; ++c)
      if (a.get(r, c) != b.get(r, c))
        return false;
  return true;
}

/// Empty if both are the same to the byte, otherwise what differs.
inline std::string difference(const PackedMatrix &a, const PackedMatrix &b) {
  if (a.rows != b.rows || a.cols != b.cols || a.elementBytes != b.elementBytes)
    return "shape";
  if (a.stored != b.stored)
    return "stored";
  if (a.components.size() != b.components.size())
    return "number of components";
  for (size_t i = 0; i < a.components.size(); ++i) {
    const Buffer &x = a.components[i], &y = b.components[i];
    if (x.size() != y.size() ||
        (x.size() && std::memcmp(x.data(), y.data(), size_t(x.size())) != 0))
      return "component " + std::to_string(i);
  }
  return "";
}

/// The entries of one component.
template <typename T>
std::vector<T> entries(const PackedMatrix &packed, size_t component) {
  const Buffer &buffer = packed.components[component];
  const T *begin = buffer.as<T>();
  return std::vector<T>(begin, begin + size_t(buffer.size()) / sizeof(T));
}

} // namespace sparsec::formats::test

#endif // SPARSEC_TEST_RUNTIME_FORMATSTESTUTILS_H
