//===- PackingKernels.cpp - Serial loops over masks of bits ---------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiled once for each SPARSEC_ISA, under the same rules as Kernels.cpp.
//
//===----------------------------------------------------------------------===//

#include "runtime/products/Kernels.h"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace sparsec::products {
namespace {

template <typename T> uint64_t keptOf(const T *p, int64_t n, KeepRule rule) {
  auto significant = static_cast<T>(rule.significant);
  auto drop = static_cast<T>(rule.drop);
  uint64_t mask = 0;
  for (int64_t i = 0; i < n; ++i)
    mask |= uint64_t(static_cast<T>(p[i] & significant) > drop) << i;
  return mask;
}

/// The same of 64 elements.
template <typename T> uint64_t keptOf64(const T *p, KeepRule rule) {
#if defined(__AVX512BW__)
  if constexpr (sizeof(T) == 1) {
    __m512i v = _mm512_and_si512(_mm512_loadu_si512(p),
                                 _mm512_set1_epi8(char(rule.significant)));
    return _mm512_cmpgt_epu8_mask(v, _mm512_set1_epi8(char(rule.drop)));
  }
  uint64_t mask = 0;
  for (int64_t i = 0; i < 64; i += 64 / int64_t(sizeof(T))) {
    __m512i v = _mm512_loadu_si512(p + i);
    if constexpr (sizeof(T) == 2)
      mask |=
          uint64_t(_mm512_cmpgt_epu16_mask(
              _mm512_and_si512(v, _mm512_set1_epi16(short(rule.significant))),
              _mm512_set1_epi16(short(rule.drop))))
          << i;
    else if constexpr (sizeof(T) == 4)
      mask |= uint64_t(_mm512_cmpgt_epu32_mask(
                  _mm512_and_si512(v, _mm512_set1_epi32(int(rule.significant))),
                  _mm512_set1_epi32(int(rule.drop))))
              << i;
    else if constexpr (sizeof(T) == 8)
      mask |= uint64_t(_mm512_cmpgt_epu64_mask(
                  _mm512_and_si512(
                      v, _mm512_set1_epi64((long long)rule.significant)),
                  _mm512_set1_epi64((long long)rule.drop)))
              << i;
  }
  return mask;
#elif defined(__AVX2__)
  // Compares are signed here. With a threshold the sign bit is not significant;
  // without one any bit counts.
  if constexpr (sizeof(T) == 4) {
    uint64_t mask = 0;
    __m256i significant = _mm256_set1_epi32(int(rule.significant));
    __m256i drop = _mm256_set1_epi32(int(rule.drop));
    for (int i = 0; i < 64; i += 8) {
      __m256i v = _mm256_and_si256(
          _mm256_loadu_si256(reinterpret_cast<const __m256i *>(p + i)),
          significant);
      __m256i kept = rule.drop == 0
                         ? _mm256_xor_si256(_mm256_cmpeq_epi32(v, drop),
                                            _mm256_set1_epi32(-1))
                         : _mm256_cmpgt_epi32(v, drop);
      mask |= uint64_t(unsigned(_mm256_movemask_ps(_mm256_castsi256_ps(kept))))
              << i;
    }
    return mask;
  }
  return keptOf(p, 64, rule);
#else
  return keptOf(p, 64, rule);
#endif
}

template <typename T>
int64_t scan(const void *elements, int64_t n, KeepRule rule, uint64_t *mask) {
  auto *p = static_cast<const T *>(elements);
  int64_t count = 0;
  for (int64_t i = 0; i < n; i += 64) {
    uint64_t bits =
        n - i >= 64 ? keptOf64(p + i, rule) : keptOf(p + i, n - i, rule);
    mask[i / 64] = bits;
    count += __builtin_popcountll(bits);
  }
  return count;
}

template <typename T>
void gather(const void *elements, const uint64_t *mask, int64_t n,
            void *values) {
  auto *from = static_cast<const T *>(elements);
  auto *to = static_cast<T *>(values);
  for (int64_t i = 0; i < n; i += 64)
    for (uint64_t bits = mask[i / 64]; bits; bits &= bits - 1)
      *to++ = from[i + __builtin_ctzll(bits)];
}

template <typename T>
void expand(const void *values, const uint64_t *mask, int64_t n,
            void *elements) {
  auto *from = static_cast<const T *>(values);
  auto *to = static_cast<T *>(elements);
  for (int64_t i = 0; i < n; i += 64) {
    uint64_t bits = mask[i / 64];
    int64_t width = n - i < 64 ? n - i : 64;
#if defined(__AVX512F__)
    if constexpr (sizeof(T) == 4)
      if (width == 64) {
        for (int part = 0; part < 4; ++part, bits >>= 16) {
          auto lanes = static_cast<__mmask16>(bits);
          int count = __builtin_popcount(lanes);
          __m512i packed = _mm512_maskz_loadu_epi32(
              static_cast<__mmask16>((1u << count) - 1), from);
          _mm512_storeu_si512(to + i + 16 * part,
                              _mm512_maskz_expand_epi32(lanes, packed));
          from += count;
        }
        continue;
      }
#endif
    __builtin_memset(to + i, 0, static_cast<size_t>(width) * sizeof(T));
    for (; bits; bits &= bits - 1)
      to[i + __builtin_ctzll(bits)] = *from++;
  }
}

template <typename Index>
void indicesOf(const uint64_t *mask, int64_t n, Index *indices) {
  for (int64_t i = 0; i < n; i += 64)
    for (uint64_t bits = mask[i / 64]; bits; bits &= bits - 1)
      *indices++ = static_cast<Index>(i + __builtin_ctzll(bits));
}

template <typename T> constexpr BitKernels bits() {
  return {scan<T>, gather<T>, expand<T>};
}

} // namespace

extern const PackingKernelSet SPARSEC_KERNELS(Packing) = {
    {bits<uint8_t>(), bits<uint16_t>(), bits<uint32_t>(), bits<uint64_t>()},
    indicesOf<uint16_t>,
    indicesOf<uint32_t>};

} // namespace sparsec::products
