//===- MessagePack.cpp - Read MessagePack from untrusted bytes ------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/hsa/MessagePack.h"

using sparsec::rt::MessagePack;

bool MessagePack::bytes(uint64_t count, const uint8_t *&from) {
  if (count > uint64_t(end - next))
    return false;
  from = next;
  next += count;
  return true;
}

bool MessagePack::unsignedOf(unsigned size, uint64_t &value) {
  const uint8_t *from;
  if (!bytes(size, from))
    return false;
  value = 0;
  for (unsigned i = 0; i < size; ++i)
    value = value << 8 | from[i];
  return true;
}

bool MessagePack::container(uint8_t fixed, uint8_t mask, uint8_t wide,
                            uint32_t &count) {
  if (next == end)
    return false;
  uint8_t tag = *next;
  uint64_t value;
  if ((tag & ~mask) == fixed) {
    value = tag & mask;
    ++next;
  } else if (tag == wide || tag == wide + 1) {
    ++next;
    if (!unsignedOf(tag == wide ? 2 : 4, value))
      return false;
  } else {
    return false;
  }
  count = uint32_t(value);
  return true;
}

bool MessagePack::map(uint32_t &pairs) {
  return container(0x80, 0x0f, 0xde, pairs);
}

bool MessagePack::array(uint32_t &elements) {
  return container(0x90, 0x0f, 0xdc, elements);
}

bool MessagePack::string(std::string_view &text) {
  if (next == end)
    return false;
  uint8_t tag = *next;
  uint64_t length;
  if ((tag & 0xe0) == 0xa0) {
    length = tag & 0x1f;
    ++next;
  } else if (tag >= 0xd9 && tag <= 0xdb) {
    ++next;
    if (!unsignedOf(1u << (tag - 0xd9), length))
      return false;
  } else {
    return false;
  }
  const uint8_t *from;
  if (!bytes(length, from))
    return false;
  text = {reinterpret_cast<const char *>(from), size_t(length)};
  return true;
}

bool MessagePack::number(uint64_t &value) {
  if (next == end)
    return false;
  uint8_t tag = *next;
  if (tag < 0x80) {
    value = tag;
    ++next;
    return true;
  }
  // Signed ones too: a writer may choose them for what is not negative.
  bool isUnsigned = tag >= 0xcc && tag <= 0xcf;
  bool isSigned = tag >= 0xd0 && tag <= 0xd3;
  if (!isUnsigned && !isSigned)
    return false;
  ++next;
  unsigned size = 1u << (tag & 3);
  return unsignedOf(size, value) &&
         (isUnsigned || value >> (8 * size - 1) == 0);
}

bool MessagePack::boolean(bool &value) {
  if (next == end || (*next != 0xc2 && *next != 0xc3))
    return false;
  value = *next++ == 0xc3;
  return true;
}

bool MessagePack::skip() {
  // Each round takes at least a byte, so a false count ends with the bytes.
  for (uint64_t left = 1; left != 0; --left) {
    uint32_t count;
    std::string_view text;
    uint64_t length = 0;
    const uint8_t *ignored;
    if (map(count)) {
      left += 2 * uint64_t(count);
      continue;
    }
    if (array(count)) {
      left += count;
      continue;
    }
    if (string(text))
      continue;
    if (next == end)
      return false;
    uint8_t tag = *next++;
    if (tag < 0x80 || tag >= 0xe0 || tag == 0xc0 || tag == 0xc2 || tag == 0xc3)
      continue;                       // a small number, nil, false, true
    if (tag >= 0xc4 && tag <= 0xc6) { // bytes
      if (!unsignedOf(1u << (tag - 0xc4), length))
        return false;
    } else if (tag >= 0xc7 && tag <= 0xc9) { // an extension: its type as well
      if (!unsignedOf(1u << (tag - 0xc7), length))
        return false;
      ++length;
    } else if (tag == 0xca || tag == 0xcb) { // float, double
      length = tag == 0xca ? 4 : 8;
    } else if (tag >= 0xcc && tag <= 0xd3) { // numbers
      length = 1u << (tag & 3);
    } else if (tag >= 0xd4 && tag <= 0xd8) { // small extensions
      length = (1u << (tag - 0xd4)) + 1;
    } else {
      return false;
    }
    if (!bytes(length, ignored))
      return false;
  }
  return true;
}
