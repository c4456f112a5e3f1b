//===- BlockPack.cpp - Packing into dense blocks --------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/formats/Block.h"
#include "runtime/formats/Nonzeros.h"
#include "runtime/formats/Parallel.h"
#include "runtime/formats/Validate.h"

#include <limits>

namespace sparsec::formats {

namespace {

/// Dense rows are scanned in strips of as many rows as a mask word has bits,
/// and each strip in panels that stay in the cache until they are copied.
constexpr int64_t kStrip = kWordBits;
constexpr int64_t kPanelWords = 16;

/// Bit B * i of the result is set if any of the bits [B * i, B * i + B) is.
template <int64_t B> uint64_t occupiedBlocks(uint64_t bits) {
  for (int64_t shift = 1; shift < B; shift *= 2)
    bits |= bits >> shift;
  return bits & (~uint64_t(0) / ((uint64_t(1) << B) - 1));
}

/// Calls fn(block row, block column) for the occupied blocks of a strip, block
/// columns ascending in each block row.
template <typename T, int64_t B, typename Fn>
void forEachOccupied(const DenseView &dense, int64_t strip, Fn fn) {
  uint64_t masks[kStrip * kPanelWords];
  int64_t row0 = strip * kStrip;
  int64_t row1 = std::min(dense.rows, row0 + kStrip);
  int64_t words = ceilDiv(dense.cols, kWordBits);
  for (int64_t w0 = 0; w0 < words; w0 += kPanelWords) {
    int64_t width = std::min(kPanelWords, words - w0);
    nonzeroMasks<T>(dense, row0, row1, w0, w0 + width, masks, kPanelWords);
    for (int64_t r = row0; r < row1; r += B)
      for (int64_t w = 0; w < width; ++w) {
        uint64_t bits = 0;
        for (int64_t i = r; i < std::min(row1, r + B); ++i)
          bits |= masks[(i - row0) * kPanelWords + w];
        for (bits = occupiedBlocks<B>(bits); bits != 0; bits &= bits - 1)
          fn(r / B, ((w0 + w) * kWordBits + __builtin_ctzll(bits)) / B);
      }
  }
}

/// Copies the block whose first element is (row, col), zeros where it leaves
/// the matrix.
template <typename T, int64_t B>
void copyBlock(const DenseView &dense, int64_t row, int64_t col, T *block) {
  int64_t height = std::min(B, dense.rows - row);
  int64_t width = std::min(B, dense.cols - col);
  if (dense.colStride == 1 && height == B && width == B) {
    for (int64_t i = 0; i < B; ++i)
      std::memcpy(block + i * B, elementAt<T>(dense, row + i, col),
                  B * sizeof(T));
    return;
  }
  std::memset(block, 0, B * B * sizeof(T));
  for (int64_t i = 0; i < height; ++i)
    for (int64_t j = 0; j < width; ++j)
      block[i * B + j] = load<T>(elementAt<T>(dense, row + i, col + j), 0);
}

/// Merges the rows of one block row: calls onBlock(block column) for each block
/// that holds an entry, then onEntry(row within the block, entry) for those.
template <int64_t B, typename OnBlock, typename OnEntry>
void mergeBlocks(const RowEntries &rows, int64_t blockRow, OnBlock onBlock,
                 OnEntry onEntry) {
  constexpr int64_t kNone = std::numeric_limits<int64_t>::max();
  int64_t height = std::min(B, rows.rows - blockRow * B);
  const int64_t *offsets = rows.offsets.data() + blockRow * B;
  int64_t next[B];
  std::copy(offsets, offsets + height, next);
  auto columnOf = [&](int64_t i) {
    return next[i] < offsets[i + 1] ? int64_t(rows.columns[next[i]]) / B
                                    : kNone;
  };
  while (true) {
    int64_t column = kNone;
    for (int64_t i = 0; i < height; ++i)
      column = std::min(column, columnOf(i));
    if (column == kNone)
      return;
    onBlock(column);
    for (int64_t i = 0; i < height; ++i)
      for (; columnOf(i) == column; ++next[i])
        onEntry(i, next[i]);
  }
}

} // namespace

Status Block::sizeBlocks(PackedMatrix &packed, int64_t stored) const {
  if (Status s = checkStored(*this, stored, "blocks"); !s.ok())
    return s;
  packed.stored = stored;
  accumulate(packed.components[kOffsets].as<uint32_t>(),
             ceilDiv(packed.rows, size));
  for (Component c : {kValues, kIndices})
    if (Status s = allocate(*this, packed, c); !s.ok())
      return s;
  return Status::success();
}

Status Block::pack(const DenseView &dense, PackedMatrix &packed) const {
  if (Status s = checkPackable(*this, dense); !s.ok())
    return s;
  PackedMatrix result =
      beginPacked(*this, dense.rows, dense.cols, dense.elementBytes);
  if (Status s = allocate(*this, result, kOffsets); !s.ok())
    return s;
  Status status;
  dispatch(dense.elementBytes, [&](auto zero, auto constant) {
    using T = decltype(zero);
    constexpr int64_t B = decltype(constant)::value;
    constexpr int64_t kBlockRows = kStrip / B;
    auto *offsets = result.components[kOffsets].as<uint32_t>();
    int64_t strips = ceilDiv(dense.rows, kStrip);
    int64_t blockRows = ceilDiv(dense.rows, B);
    std::atomic<int64_t> total(0);
    parallelFor(strips, 1, [&](int64_t strip, int64_t) {
      int64_t first = strip * kBlockRows;
      int64_t counts[kBlockRows] = {};
      forEachOccupied<T, B>(dense, strip, [&](int64_t blockRow, int64_t) {
        ++counts[blockRow - first];
      });
      for (int64_t i = 0; i < std::min(kBlockRows, blockRows - first); ++i) {
        offsets[first + i + 1] = static_cast<uint32_t>(counts[i]);
        total += counts[i];
      }
    });
    status = sizeBlocks(result, total);
    if (!status.ok())
      return;
    T *values = result.components[kValues].as<T>();
    auto *indices = result.components[kIndices].as<uint32_t>();
    parallelFor(strips, 1, [&](int64_t strip, int64_t) {
      int64_t first = strip * kBlockRows;
      int64_t next[kBlockRows];
      for (int64_t i = 0; i < std::min(kBlockRows, blockRows - first); ++i)
        next[i] = offsets[first + i];
      forEachOccupied<T, B>(dense, strip, [&](int64_t blockRow, int64_t col) {
        int64_t k = next[blockRow - first]++;
        indices[k] = static_cast<uint32_t>(col);
        copyBlock<T, B>(dense, blockRow * B, col * B, values + k * B * B);
      });
    });
  });
  if (status.ok())
    packed = std::move(result);
  return status;
}

Status Block::fromRows(const RowEntries &rows, PackedMatrix &packed) const {
  if (Status s = checkEntries(*this, rows); !s.ok())
    return s;
  PackedMatrix result =
      beginPacked(*this, rows.rows, rows.cols, rows.elementBytes);
  if (Status s = allocate(*this, result, kOffsets); !s.ok())
    return s;
  Status status;
  dispatch(rows.elementBytes, [&](auto zero, auto constant) {
    using T = decltype(zero);
    constexpr int64_t B = decltype(constant)::value;
    auto *offsets = result.components[kOffsets].as<uint32_t>();
    int64_t blockRows = ceilDiv(rows.rows, B);
    std::atomic<int64_t> total(0);
    parallelFor(blockRows, 8, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        int64_t count = 0;
        mergeBlocks<B>(
            rows, row, [&](int64_t) { ++count; }, [](int64_t, int64_t) {});
        offsets[row + 1] = static_cast<uint32_t>(count);
        total += count;
      }
    });
    status = sizeBlocks(result, total);
    if (!status.ok())
      return;
    const T *from = rows.values.as<T>();
    T *values = result.components[kValues].as<T>();
    auto *indices = result.components[kIndices].as<uint32_t>();
    parallelFor(blockRows, 8, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        int64_t k = int64_t(offsets[row]) - 1;
        mergeBlocks<B>(
            rows, row,
            [&](int64_t column) {
              indices[++k] = static_cast<uint32_t>(column);
              std::memset(values + k * B * B, 0, B * B * sizeof(T));
            },
            [&](int64_t i, int64_t entry) {
              values[(k * B + i) * B + rows.columns[entry] % B] = from[entry];
            });
      }
    });
  });
  if (status.ok())
    packed = std::move(result);
  return status;
}

} // namespace sparsec::formats
