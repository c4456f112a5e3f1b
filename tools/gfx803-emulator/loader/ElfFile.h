//===- ElfFile.h - The checked ELF of a code object -------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the loader needs of an ELF file, read from bytes that may be anything:
// every range is checked before it is used.
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_LOADER_ELFFILE_H
#define GFX803_EMULATOR_LOADER_ELFFILE_H

#include "llvm/BinaryFormat/ELF.h"

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace gfx803 {

struct ElfSymbol {
  std::string_view name;
  uint64_t value = 0, size = 0;
  unsigned char type = 0, binding = 0;
  uint16_t section = 0;
};

struct ElfRelocation {
  uint64_t at = 0;
  int64_t addend = 0;
  uint32_t type = 0, symbol = 0;
};

class ElfFile {
public:
  ElfFile(const void *bytes, size_t count)
      : bytes(static_cast<const char *>(bytes)), count(count) {}

  /// Reads headers, dynamic symbols and relocations. False with one sentence in
  /// `error`.
  bool read(std::string &error);

  unsigned abiVersion = 0;                  ///< of the code object: 4, 5 or 6
  std::vector<llvm::ELF::Elf64_Phdr> loads; ///< ascending, without overlap
  std::vector<ElfSymbol> symbols;           ///< dynamic; the first is null
  std::vector<ElfRelocation> relocations;
  /// The contents of the NT_AMDGPU_METADATA note; empty if there is none.
  std::string_view metadata;

  /// The bytes of the file at an address of the image, up to the end of its
  /// segment's bytes in the file.
  std::string_view at(uint64_t address) const;

private:
  bool readHeader();
  bool readProgramHeaders();
  bool checkSegment(const llvm::ELF::Elf64_Phdr &header);
  bool readNotes(const llvm::ELF::Elf64_Phdr &header);
  bool readDynamic(const llvm::ELF::Elf64_Phdr &header);
  bool readSymbols(uint64_t table, uint64_t entryBytes, uint64_t strings,
                   uint64_t stringBytes, uint64_t symbolCount);
  bool readRelocations(uint64_t table, uint64_t tableBytes);
  bool countSymbols(uint64_t hash, uint64_t gnuHash, uint64_t &result);
  bool countGnuSymbols(uint64_t gnuHash, uint64_t &result);

  bool fail(std::string message) {
    problem = std::move(message);
    return false;
  }
  bool inFile(uint64_t offset, uint64_t size) const {
    return offset <= count && size <= count - offset;
  }
  /// The caller has checked the range.
  template <class T> static T load(const char *from) {
    T value;
    std::memcpy(&value, from, sizeof(T));
    return value;
  }

  const char *bytes;
  size_t count;
  llvm::ELF::Elf64_Ehdr header = {};
  std::string problem;
};

} // namespace gfx803

#endif // GFX803_EMULATOR_LOADER_ELFFILE_H
