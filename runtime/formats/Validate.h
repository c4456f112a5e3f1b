//===- Validate.h - Checks that formats share -------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_FORMATS_VALIDATE_H
#define SPARSEC_RUNTIME_FORMATS_VALIDATE_H

#include "runtime/formats/Elements.h"
#include "runtime/formats/Format.h"
#include "runtime/formats/Parallel.h"

namespace sparsec::formats {

/// Whether a shape is one that any format takes: not negative, column and row
/// numbers of 32 bits, and a dense size that 64 bits count.
Status checkShape(const Format &format, int64_t rows, int64_t cols);

/// Whether `dense` can be packed into `format`, before anything is read.
Status checkPackable(const Format &format, const DenseView &dense);

/// Whether `rows` can be packed into `format`.
Status checkEntries(const Format &format, const RowEntries &rows);

/// Whether `stored` fits the 32-bit offsets. `what` are entries or blocks.
Status checkStored(const Format &format, int64_t stored, const char *what);

/// Starts a matrix that has no component arrays yet.
PackedMatrix beginPacked(const Format &format, int64_t rows, int64_t cols,
                         unsigned elementBytes);

/// Allocates one component as the format describes it for packed.stored.
Status allocate(const Format &format, PackedMatrix &packed, size_t component);

/// Makes the row lengths in offsets[1..lines] offsets. `total` has been counted
/// apart from them, because a length may not have fitted.
void accumulate(uint32_t *offsets, int64_t lines);

/// Checks the number of arrays and the length of each whose shape is known for
/// `stored` entries, which is kUnknown before the offsets have been read.
Status checkArrays(const Format &format, const PackedView &packed,
                   int64_t stored);

/// Checks that `lines` + 1 offsets start at zero and never fall. Their length
/// must have been checked.
Status checkOffsets(const void *offsets, int64_t lines);

/// The sentence "<array>[<index>] = <found> <complaint>".
std::string describe(const char *array, int64_t index, uint64_t found,
                     const std::string &complaint);

/// Checks that the indices of each line ascend and are below `limit`. `axis`
/// says what they number. Lengths and offsets must have been checked.
template <typename Index>
Status checkIndices(const void *indices, const void *offsets, int64_t lines,
                    int64_t limit, const std::string &axis) {
  auto wrong = [&](int64_t line) {
    int64_t end = load<uint32_t>(offsets, line + 1);
    int64_t previous = -1;
    for (int64_t k = load<uint32_t>(offsets, line); k < end; ++k) {
      int64_t index = load<Index>(indices, k);
      if (index <= previous || index >= limit)
        return k;
      previous = index;
    }
    return kUnknown;
  };
  int64_t line =
      firstFailure(lines, 256, [&](int64_t l) { return wrong(l) == kUnknown; });
  if (line == lines)
    return Status::success();
  // Found again, since threads other than the one that saw it may have won.
  int64_t k = wrong(line);
  uint64_t index = load<Index>(indices, k);
  if (index >= static_cast<uint64_t>(limit))
    return Status::failure(
        describe("indices", k, index,
                 "is not below the " + std::to_string(limit) + " " + axis));
  return Status::failure(
      describe("indices", k, index,
               "does not ascend: indices[" + std::to_string(k - 1) +
                   "] = " + std::to_string(load<Index>(indices, k - 1)) +
                   " lies before it in line " + std::to_string(line)));
}

} // namespace sparsec::formats

#endif // SPARSEC_RUNTIME_FORMATS_VALIDATE_H
