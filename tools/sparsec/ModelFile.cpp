//===- ModelFile.cpp - Reading a model without holding its text -----------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sparsec/ModelFile.h"

#include "tools/sparsec/ModelText.h"

#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinDialect.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

using namespace mlir;
using namespace sparsec::tools;

/// Gives each resource its data.
static bool attach(MLIRContext *context, std::vector<Resource> &resources,
                   std::string &error) {
  auto &manager = DenseResourceElementsHandle::getManagerInterface(context)
                      .getBlobManager();
  for (Resource &resource : resources) {
    // In place: the alignment goes, the data move to an aligned address.
    size_t size = resource.bytes.size - resource.header();
    char *raw = resource.bytes.data.get();
    void *aligned = nullptr;
    if (reinterpret_cast<uintptr_t>(raw) % 64 == 0) {
      std::memmove(raw, raw + resource.header(), size);
      aligned = resource.bytes.data.release();
    } else {
      if (::posix_memalign(&aligned, 64, size)) {
        error = "no memory for resource '" + resource.key + "'";
        return false;
      }
      std::memcpy(aligned, raw + resource.header(), size);
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

/// Data that were inline become what the parser would have made of them: passes
/// fold such constants and not resources. Each resource is freed at once.
static void restoreInline(ModuleOp module,
                          const std::vector<Resource> &resources) {
  llvm::StringSet<> keys;
  for (const Resource &resource : resources)
    if (resource.isInline)
      keys.insert(resource.key);
  if (keys.empty())
    return;
  AttrTypeReplacer replacer;
  replacer.addReplacement(
      [&](DenseResourceElementsAttr attr) -> std::optional<Attribute> {
        DenseResourceElementsHandle handle = attr.getRawHandle();
        if (!keys.contains(handle.getKey()) || !handle.getBlob())
          return std::nullopt;
        auto dense = DenseElementsAttr::getFromRawBuffer(
            attr.getType(), handle.getBlob()->getData());
        handle.getResource()->setBlob(AsmResourceBlob());
        return dense;
      });
  replacer.recursivelyReplaceElementsIn(module, /*replaceAttrs=*/true,
                                        /*replaceLocs=*/false,
                                        /*replaceTypes=*/false);
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
  if (!module)
    return nullptr;
  if (!attach(context, reader.resources, error))
    return nullptr;
  restoreInline(*module, reader.resources);
  return module;
}
