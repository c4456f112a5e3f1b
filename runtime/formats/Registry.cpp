//===- Registry.cpp - The formats by name ---------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/formats/Format.h"

namespace sparsec::formats {

namespace {

constexpr int64_t kMost16Bit = int64_t(1) << 16;

/// One line for each format. Its factory picks the narrowest parameters that
/// fit the shape; whether they fit at all, Format::supports says.
struct Entry {
  const char *name;
  FormatPtr (*make)(int64_t rows, int64_t cols);
};

const Entry kFormats[] = {
    {"bitmask", [](int64_t, int64_t) { return makeBitmask(); }},
    {"csr", [](int64_t,
               int64_t cols) { return makeCsr(cols <= kMost16Bit ? 16 : 32); }},
    {"csc", [](int64_t rows,
               int64_t) { return makeCsc(rows <= kMost16Bit ? 16 : 32); }},
    {"block", [](int64_t, int64_t) { return makeBlock(8); }},
};

} // namespace

FormatPtr makeFormat(const std::string &name, int64_t rows, int64_t cols) {
  for (const Entry &entry : kFormats)
    if (name == entry.name)
      return entry.make(rows, cols);
  return nullptr;
}

std::vector<FormatPtr> allFormats(int64_t rows, int64_t cols) {
  std::vector<FormatPtr> all;
  auto add = [&](FormatPtr format) {
    if (format->supports(rows, cols).ok())
      all.push_back(std::move(format));
  };
  for (const Entry &entry : kFormats)
    add(entry.make(rows, cols));
  for (unsigned size : {4, 16, 32})
    add(makeBlock(size));
  return all;
}

const std::vector<std::string> &formatNames() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Entry &entry : kFormats)
      all.push_back(entry.name);
    return all;
  }();
  return names;
}

} // namespace sparsec::formats
