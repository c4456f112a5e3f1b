//===- Block.cpp - Dense blocks in compressed rows ------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/formats/Block.h"
#include "runtime/formats/Rows.h"
#include "runtime/formats/Validate.h"

namespace sparsec::formats {

namespace {

template <typename T, int64_t B> struct BlockRows {
  const void *values, *indices, *offsets;

  struct Cursor {
    const void *values, *indices;
    int64_t k, end, inner; // `inner` is the row within the blocks

    template <typename Fn> void until(int64_t limit, Fn fn) {
      for (; k < end; ++k) {
        int64_t col = B * load<uint32_t>(indices, k);
        if (col >= limit)
          return;
        // Padding is zero, so no column behind the last one is visited.
        for (int64_t j = 0; j < B; ++j)
          if (T value = load<T>(values, (k * B + inner) * B + j))
            fn(col + j, value);
      }
    }
  };

  Cursor cursor(int64_t row) const {
    return {values, indices, load<uint32_t>(offsets, row / B),
            load<uint32_t>(offsets, row / B + 1), row % B};
  }
};

template <typename T, int64_t B>
BlockRows<T, B> rowsOf(const PackedView &packed) {
  return {packed.components[Block::kValues].data,
          packed.components[Block::kIndices].data,
          packed.components[Block::kOffsets].data};
}

/// The first element of a block row that lies outside the matrix and is not
/// zero, as an index into values, or kUnknown.
template <typename T, int64_t B>
int64_t paddingFault(const PackedView &packed, int64_t blockRow) {
  auto [values, indices, offsets] = rowsOf<T, B>(packed);
  int64_t height = packed.rows - blockRow * B;
  int64_t end = load<uint32_t>(offsets, blockRow + 1);
  for (int64_t k = load<uint32_t>(offsets, blockRow); k < end; ++k) {
    int64_t width = packed.cols - B * load<uint32_t>(indices, k);
    if (height >= B && width >= B)
      continue;
    for (int64_t at = k * B * B; at < (k + 1) * B * B; ++at)
      if ((at / B % B >= height || at % B >= width) && load<T>(values, at) != 0)
        return at;
  }
  return kUnknown;
}

/// Writes one row of blocks into dense rows whose columns are adjacent.
template <typename T, int64_t B>
void expandBlockRow(const BlockRows<T, B> &blocks,
                    const MutableDenseView &dense, int64_t blockRow) {
  int64_t row = blockRow * B;
  int64_t height = std::min(B, dense.rows - row);
  for (int64_t i = 0; i < height; ++i)
    std::memset(elementAt<T>(dense, row + i, 0), 0,
                static_cast<size_t>(dense.cols) * sizeof(T));
  int64_t end = load<uint32_t>(blocks.offsets, blockRow + 1);
  for (int64_t k = load<uint32_t>(blocks.offsets, blockRow); k < end; ++k) {
    int64_t col = B * load<uint32_t>(blocks.indices, k);
    const char *block = static_cast<const char *>(blocks.values) +
                        k * B * B * int64_t(sizeof(T));
    int64_t width = std::min(B, dense.cols - col);
    for (int64_t i = 0; i < height; ++i) {
      char *to = elementAt<T>(dense, row + i, col);
      const char *from = block + i * B * int64_t(sizeof(T));
      if (width == B) // a constant: no call
        std::memcpy(to, from, B * sizeof(T));
      else
        std::memcpy(to, from, static_cast<size_t>(width) * sizeof(T));
    }
  }
}

} // namespace

Status Block::validate(const PackedView &packed) const {
  if (Status s = checkArrays(*this, packed, kUnknown); !s.ok())
    return s;
  int64_t blockRows = ceilDiv(packed.rows, size);
  const void *offsets = packed.components[kOffsets].data;
  if (Status s = checkOffsets(offsets, blockRows); !s.ok())
    return s;
  if (Status s = checkArrays(*this, packed, load<uint32_t>(offsets, blockRows));
      !s.ok())
    return s;
  if (Status s = checkIndices<uint32_t>(
          packed.components[kIndices].data, offsets, blockRows,
          ceilDiv(packed.cols, size), "block columns");
      !s.ok())
    return s;
  int64_t fault = kUnknown;
  dispatch(packed.elementBytes, [&](auto zero, auto constant) {
    using T = decltype(zero);
    constexpr int64_t B = decltype(constant)::value;
    int64_t blockRow = firstFailure(blockRows, 64, [&](int64_t row) {
      return paddingFault<T, B>(packed, row) == kUnknown;
    });
    if (blockRow != blockRows)
      fault = paddingFault<T, B>(packed, blockRow);
  });
  if (fault == kUnknown)
    return Status::success();
  auto index = [](int64_t i) { return "[" + std::to_string(i) + "]"; };
  return Status::failure("values" + index(fault / (size * size)) +
                         index(fault / size % size) + index(fault % size) +
                         " is not zero but lies outside the " +
                         std::to_string(packed.rows) + "x" +
                         std::to_string(packed.cols) + " matrix");
}

void Block::unpack(const PackedView &packed,
                   const MutableDenseView &dense) const {
  dispatch(packed.elementBytes, [&](auto zero, auto constant) {
    using T = decltype(zero);
    constexpr int64_t B = decltype(constant)::value;
    auto blocks = rowsOf<T, B>(packed);
    if (dense.cols == 0 || dense.colStride != 1)
      return expandRows<T>(blocks, dense);
    parallelFor(ceilDiv(dense.rows, B), 32 / B,
                [&](int64_t begin, int64_t end) {
                  for (int64_t blockRow = begin; blockRow < end; ++blockRow)
                    expandBlockRow<T, B>(blocks, dense, blockRow);
                });
  });
}

RowEntries Block::toRows(const PackedView &packed) const {
  RowEntries entries;
  dispatch(packed.elementBytes, [&](auto zero, auto constant) {
    using T = decltype(zero);
    entries = collectRows<T>(rowsOf<T, decltype(constant)::value>(packed),
                             packed.rows, packed.cols);
  });
  return entries;
}

FormatPtr makeBlock(unsigned size) {
  if (size != 4 && size != 8 && size != 16 && size != 32)
    return nullptr;
  return std::make_shared<Block>(size);
}

} // namespace sparsec::formats
