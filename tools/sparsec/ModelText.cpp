//===- ModelText.cpp - The text of a model without its weights ------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sparsec/ModelText.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

#include <cerrno>
#include <cstring>

using namespace sparsec::tools;
using llvm::StringRef;

/// Strings shorter than this stay in the text.
static constexpr size_t kLongString = 1 << 16;
/// What a type behind a dense attribute takes at most.
static constexpr size_t kLongType = 256;
static constexpr StringRef kInlineStart = "dense<\"0x";

bool Bytes::push(char byte) {
  if (size == capacity) {
    size_t larger = capacity ? 2 * capacity : kLongString;
    auto *moved = static_cast<char *>(std::realloc(data.get(), larger));
    if (!moved)
      return false;
    (void)data.release();
    data.reset(moved);
    capacity = larger;
  }
  data.get()[size++] = byte;
  return true;
}

int TextReader::next() {
  if (at == end) {
    end = std::fread(buffer.data(), 1, buffer.size(), file);
    at = 0;
    if (end == 0)
      return -1;
  }
  return static_cast<unsigned char>(buffer[at++]);
}

/// Whether the text ends in `KEY: "0x` inside the resource section.
bool TextReader::atResource() const {
  StringRef tail(text);
  return inResources && tail.consume_back("\"0x") &&
         tail.rtrim().ends_with(":");
}

bool TextReader::atInline() const {
  return !inResources && StringRef(text).ends_with(kInlineStart);
}

std::string TextReader::resourceKey() const {
  StringRef before = StringRef(text).drop_back(3).rtrim();
  before = before.drop_back().rtrim();
  StringRef key =
      before.take_back(before.size() - (before.find_last_of(" \n\t{,") + 1));
  return key.trim('"').str();
}

/// Whether a resource of so many bytes has this type, in the text right behind
/// inline data: `> : tensor<2x3xf32>`, with elements of whole bytes.
static bool fits(StringRef type, size_t bytes) {
  if (!type.consume_front(">"))
    return false;
  type = type.ltrim();
  if (!type.consume_front(":"))
    return false;
  type = type.ltrim();
  if (!type.consume_front("tensor<") || !type.consume_back(">"))
    return false;
  llvm::SmallVector<StringRef> parts;
  type.split(parts, 'x');
  size_t size = llvm::StringSwitch<size_t>(parts.pop_back_val().trim())
                    .Case("i8", 1)
                    .Cases({"f16", "bf16", "i16"}, 2)
                    .Cases({"f32", "i32"}, 4)
                    .Cases({"f64", "i64"}, 8)
                    .Default(0);
  for (StringRef part : parts) {
    size_t dim;
    if (part.trim().getAsInteger(10, dim) || dim == 0 || size > bytes / dim)
      return false;
    size *= dim;
  }
  return size == bytes;
}

/// After the closing quote of long inline data, whose first digit is at `start`
/// of the text.
void TextReader::finishInline(Resource resource, size_t start) {
  std::string type;
  for (int c = next(); c >= 0; c = next()) {
    type.push_back(char(c));
    if (c == '\n' || type.size() == kLongType ||
        (c == '>' && StringRef(type).count('>') == 2))
      break;
  }
  if (fits(type, resource.bytes.size)) {
    text.resize(start - kInlineStart.size());
    text += "dense_resource<" + resource.key;
    resources.push_back(std::move(resource));
  } else { // the parser knows more types, and what is wrong with this one
    text.resize(start);
    text +=
        llvm::toHex(StringRef(resource.bytes.data.get(), resource.bytes.size));
    text.push_back('"');
  }
  text += type;
}

/// After the `"0x` of a string has been read into the text.
bool TextReader::readHex(Resource resource, std::string &error) {
  size_t start = text.size();
  int high = -1;
  for (int c = next(); c != '"'; c = next()) {
    unsigned digit = c < 0 ? ~0u : llvm::hexDigitValue(char(c));
    if (digit == ~0u) { // the parser says what is wrong
      if (c >= 0)
        text.push_back(char(c));
      return true;
    }
    // The first bytes also stay in the text: all of a short string, and the
    // alignment of a long one.
    if (text.size() - start < kLongString)
      text.push_back(char(c));
    if (high < 0) {
      high = int(digit);
      continue;
    }
    if (!resource.bytes.push(char(high << 4 | int(digit)))) {
      error = "no memory for resource '" + resource.key + "'";
      return false;
    }
    high = -1;
  }
  if (text.size() - start >= kLongString && high < 0) {
    if (resource.isInline) {
      finishInline(std::move(resource), start);
      return true;
    }
    text.resize(start + 2 * resource.header());
    resources.push_back(std::move(resource));
  }
  text.push_back('"');
  return true;
}

bool TextReader::read(std::string &error) {
  for (int c = next(); c >= 0; c = next()) {
    text.push_back(char(c));
    if (c == '#' && StringRef(text).ends_with("{-#"))
      inResources = true;
    if (c != 'x')
      continue;
    Resource resource;
    if (atResource()) {
      resource.key = resourceKey();
    } else if (atInline()) {
      resource.key = "sparsec_inline_" + std::to_string(resources.size());
      resource.isInline = true;
    } else {
      continue;
    }
    if (!readHex(std::move(resource), error))
      return false;
  }
  if (std::ferror(file)) {
    error = std::strerror(errno);
    return false;
  }
  return true;
}
