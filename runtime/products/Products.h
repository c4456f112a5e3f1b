//===- Products.h - Products and packing on several threads -----*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_PRODUCTS_PRODUCTS_H
#define SPARSEC_RUNTIME_PRODUCTS_PRODUCTS_H

#include "runtime/products/Kernels.h"

#include <vector>

namespace sparsec::products {

/// y = A x for `lines` lines (rows of blocks for block), of which `work`
/// multiply-adds are due in all. x has `k` columns.
template <typename View, typename T>
void multiply(const ProductKernels<View, T> &kernel, const View &a,
              int64_t lines, int64_t work, const T *x, int64_t k, T *y);

/// y = A^T x, where y has `yRows` rows and is overwritten.
template <typename View, typename T>
void multiplyTransposed(const ProductKernels<View, T> &kernel, const View &a,
                        int64_t lines, int64_t work, const T *x, int64_t k,
                        T *y, int64_t yRows);

template <typename T>
void sampledProduct(const LinesView<T> &a, int64_t lines, int64_t work,
                    const T *g, const T *x, int64_t k, T *out);

/// Elements in lines of `length`; the last may be shorter.
struct Elements {
  const void *data;
  int64_t count;
  int64_t length;
  unsigned elementBytes;

  int64_t lines() const { return length ? (count + length - 1) / length : 0; }
  int64_t words() const { return (length + 63) / 64; }
};

/// Mask words, words() a line, and the number of kept elements before each
/// line. Returns how many there are in all.
int64_t scanElements(const Elements &elements, KeepRule rule, uint64_t *mask,
                     int64_t *offsets);
/// The number of set bits before each line. Returns how many there are.
int64_t countMask(const Elements &elements, const uint64_t *mask,
                  int64_t *offsets);
void gatherElements(const Elements &elements, const uint64_t *mask,
                    const int64_t *offsets, void *values);
void gatherIndices(const Elements &elements, const uint64_t *mask,
                   const int64_t *offsets, unsigned indexBytes, void *indices);
/// Writes `count` elements at `to`; `elements` gives their layout.
void expandElements(const Elements &elements, const void *values,
                    const uint64_t *mask, const int64_t *offsets, void *to);

} // namespace sparsec::products

#endif // SPARSEC_RUNTIME_PRODUCTS_PRODUCTS_H
