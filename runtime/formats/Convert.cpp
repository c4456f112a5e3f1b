//===- Convert.cpp - From any format to any other -------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/formats/Rows.h"

namespace sparsec::formats {

bool RowEntries::valid() const {
  return static_cast<int64_t>(offsets.size()) == rows + 1 &&
         static_cast<int64_t>(columns.size()) == offsets.back() &&
         values.valid();
}

bool beginEntries(RowEntries &entries, int64_t rows, int64_t cols,
                  unsigned elementBytes) {
  entries.rows = rows;
  entries.cols = cols;
  entries.elementBytes = elementBytes;
  return tryResize(entries.offsets, rows + 1);
}

bool sizeEntries(RowEntries &entries) {
  for (int64_t r = 0; r < entries.rows; ++r)
    entries.offsets[r + 1] += entries.offsets[r];
  int64_t count = entries.offsets.back();
  entries.values = Buffer(count * entries.elementBytes);
  return entries.values.valid() && tryResize(entries.columns, count);
}

RowEntries noEntries() { return RowEntries(); } // without offsets: not valid

RowEntries transposeEntries(const RowEntries &entries) {
  RowEntries result;
  if (!entries.valid() ||
      !beginEntries(result, entries.cols, entries.rows, entries.elementBytes))
    return noEntries();
  for (uint32_t col : entries.columns)
    ++result.offsets[int64_t(col) + 1];
  if (!sizeEntries(result))
    return noEntries();
  // A counting sort is stable, so rows ascend in each column. offsets[c] serves
  // as the cursor of column c, which leaves it where column c + 1 starts.
  withWidth(entries.elementBytes, [&](auto zero) {
    using T = decltype(zero);
    const T *from = entries.values.as<T>();
    T *to = result.values.as<T>();
    for (int64_t r = 0; r < entries.rows; ++r)
      for (int64_t k = entries.offsets[r]; k < entries.offsets[r + 1]; ++k) {
        int64_t at = result.offsets[entries.columns[k]]++;
        result.columns[at] = static_cast<uint32_t>(r);
        to[at] = from[k];
      }
  });
  for (int64_t c = result.rows; c > 0; --c)
    result.offsets[c] = result.offsets[c - 1];
  result.offsets[0] = 0;
  return result;
}

Status convert(const Format &from, const PackedView &source, const Format &to,
               PackedMatrix &result) {
  if (Status s = to.supports(source.rows, source.cols); !s.ok())
    return s;
  RowEntries entries = from.toRows(source);
  if (!entries.valid())
    return Status::failure("out of memory: the entries of a " +
                           std::to_string(source.rows) + "x" +
                           std::to_string(source.cols) + " matrix");
  return to.fromRows(entries, result);
}

} // namespace sparsec::formats
