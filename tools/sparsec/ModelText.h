//===- ModelText.h - The text of a model without its weights -- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Reads text and takes the long strings of hexadecimal digits out of it, so
// that the parser, which holds each several times, never sees them:
//
//   - resources, of which the alignment stays in the text;
//   - inline data of a dense attribute, `dense<"0x..."> : tensor<...>`, which
//     becomes a resource of a made-up name.

#ifndef SPARSEC_TOOLS_SPARSEC_MODELTEXT_H
#define SPARSEC_TOOLS_SPARSEC_MODELTEXT_H

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace sparsec::tools {

/// Bytes that grow.
struct Bytes {
  std::unique_ptr<char, decltype(&std::free)> data{nullptr, &std::free};
  size_t size = 0, capacity = 0;

  /// False if there is no memory.
  bool push(char byte);
};

struct Resource {
  std::string key;
  Bytes bytes;
  bool isInline = false;
  /// The bytes before the data.
  size_t header() const { return isInline ? 0 : 4; }
};

class TextReader {
public:
  explicit TextReader(std::FILE *file) : file(file), buffer(1 << 20) {}

  bool read(std::string &error);

  std::string text;
  std::vector<Resource> resources;

private:
  int next();
  bool atResource() const;
  bool atInline() const;
  std::string resourceKey() const;
  bool readHex(Resource resource, std::string &error);
  void finishInline(Resource resource, size_t start);

  std::FILE *file;
  std::vector<char> buffer;
  size_t at = 0, end = 0;
  bool inResources = false;
};

} // namespace sparsec::tools

#endif // SPARSEC_TOOLS_SPARSEC_MODELTEXT_H
