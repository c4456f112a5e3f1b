//===- ElfCheck.cpp - Is this file a compiled model? ----------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/ElfCheck.h"

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cstring>
#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace sparsec;
using rt::Text;

namespace {
/// Reads a file by offset. pread instead of mmap: a file that shrinks meanwhile
/// is a failed read, not a signal.
class Checker {
public:
  Checker(const char *path, const char *what) : path(path), what(what) {}
  ~Checker() {
    if (file >= 0)
      ::close(file);
  }

  /// Of a compiled model.
  sparsec_status checkModel(Text &why);
  sparsec_status checkLibrary(Text &why);

private:
  bool open();
  bool checkHeader();
  bool checkSegments();
  bool checkSections();
  bool findModule(uint64_t &address);
  bool readModule(uint64_t address, uint64_t &magic, uint32_t &version);

  bool inFile(uint64_t offset, uint64_t bytes) const {
    return offset <= size && bytes <= size - offset;
  }
  bool read(uint64_t offset, void *to, size_t bytes);
  template <typename T> bool readEntry(uint64_t table, uint64_t i, T &entry) {
    return read(table + i * sizeof(T), &entry, sizeof(T));
  }
  bool isModuleSymbol(const Elf64_Sym &symbol);

  __attribute__((format(printf, 2, 3))) bool refuse(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char reason[256];
    std::vsnprintf(reason, sizeof(reason), format, arguments);
    va_end(arguments);
    message.append("%s is not %s: %s", path, what, reason);
    return false;
  }

  const char *path, *what;
  int file = -1;
  uint64_t size = 0;
  sparsec_status status = SPARSEC_INVALID_ARTEFACT;
  Text message;
  Elf64_Ehdr header;
  Elf64_Shdr symbols, names;
};
} // namespace

bool Checker::open() {
  // Not blocking: the path may be a pipe that nobody writes to.
  file = ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat info;
  if (file < 0 || ::fstat(file, &info) != 0) {
    status = SPARSEC_NOT_FOUND;
    message.append("cannot open %s: %s", path, std::strerror(errno));
    return false;
  }
  if (!S_ISREG(info.st_mode))
    return refuse("not a regular file");
  size = uint64_t(info.st_size);
  return true;
}

bool Checker::read(uint64_t offset, void *to, size_t bytes) {
  char *next = static_cast<char *>(to);
  while (bytes != 0) {
    ssize_t got = ::pread(file, next, bytes, off_t(offset));
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return refuse("it cannot be read at byte %" PRIu64 ": %s", offset,
                    got < 0 ? std::strerror(errno) : "end of file");
    next += got;
    offset += uint64_t(got);
    bytes -= size_t(got);
  }
  return true;
}

bool Checker::checkHeader() {
  if (size < sizeof(header))
    return refuse("%" PRIu64 " bytes are too few for an ELF header", size);
  if (!read(0, &header, sizeof(header)))
    return false;
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
    return refuse("not an ELF file");
  if (header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_ident[EI_DATA] != ELFDATA2LSB || header.e_machine != EM_X86_64)
    return refuse("an ELF file for another machine than x86-64");
  if (header.e_ident[EI_VERSION] != EV_CURRENT ||
      header.e_version != EV_CURRENT)
    return refuse("unknown ELF version %u", header.e_version);
  if (header.e_type != ET_DYN)
    return refuse("not a shared object (ELF type %u)", header.e_type);
  return true;
}

bool Checker::checkSegments() {
  // PN_XNUM says that the number stands elsewhere: more segments than a
  // compiled model ever has.
  if (header.e_phnum == 0 || header.e_phnum == PN_XNUM ||
      header.e_phentsize != sizeof(Elf64_Phdr))
    return refuse("no usable program headers");
  if (!inFile(header.e_phoff, header.e_phnum * sizeof(Elf64_Phdr)))
    return refuse("the program headers lie beyond the end of the file "
                  "(truncated?)");
  bool loads = false, dynamic = false;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    if (!readEntry(header.e_phoff, i, segment))
      return false;
    if (!inFile(segment.p_offset, segment.p_filesz))
      return refuse("segment %u lies beyond the end of the file (truncated?)",
                    i);
    uint64_t end;
    if (__builtin_add_overflow(segment.p_vaddr, segment.p_memsz, &end))
      return refuse("segment %u has an impossible size", i);
    loads |= segment.p_type == PT_LOAD;
    dynamic |= segment.p_type == PT_DYNAMIC && segment.p_filesz != 0;
    if (segment.p_type == PT_LOAD && segment.p_memsz < segment.p_filesz)
      return refuse("segment %u is larger in the file than in memory", i);
  }
  if (!loads || !dynamic)
    return refuse("it has no %s segment", loads ? "dynamic" : "loadable");
  return true;
}

bool Checker::checkSections() {
  if (header.e_shoff == 0 || header.e_shnum == 0 ||
      header.e_shentsize != sizeof(Elf64_Shdr))
    return refuse("no usable section headers");
  if (!inFile(header.e_shoff, header.e_shnum * sizeof(Elf64_Shdr)))
    return refuse("the section headers lie beyond the end of the file "
                  "(truncated?)");
  bool found = false;
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    Elf64_Shdr section;
    if (!readEntry(header.e_shoff, i, section))
      return false;
    if (section.sh_type == SHT_NULL || section.sh_type == SHT_NOBITS)
      continue;
    if (!inFile(section.sh_offset, section.sh_size))
      return refuse("section %u lies beyond the end of the file (truncated?)",
                    i);
    if (section.sh_type == SHT_DYNSYM) {
      symbols = section;
      found = true;
    }
  }
  if (!found || symbols.sh_entsize != sizeof(Elf64_Sym) ||
      symbols.sh_link >= header.e_shnum)
    return refuse("it has no usable table of exported symbols");
  if (!readEntry(header.e_shoff, symbols.sh_link, names))
    return false;
  if (names.sh_type != SHT_STRTAB)
    return refuse("its exported symbols have no names");
  return true;
}

bool Checker::isModuleSymbol(const Elf64_Sym &symbol) {
  char name[sizeof(SPARSEC_MODULE_SYMBOL)];
  // The cheap tests first: they leave few names to read.
  if (symbol.st_shndx == SHN_UNDEF ||
      ELF64_ST_BIND(symbol.st_info) == STB_LOCAL ||
      ELF64_ST_TYPE(symbol.st_info) == STT_FUNC ||
      symbol.st_name > names.sh_size ||
      sizeof(name) > names.sh_size - symbol.st_name)
    return false;
  return read(names.sh_offset + symbol.st_name, name, sizeof(name)) &&
         std::memcmp(name, SPARSEC_MODULE_SYMBOL, sizeof(name)) == 0;
}

bool Checker::findModule(uint64_t &address) {
  constexpr uint64_t kAtOnce = 64;
  Elf64_Sym some[kAtOnce];
  uint64_t count = symbols.sh_size / sizeof(Elf64_Sym);
  for (uint64_t first = 0; first < count; first += kAtOnce) {
    uint64_t here = std::min(kAtOnce, count - first);
    if (!read(symbols.sh_offset + first * sizeof(Elf64_Sym), some,
              here * sizeof(Elf64_Sym)))
      return false;
    for (uint64_t i = 0; i < here; ++i) {
      if (isModuleSymbol(some[i])) {
        address = some[i].st_value;
        return true;
      }
    }
  }
  return refuse("it does not export %s", SPARSEC_MODULE_SYMBOL);
}

bool Checker::readModule(uint64_t address, uint64_t &magic, uint32_t &version) {
  // Relocations fill in the pointers behind these two fields, not the fields.
  constexpr uint64_t kBytes = sizeof(magic) + sizeof(version);
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    if (!readEntry(header.e_phoff, i, segment))
      return false;
    if (segment.p_type != PT_LOAD || address < segment.p_vaddr ||
        segment.p_filesz < kBytes ||
        address - segment.p_vaddr > segment.p_filesz - kBytes)
      continue;
    uint64_t offset = segment.p_offset + (address - segment.p_vaddr);
    return read(offset, &magic, sizeof(magic)) &&
           read(offset + sizeof(magic), &version, sizeof(version));
  }
  return refuse("its %s is outside the loaded data", SPARSEC_MODULE_SYMBOL);
}

sparsec_status Checker::checkLibrary(Text &why) {
  if (open() && checkHeader() && checkSegments() && checkSections())
    return SPARSEC_OK;
  why.append("%s", message.c_str());
  return status;
}

sparsec_status Checker::checkModel(Text &why) {
  if (sparsec_status failed = checkLibrary(why))
    return failed;
  uint64_t address = 0, magic = 0;
  uint32_t version = 0;
  if (findModule(address) && readModule(address, magic, version))
    return rt::checkAbi(path, magic, version, why);
  why.append("%s", message.c_str());
  return status;
}

sparsec_status rt::checkModelFile(const char *path, Text &why) {
  return Checker(path, "a compiled model").checkModel(why);
}

sparsec_status rt::checkLibraryFile(const char *path, const char *what,
                                    Text &why) {
  return Checker(path, what).checkLibrary(why);
}

sparsec_status rt::checkAbi(const char *path, uint64_t magic, uint32_t version,
                            Text &why) {
  if (magic == SPARSEC_ABI_MAGIC && version == SPARSEC_ABI_VERSION)
    return SPARSEC_OK;
  if (magic != SPARSEC_ABI_MAGIC)
    why.append("%s is not a compiled model: its %s has a wrong magic number",
               path, SPARSEC_MODULE_SYMBOL);
  else
    why.append("%s was compiled for sparsec ABI %u, this runtime has %u: "
               "%scompile the model again",
               path, version, SPARSEC_ABI_VERSION,
               version > SPARSEC_ABI_VERSION ? "update the runtime or " : "");
  return SPARSEC_INVALID_ARTEFACT;
}
