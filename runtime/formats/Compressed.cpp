//===- Compressed.cpp - Compressed rows and compressed columns ------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   values  Element [nnz]          line after line
//   indices U16 or U32 [nnz]       position within the line, ascending
//   offsets U32 [lines + 1]        where each line starts
//
// A line is a row of csr and a column of csc. All of csc is csr of the
// transpose: of the same memory with strides swapped, or of swapped entries.
//
//===----------------------------------------------------------------------===//

#include "runtime/formats/Rows.h"
#include "runtime/formats/Validate.h"

namespace sparsec::formats {

namespace {

enum Component { kValues, kIndices, kOffsets };

template <typename T, typename Index> struct Lines {
  const void *values, *indices, *offsets;

  struct Cursor {
    const void *values, *indices;
    int64_t k, end;

    template <typename Fn> void until(int64_t limit, Fn fn) {
      for (; k < end; ++k) {
        int64_t index = load<Index>(indices, k);
        if (index >= limit)
          return;
        fn(index, load<T>(values, k));
      }
    }
  };

  Cursor cursor(int64_t line) const {
    return {values, indices, load<uint32_t>(offsets, line),
            load<uint32_t>(offsets, line + 1)};
  }
};

template <typename T, typename Index>
Lines<T, Index> linesOf(const PackedView &packed) {
  return {packed.components[kValues].data, packed.components[kIndices].data,
          packed.components[kOffsets].data};
}

class Compressed final : public Format {
public:
  Compressed(bool byColumns, unsigned indexBits)
      : byColumns(byColumns), indexBytes(indexBits / 8) {}

  std::string name() const override { return byColumns ? "csc" : "csr"; }
  std::string spelling() const override {
    return indexBytes == 2 ? name() + "<index = i16>" : name();
  }

  Status supports(int64_t rows, int64_t cols) const override {
    int64_t length = byColumns ? rows : cols;
    if (Status s = checkShape(*this, rows, cols); !s.ok())
      return s;
    if (indexBytes > 2 || length <= int64_t(1) << 16)
      return Status::success();
    return Status::failure(spelling() + " holds at most 65536 " + axis() +
                           ", but the matrix has " + std::to_string(length));
  }

  std::vector<ComponentSpec> components(int64_t rows, int64_t cols,
                                        int64_t stored) const override {
    auto index = indexBytes == 2 ? ComponentType::U16 : ComponentType::U32;
    return {{"values", ComponentType::Element, {stored}},
            {"indices", index, {stored}},
            {"offsets", ComponentType::U32, {(byColumns ? cols : rows) + 1}}};
  }

  int64_t storedBytes(const Statistics &stats) const override {
    return stats.nnz * (stats.elementBytes + indexBytes) +
           ((byColumns ? stats.cols : stats.rows) + 1) * 4;
  }

  Work work(const Statistics &stats) const override {
    return {byColumns ? stats.cols : stats.rows, 0, stats.nnz};
  }

  Status pack(const DenseView &dense, PackedMatrix &packed) const override;
  Status validate(const PackedView &packed) const override;
  void unpack(const PackedView &packed,
              const MutableDenseView &dense) const override;
  RowEntries toRows(const PackedView &packed) const override;
  Status fromRows(const RowEntries &rows, PackedMatrix &packed) const override;

private:
  /// What the indices number.
  std::string axis() const { return byColumns ? "rows" : "columns"; }
  template <typename T>
  Status packLines(const DenseView &lines, PackedMatrix &packed) const;
  Status fromLines(const RowEntries &lines, PackedMatrix &packed) const;

  bool byColumns;
  unsigned indexBytes;
};

/// Writes the number of nonzeros of each line to counts[line], and returns the
/// number of all of them, which need not fit 32 bits.
template <typename T>
int64_t countNonzeros(const DenseView &lines, uint32_t *counts) {
  int64_t words = ceilDiv(lines.cols, kWordBits);
  std::atomic<int64_t> total(0);
  parallelFor(lines.rows, chunkRows(lines), [&](int64_t l0, int64_t l1) {
    constexpr int64_t kPanelWords = 8 * kMaxChunkRows; // 16 KiB
    uint64_t masks[kPanelWords];
    int64_t width = kPanelWords / (l1 - l0);
    int64_t count = 0;
    std::fill(counts + l0, counts + l1, 0);
    for (int64_t w0 = 0; w0 < words; w0 += width) {
      int64_t w1 = std::min(words, w0 + width);
      nonzeroMasks<T>(lines, l0, l1, w0, w1, masks, width);
      for (int64_t l = l0; l < l1; ++l) {
        int64_t bits = 0;
        for (int64_t w = 0; w < w1 - w0; ++w)
          bits += __builtin_popcountll(masks[(l - l0) * width + w]);
        counts[l] += static_cast<uint32_t>(bits);
        count += bits;
      }
    }
    total += count;
  });
  return total;
}

template <typename T>
Status Compressed::packLines(const DenseView &lines,
                             PackedMatrix &packed) const {
  if (Status s = allocate(*this, packed, kOffsets); !s.ok())
    return s;
  auto *offsets = packed.components[kOffsets].as<uint32_t>();
  packed.stored = countNonzeros<T>(lines, offsets + 1);
  if (Status s = checkStored(*this, packed.stored, "nonzeros"); !s.ok())
    return s;
  accumulate(offsets, lines.rows);
  for (Component c : {kValues, kIndices})
    if (Status s = allocate(*this, packed, c); !s.ok())
      return s;
  T *values = packed.components[kValues].as<T>();
  withIndex(indexBytes, [&](auto zero) {
    using Index = decltype(zero);
    auto *indices = packed.components[kIndices].as<Index>();
    parallelFor(lines.rows, chunkRows(lines), [&](int64_t l0, int64_t l1) {
      uint32_t next[kMaxChunkRows];
      std::copy(offsets + l0, offsets + l1, next);
      forEachNonzero<T>(lines, l0, l1, next,
                        [=](uint32_t k, int64_t index, T value) {
                          values[k] = value;
                          indices[k] = static_cast<Index>(index);
                        });
    });
  });
  return Status::success();
}

Status Compressed::pack(const DenseView &dense, PackedMatrix &packed) const {
  Status status = checkPackable(*this, dense);
  if (!status.ok())
    return status;
  PackedMatrix result =
      beginPacked(*this, dense.rows, dense.cols, dense.elementBytes);
  withWidth(dense.elementBytes, [&](auto zero) {
    status = packLines<decltype(zero)>(byColumns ? transposed(dense) : dense,
                                       result);
  });
  if (status.ok())
    packed = std::move(result);
  return status;
}

Status Compressed::validate(const PackedView &packed) const {
  if (Status s = checkArrays(*this, packed, kUnknown); !s.ok())
    return s;
  int64_t lines = byColumns ? packed.cols : packed.rows;
  int64_t length = byColumns ? packed.rows : packed.cols;
  const void *offsets = packed.components[kOffsets].data;
  if (Status s = checkOffsets(offsets, lines); !s.ok())
    return s;
  if (Status s = checkArrays(*this, packed, load<uint32_t>(offsets, lines));
      !s.ok())
    return s;
  Status status;
  withIndex(indexBytes, [&](auto zero) {
    status = checkIndices<decltype(zero)>(packed.components[kIndices].data,
                                          offsets, lines, length, axis());
  });
  return status;
}

void Compressed::unpack(const PackedView &packed,
                        const MutableDenseView &dense) const {
  MutableDenseView lines = byColumns ? transposed(dense) : dense;
  withWidth(packed.elementBytes, [&](auto zero) {
    withIndex(indexBytes, [&](auto zeroIndex) {
      using T = decltype(zero);
      expandRows<T>(linesOf<T, decltype(zeroIndex)>(packed), lines);
    });
  });
}

RowEntries Compressed::toRows(const PackedView &packed) const {
  RowEntries entries;
  int64_t lines = byColumns ? packed.cols : packed.rows;
  int64_t length = byColumns ? packed.rows : packed.cols;
  withWidth(packed.elementBytes, [&](auto zero) {
    withIndex(indexBytes, [&](auto zeroIndex) {
      using T = decltype(zero);
      entries = collectRows<T>(linesOf<T, decltype(zeroIndex)>(packed), lines,
                               length);
    });
  });
  return byColumns ? transposeEntries(entries) : std::move(entries);
}

Status Compressed::fromLines(const RowEntries &lines,
                             PackedMatrix &packed) const {
  for (Component c : {kValues, kIndices, kOffsets})
    if (Status s = allocate(*this, packed, c); !s.ok())
      return s;
  std::memcpy(packed.components[kValues].data(), lines.values.data(),
              static_cast<size_t>(lines.values.size()));
  std::copy(lines.offsets.begin(), lines.offsets.end(),
            packed.components[kOffsets].as<uint32_t>());
  withIndex(indexBytes, [&](auto zero) {
    std::copy(lines.columns.begin(), lines.columns.end(),
              packed.components[kIndices].as<decltype(zero)>());
  });
  return Status::success();
}

Status Compressed::fromRows(const RowEntries &rows,
                            PackedMatrix &packed) const {
  if (Status s = checkEntries(*this, rows); !s.ok())
    return s;
  if (Status s = checkStored(*this, rows.offsets.back(), "nonzeros"); !s.ok())
    return s;
  PackedMatrix result =
      beginPacked(*this, rows.rows, rows.cols, rows.elementBytes);
  result.stored = rows.offsets.back();
  Status status;
  if (!byColumns) {
    status = fromLines(rows, result);
  } else {
    RowEntries columns = transposeEntries(rows);
    status = columns.valid()
                 ? fromLines(columns, result)
                 : Status::failure("out of memory: the transpose of " +
                                   std::to_string(result.stored) + " entries");
  }
  if (status.ok())
    packed = std::move(result);
  return status;
}

FormatPtr makeCompressed(bool byColumns, unsigned indexBits) {
  if (indexBits != 16 && indexBits != 32)
    return nullptr;
  return std::make_shared<Compressed>(byColumns, indexBits);
}

} // namespace

FormatPtr makeCsr(unsigned indexBits) {
  return makeCompressed(false, indexBits);
}
FormatPtr makeCsc(unsigned indexBits) {
  return makeCompressed(true, indexBits);
}

} // namespace sparsec::formats
