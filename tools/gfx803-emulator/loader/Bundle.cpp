//===- Bundle.cpp - clang's offload bundles -------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/loader/Bundle.h"

#include "tools/gfx803-emulator/loader/Messages.h"

#include <cstring>

using namespace gfx803;

static constexpr std::string_view kMagic = "__CLANG_OFFLOAD_BUNDLE__";
static constexpr std::string_view kCompressedMagic = "CCOB";
static constexpr std::string_view kChip = "-gfx803";

static bool endsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() &&
         text.substr(text.size() - end.size()) == end;
}

/// Takes a number off the front; false if there are not enough bytes.
static bool take(std::string_view &bytes, uint64_t &value) {
  if (bytes.size() < sizeof(value))
    return false;
  std::memcpy(&value, bytes.data(), sizeof(value));
  bytes.remove_prefix(sizeof(value));
  return true;
}

bool gfx803::unbundle(std::string_view &bytes, std::string &error) {
  if (bytes.substr(0, kCompressedMagic.size()) == kCompressedMagic) {
    error = "a compressed offload bundle: unpack it with clang-offload-bundler "
            "--unbundle, or compile with --no-offload-compress";
    return false;
  }
  if (bytes.substr(0, kMagic.size()) != kMagic)
    return true;
  // A count, then for each entry: offset, size, length of the name, name.
  std::string_view rest = bytes.substr(kMagic.size());
  uint64_t count = 0, offset = 0, size = 0, nameBytes = 0;
  std::string names;
  bool good = take(rest, count);
  for (uint64_t i = 0; good && i < count; ++i) {
    good = take(rest, offset) && take(rest, size) && take(rest, nameBytes) &&
           nameBytes <= rest.size() && offset <= bytes.size() &&
           size <= bytes.size() - offset;
    if (!good)
      break;
    std::string_view name = rest.substr(0, nameBytes);
    rest.remove_prefix(nameBytes);
    if (endsWith(name, kChip)) {
      bytes = bytes.substr(offset, size);
      return true;
    }
    if (names.size() < 400)
      names += (names.empty() ? "" : ", ") + quote(name);
  }
  error = good ? "an offload bundle without gfx803: it holds " +
                     (names.empty() ? "nothing" : names)
               : "a damaged offload bundle (truncated?)";
  return false;
}
