//===- Kernels.cpp - Serial loops over compressed matrices ----------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiled once for each SPARSEC_ISA. Nothing here may have external linkage
// but the set of kernels, and no function of a header may be called: the linker
// would keep one copy of it, perhaps the one with instructions that the machine
// has not.
//
//===----------------------------------------------------------------------===//

#include "runtime/products/Kernels.h"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace sparsec::products {
namespace {

int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

//===----------------------------------------------------------------------===//
// How formats are walked: walk(line, fn) calls fn(index, entry) in order.
//===----------------------------------------------------------------------===//

template <typename T, typename Index> struct Lines {
  const T *values;
  const Index *indices;
  const uint32_t *offsets;

  template <typename Fn> void walk(int64_t line, Fn fn) const {
    for (int64_t e = offsets[line]; e < offsets[line + 1]; ++e)
      fn(int64_t(indices[e]), e);
  }
  /// Four sums, because one would wait for itself; scalar, because gathers are
  /// no faster than loads on the machines this was measured on.
  T dot(int64_t line, const T *x) const {
    T sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
    int64_t e = offsets[line], end = offsets[line + 1];
    for (; e + 4 <= end; e += 4) {
      sum0 += values[e] * x[indices[e]];
      sum1 += values[e + 1] * x[indices[e + 1]];
      sum2 += values[e + 2] * x[indices[e + 2]];
      sum3 += values[e + 3] * x[indices[e + 3]];
    }
    for (; e < end; ++e)
      sum0 += values[e] * x[indices[e]];
    return (sum0 + sum1) + (sum2 + sum3);
  }
};

template <typename T> struct Bitmask {
  const T *values;
  const uint64_t *mask;
  const uint32_t *offsets;
  int64_t words;

  template <typename Fn> void walk(int64_t row, Fn fn) const {
    int64_t e = offsets[row];
    for (int64_t w = 0; w < words; ++w)
      for (uint64_t bits = mask[row * words + w]; bits; bits &= bits - 1)
        fn(64 * w + __builtin_ctzll(bits), e++);
  }
  T dot(int64_t row, const T *x) const { return sparseDot(row, x); }
  /// Two sums, so that an addition need not wait for the one before.
  T sparseDot(int64_t row, const T *x) const {
    T even = 0, odd = 0;
    const T *v = values + offsets[row];
    for (int64_t w = 0; w < words; ++w, x += 64) {
      uint64_t bits = mask[row * words + w];
      for (uint64_t more = bits & (bits - 1); more; more = bits & (bits - 1)) {
        even += *v++ * x[__builtin_ctzll(bits)];
        odd += *v++ * x[__builtin_ctzll(more)];
        bits = more & (more - 1);
      }
      if (bits)
        even += *v++ * x[__builtin_ctzll(bits)];
    }
    return even + odd;
  }
  /// Whether a row has fewer than two nonzeros for each vector of `lanes`:
  /// going through them one by one is faster then.
  bool isSparse(int64_t row, int64_t lanes) const {
    return int64_t(offsets[row + 1] - offsets[row]) < 2 * words * (64 / lanes);
  }
};

#if defined(__AVX512F__)
/// Values are spread to their lanes instead of x gathered for each. Where those
/// of a register begin is counted from the start of the word, so that registers
/// need not wait for each other. The loads are masked because nothing behind
/// the last value may be read.
template <> float Bitmask<float>::dot(int64_t row, const float *x) const {
  if (isSparse(row, 16))
    return sparseDot(row, x);
  __m512 sums[4] = {};
  const float *v = values + offsets[row];
  for (int64_t w = 0; w < words; ++w) {
    uint64_t bits = mask[row * words + w];
    for (int i = 0; i < 4; ++i) {
      auto lanes = static_cast<__mmask16>(bits >> (16 * i));
      int before = __builtin_popcountll(bits & ((uint64_t(1) << (16 * i)) - 1));
      int count = __builtin_popcount(lanes);
      __m512 packed = _mm512_maskz_loadu_ps(
          static_cast<__mmask16>((1u << count) - 1), v + before);
      sums[i] = _mm512_fmadd_ps(
          _mm512_maskz_expand_ps(lanes, packed),
          _mm512_maskz_loadu_ps(lanes, x + 64 * w + 16 * i), sums[i]);
    }
    v += __builtin_popcountll(bits);
  }
  return _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(sums[0], sums[1]),
                                            _mm512_add_ps(sums[2], sums[3])));
}

template <> double Bitmask<double>::dot(int64_t row, const double *x) const {
  if (isSparse(row, 8))
    return sparseDot(row, x);
  __m512d sums[8] = {};
  const double *v = values + offsets[row];
  for (int64_t w = 0; w < words; ++w) {
    uint64_t bits = mask[row * words + w];
    for (int i = 0; i < 8; ++i) {
      auto lanes = static_cast<__mmask8>(bits >> (8 * i));
      int before = __builtin_popcountll(bits & ((uint64_t(1) << (8 * i)) - 1));
      int count = __builtin_popcount(lanes);
      __m512d packed = _mm512_maskz_loadu_pd(
          static_cast<__mmask8>((1u << count) - 1), v + before);
      sums[i] = _mm512_fmadd_pd(
          _mm512_maskz_expand_pd(lanes, packed),
          _mm512_maskz_loadu_pd(lanes, x + 64 * w + 8 * i), sums[i]);
    }
    v += __builtin_popcountll(bits);
  }
  double sum = 0;
  for (const __m512d &part : sums)
    sum += _mm512_reduce_add_pd(part);
  return sum;
}
#endif

template <typename T, typename Fn>
void withLines(const LinesView<T> &view, Fn fn) {
  if (view.indexBytes == 2)
    fn(Lines<T, uint16_t>{view.values,
                          static_cast<const uint16_t *>(view.indices),
                          view.offsets});
  else
    fn(Lines<T, uint32_t>{view.values,
                          static_cast<const uint32_t *>(view.indices),
                          view.offsets});
}

//===----------------------------------------------------------------------===//
// Products of what can be walked.
//===----------------------------------------------------------------------===//

/// As many elements as the widest vector register holds. Narrower machines use
/// several.
template <typename T> struct VectorOf {
  typedef T Type __attribute__((vector_size(64)));
  static constexpr int64_t kLanes = 64 / sizeof(T);

  static Type load(const T *p) {
    Type v;
    __builtin_memcpy(&v, p, sizeof(v));
    return v;
  }
  static void store(T *p, Type v) { __builtin_memcpy(p, &v, sizeof(v)); }
};

/// One line of a product with a matrix. The sums of up to four vectors of
/// columns stay in registers; the line is walked again for the next ones.
template <typename T, typename Matrix>
void lineTimes(const Matrix &a, int64_t line, const T *x, int64_t k, T *y) {
  using Vector = VectorOf<T>;
  constexpr int64_t n = Vector::kLanes;
  int64_t c = 0;
  for (; c + 4 * n <= k; c += 4 * n) {
    typename Vector::Type sum0 = {}, sum1 = {}, sum2 = {}, sum3 = {};
    a.walk(line, [&](int64_t index, int64_t e) {
      T value = a.values[e];
      const T *row = x + index * k + c;
      sum0 += value * Vector::load(row);
      sum1 += value * Vector::load(row + n);
      sum2 += value * Vector::load(row + 2 * n);
      sum3 += value * Vector::load(row + 3 * n);
    });
    Vector::store(y + c, sum0);
    Vector::store(y + c + n, sum1);
    Vector::store(y + c + 2 * n, sum2);
    Vector::store(y + c + 3 * n, sum3);
  }
  for (; c + n <= k; c += n) {
    typename Vector::Type sum = {};
    a.walk(line, [&](int64_t index, int64_t e) {
      sum += a.values[e] * Vector::load(x + index * k + c);
    });
    Vector::store(y + c, sum);
  }
  for (int64_t i = c; i < k; ++i)
    y[i] = 0;
  if (c < k)
    a.walk(line, [&](int64_t index, int64_t e) {
      T value = a.values[e];
      const T *row = x + index * k;
      for (int64_t i = c; i < k; ++i)
        y[i] += value * row[i];
    });
}

template <typename T, typename Matrix>
void times(const Matrix &a, int64_t begin, int64_t end, const T *x, int64_t k,
           T *y) {
  for (int64_t line = begin; line < end; ++line)
    if (k == 1)
      y[line] = a.dot(line, x);
    else
      lineTimes(a, line, x, k, y + line * k);
}

template <typename T, typename Matrix>
void timesTransposed(const Matrix &a, int64_t begin, int64_t end,
                     int64_t column0, int64_t column1, const T *x, int64_t k,
                     T *y) {
  for (int64_t line = begin; line < end; ++line) {
    const T *from = x + line * k;
    if (k == 1) {
      T factor = *from;
      a.walk(line, [&](int64_t index, int64_t e) {
        y[index] += a.values[e] * factor;
      });
      continue;
    }
    a.walk(line, [&](int64_t index, int64_t e) {
      T value = a.values[e];
      T *to = y + index * k;
#pragma omp simd
      for (int64_t c = column0; c < column1; ++c)
        to[c] += value * from[c];
    });
  }
}

template <typename T>
void linesTimes(const LinesView<T> &view, int64_t begin, int64_t end,
                const T *x, int64_t k, T *y) {
  withLines(view, [&](auto lines) { times(lines, begin, end, x, k, y); });
}

template <typename T>
void linesTimesTransposed(const LinesView<T> &view, int64_t begin, int64_t end,
                          int64_t column0, int64_t column1, const T *x,
                          int64_t k, T *y) {
  withLines(view, [&](auto lines) {
    timesTransposed(lines, begin, end, column0, column1, x, k, y);
  });
}

template <typename T>
void bitmaskTimes(const BitmaskView<T> &view, int64_t begin, int64_t end,
                  const T *x, int64_t k, T *y) {
  times(Bitmask<T>{view.values, view.mask, view.offsets, view.words}, begin,
        end, x, k, y);
}

template <typename T>
void bitmaskTimesTransposed(const BitmaskView<T> &view, int64_t begin,
                            int64_t end, int64_t column0, int64_t column1,
                            const T *x, int64_t k, T *y) {
  timesTransposed(Bitmask<T>{view.values, view.mask, view.offsets, view.words},
                  begin, end, column0, column1, x, k, y);
}

template <typename T>
void sampled(const LinesView<T> &view, int64_t begin, int64_t end, const T *g,
             const T *x, int64_t k, T *out) {
  withLines(view, [&](auto lines) {
    for (int64_t line = begin; line < end; ++line) {
      const T *a = g + line * k;
      lines.walk(line, [&](int64_t index, int64_t e) {
        const T *b = x + index * k;
        T sum = 0;
#pragma omp simd reduction(+ : sum)
        for (int64_t c = 0; c < k; ++c)
          sum += a[c] * b[c];
        out[e] = sum;
      });
    }
  });
}

//===----------------------------------------------------------------------===//
// Blocks. Size is the block size where the compiler should know it, else 0.
//===----------------------------------------------------------------------===//

template <typename T, int64_t Size>
void blockRowsTimesVector(const BlockView<T> &a, int64_t begin, int64_t end,
                          const T *x, T *y) {
  const int64_t size = Size ? Size : a.size;
  for (int64_t r = begin; r < end; ++r)
    for (int64_t i = 0; i < least(size, a.rows - r * size); ++i) {
      T sum = 0;
      for (int64_t b = a.offsets[r]; b < a.offsets[r + 1]; ++b) {
        int64_t col = int64_t(a.indices[b]) * size;
        const T *row = a.values + (b * size + i) * size;
        if (col + size <= a.cols) {
#pragma omp simd reduction(+ : sum)
          for (int64_t j = 0; j < size; ++j)
            sum += row[j] * x[col + j];
        } else {
          for (int64_t j = 0; j < a.cols - col; ++j)
            sum += row[j] * x[col + j];
        }
      }
      y[r * size + i] = sum;
    }
}

/// Sums of 8 lanes for all 8 rows stay in registers along a row of blocks.
template <typename T>
void block8TimesVector(const BlockView<T> &a, int64_t begin, int64_t end,
                       const T *x, T *y) {
  for (int64_t r = begin; r < end; ++r) {
    T sums[8][8] = {};
    for (int64_t b = a.offsets[r]; b < a.offsets[r + 1]; ++b) {
      int64_t col = int64_t(a.indices[b]) * 8;
      const T *block = a.values + b * 64;
      T edge[8] = {};
      const T *v = x + col;
      if (col + 8 > a.cols) {
        for (int64_t j = 0; j < a.cols - col; ++j)
          edge[j] = v[j];
        v = edge;
      }
      for (int i = 0; i < 8; ++i)
#pragma omp simd
        for (int j = 0; j < 8; ++j)
          sums[i][j] += block[8 * i + j] * v[j];
    }
    for (int64_t i = 0; i < least(8, a.rows - r * 8); ++i) {
      T sum = 0;
      for (int j = 0; j < 8; ++j)
        sum += sums[i][j];
      y[r * 8 + i] = sum;
    }
  }
}

template <typename T>
void blockTimes(const BlockView<T> &a, int64_t begin, int64_t end, const T *x,
                int64_t k, T *y) {
  if (k == 1 && a.size == 8)
    return block8TimesVector(a, begin, end, x, y);
  if (k == 1)
    return blockRowsTimesVector<T, 0>(a, begin, end, x, y);
  for (int64_t r = begin; r < end; ++r)
    for (int64_t i = 0; i < least(a.size, a.rows - r * a.size); ++i) {
      T *to = y + (r * a.size + i) * k;
      for (int64_t c = 0; c < k; ++c)
        to[c] = 0;
      for (int64_t b = a.offsets[r]; b < a.offsets[r + 1]; ++b) {
        int64_t col = int64_t(a.indices[b]) * a.size;
        const T *row = a.values + (b * a.size + i) * a.size;
        for (int64_t j = 0; j < least(a.size, a.cols - col); ++j) {
          const T *from = x + (col + j) * k;
#pragma omp simd
          for (int64_t c = 0; c < k; ++c)
            to[c] += row[j] * from[c];
        }
      }
    }
}

/// A block's sums stay in registers until the block is done.
template <typename T>
void block8TimesVectorTransposed(const BlockView<T> &a, int64_t begin,
                                 int64_t end, const T *x, T *y) {
  for (int64_t r = begin; r < end; ++r) {
    int64_t height = least(8, a.rows - r * 8);
    for (int64_t b = a.offsets[r]; b < a.offsets[r + 1]; ++b) {
      const T *block = a.values + b * 64;
      T sums[8] = {};
      for (int64_t i = 0; i < height; ++i)
#pragma omp simd
        for (int j = 0; j < 8; ++j)
          sums[j] += block[8 * i + j] * x[r * 8 + i];
      int64_t col = int64_t(a.indices[b]) * 8;
      for (int64_t j = 0; j < least(8, a.cols - col); ++j)
        y[col + j] += sums[j];
    }
  }
}

template <typename T>
void blockTimesTransposed(const BlockView<T> &a, int64_t begin, int64_t end,
                          int64_t column0, int64_t column1, const T *x,
                          int64_t k, T *y) {
  if (k == 1 && a.size == 8)
    return block8TimesVectorTransposed(a, begin, end, x, y);
  for (int64_t r = begin; r < end; ++r)
    for (int64_t b = a.offsets[r]; b < a.offsets[r + 1]; ++b) {
      int64_t col = int64_t(a.indices[b]) * a.size;
      int64_t width = least(a.size, a.cols - col);
      for (int64_t i = 0; i < least(a.size, a.rows - r * a.size); ++i) {
        const T *row = a.values + (b * a.size + i) * a.size;
        const T *from = x + (r * a.size + i) * k;
        if (k == 1) {
#pragma omp simd
          for (int64_t j = 0; j < width; ++j)
            y[col + j] += row[j] * from[0];
          continue;
        }
        for (int64_t j = 0; j < width; ++j) {
          T *to = y + (col + j) * k;
#pragma omp simd
          for (int64_t c = column0; c < column1; ++c)
            to[c] += row[j] * from[c];
        }
      }
    }
}

template <typename T> constexpr TypedKernels<T> typed() {
  return {{linesTimes<T>, linesTimesTransposed<T>},
          {bitmaskTimes<T>, bitmaskTimesTransposed<T>},
          {blockTimes<T>, blockTimesTransposed<T>},
          sampled<T>};
}
} // namespace

extern const ProductKernelSet SPARSEC_KERNELS(Products) = {
    typed<float>(), typed<double>(), typed<int64_t>()};

} // namespace sparsec::products
