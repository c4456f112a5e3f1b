//===- Format.h - Compressed matrix formats in memory -----------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one place that knows how each format lies in memory. The compiler packs
// constants with it, the runtime validates and expands with it. It is plain
// C++17: no LLVM, no exceptions thrown on purpose, no element arithmetic. An
// element is a bit pattern of 1, 2, 4 or 8 bytes, and it is stored unless all
// its bits are zero, so -0.0, NaN payloads and denormals survive.
//
// All arrays are little endian. Offsets and column numbers are unsigned.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_FORMATS_FORMAT_H
#define SPARSEC_RUNTIME_FORMATS_FORMAT_H

#include "runtime/formats/Buffer.h"
#include "runtime/formats/Statistics.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sparsec::formats {

/// Success, or one sentence that says what is wrong (lower case, no full stop).
class [[nodiscard]] Status {
public:
  static Status success() { return Status(); }
  static Status failure(std::string message) {
    Status s;
    s.failed = true;
    s.text = std::move(message);
    return s;
  }
  bool ok() const { return !failed; }
  const std::string &message() const { return text; }

private:
  bool failed = false;
  std::string text;
};

/// What one entry of a component array is: an element of the matrix, or an
/// unsigned integer of the given width.
enum class ComponentType : uint8_t { Element, U16, U32, U64 };

/// The length that is known only once a matrix has been packed.
constexpr int64_t kUnknown = -1;

/// One component array of a format: its name (the field's usual term), the
/// type of an entry, and its shape. A dimension may be kUnknown.
struct ComponentSpec {
  std::string name;
  ComponentType type;
  std::vector<int64_t> shape;
};

/// Bytes of one entry of a component whose matrix has elements of
/// `elementBytes` bytes.
unsigned entryBytes(ComponentType type, unsigned elementBytes);

/// A matrix in some format. `stored` counts what the format counts: entries
/// for bitmask, csr and csc; blocks for block.
struct PackedMatrix {
  int64_t rows = 0;
  int64_t cols = 0;
  unsigned elementBytes = 4;
  int64_t stored = 0;
  std::vector<Buffer> components;

  int64_t storedBytes() const;
};

/// Component arrays that somebody else owns; nothing about them is trusted
/// until `Format::validate` has accepted them.
struct PackedView {
  struct Array {
    const void *data = nullptr;
    int64_t bytes = 0;
  };
  int64_t rows = 0;
  int64_t cols = 0;
  unsigned elementBytes = 4;
  std::vector<Array> components;

  PackedView() = default;
  explicit PackedView(const PackedMatrix &matrix);
};

/// The nonzeros of a matrix, row after row, columns ascending: the form through
/// which any two formats convert into each other. `values` holds nnz elements
/// of `elementBytes` bytes.
struct RowEntries {
  int64_t rows = 0;
  int64_t cols = 0;
  unsigned elementBytes = 4;
  std::vector<int64_t> offsets; // rows + 1
  std::vector<uint32_t> columns;
  Buffer values;

  /// False if there was no memory for them.
  bool valid() const;
};

/// What a kernel goes through to multiply by a matrix once, for a model of what
/// that costs.
struct Work {
  int64_t outer = 0;   ///< rows, columns or rows of blocks: sums or updates
  int64_t steps = 0;   ///< words or blocks within them
  int64_t entries = 0; ///< elements that are multiplied, stored zeros included
};

/// A compressed format. Immutable and thread safe. Add a format by deriving
/// from this class and naming it in Registry.cpp.
class Format {
public:
  virtual ~Format() = default;

  /// The mnemonic: "bitmask", "csr", "csc", "block".
  virtual std::string name() const = 0;
  /// The name with its parameters, as the dialect prints it: "csr<index =
  /// i16>", "block<8x8>", "bitmask".
  virtual std::string spelling() const = 0;

  /// Whether a matrix of this shape fits (index widths); the message says which
  /// limit is exceeded. Shapes are validated to be non-negative here too.
  virtual Status supports(int64_t rows, int64_t cols) const = 0;

  /// The component arrays for a matrix with `stored` entries (or blocks), or
  /// for any number of them if `stored` is kUnknown.
  virtual std::vector<ComponentSpec> components(int64_t rows, int64_t cols,
                                                int64_t stored) const = 0;

  /// Bytes that `pack` of a matrix with these statistics would store.
  virtual int64_t storedBytes(const Statistics &stats) const = 0;

  /// What a product with a matrix of these statistics has to do.
  virtual Work work(const Statistics &stats) const = 0;

  /// Packs a dense matrix. Needs supports(rows, cols); fails if the number of
  /// stored entries does not fit the 32-bit offsets. Parallel, linear time.
  virtual Status pack(const DenseView &dense, PackedMatrix &packed) const = 0;

  /// Checks component arrays from outside: lengths, monotone offsets that end
  /// at the entry count, indices in range and ascending, mask popcount equal to
  /// the number of values and to each row's offsets, padding bits zero.
  virtual Status validate(const PackedView &packed) const = 0;

  /// Expands into every element of `dense`. `packed` must have been validated
  /// or come from `pack`.
  virtual void unpack(const PackedView &packed,
                      const MutableDenseView &dense) const = 0;

  /// To and from row entries; elements that are +0.0 are not entries.
  virtual RowEntries toRows(const PackedView &packed) const = 0;
  virtual Status fromRows(const RowEntries &rows,
                          PackedMatrix &packed) const = 0;
};

using FormatPtr = std::shared_ptr<const Format>;

/// What a kernel does for a dense matrix: `work` of no format.
Work denseWork(const Statistics &stats);

/// The formats by construction. `indexBits` is 16 or 32; `size` is 4, 8, 16 or
/// 32. Anything else returns null.
FormatPtr makeBitmask();
FormatPtr makeCsr(unsigned indexBits);
FormatPtr makeCsc(unsigned indexBits);
FormatPtr makeBlock(unsigned size);

/// The format with this mnemonic and the narrowest parameters that fit the
/// shape ("csr" takes 16-bit indices where cols <= 65536, "csc" where rows <=
/// 65536, "block" is 8x8); null if there is none of that name.
FormatPtr makeFormat(const std::string &name, int64_t rows, int64_t cols);

/// Every format that a matrix of this shape can have, with the narrowest
/// indices: those of makeFormat, then blocks of the other sizes.
std::vector<FormatPtr> allFormats(int64_t rows, int64_t cols);

/// The mnemonics that makeFormat knows, in a fixed order.
const std::vector<std::string> &formatNames();

/// Converts between any two formats in time linear in the entries, without a
/// dense copy.
Status convert(const Format &from, const PackedView &source, const Format &to,
               PackedMatrix &result);

} // namespace sparsec::formats

#endif // SPARSEC_RUNTIME_FORMATS_FORMAT_H
