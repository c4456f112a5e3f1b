//===- Bitmask.cpp - A mask word for every 64 columns ---------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   values  Element [nnz]                  row after row
//   mask    U64 [rows, ceil(cols / 64)]    bit k of word w is column 64 w + k
//   offsets U32 [rows + 1]                 where each row's values start
//
//===----------------------------------------------------------------------===//

#include "runtime/formats/Rows.h"
#include "runtime/formats/Validate.h"

namespace sparsec::formats {

namespace {

enum Component { kValues, kMask, kOffsets };

int64_t wordsFor(int64_t cols) { return ceilDiv(cols, kWordBits); }

template <typename T> struct BitmaskRows {
  const void *values, *mask, *offsets;
  int64_t words;

  struct Cursor {
    const void *values, *mask;
    int64_t row, word, k; // `row` is where its words start

    template <typename Fn> void until(int64_t limit, Fn fn) {
      for (; word * kWordBits < limit; ++word)
        for (auto bits = load<uint64_t>(mask, row + word); bits != 0;
             bits &= bits - 1)
          fn(word * kWordBits + __builtin_ctzll(bits), load<T>(values, k++));
    }
  };

  Cursor cursor(int64_t row) const {
    return {values, mask, row * words, 0, load<uint32_t>(offsets, row)};
  }
};

template <typename T> BitmaskRows<T> rowsOf(const PackedView &packed) {
  return {packed.components[kValues].data, packed.components[kMask].data,
          packed.components[kOffsets].data, wordsFor(packed.cols)};
}

class Bitmask final : public Format {
public:
  std::string name() const override { return "bitmask"; }
  std::string spelling() const override { return "bitmask"; }

  Status supports(int64_t rows, int64_t cols) const override {
    return checkShape(*this, rows, cols);
  }

  std::vector<ComponentSpec> components(int64_t rows, int64_t cols,
                                        int64_t stored) const override {
    return {{"values", ComponentType::Element, {stored}},
            {"mask", ComponentType::U64, {rows, wordsFor(cols)}},
            {"offsets", ComponentType::U32, {rows + 1}}};
  }

  int64_t storedBytes(const Statistics &stats) const override {
    return stats.nnz * stats.elementBytes +
           stats.rows * wordsFor(stats.cols) * 8 + (stats.rows + 1) * 4;
  }

  Work work(const Statistics &stats) const override {
    return {stats.rows, stats.rows * wordsFor(stats.cols), stats.nnz};
  }

  Status pack(const DenseView &dense, PackedMatrix &packed) const override;
  Status validate(const PackedView &packed) const override;
  void unpack(const PackedView &packed,
              const MutableDenseView &dense) const override;
  RowEntries toRows(const PackedView &packed) const override;
  Status fromRows(const RowEntries &rows, PackedMatrix &packed) const override;
};

int64_t countBits(const void *words, int64_t begin, int64_t end) {
  int64_t bits = 0;
  for (int64_t w = begin; w < end; ++w)
    bits += __builtin_popcountll(load<uint64_t>(words, w));
  return bits;
}

template <typename T>
Status packBitmask(const Format &format, const DenseView &dense,
                   PackedMatrix &packed) {
  for (Component c : {kMask, kOffsets})
    if (Status s = allocate(format, packed, c); !s.ok())
      return s;
  auto *mask = packed.components[kMask].as<uint64_t>();
  auto *offsets = packed.components[kOffsets].as<uint32_t>();
  int64_t words = wordsFor(dense.cols);
  int64_t grain = chunkRows(dense);
  std::atomic<int64_t> total(0);
  parallelFor(dense.rows, grain, [&](int64_t row0, int64_t row1) {
    nonzeroMasks<T>(dense, row0, row1, 0, words, mask + row0 * words, words);
    int64_t count = 0;
    for (int64_t r = row0; r < row1; ++r) {
      int64_t bits = countBits(mask, r * words, (r + 1) * words);
      offsets[r + 1] = static_cast<uint32_t>(bits);
      count += bits;
    }
    total += count;
  });
  packed.stored = total;
  if (Status s = checkStored(format, packed.stored, "nonzeros"); !s.ok())
    return s;
  accumulate(offsets, dense.rows);
  if (Status s = allocate(format, packed, kValues); !s.ok())
    return s;
  T *values = packed.components[kValues].as<T>();
  parallelFor(dense.rows, grain, [&](int64_t row0, int64_t row1) {
    uint32_t next[kMaxChunkRows];
    std::copy(offsets + row0, offsets + row1, next);
    forEachNonzero<T>(dense, row0, row1, next,
                      [=](uint32_t k, int64_t, T v) { values[k] = v; });
  });
  return Status::success();
}

Status Bitmask::pack(const DenseView &dense, PackedMatrix &packed) const {
  Status status = checkPackable(*this, dense);
  if (!status.ok())
    return status;
  PackedMatrix result =
      beginPacked(*this, dense.rows, dense.cols, dense.elementBytes);
  withWidth(dense.elementBytes, [&](auto zero) {
    status = packBitmask<decltype(zero)>(*this, dense, result);
  });
  if (status.ok())
    packed = std::move(result);
  return status;
}

Status Bitmask::validate(const PackedView &packed) const {
  if (Status s = checkArrays(*this, packed, kUnknown); !s.ok())
    return s;
  const void *mask = packed.components[kMask].data;
  const void *offsets = packed.components[kOffsets].data;
  if (Status s = checkOffsets(offsets, packed.rows); !s.ok())
    return s;
  if (Status s =
          checkArrays(*this, packed, load<uint32_t>(offsets, packed.rows));
      !s.ok())
    return s;

  int64_t words = wordsFor(packed.cols);
  int64_t used = packed.cols % kWordBits;
  uint64_t padding = used == 0 ? 0 : ~uint64_t(0) << used;
  auto padded = [&](int64_t row) {
    return words == 0 ? 0
                      : load<uint64_t>(mask, (row + 1) * words - 1) & padding;
  };
  auto bitsOf = [&](int64_t row) {
    return countBits(mask, row * words, (row + 1) * words);
  };
  auto valuesOf = [&](int64_t row) {
    return int64_t(load<uint32_t>(offsets, row + 1)) -
           int64_t(load<uint32_t>(offsets, row));
  };
  int64_t row = firstFailure(packed.rows, kMaxChunkRows, [&](int64_t r) {
    return padded(r) == 0 && bitsOf(r) == valuesOf(r);
  });
  if (row == packed.rows)
    return Status::success();
  std::string name = "mask[" + std::to_string(row) + "]";
  if (uint64_t bits = padded(row))
    return Status::failure(
        name + "[" + std::to_string(words - 1) + "] has a bit for column " +
        std::to_string((words - 1) * kWordBits + __builtin_ctzll(bits)) +
        ", but there are " + std::to_string(packed.cols) + " columns");
  return Status::failure(
      name + " has " + std::to_string(bitsOf(row)) + " bits set, but offsets[" +
      std::to_string(row) + "] and offsets[" + std::to_string(row + 1) +
      "] enclose " + std::to_string(valuesOf(row)) + " values");
}

void Bitmask::unpack(const PackedView &packed,
                     const MutableDenseView &dense) const {
  withWidth(packed.elementBytes, [&](auto zero) {
    using T = decltype(zero);
    expandRows<T>(rowsOf<T>(packed), dense);
  });
}

RowEntries Bitmask::toRows(const PackedView &packed) const {
  RowEntries entries;
  withWidth(packed.elementBytes, [&](auto zero) {
    using T = decltype(zero);
    entries = collectRows<T>(rowsOf<T>(packed), packed.rows, packed.cols);
  });
  return entries;
}

Status Bitmask::fromRows(const RowEntries &rows, PackedMatrix &packed) const {
  if (Status s = checkEntries(*this, rows); !s.ok())
    return s;
  if (Status s = checkStored(*this, rows.offsets.back(), "nonzeros"); !s.ok())
    return s;
  PackedMatrix result =
      beginPacked(*this, rows.rows, rows.cols, rows.elementBytes);
  result.stored = rows.offsets.back();
  for (Component c : {kValues, kMask, kOffsets})
    if (Status s = allocate(*this, result, c); !s.ok())
      return s;
  std::memcpy(result.components[kValues].data(), rows.values.data(),
              static_cast<size_t>(rows.values.size()));
  auto *mask = result.components[kMask].as<uint64_t>();
  auto *offsets = result.components[kOffsets].as<uint32_t>();
  int64_t words = wordsFor(rows.cols);
  offsets[0] = 0;
  parallelFor(rows.rows, kMaxChunkRows, [&](int64_t row0, int64_t row1) {
    std::fill(mask + row0 * words, mask + row1 * words, 0);
    for (int64_t r = row0; r < row1; ++r) {
      offsets[r + 1] = static_cast<uint32_t>(rows.offsets[r + 1]);
      for (int64_t k = rows.offsets[r]; k < rows.offsets[r + 1]; ++k)
        mask[r * words + rows.columns[k] / kWordBits] |=
            uint64_t(1) << (rows.columns[k] % kWordBits);
    }
  });
  packed = std::move(result);
  return Status::success();
}

} // namespace

FormatPtr makeBitmask() { return std::make_shared<Bitmask>(); }

} // namespace sparsec::formats
