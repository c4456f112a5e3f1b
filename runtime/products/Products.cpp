//===- Products.cpp - Products and packing on several threads -------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/products/Products.h"
#include "runtime/formats/Parallel.h"

#include <algorithm>
#include <cstdlib>
#include <omp.h>
#include <string_view>

namespace sparsec::products {

using formats::parallelFor;

const KernelSet &kernels() {
  static const KernelSet chosen = []() -> KernelSet {
    // So that the others are tested where AVX-512 is.
    const char *named = std::getenv("SPARSEC_KERNELS");
    std::string_view highest = named ? named : "";
    if (highest == "baseline")
      return {"baseline", baselineProducts, baselinePacking};
#ifdef SPARSEC_HAS_avx512
    if (highest != "avx2" && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("bmi2"))
      return {"avx512", avx512Products, avx512Packing};
#endif
#ifdef SPARSEC_HAS_avx2
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
        __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt"))
      return {"avx2", avx2Products, avx2Packing};
#endif
    return {"baseline", baselineProducts, baselinePacking};
  }();
  return chosen;
}

template <> const TypedKernels<float> &typedKernels() {
  return kernels().products.f32;
}
template <> const TypedKernels<double> &typedKernels() {
  return kernels().products.f64;
}
template <> const TypedKernels<int64_t> &typedKernels() {
  return kernels().products.i64;
}

namespace {
/// Below this many multiply-adds one thread does it: 40 to 60 microseconds, of
/// which a second one saves a third on an idle machine, and costs a time slice
/// where it has to wait for a core.
constexpr int64_t kWorthThreads = 150000;

/// Lines a chunk, so that a chunk is worth handing out.
int64_t grainFor(int64_t lines, int64_t work) {
  if (work < kWorthThreads)
    return std::max<int64_t>(lines, 1);
  int64_t chunks = std::min<int64_t>(work / (kWorthThreads / 4), 64);
  return std::max<int64_t>(1, lines / std::max<int64_t>(chunks, 1));
}
} // namespace

template <typename View, typename T>
void multiply(const ProductKernels<View, T> &kernel, const View &a,
              int64_t lines, int64_t work, const T *x, int64_t k, T *y) {
  parallelFor(lines, grainFor(lines, work), [&](int64_t begin, int64_t end) {
    kernel.times(a, begin, end, x, k, y);
  });
}

template <typename View, typename T>
void multiplyTransposed(const ProductKernels<View, T> &kernel, const View &a,
                        int64_t lines, int64_t work, const T *x, int64_t k,
                        T *y, int64_t yRows) {
  std::fill(y, y + yRows * k, T(0));
  int64_t threads = work < kWorthThreads ? 1 : omp_get_max_threads();
  if (threads == 1)
    return kernel.timesTransposed(a, 0, lines, 0, k, x, k, y);
  if (k > 1) { // each thread has columns of y of its own
    int64_t grain = std::max<int64_t>(16, (k + threads - 1) / threads);
    return parallelFor(k, grain, [&](int64_t c0, int64_t c1) {
      kernel.timesTransposed(a, 0, lines, c0, c1, x, k, y);
    });
  }
  // Each thread has a sum of its own; they are added in order, so the result
  // depends on the number of threads but on nothing else.
  threads = std::min(threads, lines);
  std::vector<T> sums(static_cast<size_t>((threads - 1) * yRows), T(0));
#pragma omp parallel for schedule(static, 1) num_threads(int(threads))
  for (int64_t t = 0; t < threads; ++t)
    kernel.timesTransposed(a, lines * t / threads, lines * (t + 1) / threads, 0,
                           1, x, 1, t == 0 ? y : sums.data() + (t - 1) * yRows);
  for (int64_t t = 1; t < threads; ++t) {
    const T *from = sums.data() + (t - 1) * yRows;
    for (int64_t i = 0; i < yRows; ++i)
      y[i] += from[i];
  }
}

template <typename T>
void sampledProduct(const LinesView<T> &a, int64_t lines, int64_t work,
                    const T *g, const T *x, int64_t k, T *out) {
  parallelFor(lines, grainFor(lines, work), [&](int64_t begin, int64_t end) {
    typedKernels<T>().sampled(a, begin, end, g, x, k, out);
  });
}

#define SPARSEC_INSTANTIATE(View, T)                                           \
  template void multiply(const ProductKernels<View<T>, T> &, const View<T> &,  \
                         int64_t, int64_t, const T *, int64_t, T *);           \
  template void multiplyTransposed(const ProductKernels<View<T>, T> &,         \
                                   const View<T> &, int64_t, int64_t,          \
                                   const T *, int64_t, T *, int64_t);
#define SPARSEC_INSTANTIATE_TYPE(T)                                            \
  SPARSEC_INSTANTIATE(LinesView, T)                                            \
  SPARSEC_INSTANTIATE(BitmaskView, T)                                          \
  SPARSEC_INSTANTIATE(BlockView, T)                                            \
  template void sampledProduct(const LinesView<T> &, int64_t, int64_t,         \
                               const T *, const T *, int64_t, T *);
SPARSEC_INSTANTIATE_TYPE(float)
SPARSEC_INSTANTIATE_TYPE(double)
SPARSEC_INSTANTIATE_TYPE(int64_t)

//===----------------------------------------------------------------------===//
// Packing.
//===----------------------------------------------------------------------===//

namespace {
const BitKernels &bitKernels(const Elements &elements) {
  return kernels().packing.bits[__builtin_ctz(elements.elementBytes)];
}

/// Calls fn(line, first element, elements of the line) in parallel.
template <typename Fn> void forLines(const Elements &elements, Fn fn) {
  int64_t grain = std::max<int64_t>(
      1, (int64_t(1) << 16) / std::max<int64_t>(elements.length, 1));
  parallelFor(elements.lines(), grain, [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; ++line) {
      int64_t first = line * elements.length;
      fn(line, first, std::min(elements.length, elements.count - first));
    }
  });
}

int64_t accumulate(int64_t *offsets, int64_t lines) {
  offsets[0] = 0;
  for (int64_t i = 0; i < lines; ++i)
    offsets[i + 1] += offsets[i];
  return offsets[lines];
}

const char *at(const Elements &elements, int64_t index) {
  return static_cast<const char *>(elements.data) +
         index * elements.elementBytes;
}
} // namespace

int64_t scanElements(const Elements &elements, KeepRule rule, uint64_t *mask,
                     int64_t *offsets) {
  auto scan = bitKernels(elements).scan;
  forLines(elements, [&](int64_t line, int64_t first, int64_t n) {
    offsets[line + 1] =
        scan(at(elements, first), n, rule, mask + line * elements.words());
  });
  return accumulate(offsets, elements.lines());
}

int64_t countMask(const Elements &elements, const uint64_t *mask,
                  int64_t *offsets) {
  forLines(elements, [&](int64_t line, int64_t, int64_t n) {
    int64_t count = 0;
    for (int64_t w = 0; w < (n + 63) / 64; ++w)
      count += __builtin_popcountll(mask[line * elements.words() + w]);
    offsets[line + 1] = count;
  });
  return accumulate(offsets, elements.lines());
}

void gatherElements(const Elements &elements, const uint64_t *mask,
                    const int64_t *offsets, void *values) {
  auto gather = bitKernels(elements).gather;
  forLines(elements, [&](int64_t line, int64_t first, int64_t n) {
    gather(at(elements, first), mask + line * elements.words(), n,
           static_cast<char *>(values) + offsets[line] * elements.elementBytes);
  });
}

void gatherIndices(const Elements &elements, const uint64_t *mask,
                   const int64_t *offsets, unsigned indexBytes, void *indices) {
  forLines(elements, [&](int64_t line, int64_t, int64_t n) {
    const uint64_t *bits = mask + line * elements.words();
    if (indexBytes == 2)
      kernels().packing.indices16(
          bits, n, static_cast<uint16_t *>(indices) + offsets[line]);
    else
      kernels().packing.indices32(
          bits, n, static_cast<uint32_t *>(indices) + offsets[line]);
  });
}

void expandElements(const Elements &elements, const void *values,
                    const uint64_t *mask, const int64_t *offsets, void *to) {
  auto expand = bitKernels(elements).expand;
  forLines(elements, [&](int64_t line, int64_t first, int64_t n) {
    expand(static_cast<const char *>(values) +
               offsets[line] * elements.elementBytes,
           mask + line * elements.words(), n,
           static_cast<char *>(to) + first * elements.elementBytes);
  });
}

} // namespace sparsec::products
