//===- Elements.h - Elements as bit patterns of any width -------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_FORMATS_ELEMENTS_H
#define SPARSEC_RUNTIME_FORMATS_ELEMENTS_H

#include "runtime/formats/Buffer.h"

#include <cstdint>
#include <cstring>
#include <utility>

namespace sparsec::formats {

/// Entry `i` of an array that need not be aligned: arrays come from files and
/// from strangers. One move instruction on every machine we build for.
template <typename T> inline T load(const void *array, int64_t i) {
  T value;
  std::memcpy(&value, static_cast<const char *>(array) + i * int64_t(sizeof(T)),
              sizeof(T));
  return value;
}

template <typename T> inline void store(void *array, int64_t i, T value) {
  std::memcpy(static_cast<char *>(array) + i * int64_t(sizeof(T)), &value,
              sizeof(T));
}

/// Calls fn with a zero of the unsigned type of this width, or does nothing and
/// returns false if no element is that wide.
template <typename Fn> bool withWidth(unsigned bytes, Fn &&fn) {
  switch (bytes) {
  case 1:
    return fn(uint8_t(0)), true;
  case 2:
    return fn(uint16_t(0)), true;
  case 4:
    return fn(uint32_t(0)), true;
  case 8:
    return fn(uint64_t(0)), true;
  default:
    return false;
  }
}

/// The same for the widths of an index.
template <typename Fn> void withIndex(unsigned bytes, Fn &&fn) {
  if (bytes == 2)
    fn(uint16_t(0));
  else
    fn(uint32_t(0));
}

inline int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// The matrix seen with rows and columns swapped; nothing moves.
template <typename View> View transposed(View view) {
  std::swap(view.rows, view.cols);
  std::swap(view.rowStride, view.colStride);
  return view;
}

/// The address of an element.
template <typename T>
inline const char *elementAt(const DenseView &view, int64_t row, int64_t col) {
  return static_cast<const char *>(view.data) +
         (row * view.rowStride + col * view.colStride) * int64_t(sizeof(T));
}

template <typename T>
inline char *elementAt(const MutableDenseView &view, int64_t row, int64_t col) {
  return static_cast<char *>(view.data) +
         (row * view.rowStride + col * view.colStride) * int64_t(sizeof(T));
}

} // namespace sparsec::formats

#endif // SPARSEC_RUNTIME_FORMATS_ELEMENTS_H
