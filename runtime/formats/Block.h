//===- Block.h - Dense blocks in compressed rows ----------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   values  Element [nblocks, b, b]        each block row major
//   indices U32 [nblocks]                  block column, ascending in a row
//   offsets U32 [ceil(rows / b) + 1]       where each row of blocks starts
//
// A block is stored if any of its elements has a bit set. Blocks at the edge
// are whole blocks, with zeros outside the matrix.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_FORMATS_BLOCK_H
#define SPARSEC_RUNTIME_FORMATS_BLOCK_H

#include "runtime/formats/Elements.h"
#include "runtime/formats/Format.h"
#include "runtime/formats/Validate.h"

#include <type_traits>

namespace sparsec::formats {

/// Calls fn with the block size as a compile time constant, so that copying a
/// row of a block is a few moves.
template <typename Fn> void withSize(int64_t size, Fn fn) {
  switch (size) {
  case 4:
    return fn(std::integral_constant<int64_t, 4>());
  case 8:
    return fn(std::integral_constant<int64_t, 8>());
  case 16:
    return fn(std::integral_constant<int64_t, 16>());
  default:
    return fn(std::integral_constant<int64_t, 32>());
  }
}

class Block final : public Format {
public:
  enum Component { kValues, kIndices, kOffsets };

  explicit Block(int64_t size) : size(size) {}

  std::string name() const override { return "block"; }
  std::string spelling() const override {
    return "block<" + std::to_string(size) + "x" + std::to_string(size) + ">";
  }

  Status supports(int64_t rows, int64_t cols) const override {
    return checkShape(*this, rows, cols);
  }

  std::vector<ComponentSpec> components(int64_t rows, int64_t,
                                        int64_t stored) const override {
    return {{"values", ComponentType::Element, {stored, size, size}},
            {"indices", ComponentType::U32, {stored}},
            {"offsets", ComponentType::U32, {ceilDiv(rows, size) + 1}}};
  }

  int64_t storedBytes(const Statistics &stats) const override {
    return stats.block(size).occupied * (size * size * stats.elementBytes + 4) +
           (ceilDiv(stats.rows, size) + 1) * 4;
  }

  Work work(const Statistics &stats) const override {
    int64_t occupied = stats.block(size).occupied;
    return {ceilDiv(stats.rows, size), occupied, occupied * size * size};
  }

  Status pack(const DenseView &dense, PackedMatrix &packed) const override;
  Status validate(const PackedView &packed) const override;
  void unpack(const PackedView &packed,
              const MutableDenseView &dense) const override;
  RowEntries toRows(const PackedView &packed) const override;
  Status fromRows(const RowEntries &rows, PackedMatrix &packed) const override;

private:
  /// Calls fn with a zero of the element type and the block size.
  template <typename Fn> void dispatch(unsigned elementBytes, Fn fn) const {
    withWidth(elementBytes, [&](auto zero) {
      withSize(size, [&](auto constant) { fn(zero, constant); });
    });
  }
  /// With the lengths of the block rows in offsets[1..], makes them offsets and
  /// allocates the other components.
  Status sizeBlocks(PackedMatrix &packed, int64_t stored) const;

  int64_t size;
};

} // namespace sparsec::formats

#endif // SPARSEC_RUNTIME_FORMATS_BLOCK_H
