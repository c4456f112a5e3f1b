//===- Rows.h - What formats with rows of entries share ---------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A format describes its rows once, as a class `Rows` with
//
//   auto cursor(int64_t row) const;    // default constructible result
//
// whose result has
//
//   template <typename Fn> void until(int64_t limit, Fn fn);
//
// which calls fn(column, value) for the entries whose column is below `limit`
// and that an earlier call has not visited, columns ascending. Limits are
// multiples of 64 or the number of columns. Expansion and conversion follow.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_FORMATS_ROWS_H
#define SPARSEC_RUNTIME_FORMATS_ROWS_H

#include "runtime/formats/Elements.h"
#include "runtime/formats/Format.h"
#include "runtime/formats/Nonzeros.h"
#include "runtime/formats/Parallel.h"

namespace sparsec::formats {

/// Resizes a vector if there is memory. A vector reports that there is none by
/// an exception only, which we may be built without: so malloc is asked first.
template <typename T> bool tryResize(std::vector<T> &vector, int64_t size) {
  if (size < 0 || size > int64_t(PTRDIFF_MAX / sizeof(T)))
    return false;
  void *probe = std::malloc(static_cast<size_t>(size) * sizeof(T) + 1);
  if (!probe)
    return false;
  std::free(probe);
  vector.resize(static_cast<size_t>(size));
  return true;
}

/// Sizes everything of `entries` but its columns and values, which wait for the
/// number of entries.
bool beginEntries(RowEntries &entries, int64_t rows, int64_t cols,
                  unsigned elementBytes);
/// Turns the row lengths in offsets[1..] into offsets, and sizes the rest.
bool sizeEntries(RowEntries &entries);
/// Entries that say there was no memory for them.
RowEntries noEntries();

/// The entries of the transpose.
RowEntries transposeEntries(const RowEntries &entries);

namespace detail {

/// Into a column major matrix: 64 x 64 elements are put together transposed and
/// then copied, so that whole cache lines are written.
template <typename T, typename Rows>
void expandColumnMajor(const Rows &rows, const MutableDenseView &dense,
                       int64_t row0, int64_t row1) {
  decltype(rows.cursor(0)) cursors[kWordBits];
  T tile[kWordBits * kWordBits]; // at most 32 KiB
  int64_t height = row1 - row0;
  for (int64_t i = 0; i < height; ++i)
    cursors[i] = rows.cursor(row0 + i);
  for (int64_t c = 0; c < dense.cols; c += kWordBits) {
    int64_t width = std::min(kWordBits, dense.cols - c);
    std::memset(tile, 0, sizeof(tile));
    for (int64_t i = 0; i < height; ++i)
      cursors[i].until(c + width, [&](int64_t col, T value) {
        tile[(col - c) * kWordBits + i] = value;
      });
    for (int64_t j = 0; j < width; ++j)
      std::memcpy(elementAt<T>(dense, row0, c + j), tile + j * kWordBits,
                  static_cast<size_t>(height) * sizeof(T));
  }
}

} // namespace detail

/// Writes every element of `dense`.
template <typename T, typename Rows>
void expandRows(const Rows &rows, const MutableDenseView &dense) {
  if (dense.cols == 0) // then there need not be any data either
    return;
  bool columnMajor = dense.rowStride == 1 && dense.colStride != 1;
  int64_t grain = columnMajor ? kWordBits : kMaxChunkRows / 16;
  parallelFor(dense.rows, grain, [&](int64_t row0, int64_t row1) {
    if (columnMajor)
      return detail::expandColumnMajor<T>(rows, dense, row0, row1);
    for (int64_t r = row0; r < row1; ++r) {
      char *row = elementAt<T>(dense, r, 0);
      if (dense.colStride == 1)
        std::memset(row, 0, static_cast<size_t>(dense.cols) * sizeof(T));
      else
        for (int64_t c = 0; c < dense.cols; ++c)
          store(row, c * dense.colStride, T(0));
      rows.cursor(r).until(dense.cols, [&](int64_t col, T value) {
        store(row, col * dense.colStride, value);
      });
    }
  });
}

/// The nonzeros of all rows. Entries that are zero, which arrays from outside
/// may hold, are left out.
template <typename T, typename Rows>
RowEntries collectRows(const Rows &rows, int64_t count, int64_t cols) {
  RowEntries entries;
  if (!beginEntries(entries, count, cols, sizeof(T)))
    return noEntries();
  parallelFor(count, kMaxChunkRows, [&](int64_t row0, int64_t row1) {
    for (int64_t r = row0; r < row1; ++r) {
      int64_t length = 0;
      rows.cursor(r).until(cols,
                           [&](int64_t, T value) { length += value != 0; });
      entries.offsets[r + 1] = length;
    }
  });
  if (!sizeEntries(entries))
    return noEntries();
  uint32_t *columns = entries.columns.data();
  T *values = entries.values.template as<T>();
  parallelFor(count, kMaxChunkRows, [&](int64_t row0, int64_t row1) {
    for (int64_t r = row0; r < row1; ++r) {
      int64_t k = entries.offsets[r];
      rows.cursor(r).until(cols, [&](int64_t col, T value) {
        if (value == 0)
          return;
        columns[k] = static_cast<uint32_t>(col);
        values[k++] = value;
      });
    }
  });
  return entries;
}

} // namespace sparsec::formats

#endif // SPARSEC_RUNTIME_FORMATS_ROWS_H
