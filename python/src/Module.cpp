//===- Module.cpp - The extension module sparsec._core --------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the Python classes call. Arrays are passed as they lie, results are
// written to arrays that Python has allocated; lengths are checked here once
// more, contents by runtime/formats' own validation.
//
//===----------------------------------------------------------------------===//

#include "runtime/formats/Format.h"
#include "runtime/products/Products.h"

#include <cstring>
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>
#include <stdexcept>

namespace nb = nanobind;
using namespace sparsec::products;
using namespace sparsec::formats;

namespace {

/// Any array without gaps. Read-only ones are taken as well.
using In = nb::ndarray<nb::ro, nb::c_contig, nb::device::cpu>;
using Out = nb::ndarray<nb::c_contig, nb::device::cpu>;

[[noreturn]] void refuse(const std::string &message) {
  throw nb::value_error(message.c_str());
}

void check(const Status &status) {
  if (!status.ok())
    refuse(status.message());
}

template <typename Array>
auto *dataOf(const Array &array, int64_t bytes, const char *what) {
  if (static_cast<int64_t>(array.nbytes()) != bytes)
    refuse(std::string(what) + " has " + std::to_string(array.nbytes()) +
           " bytes, expected " + std::to_string(bytes));
  return array.data();
}

/// Calls fn with a zero of the type that all dense operands have.
template <typename Fn> void withType(const In &values, Fn fn) {
  if (values.dtype() == nb::dtype<float>())
    return fn(float());
  if (values.dtype() == nb::dtype<double>())
    return fn(double());
  if (values.dtype() == nb::dtype<int64_t>())
    return fn(int64_t());
  refuse("products are computed in float32, float64 or int64");
}

//===----------------------------------------------------------------------===//
// Formats.
//===----------------------------------------------------------------------===//

FormatPtr formatOf(const std::string &name, int64_t rows, int64_t cols,
                   unsigned blockSize) {
  FormatPtr format =
      name == "block" ? makeBlock(blockSize) : makeFormat(name, rows, cols);
  if (!format)
    refuse("there is no format " + name +
           (name == "block" ? " of size " + std::to_string(blockSize) : ""));
  return format;
}

PackedView viewOf(int64_t rows, int64_t cols, unsigned elementBytes,
                  const std::vector<In> &components) {
  PackedView view;
  view.rows = rows;
  view.cols = cols;
  view.elementBytes = elementBytes;
  for (const In &component : components)
    view.components.push_back(
        {component.data(), static_cast<int64_t>(component.nbytes())});
  return view;
}

void validate(const std::string &name, unsigned blockSize, int64_t rows,
              int64_t cols, unsigned elementBytes,
              const std::vector<In> &components) {
  PackedView view = viewOf(rows, cols, elementBytes, components);
  FormatPtr format = formatOf(name, rows, cols, blockSize);
  Status status;
  {
    nb::gil_scoped_release release;
    status = format->validate(view);
  }
  check(status);
}

/// Overwrites `dense`, which is row major without gaps.
void unpack(const std::string &name, unsigned blockSize, int64_t rows,
            int64_t cols, unsigned elementBytes,
            const std::vector<In> &components, const Out &dense) {
  MutableDenseView view;
  view.data = dataOf(dense, rows * cols * elementBytes, "the dense matrix");
  view.rows = rows;
  view.cols = cols;
  view.rowStride = cols;
  view.elementBytes = elementBytes;
  PackedView packed = viewOf(rows, cols, elementBytes, components);
  FormatPtr format = formatOf(name, rows, cols, blockSize);
  nb::gil_scoped_release release;
  format->unpack(packed, view);
}

/// Bytes that Python owns, as an array of uint8.
nb::object takeBuffer(Buffer &buffer) {
  size_t size = static_cast<size_t>(buffer.size());
  void *data = buffer.release();
  nb::capsule owner(data, [](void *p) noexcept { std::free(p); });
  return nb::cast(nb::ndarray<nb::numpy, uint8_t>(data, {size}, owner));
}

nb::list convertTo(const std::string &from, unsigned fromBlock,
                   const std::string &to, unsigned toBlock, int64_t rows,
                   int64_t cols, unsigned elementBytes,
                   const std::vector<In> &components) {
  PackedView source = viewOf(rows, cols, elementBytes, components);
  FormatPtr sourceFormat = formatOf(from, rows, cols, fromBlock);
  FormatPtr targetFormat = formatOf(to, rows, cols, toBlock);
  PackedMatrix result;
  Status status;
  {
    nb::gil_scoped_release release;
    status = convert(*sourceFormat, source, *targetFormat, result);
  }
  check(status);
  nb::list arrays;
  for (Buffer &buffer : result.components)
    arrays.append(takeBuffer(buffer));
  return arrays;
}

//===----------------------------------------------------------------------===//
// Products.
//===----------------------------------------------------------------------===//

/// y = A x, or A^T x, for a matrix of `lines` lines with `across` positions.
template <typename T, typename View>
void product(const ProductKernels<View, T> &kernel, const View &view,
             int64_t lines, int64_t yRows, int64_t entries, bool transposed,
             const T *x, int64_t k, T *y) {
  nb::gil_scoped_release release;
  if (transposed)
    multiplyTransposed(kernel, view, lines, entries * k, x, k, y, yRows);
  else
    multiply(kernel, view, lines, entries * k, x, k, y);
}

template <typename T>
LinesView<T> linesOf(const In &values, const In &indices, const In &offsets) {
  auto indexBytes = static_cast<unsigned>(indices.itemsize());
  if (indexBytes != 2 && indexBytes != 4)
    refuse("indices have 2 or 4 bytes");
  if (offsets.itemsize() != 4 || indices.size() != values.size())
    refuse("components do not belong together");
  return {static_cast<const T *>(values.data()), indices.data(),
          static_cast<const uint32_t *>(offsets.data()), indexBytes};
}

void linesProduct(const In &values, const In &indices, const In &offsets,
                  int64_t across, bool transposed, const In &x, int64_t k,
                  const Out &y) {
  withType(values, [&](auto zero) {
    using T = decltype(zero);
    int64_t lines = int64_t(offsets.size()) - 1, bytes = k * int64_t(sizeof(T));
    auto view = linesOf<T>(values, indices, offsets);
    auto *from = dataOf(x, (transposed ? lines : across) * bytes, "x");
    auto *to = dataOf(y, (transposed ? across : lines) * bytes, "y");
    product(typedKernels<T>().lines, view, lines, across,
            int64_t(values.size()), transposed, static_cast<const T *>(from), k,
            static_cast<T *>(to));
  });
}

void bitmaskProduct(const In &values, const In &mask, const In &offsets,
                    int64_t cols, bool transposed, const In &x, int64_t k,
                    const Out &y) {
  withType(values, [&](auto zero) {
    using T = decltype(zero);
    int64_t rows = int64_t(offsets.size()) - 1, bytes = k * int64_t(sizeof(T));
    int64_t words = (cols + 63) / 64;
    BitmaskView<T> view = {
        static_cast<const T *>(values.data()),
        static_cast<const uint64_t *>(dataOf(mask, rows * words * 8, "mask")),
        static_cast<const uint32_t *>(offsets.data()), words};
    auto *from = dataOf(x, (transposed ? rows : cols) * bytes, "x");
    auto *to = dataOf(y, (transposed ? cols : rows) * bytes, "y");
    product(typedKernels<T>().bitmask, view, rows, cols, int64_t(values.size()),
            transposed, static_cast<const T *>(from), k, static_cast<T *>(to));
  });
}

void blockProduct(const In &values, const In &indices, const In &offsets,
                  int64_t size, int64_t rows, int64_t cols, bool transposed,
                  const In &x, int64_t k, const Out &y) {
  withType(values, [&](auto zero) {
    using T = decltype(zero);
    int64_t bytes = k * int64_t(sizeof(T));
    if (size < 1 || int64_t(offsets.size()) != (rows + size - 1) / size + 1)
      refuse("components do not belong together");
    BlockView<T> view = {static_cast<const T *>(values.data()),
                         static_cast<const uint32_t *>(indices.data()),
                         static_cast<const uint32_t *>(offsets.data()),
                         size,
                         rows,
                         cols};
    auto *from = dataOf(x, (transposed ? rows : cols) * bytes, "x");
    auto *to = dataOf(y, (transposed ? cols : rows) * bytes, "y");
    product(typedKernels<T>().block, view, int64_t(offsets.size()) - 1, cols,
            int64_t(values.size()), transposed, static_cast<const T *>(from), k,
            static_cast<T *>(to));
  });
}

void sampledLines(const In &values, const In &indices, const In &offsets,
                  int64_t across, const In &g, const In &x, int64_t k,
                  const Out &out) {
  withType(values, [&](auto zero) {
    using T = decltype(zero);
    int64_t lines = int64_t(offsets.size()) - 1, bytes = k * int64_t(sizeof(T));
    auto view = linesOf<T>(values, indices, offsets);
    auto *left = static_cast<const T *>(dataOf(g, lines * bytes, "g"));
    auto *right = static_cast<const T *>(dataOf(x, across * bytes, "x"));
    auto *to = static_cast<T *>(
        dataOf(out, int64_t(values.size() * sizeof(T)), "the gradient"));
    nb::gil_scoped_release release;
    sampledProduct(view, lines, int64_t(values.size()) * k, left, right, k, to);
  });
}

//===----------------------------------------------------------------------===//
// Packing.
//===----------------------------------------------------------------------===//

Elements elementsOf(const void *data, int64_t count, int64_t length,
                    unsigned elementBytes) {
  if (elementBytes != 1 && elementBytes != 2 && elementBytes != 4 &&
      elementBytes != 8)
    refuse("elements have 1, 2, 4 or 8 bytes");
  return {data, count, length, elementBytes};
}

/// Fills `mask` and `offsets` (int64, one more than lines); returns the count.
int64_t scan(const In &dense, int64_t length, uint64_t significant,
             uint64_t drop, const Out &mask, const Out &offsets) {
  Elements elements = elementsOf(dense.data(), int64_t(dense.size()), length,
                                 static_cast<unsigned>(dense.itemsize()));
  int64_t lines = elements.lines();
  auto *words = static_cast<uint64_t *>(
      dataOf(mask, lines * elements.words() * 8, "mask"));
  auto *starts =
      static_cast<int64_t *>(dataOf(offsets, (lines + 1) * 8, "offsets"));
  nb::gil_scoped_release release;
  return scanElements(elements, {significant, drop}, words, starts);
}

/// The values at the set bits of a mask that `scan` has made, and, unless it is
/// empty, their positions in the line.
void gather(const In &dense, int64_t length, const In &mask, const In &offsets,
            const Out &values, const Out &indices) {
  Elements elements = elementsOf(dense.data(), int64_t(dense.size()), length,
                                 static_cast<unsigned>(dense.itemsize()));
  int64_t lines = elements.lines();
  auto *words = static_cast<const uint64_t *>(
      dataOf(mask, lines * elements.words() * 8, "mask"));
  auto *starts =
      static_cast<const int64_t *>(dataOf(offsets, (lines + 1) * 8, "offsets"));
  int64_t count = starts[lines];
  void *to = dataOf(values, count * elements.elementBytes, "values");
  auto indexBytes = static_cast<unsigned>(indices.itemsize());
  void *positions = nullptr;
  if (indices.size() != 0)
    positions = dataOf(indices, count * indexBytes, "indices");
  nb::gil_scoped_release release;
  gatherElements(elements, words, starts, to);
  if (positions)
    gatherIndices(elements, words, starts, indexBytes, positions);
}

/// Writes `dense` from flat values and a flat mask; refuses a mask that does
/// not fit them. The mask is bytes: bit i % 8 of byte i / 8.
void expand(const In &values, nb::bytes maskBytes, const Out &dense) {
  constexpr int64_t kLine = int64_t(1) << 16;
  int64_t count = int64_t(dense.size());
  Elements elements = elementsOf(nullptr, count, kLine,
                                 static_cast<unsigned>(values.itemsize()));
  int64_t bytes = (count + 7) / 8;
  if (int64_t(maskBytes.size()) != bytes)
    refuse("mask_bytes has " + std::to_string(maskBytes.size()) +
           " bytes, expected " + std::to_string(bytes) + " for " +
           std::to_string(count) + " elements");
  std::vector<uint64_t> mask(static_cast<size_t>((count + 63) / 64));
  if (bytes)
    std::memcpy(mask.data(), maskBytes.c_str(), static_cast<size_t>(bytes));
  if (count % 64 && mask.back() >> (count % 64))
    refuse("mask_bytes has a bit behind the last of " + std::to_string(count) +
           " elements");
  std::vector<int64_t> offsets(static_cast<size_t>(elements.lines() + 1));
  int64_t stored = countMask(elements, mask.data(), offsets.data());
  if (stored != int64_t(values.size()))
    refuse("mask_bytes has " + std::to_string(stored) +
           " bits set, but there are " + std::to_string(values.size()) +
           " values");
  void *to = dataOf(dense, count * elements.elementBytes, "the dense tensor");
  nb::gil_scoped_release release;
  expandElements(elements, values.data(), mask.data(), offsets.data(), to);
}

} // namespace

NB_MODULE(_core, m) {
  m.doc() = "Formats and products of sparsec in C++; use sparsec.formats.";
  m.def("instruction_set", [] { return std::string(kernels().name); });
  m.def("validate", validate);
  m.def("unpack", unpack);
  m.def("convert", convertTo);
  m.def("lines_product", linesProduct);
  m.def("bitmask_product", bitmaskProduct);
  m.def("block_product", blockProduct);
  m.def("sampled_product", sampledLines);
  m.def("scan", scan);
  m.def("gather", gather);
  m.def("expand", expand);
}
