//===- ElfFile.cpp - The checked ELF of a code object ---------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/loader/ElfFile.h"

#include "tools/gfx803-emulator/loader/Messages.h"

#include <algorithm>

using namespace gfx803;
using namespace llvm::ELF;

/// Larger images are damaged: the card has 8 GiB.
static constexpr uint64_t kMostImageBytes = uint64_t(4) << 30;

bool ElfFile::read(std::string &error) {
  if (readHeader() && readProgramHeaders())
    return true;
  error = problem;
  return false;
}

/// What a chip is called, as far as it is one of GCN's.
static std::string chipName(uint32_t flags) {
  switch (flags & EF_AMDGPU_MACH) {
  case EF_AMDGPU_MACH_AMDGCN_GFX801:
    return "gfx801";
  case EF_AMDGPU_MACH_AMDGCN_GFX802:
    return "gfx802";
  case EF_AMDGPU_MACH_AMDGCN_GFX805:
    return "gfx805";
  case EF_AMDGPU_MACH_AMDGCN_GFX810:
    return "gfx810";
  case EF_AMDGPU_MACH_AMDGCN_GFX900:
    return "gfx900";
  case EF_AMDGPU_MACH_AMDGCN_GFX906:
    return "gfx906";
  case EF_AMDGPU_MACH_AMDGCN_GFX908:
    return "gfx908";
  case EF_AMDGPU_MACH_AMDGCN_GFX90A:
    return "gfx90a";
  case EF_AMDGPU_MACH_AMDGCN_GFX942:
    return "gfx942";
  case EF_AMDGPU_MACH_AMDGCN_GFX1030:
    return "gfx1030";
  case EF_AMDGPU_MACH_AMDGCN_GFX1100:
    return "gfx1100";
  default:
    return "another chip (machine " + hex(flags & EF_AMDGPU_MACH) + ")";
  }
}

bool ElfFile::readHeader() {
  if (count < 4 || std::memcmp(bytes, ElfMagic, 4) != 0)
    return fail("not an ELF file");
  if (count < sizeof(header))
    return fail("truncated within its ELF header");
  header = load<Elf64_Ehdr>(bytes);
  if (header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_ident[EI_DATA] != ELFDATA2LSB ||
      header.e_ident[EI_VERSION] != EV_CURRENT)
    return fail("not a 64-bit little-endian ELF file");
  if (header.e_machine != EM_AMDGPU)
    return fail("not for AMD GPUs: its ELF machine is " +
                std::to_string(header.e_machine));
  if (header.e_ident[EI_OSABI] != ELFOSABI_AMDGPU_HSA)
    return fail("not for the HSA runtime: its ELF OS ABI is " +
                std::to_string(header.e_ident[EI_OSABI]) +
                "; compile with --target=amdgcn-amd-amdhsa");
  unsigned abi = header.e_ident[EI_ABIVERSION];
  if (abi < ELFABIVERSION_AMDGPU_HSA_V4)
    return fail("code object version " + std::to_string(abi + 2) +
                " is too old: compile with -mcode-object-version=4, 5 or 6");
  if (abi > ELFABIVERSION_AMDGPU_HSA_V6)
    return fail("unknown code object ABI " + std::to_string(abi) +
                ": versions 4, 5 and 6 can be loaded");
  abiVersion = abi + 2;
  if (header.e_type == ET_REL)
    return fail("not linked yet: link it with ld.lld -shared");
  if (header.e_type != ET_DYN)
    return fail("not a shared object: its ELF type is " +
                std::to_string(header.e_type));
  if ((header.e_flags & EF_AMDGPU_MACH) != EF_AMDGPU_MACH_AMDGCN_GFX803)
    return fail("for " + chipName(header.e_flags) +
                ", not for gfx803: compile with -mcpu=gfx803");
  // gfx803 has neither XNACK nor SRAM ECC, so code cannot depend on them.
  if (header.e_flags & ~uint32_t(EF_AMDGPU_MACH))
    return fail("its ELF flags " + hex(header.e_flags) +
                " name features that gfx803 does not have");
  return true;
}

bool ElfFile::readProgramHeaders() {
  if (header.e_phnum == 0)
    return fail("no program headers");
  if (header.e_phentsize != sizeof(Elf64_Phdr) ||
      !inFile(header.e_phoff, header.e_phnum * sizeof(Elf64_Phdr)))
    return fail("its program headers are not inside the file (truncated?)");
  std::vector<Elf64_Phdr> others;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    auto one =
        load<Elf64_Phdr>(bytes + header.e_phoff + i * sizeof(Elf64_Phdr));
    if (one.p_type == PT_LOAD) {
      if (one.p_memsz == 0)
        continue;
      if (!checkSegment(one))
        return false;
      loads.push_back(one);
    } else if (one.p_type == PT_NOTE || one.p_type == PT_DYNAMIC) {
      if (!inFile(one.p_offset, one.p_filesz))
        return fail("its program header " + std::to_string(i) +
                    " is not inside the file (truncated?)");
      others.push_back(one);
    }
  }
  if (loads.empty())
    return fail("nothing to load in it");
  for (const Elf64_Phdr &one : others)
    if (!(one.p_type == PT_NOTE ? readNotes(one) : readDynamic(one)))
      return false;
  return true;
}

bool ElfFile::checkSegment(const Elf64_Phdr &one) {
  std::string name = "the segment at " + hex(one.p_vaddr);
  if (!inFile(one.p_offset, one.p_filesz))
    return fail(name + " is not inside the file (truncated?)");
  if (one.p_filesz > one.p_memsz)
    return fail(name + " has more bytes in the file than in memory");
  if (one.p_vaddr > kMostImageBytes ||
      one.p_memsz > kMostImageBytes - one.p_vaddr)
    return fail(name + " ends beyond 4 GiB");
  if (one.p_align & (one.p_align - 1) || one.p_align > kMostImageBytes)
    return fail(name + " has the alignment " + hex(one.p_align) +
                ", which is no power of two");
  if ((one.p_flags & PF_X) && one.p_vaddr % 4 != 0)
    return fail(name + " is code at an address that is no multiple of 4");
  if (!loads.empty() &&
      loads.back().p_vaddr + loads.back().p_memsz > one.p_vaddr)
    return fail(name + " does not lie behind the one before it");
  return true;
}

bool ElfFile::readNotes(const Elf64_Phdr &one) {
  constexpr uint64_t kHeaderBytes = 12;
  auto roundUp = [](uint64_t size) { return (size + 3) & ~uint64_t(3); };
  const char *next = bytes + one.p_offset;
  uint64_t left = one.p_filesz;
  while (left >= kHeaderBytes) {
    uint64_t nameBytes = load<uint32_t>(next);
    uint64_t contentBytes = load<uint32_t>(next + 4);
    uint32_t type = load<uint32_t>(next + 8);
    uint64_t content = kHeaderBytes + roundUp(nameBytes);
    if (content > left || contentBytes > left - content)
      return fail("a note is longer than its segment");
    std::string_view owner(next + kHeaderBytes, nameBytes);
    if (type == NT_AMDGPU_METADATA && owner == std::string_view("AMDGPU", 7))
      metadata = std::string_view(next + content, contentBytes);
    uint64_t size = std::min(content + roundUp(contentBytes), left);
    next += size;
    left -= size;
  }
  return true;
}

std::string_view ElfFile::at(uint64_t address) const {
  for (const Elf64_Phdr &one : loads)
    if (address >= one.p_vaddr && address - one.p_vaddr < one.p_filesz) {
      uint64_t offset = address - one.p_vaddr;
      return {bytes + one.p_offset + offset, one.p_filesz - offset};
    }
  return {};
}

bool ElfFile::readDynamic(const Elf64_Phdr &one) {
  uint64_t table = 0, entryBytes = sizeof(Elf64_Sym), strings = 0,
           stringBytes = 0, hash = 0, gnuHash = 0, rela = 0, relaBytes = 0,
           relaEntry = sizeof(Elf64_Rela), plt = 0, pltBytes = 0;
  for (uint64_t at = 0; one.p_filesz - at >= sizeof(Elf64_Dyn);
       at += sizeof(Elf64_Dyn)) {
    auto entry = load<Elf64_Dyn>(bytes + one.p_offset + at);
    uint64_t value = entry.d_un.d_val;
    if (entry.d_tag == DT_NULL)
      break;
    switch (entry.d_tag) {
    case DT_SYMTAB:
      table = value;
      break;
    case DT_SYMENT:
      entryBytes = value;
      break;
    case DT_STRTAB:
      strings = value;
      break;
    case DT_STRSZ:
      stringBytes = value;
      break;
    case DT_HASH:
      hash = value;
      break;
    case DT_GNU_HASH:
      gnuHash = value;
      break;
    case DT_RELA:
      rela = value;
      break;
    case DT_RELASZ:
      relaBytes = value;
      break;
    case DT_RELAENT:
      relaEntry = value;
      break;
    case DT_JMPREL:
      plt = value;
      break;
    case DT_PLTRELSZ:
      pltBytes = value;
      break;
    case DT_REL:
    case DT_RELR:
      return fail("relocations without addends (DT_REL, DT_RELR) are not "
                  "supported");
    case DT_NEEDED:
      return fail("it needs another shared object, and code objects cannot");
    }
  }
  uint64_t symbolCount = 0;
  if (table &&
      (!countSymbols(hash, gnuHash, symbolCount) ||
       !readSymbols(table, entryBytes, strings, stringBytes, symbolCount)))
    return false;
  if ((relaBytes || pltBytes) && relaEntry != sizeof(Elf64_Rela))
    return fail("its relocations have " + std::to_string(relaEntry) +
                " bytes each");
  return readRelocations(rela, relaBytes) && readRelocations(plt, pltBytes);
}

/// The table itself does not say how long it is.
bool ElfFile::countSymbols(uint64_t hash, uint64_t gnuHash, uint64_t &result) {
  if (!hash)
    return countGnuSymbols(gnuHash, result);
  std::string_view table = at(hash);
  if (table.size() < 8)
    return fail("its symbol hash table is not inside a segment");
  result = load<uint32_t>(table.data() + 4);
  return true;
}

/// The last symbol is the end of the chain of the highest bucket.
bool ElfFile::countGnuSymbols(uint64_t gnuHash, uint64_t &result) {
  std::string_view table = at(gnuHash);
  if (!gnuHash || table.size() < 16)
    return fail("its symbol hash table is not inside a segment");
  uint64_t buckets = load<uint32_t>(table.data());
  uint64_t first = load<uint32_t>(table.data() + 4);
  uint64_t bloomWords = load<uint32_t>(table.data() + 8);
  uint64_t bucketsAt = 16 + bloomWords * 8, chainsAt = bucketsAt + buckets * 4;
  if (chainsAt > table.size())
    return fail("its symbol hash table is damaged");
  uint64_t last = 0;
  for (uint64_t i = 0; i < buckets; ++i)
    last = std::max<uint64_t>(last,
                              load<uint32_t>(table.data() + bucketsAt + i * 4));
  if (last < first) {
    result = first;
    return true;
  }
  for (uint64_t at = chainsAt + (last - first) * 4; at + 4 <= table.size();
       at += 4, ++last)
    if (load<uint32_t>(table.data() + at) & 1) {
      result = last + 1;
      return true;
    }
  return fail("its symbol hash table is damaged");
}

bool ElfFile::readSymbols(uint64_t table, uint64_t entryBytes, uint64_t strings,
                          uint64_t stringBytes, uint64_t symbolCount) {
  std::string_view entries = at(table), names = at(strings);
  if (entryBytes != sizeof(Elf64_Sym) ||
      symbolCount > entries.size() / sizeof(Elf64_Sym))
    return fail("its dynamic symbols are not inside a segment");
  if (stringBytes > names.size())
    return fail("its symbol names are not inside a segment");
  names = names.substr(0, stringBytes);
  for (uint64_t i = 0; i < symbolCount; ++i) {
    auto entry = load<Elf64_Sym>(entries.data() + i * sizeof(Elf64_Sym));
    ElfSymbol symbol;
    if (entry.st_name != 0 || i != 0) {
      size_t end = names.find('\0', entry.st_name);
      if (end == std::string_view::npos)
        return fail("the name of symbol " + std::to_string(i) +
                    " is outside the table of names");
      symbol.name = names.substr(entry.st_name, end - entry.st_name);
    }
    symbol.value = entry.st_value;
    symbol.size = entry.st_size;
    symbol.type = entry.getType();
    symbol.binding = entry.getBinding();
    symbol.section = entry.st_shndx;
    symbols.push_back(symbol);
  }
  return true;
}

bool ElfFile::readRelocations(uint64_t table, uint64_t tableBytes) {
  if (tableBytes == 0)
    return true;
  std::string_view entries = at(table);
  if (tableBytes > entries.size() || tableBytes % sizeof(Elf64_Rela) != 0)
    return fail("its relocations are not inside a segment");
  for (uint64_t i = 0; i < tableBytes; i += sizeof(Elf64_Rela)) {
    auto entry = load<Elf64_Rela>(entries.data() + i);
    relocations.push_back(
        {entry.r_offset, entry.r_addend, entry.getType(), entry.getSymbol()});
  }
  return true;
}
