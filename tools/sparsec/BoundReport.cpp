//===- BoundReport.cpp - What entries hold at most ------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sparsec/BoundReport.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace sparsec;

static std::string format(int64_t bound) {
  return bound < 0 ? "known at run time only" : std::to_string(bound);
}

void sparsec::tools::printBounds(raw_ostream &out, const ModelInfo &info) {
  size_t name = 5;
  for (const EntryInfo &entry : info.entries)
    name = std::max(name, entry.name.size());
  out << "\n"
      << left_justify("entry", name)
      << "  decompressed bytes, at most   working bytes, at most\n";
  for (const EntryInfo &entry : info.entries)
    out << left_justify(entry.name, name)
        << formatv("  {0,27}  {1,23}\n", format(entry.boundDecompressed),
                   format(entry.boundWorking));
}

void sparsec::tools::printBoundsJson(json::OStream &json,
                                     const ModelInfo &info) {
  auto attribute = [&](StringRef key, int64_t bound) {
    if (bound < 0)
      json.attribute(key, nullptr);
    else
      json.attribute(key, bound);
  };
  json.attributeArray("entries", [&] {
    for (const EntryInfo &entry : info.entries)
      json.object([&] {
        json.attribute("name", entry.name);
        attribute("bound_decompressed_bytes", entry.boundDecompressed);
        attribute("bound_working_bytes", entry.boundWorking);
      });
  });
}
