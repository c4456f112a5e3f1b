//===- ObjectFile.cpp - Constants as an object file, and the link ---------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A relocatable ELF file with one read-only section of data and a symbol for
// each constant, written front to back so that nothing of the weights is
// copied.

#include "lowering/host/Codegen.h"

#include "dialect/Constants.h"
#include "lowering/common/DeviceCalls.h"

#include "lld/Common/Driver.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

LLD_HAS_DRIVER(elf)

using namespace mlir;
using namespace sparsec;
namespace ELF = llvm::ELF;

static constexpr uint64_t kPage = 4096;
static constexpr uint64_t kAlignment = 64;

namespace {
/// A table of zero-terminated names.
struct StringTable {
  std::string bytes = std::string(1, '\0');
  uint32_t add(StringRef name) {
    uint32_t at = bytes.size();
    bytes.append(name.begin(), name.end());
    bytes.push_back('\0');
    return at;
  }
};
} // namespace

template <typename T>
static void writeStruct(llvm::raw_ostream &out, const T &value) {
  out.write(reinterpret_cast<const char *>(&value), sizeof value);
}

static uint64_t byteSize(ElementsAttr elements) {
  return uint64_t(elements.getNumElements()) *
         llvm::divideCeil(
             elements.getElementType().isIndex()
                 ? 64
                 : elements.getElementType().getIntOrFloatBitWidth(),
             8);
}

static LogicalResult writeElements(llvm::raw_ostream &out,
                                   ElementsAttr elements, std::string &error) {
  FailureOr<ConstantBytes> constant = getConstantBytes(elements, [&] {
    return emitError(UnknownLoc::get(elements.getContext()));
  });
  if (failed(constant)) {
    error = "a constant has no data";
    return failure();
  }
  uint64_t left = byteSize(elements);
  ArrayRef<char> bytes = constant->bytes;
  if (!constant->isSplat) {
    out.write(bytes.data(), left);
    return success();
  }
  std::string repeated;
  while (repeated.size() < std::min<uint64_t>(left, kPage))
    repeated.append(bytes.begin(), bytes.end());
  for (; left > 0; left -= std::min<uint64_t>(left, repeated.size()))
    out.write(repeated.data(), std::min<uint64_t>(left, repeated.size()));
  return success();
}

/// Where the constant after one at `offset` goes. A vector of slack is behind
/// each array: kernels may load past its end.
static uint64_t nextOffset(uint64_t offset, ElementsAttr elements) {
  return llvm::alignTo(offset + byteSize(elements), kAlignment) + kAlignment;
}

uint64_t sparsec::getConstantsSize(ArrayRef<ExternalConstant> constants,
                                   bool resident) {
  uint64_t size = 0;
  for (const ExternalConstant &constant : constants)
    if (constant.resident == resident)
      size = nextOffset(size, constant.elements);
  return size;
}

LogicalResult sparsec::writeConstants(ArrayRef<ExternalConstant> constants,
                                      StringRef path, std::string &error) {
  std::error_code code;
  llvm::raw_fd_ostream out(path, code, llvm::sys::fs::OF_None);
  if (code) {
    error = "cannot write '" + path.str() + "': " + code.message();
    return failure();
  }

  // Where everything goes.
  StringTable names;
  std::vector<ELF::Elf64_Sym> symbols(1);
  symbols[0] = {};
  uint64_t size = 0;
  auto addSymbol = [&](StringRef name, uint64_t at, uint64_t bytes) {
    ELF::Elf64_Sym symbol = {};
    symbol.st_name = names.add(name);
    symbol.setBindingAndType(ELF::STB_GLOBAL, ELF::STT_OBJECT);
    symbol.st_other = ELF::STV_HIDDEN;
    symbol.st_shndx = 1;
    symbol.st_value = at;
    symbol.st_size = bytes;
    symbols.push_back(symbol);
  };
  for (const ExternalConstant &constant : constants) {
    addSymbol(constant.symbol, size, byteSize(constant.elements));
    size = nextOffset(size, constant.elements);
  }
  addSymbol(kWeightsSymbol, 0, size);
  constexpr uint64_t kLimit = uint64_t(1) << 31;
  if (size >= kLimit) {
    error =
        "the packed weights take " + std::to_string(size) +
        " bytes, but code reaches 2 GiB of them at most; split the model or "
        "prune it further";
    return failure();
  }

  StringTable sections;
  ELF::Elf64_Shdr headers[5] = {};
  auto section = [&](unsigned index, StringRef name, uint32_t type,
                     uint64_t offset, uint64_t bytes, uint64_t align) {
    headers[index].sh_name = sections.add(name);
    headers[index].sh_type = type;
    headers[index].sh_offset = offset;
    headers[index].sh_size = bytes;
    headers[index].sh_addralign = align;
  };
  uint64_t symbolsAt = kPage + size;
  uint64_t symbolBytes = symbols.size() * sizeof(ELF::Elf64_Sym);
  section(1, ".sparsec.weights", ELF::SHT_PROGBITS, kPage, size, kPage);
  headers[1].sh_flags = ELF::SHF_ALLOC;
  section(2, ".symtab", ELF::SHT_SYMTAB, symbolsAt, symbolBytes, 8);
  headers[2].sh_entsize = sizeof(ELF::Elf64_Sym);
  headers[2].sh_link = 3;
  headers[2].sh_info = 1; // the first global symbol
  section(3, ".strtab", ELF::SHT_STRTAB, symbolsAt + symbolBytes,
          names.bytes.size(), 1);
  uint64_t sectionNamesAt = headers[3].sh_offset + names.bytes.size();
  section(4, ".shstrtab", ELF::SHT_STRTAB, sectionNamesAt, 0, 1);
  headers[4].sh_size = sections.bytes.size();

  ELF::Elf64_Ehdr header = {};
  std::copy_n(ELF::ElfMagic, 4, header.e_ident);
  header.e_ident[ELF::EI_CLASS] = ELF::ELFCLASS64;
  header.e_ident[ELF::EI_DATA] = ELF::ELFDATA2LSB;
  header.e_ident[ELF::EI_VERSION] = ELF::EV_CURRENT;
  header.e_type = ELF::ET_REL;
  header.e_machine = ELF::EM_X86_64;
  header.e_version = ELF::EV_CURRENT;
  header.e_shoff = llvm::alignTo(sectionNamesAt + sections.bytes.size(), 8);
  header.e_ehsize = sizeof header;
  header.e_shentsize = sizeof headers[0];
  header.e_shnum = std::size(headers);
  header.e_shstrndx = 4;

  writeStruct(out, header);
  out.write_zeros(kPage - sizeof header);
  for (auto [constant, symbol] : llvm::zip_equal(
           constants, ArrayRef(symbols).slice(1, constants.size()))) {
    if (failed(writeElements(out, constant.elements, error)))
      return failure();
    uint64_t next =
        llvm::alignTo(symbol.st_value + symbol.st_size, kAlignment) +
        kAlignment;
    out.write_zeros(next - symbol.st_value - symbol.st_size);
  }
  for (const ELF::Elf64_Sym &symbol : symbols)
    writeStruct(out, symbol);
  out << names.bytes << sections.bytes;
  out.write_zeros(header.e_shoff - sectionNamesAt - sections.bytes.size());
  for (const ELF::Elf64_Shdr &one : headers)
    writeStruct(out, one);
  out.close();
  if (out.has_error()) {
    error = "cannot write '" + path.str() + "': " + out.error().message();
    out.clear_error();
    return failure();
  }
  return success();
}

LogicalResult sparsec::linkSharedLibrary(ArrayRef<std::string> objects,
                                         StringRef runtimePath, StringRef path,
                                         std::string &error) {
  std::string output = path.str(), runtime = runtimePath.str();
  SmallVector<const char *> args{"ld.lld",
                                 "-shared",
                                 "-o",
                                 output.c_str(),
                                 "--build-id=none",
                                 "--hash-style=gnu",
                                 "-z",
                                 "noexecstack",
                                 "-z",
                                 "relro",
                                 "--no-undefined-version"};
  for (const std::string &object : objects)
    args.push_back(object.c_str());
  args.push_back(runtime.c_str());

  std::string text;
  llvm::raw_string_ostream stream(text);
  const lld::DriverDef driver{lld::Gnu, &lld::elf::link};
  lld::Result result = lld::lldMain(args, stream, stream, driver);
  if (result.retCode != 0) {
    error = "cannot link: " + StringRef(text).split('\n').first.str();
    return failure();
  }
  return success();
}
