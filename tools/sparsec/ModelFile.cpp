//===- ModelFile.cpp - Reading a model without holding its text -----------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sparsec/ModelFile.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinDialect.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

using namespace mlir;
using namespace sparsec::tools;

namespace {

/// Strings shorter than this stay in the text.
constexpr size_t kLongString = 1 << 16;
/// The bytes before the data of a resource: its alignment.
constexpr size_t kAlignmentBytes = 4;

/// Bytes that grow, 64-byte aligned in the end.
struct Bytes {
  std::unique_ptr<char, decltype(&std::free)> data{nullptr, &std::free};
  size_t size = 0, capacity = 0;

  bool push(char byte) {
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
};

struct Resource {
  std::string key;
  Bytes bytes;
};

/// Reads text and takes the long resources out of it.
class TextReader {
public:
  explicit TextReader(std::FILE *file) : file(file), buffer(1 << 20) {}

  bool read(std::string &error);

  std::string text;
  std::vector<Resource> resources;

private:
  int next() {
    if (at == end) {
      end = std::fread(buffer.data(), 1, buffer.size(), file);
      at = 0;
      if (end == 0)
        return -1;
    }
    return static_cast<unsigned char>(buffer[at++]);
  }
  /// After `KEY: "0x` has been read into the text.
  bool readHex(std::string &error);
  bool atResource() const;

  std::FILE *file;
  std::vector<char> buffer;
  size_t at = 0, end = 0;
  bool inResources = false;
};

} // namespace

/// Whether the text ends in `KEY: "0x` inside the resource section.
bool TextReader::atResource() const {
  llvm::StringRef tail(text);
  return inResources && tail.consume_back("\"0x") &&
         tail.rtrim().ends_with(":");
}

bool TextReader::readHex(std::string &error) {
  llvm::StringRef before = llvm::StringRef(text).drop_back(3).rtrim();
  before = before.drop_back().rtrim();
  llvm::StringRef key =
      before.take_back(before.size() - (before.find_last_of(" \n\t{,") + 1));
  Resource resource;
  resource.key = key.trim('"').str();
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
    text.resize(start + 2 * kAlignmentBytes);
    resources.push_back(std::move(resource));
  }
  text.push_back('"');
  return true;
}

bool TextReader::read(std::string &error) {
  for (int c = next(); c >= 0; c = next()) {
    text.push_back(char(c));
    if (c == '#' && llvm::StringRef(text).ends_with("{-#"))
      inResources = true;
    if (c == 'x' && atResource() && !readHex(error))
      return false;
  }
  if (std::ferror(file)) {
    error = std::strerror(errno);
    return false;
  }
  return true;
}

/// Gives each resource its data.
static bool attach(MLIRContext *context, std::vector<Resource> &resources,
                   std::string &error) {
  auto &manager = DenseResourceElementsHandle::getManagerInterface(context)
                      .getBlobManager();
  for (Resource &resource : resources) {
    // In place: the alignment goes, the data move to an aligned address.
    size_t size = resource.bytes.size - kAlignmentBytes;
    char *raw = resource.bytes.data.get();
    void *aligned = nullptr;
    if (reinterpret_cast<uintptr_t>(raw) % 64 == 0) {
      std::memmove(raw, raw + kAlignmentBytes, size);
      aligned = resource.bytes.data.release();
    } else {
      if (::posix_memalign(&aligned, 64, size)) {
        error = "no memory for resource '" + resource.key + "'";
        return false;
      }
      std::memcpy(aligned, raw + kAlignmentBytes, size);
      resource.bytes.data.reset();
    }
    AsmResourceBlob blob(
        llvm::ArrayRef<char>(static_cast<char *>(aligned), size),
        /*dataAlignment=*/64,
        [](void *data, size_t, size_t) { std::free(data); },
        /*dataIsMutable=*/false);
    if (manager.lookup(resource.key))
      manager.update(resource.key, std::move(blob));
  }
  return true;
}

OwningOpRef<ModuleOp> sparsec::tools::parseModelFile(const std::string &path,
                                                     MLIRContext *context,
                                                     std::string &error) {
  auto sources = std::make_shared<llvm::SourceMgr>();
  std::unique_ptr<std::FILE, int (*)(std::FILE *)> file(
      std::fopen(path.c_str(), "rb"), &std::fclose);
  if (!file) {
    error = std::strerror(errno);
    return nullptr;
  }
  char magic[4] = {};
  size_t got = std::fread(magic, 1, sizeof magic, file.get());
  if (got == sizeof magic && std::memcmp(magic, "ML\xefR", 4) == 0) {
    auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                              /*RequiresNullTerminator=*/true);
    if (!buffer) {
      error = buffer.getError().message();
      return nullptr;
    }
    sources->AddNewSourceBuffer(std::move(*buffer), llvm::SMLoc());
    return parseSourceFile<ModuleOp>(sources, context);
  }

  std::rewind(file.get());
  TextReader reader(file.get());
  if (!reader.read(error))
    return nullptr;
  sources->AddNewSourceBuffer(
      llvm::MemoryBuffer::getMemBuffer(reader.text, path), llvm::SMLoc());
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(sources, context);
  if (module && !attach(context, reader.resources, error))
    return nullptr;
  return module;
}
