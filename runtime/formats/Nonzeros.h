//===- Nonzeros.h - Finding the nonzeros of a dense matrix ------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every packer and the statistics look at a dense matrix through these two
// scans. They read memory in the order it lies in, whatever the strides, so
// packing the transpose of a matrix (which is what csc does) costs about what
// packing the matrix costs.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_FORMATS_NONZEROS_H
#define SPARSEC_RUNTIME_FORMATS_NONZEROS_H

#include "runtime/formats/Elements.h"

#include <algorithm>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace sparsec::formats {

/// Columns that one mask word covers.
constexpr int64_t kWordBits = 64;

/// No chunk of rows is longer than this: cursors for each fit on the stack.
constexpr int64_t kMaxChunkRows = 256;

inline bool isColumnMajor(const DenseView &view) {
  return view.rowStride == 1 && view.colStride != 1;
}

/// Rows a chunk. For a column major matrix a multiple of a word, and at least
/// four cache lines of each column; more rows would be more places to write to
/// than the first-level cache holds lines. Otherwise enough rows to pay for
/// handing them out.
inline int64_t chunkRows(const DenseView &view) {
  if (isColumnMajor(view))
    return std::max<int64_t>(kWordBits, 256 / view.elementBytes);
  int64_t rows = (int64_t(1) << 18) / std::max<int64_t>(view.cols, 1);
  return std::clamp<int64_t>(rows, 1, kMaxChunkRows);
}

#ifdef __SSE2__
namespace detail {
inline __m128i zeros(const char *p, int i, uint8_t) {
  auto *v = reinterpret_cast<const __m128i *>(p) + i;
  return _mm_cmpeq_epi8(_mm_loadu_si128(v), _mm_setzero_si128());
}
inline __m128i zeros(const char *p, int i, uint16_t) {
  auto *v = reinterpret_cast<const __m128i *>(p) + i;
  return _mm_cmpeq_epi16(_mm_loadu_si128(v), _mm_setzero_si128());
}
inline __m128i zeros(const char *p, int i, uint32_t) {
  auto *v = reinterpret_cast<const __m128i *>(p) + i;
  return _mm_cmpeq_epi32(_mm_loadu_si128(v), _mm_setzero_si128());
}
/// SSE2 compares no 64-bit lanes: both halves must be zero. Takes two vectors
/// and returns 32-bit lanes, one an element.
inline __m128i zeros(const char *p, int i, uint64_t) {
  __m128 a = _mm_castsi128_ps(zeros(p, 2 * i, uint32_t()));
  __m128 b = _mm_castsi128_ps(zeros(p, 2 * i + 1, uint32_t()));
  return _mm_castps_si128(
      _mm_and_ps(_mm_shuffle_ps(a, b, 0x88), _mm_shuffle_ps(a, b, 0xdd)));
}

/// One byte for each of 16 elements, all ones where the element is zero.
template <typename T> inline __m128i zeroBytes(const char *p) {
  if constexpr (sizeof(T) == 1)
    return zeros(p, 0, T());
  else if constexpr (sizeof(T) == 2)
    return _mm_packs_epi16(zeros(p, 0, T()), zeros(p, 1, T()));
  else
    return _mm_packs_epi16(_mm_packs_epi32(zeros(p, 0, T()), zeros(p, 1, T())),
                           _mm_packs_epi32(zeros(p, 2, T()), zeros(p, 3, T())));
}
} // namespace detail
#endif

/// Bit k is set if element k of the n <= 64 consecutive ones at `p` has a bit
/// set.
template <typename T> inline uint64_t nonzeroMask(const char *p, int64_t n) {
  uint64_t mask = 0;
#ifdef __SSE2__
  if (n == kWordBits) {
    for (int i = 0; i < 4; ++i) {
      int zero = _mm_movemask_epi8(
          detail::zeroBytes<T>(p + 16 * i * int64_t(sizeof(T))));
      mask |= uint64_t(uint16_t(~zero)) << (16 * i);
    }
    return mask;
  }
#endif
  for (int64_t k = 0; k < n; ++k)
    mask |= uint64_t(load<T>(p, k) != 0) << k;
  return mask;
}

/// Transposes a matrix of 64 x 64 bits, bit k of a word being its column k.
inline void transposeBits(uint64_t (&words)[64]) {
  uint64_t low = 0x00000000ffffffff;
  for (int j = 32; j != 0; j >>= 1, low ^= low << j)
    for (int k = 0; k < 64; k = ((k | j) + 1) & ~j) {
      uint64_t swap = ((words[k] >> j) ^ words[k | j]) & low;
      words[k | j] ^= swap;
      words[k] ^= swap << j;
    }
}

namespace detail {
/// nonzeroMasks of a column major matrix: masks along the columns, then their
/// bits transposed.
template <typename T>
void columnMajorMasks(const DenseView &view, int64_t row0, int64_t row1,
                      int64_t word0, int64_t word1, uint64_t *masks,
                      int64_t stride) {
  constexpr int64_t kTiles = kMaxChunkRows / kWordBits;
  uint64_t tile[kTiles][64];
  for (int64_t r = row0; r < row1; r += kMaxChunkRows) {
    int64_t height = std::min(kMaxChunkRows, row1 - r);
    int64_t tiles = ceilDiv(height, kWordBits);
    for (int64_t w = word0; w < word1; ++w) {
      int64_t width = std::min(kWordBits, view.cols - kWordBits * w);
      for (int64_t c = 0; c < kWordBits; ++c)
        for (int64_t t = 0; t < tiles; ++t) {
          int64_t n = std::min(kWordBits, height - kWordBits * t);
          tile[t][c] =
              c < width ? nonzeroMask<T>(elementAt<T>(view, r + kWordBits * t,
                                                      kWordBits * w + c),
                                         n)
                        : 0;
        }
      for (int64_t t = 0; t < tiles; ++t) {
        transposeBits(tile[t]);
        int64_t n = std::min(kWordBits, height - kWordBits * t);
        for (int64_t i = 0; i < n; ++i)
          masks[(r - row0 + kWordBits * t + i) * stride + w - word0] =
              tile[t][i];
      }
    }
  }
}
} // namespace detail

/// Writes the mask words [word0, word1) of the rows [row0, row1): bit k of word
/// w is column 64 * w + k, and bits behind the last column are zero. The word
/// (row, w) goes to masks[(row - row0) * stride + (w - word0)].
template <typename T>
void nonzeroMasks(const DenseView &view, int64_t row0, int64_t row1,
                  int64_t word0, int64_t word1, uint64_t *masks,
                  int64_t stride) {
  if (isColumnMajor(view))
    return detail::columnMajorMasks<T>(view, row0, row1, word0, word1, masks,
                                       stride);
  for (int64_t r = row0; r < row1; ++r, masks += stride)
    for (int64_t w = word0; w < word1; ++w) {
      const char *p = elementAt<T>(view, r, kWordBits * w);
      int64_t n = std::min(kWordBits, view.cols - kWordBits * w);
      uint64_t mask = 0;
      if (view.colStride == 1)
        mask = nonzeroMask<T>(p, n);
      else if (view.colStride == 0) // a splat, perhaps a huge one
        mask = load<T>(p, 0) != 0 ? ~uint64_t(0) >> (kWordBits - n) : 0;
      else
        for (int64_t k = 0; k < n; ++k)
          mask |= uint64_t(load<T>(p, k * view.colStride) != 0) << k;
      masks[w - word0] = mask;
    }
}

/// Calls fn(next[row - row0]++, col, value) for each nonzero of the rows
/// [row0, row1). Columns ascend within a row; rows may interleave, which is why
/// each has its own counter.
template <typename T, typename Fn>
void forEachNonzero(const DenseView &view, int64_t row0, int64_t row1,
                    uint32_t *next, Fn fn) {
  if (isColumnMajor(view)) {
    for (int64_t c = 0; c < view.cols; ++c)
      for (int64_t r = row0; r < row1; r += kWordBits) {
        const char *p = elementAt<T>(view, r, c);
        uint64_t mask = nonzeroMask<T>(p, std::min(kWordBits, row1 - r));
        for (; mask != 0; mask &= mask - 1) {
          int k = __builtin_ctzll(mask);
          fn(next[r - row0 + k]++, c, load<T>(p, k));
        }
      }
    return;
  }
  for (int64_t r = row0; r < row1; ++r) {
    uint32_t k = next[r - row0];
    if (view.colStride == 1) {
      for (int64_t c = 0; c < view.cols; c += kWordBits) {
        const char *p = elementAt<T>(view, r, c);
        uint64_t mask = nonzeroMask<T>(p, std::min(kWordBits, view.cols - c));
        for (; mask != 0; mask &= mask - 1) {
          int bit = __builtin_ctzll(mask);
          fn(k++, c + bit, load<T>(p, bit));
        }
      }
    } else {
      for (int64_t c = 0; c < view.cols; ++c)
        if (T value = load<T>(elementAt<T>(view, r, c), 0))
          fn(k++, c, value);
    }
    next[r - row0] = k;
  }
}

} // namespace sparsec::formats

#endif // SPARSEC_RUNTIME_FORMATS_NONZEROS_H
