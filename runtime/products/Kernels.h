//===- Kernels.h - Serial loops over compressed matrices --------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The inner loops of products and packing, each over a range of lines, so that
// Products.cpp decides on threads. Kernels.cpp and PackingKernels.cpp are
// compiled for several instruction sets; each gives one set of kernels.
//
// Kernels trust their arguments: component arrays have been validated by
// runtime/formats. Dense operands are row major without gaps, `k` columns wide.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_PRODUCTS_KERNELS_H
#define SPARSEC_RUNTIME_PRODUCTS_KERNELS_H

#include <cstddef>
#include <cstdint>

namespace sparsec::products {

/// csr by rows, csc by columns: `indexBytes` is 2 or 4.
template <typename T> struct LinesView {
  const T *values;
  const void *indices;
  const uint32_t *offsets;
  unsigned indexBytes;
};

template <typename T> struct BitmaskView {
  const T *values;
  const uint64_t *mask;
  const uint32_t *offsets;
  int64_t words; // of a row
};

template <typename T> struct BlockView {
  const T *values;
  const uint32_t *indices;
  const uint32_t *offsets;
  int64_t size;
  int64_t rows, cols;
};

/// The products with one kind of matrix. `times` writes y[i] = A[i] x for the
/// lines i of [begin, end). `timesTransposed` adds A[i]^T x[i], for those
/// lines, to the columns [column0, column1) of y.
template <typename View, typename T> struct ProductKernels {
  void (*times)(const View &, int64_t begin, int64_t end, const T *x, int64_t k,
                T *y);
  void (*timesTransposed)(const View &, int64_t begin, int64_t end,
                          int64_t column0, int64_t column1, const T *x,
                          int64_t k, T *y);
};

template <typename T> struct TypedKernels {
  ProductKernels<LinesView<T>, T> lines;
  ProductKernels<BitmaskView<T>, T> bitmask;
  ProductKernels<BlockView<T>, T> block; ///< lines are rows of blocks
  /// out[e] = dot(g[line(e)], x[index(e)]) for the entries of some lines: the
  /// gradient of the kept values only.
  void (*sampled)(const LinesView<T> &, int64_t begin, int64_t end, const T *g,
                  const T *x, int64_t k, T *out);
};

/// What of an element decides whether it is kept: (bits & significant) > drop.
struct KeepRule {
  uint64_t significant;
  uint64_t drop;
};

/// On bit patterns of one width.
struct BitKernels {
  /// Writes ceil(n / 64) words: bit k is set if element k is kept. Returns how
  /// many are.
  int64_t (*scan)(const void *elements, int64_t n, KeepRule rule,
                  uint64_t *mask);
  /// Moves the elements whose bits are set together.
  void (*gather)(const void *elements, const uint64_t *mask, int64_t n,
                 void *values);
  /// Moves them back, zeros elsewhere.
  void (*expand)(const void *values, const uint64_t *mask, int64_t n,
                 void *elements);
};

struct ProductKernelSet {
  TypedKernels<float> f32;
  TypedKernels<double> f64;
  TypedKernels<int64_t> i64;
};

struct PackingKernelSet {
  BitKernels bits[4]; ///< elements of 1, 2, 4 and 8 bytes
  /// The positions of the set bits among the first n.
  void (*indices16)(const uint64_t *mask, int64_t n, uint16_t *indices);
  void (*indices32)(const uint64_t *mask, int64_t n, uint32_t *indices);
};

extern const ProductKernelSet baselineProducts, avx2Products, avx512Products;
extern const PackingKernelSet baselinePacking, avx2Packing, avx512Packing;

/// The kernels for this machine.
struct KernelSet {
  const char *name; ///< of the instruction set
  const ProductKernelSet &products;
  const PackingKernelSet &packing;
};
const KernelSet &kernels();

template <typename T> const TypedKernels<T> &typedKernels();

// SPARSEC_ISA is what a source of kernels is compiled for: baselineProducts.
#define SPARSEC_PASTE2(a, b) a##b
#define SPARSEC_PASTE(a, b) SPARSEC_PASTE2(a, b)
#define SPARSEC_KERNELS(what) SPARSEC_PASTE(SPARSEC_ISA, what)

} // namespace sparsec::products

#endif // SPARSEC_RUNTIME_PRODUCTS_KERNELS_H
