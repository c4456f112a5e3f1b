//===- Messages.h - Text of a file in messages ------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_LOADER_MESSAGES_H
#define GFX803_EMULATOR_LOADER_MESSAGES_H

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace gfx803 {

/// The beginning of a string that came from a file, fit for one line.
inline std::string quote(std::string_view text) {
  constexpr size_t kMost = 80;
  std::string result = "'";
  for (char c : text.substr(0, kMost))
    result += c < ' ' || c > '~' ? '?' : c;
  return result + (text.size() > kMost ? "...'" : "'");
}

inline std::string hex(uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof(text), "0x%llx",
                static_cast<unsigned long long>(value));
  return text;
}

} // namespace gfx803

#endif // GFX803_EMULATOR_LOADER_MESSAGES_H
