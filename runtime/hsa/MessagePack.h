//===- MessagePack.h - Read MessagePack from untrusted bytes ----*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_HSA_MESSAGEPACK_H
#define SPARSEC_RUNTIME_HSA_MESSAGEPACK_H

#include <cstdint>
#include <string_view>

namespace sparsec::rt {

/// Reads one value after the other, in the order they are stored. A function
/// that returns false has met another type than it was asked for, or the end of
/// the bytes; reading stops there. Counts are as stored: check nothing but the
/// results of reading on.
///
/// {".name": "f", ".args": [1]} is the bytes 82 a5 ".name" a1 "f" a5 ".args"
/// 91 01, and is read by map (2), string, string, string, array (1), number.
class MessagePack {
public:
  MessagePack(const void *bytes, uint64_t count)
      : next(static_cast<const uint8_t *>(bytes)), end(next + count) {}

  /// A map has `pairs` times a key and a value behind it.
  bool map(uint32_t &pairs);
  bool array(uint32_t &elements);
  /// Points into the bytes.
  bool string(std::string_view &text);
  /// Not negative.
  bool number(uint64_t &value);
  bool boolean(bool &value);

  /// Passes over one value with all that is in it.
  bool skip();

private:
  bool bytes(uint64_t count, const uint8_t *&from);
  /// A big-endian number of 1, 2, 4 or 8 bytes.
  bool unsignedOf(unsigned size, uint64_t &value);
  bool container(uint8_t fixed, uint8_t mask, uint8_t wide, uint32_t &count);

  const uint8_t *next, *end;
};

} // namespace sparsec::rt

#endif // SPARSEC_RUNTIME_HSA_MESSAGEPACK_H
