//===- Validate.cpp - Checks that formats share ---------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/formats/Validate.h"

#include <limits>

namespace sparsec::formats {

Status checkShape(const Format &format, int64_t rows, int64_t cols) {
  auto shape = std::to_string(rows) + "x" + std::to_string(cols);
  if (rows < 0 || cols < 0)
    return Status::failure("a matrix cannot have the shape " + shape);
  constexpr int64_t kMost = int64_t(1) << 32;
  if (rows > kMost || cols > kMost)
    return Status::failure(format.spelling() +
                           " holds at most 4294967296 rows and columns, but "
                           "the matrix is " +
                           shape);
  // Bytes of the dense matrix must not overflow, at 8 bytes an element.
  int64_t elements;
  if (__builtin_mul_overflow(rows, cols, &elements) || elements > int64_t(1)
                                                                      << 59)
    return Status::failure("a matrix of shape " + shape +
                           " has more elements than 64-bit sizes count");
  return Status::success();
}

static Status checkWidth(unsigned elementBytes) {
  if (withWidth(elementBytes, [](auto) {}))
    return Status::success();
  return Status::failure("elements of " + std::to_string(elementBytes) +
                         " bytes are not supported: 1, 2, 4 and 8 are");
}

Status checkPackable(const Format &format, const DenseView &dense) {
  if (Status s = format.supports(dense.rows, dense.cols); !s.ok())
    return s;
  if (Status s = checkWidth(dense.elementBytes); !s.ok())
    return s;
  if (!dense.data && dense.rows != 0 && dense.cols != 0)
    return Status::failure("the dense matrix has no data");
  return Status::success();
}

Status checkEntries(const Format &format, const RowEntries &rows) {
  if (!rows.valid())
    return Status::failure("the row entries have arrays of differing lengths");
  if (Status s = checkWidth(rows.elementBytes); !s.ok())
    return s;
  return format.supports(rows.rows, rows.cols);
}

Status checkStored(const Format &format, int64_t stored, const char *what) {
  if (stored <= std::numeric_limits<uint32_t>::max())
    return Status::success();
  return Status::failure(format.spelling() + " holds at most 4294967295 " +
                         what + ", but the matrix has " +
                         std::to_string(stored));
}

/// Bytes of a component. Shapes that checkShape took do not overflow here.
static int64_t bytesOf(const ComponentSpec &spec, unsigned elementBytes) {
  int64_t bytes = entryBytes(spec.type, elementBytes);
  for (int64_t extent : spec.shape) {
    if (extent == kUnknown)
      return kUnknown;
    bytes *= extent;
  }
  return bytes;
}

PackedMatrix beginPacked(const Format &format, int64_t rows, int64_t cols,
                         unsigned elementBytes) {
  PackedMatrix packed;
  packed.rows = rows;
  packed.cols = cols;
  packed.elementBytes = elementBytes;
  packed.stored = kUnknown;
  packed.components.resize(format.components(rows, cols, kUnknown).size());
  return packed;
}

Status allocate(const Format &format, PackedMatrix &packed, size_t component) {
  ComponentSpec spec =
      format.components(packed.rows, packed.cols, packed.stored)[component];
  int64_t bytes = bytesOf(spec, packed.elementBytes);
  packed.components[component] = Buffer(bytes);
  if (packed.components[component].valid())
    return Status::success();
  return Status::failure("out of memory: " + spec.name + " of " +
                         format.spelling() + " need " + std::to_string(bytes) +
                         " bytes");
}

void accumulate(uint32_t *offsets, int64_t lines) {
  offsets[0] = 0;
  for (int64_t i = 0; i < lines; ++i)
    offsets[i + 1] += offsets[i];
}

Status checkArrays(const Format &format, const PackedView &packed,
                   int64_t stored) {
  if (Status s = format.supports(packed.rows, packed.cols); !s.ok())
    return s;
  if (Status s = checkWidth(packed.elementBytes); !s.ok())
    return s;
  auto specs = format.components(packed.rows, packed.cols, stored);
  if (packed.components.size() != specs.size())
    return Status::failure(
        format.spelling() + " has " + std::to_string(specs.size()) +
        " component arrays, found " + std::to_string(packed.components.size()));
  for (size_t i = 0; i < specs.size(); ++i) {
    const PackedView::Array &array = packed.components[i];
    int64_t expected = bytesOf(specs[i], packed.elementBytes);
    if (expected == kUnknown)
      continue;
    if (array.bytes != expected) {
      std::string text = specs[i].name + " has " + std::to_string(array.bytes) +
                         " bytes, expected " + std::to_string(expected);
      if (stored != kUnknown)
        text += ", since offsets end at " + std::to_string(stored);
      return Status::failure(text);
    }
    if (!array.data && expected != 0)
      return Status::failure(specs[i].name + " has no data");
  }
  return Status::success();
}

std::string describe(const char *array, int64_t index, uint64_t found,
                     const std::string &complaint) {
  return std::string(array) + "[" + std::to_string(index) +
         "] = " + std::to_string(found) + " " + complaint;
}

Status checkOffsets(const void *offsets, int64_t lines) {
  uint32_t previous = load<uint32_t>(offsets, 0);
  if (previous != 0)
    return Status::failure(describe("offsets", 0, previous, "is not 0"));
  for (int64_t i = 1; i <= lines; ++i) {
    uint32_t offset = load<uint32_t>(offsets, i);
    if (offset < previous)
      return Status::failure(describe("offsets", i, offset,
                                      "is less than offsets[" +
                                          std::to_string(i - 1) +
                                          "] = " + std::to_string(previous)));
    previous = offset;
  }
  return Status::success();
}

} // namespace sparsec::formats
