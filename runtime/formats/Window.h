//===- Window.h - Ranges of a packed matrix ---------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every format keeps its outer indices (rows, columns of csc, rows of blocks)
// one after the other, and has as its last component where the entries of each
// begin. So a range of them is a range of each component, with other offsets.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_FORMATS_WINDOW_H
#define SPARSEC_RUNTIME_FORMATS_WINDOW_H

#include "runtime/formats/Format.h"

namespace sparsec::formats {

/// How a matrix is cut: along which dimension, and that windows begin at
/// multiples of `granule`.
struct Cut {
  unsigned outerDim = 0;
  int64_t granule = 1;
};

/// A packed matrix that was validated or comes from `pack`, and its windows,
/// the outer indices [begin, end).
class Windows {
public:
  Windows(FormatPtr format, PackedView whole, Cut cut)
      : format(std::move(format)), whole(std::move(whole)), cut(cut) {}

  int64_t outerSize() const {
    return cut.outerDim == 0 ? whole.rows : whole.cols;
  }
  /// The entries (or blocks) of a window.
  int64_t stored(int64_t begin, int64_t end) const {
    return entriesBefore(end) - entriesBefore(begin);
  }
  /// The component arrays of a window.
  std::vector<ComponentSpec> components(int64_t begin, int64_t end) const;
  /// The bytes of the arrays, each at a multiple of `slack` bytes and followed
  /// by as many: of a window, and of the largest one with `size` outer indices,
  /// wherever it begins.
  int64_t bytes(int64_t begin, int64_t end, int64_t slack) const;
  int64_t mostBytes(int64_t size, int64_t slack) const;
  /// Writes component `index` of a window.
  void copy(int64_t begin, int64_t end, size_t index, void *to) const;

private:
  int64_t entriesBefore(int64_t outer) const;
  std::vector<ComponentSpec> componentsOf(int64_t size, int64_t entries) const;
  int64_t bytesOf(int64_t size, int64_t entries, int64_t slack) const;

  FormatPtr format;
  PackedView whole;
  Cut cut;
};

} // namespace sparsec::formats

#endif // SPARSEC_RUNTIME_FORMATS_WINDOW_H
