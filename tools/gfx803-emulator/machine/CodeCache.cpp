//===- CodeCache.cpp - Decoded instructions -------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM says whether bytes are an instruction and which; the operands are taken
// from the encoding here, because LLVM's enums of operands are not installed.
// Field layouts: AMD, "Graphics Core Next Architecture, Generation 3", ch. 12.
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/CodeCache.h"

#include "tools/gfx803-emulator/machine/Disassembler.h"
#include "tools/gfx803-emulator/machine/Opcodes.h"

#include <cstdio>
#include <cstring>
#include <unordered_map>

using namespace gfx803;

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

static bool dropSuffix(std::string_view &name, std::string_view suffix) {
  if (name.size() <= suffix.size() ||
      name.substr(name.size() - suffix.size()) != suffix)
    return false;
  name.remove_suffix(suffix.size());
  return true;
}

/// "V_ADD_F32_e32_vi" -> "V_ADD_F32"; how an opcode is encoded is in its bits.
static std::string_view baseName(std::string_view name) {
  dropSuffix(name, "_vi") || dropSuffix(name, "_gfx80");
  for (const char *suffix : {"_e32", "_e64", "_sdwa", "_dpp"})
    if (dropSuffix(name, suffix))
      break;
  bool buffer =
      name.substr(0, 7) == "BUFFER_" || name.substr(0, 8) == "TBUFFER_";
  if (buffer || name.substr(0, 5) == "FLAT_")
    dropSuffix(name, "_RTN");
  if (buffer) {
    for (const char *suffix : {"_OFFEN", "_IDXEN", "_BOTHEN", "_OFFSET"})
      if (dropSuffix(name, suffix))
        break;
    dropSuffix(name, "_gfx80");
  }
  if (name.substr(0, 2) == "S_" && name.substr(0, 8) != "S_SETREG") {
    dropSuffix(name, "_IMM") || dropSuffix(name, "_SGPR");
  }
  return name;
}

const Opcode *gfx803::findOpcode(std::string_view name) {
  static const auto index = [] {
    std::unordered_map<std::string_view, const Opcode *> rows;
    for (OpcodeTable table :
         {scalarOpcodes(), programOpcodes(), scalarMemoryOpcodes(),
          integerOpcodes(), floatOpcodes(), doubleOpcodes(),
          conversionOpcodes(), compareOpcodes(), laneOpcodes(), ldsOpcodes(),
          bufferOpcodes(), bufferFormatOpcodes(), flatOpcodes()})
      for (size_t i = 0; i < table.count; ++i)
        rows.emplace(table.begin[i].name, &table.begin[i]);
    return rows;
  }();
  auto found = index.find(name);
  return found == index.end() ? nullptr : found->second;
}

//===----------------------------------------------------------------------===//
// Fields
//===----------------------------------------------------------------------===//

static unsigned bits(uint32_t word, unsigned low, unsigned width) {
  return word >> low & ((1u << width) - 1);
}

/// VOP3 in its form with a scalar destination beside the vector one.
static bool hasScalarResult(std::string_view name) {
  for (const char *other :
       {"V_ADD_U32", "V_SUB_U32", "V_SUBREV_U32", "V_ADDC_U32", "V_SUBB_U32",
        "V_SUBBREV_U32", "V_DIV_SCALE_F32", "V_DIV_SCALE_F64", "V_MAD_U64_U32",
        "V_MAD_I64_I32"})
    if (name == other)
      return true;
  return false;
}

static void takeSdwa(Instruction &inst) {
  uint32_t word = inst.words[1];
  inst.isSdwa = true;
  inst.src[0] = uint16_t(operand::vgpr + bits(word, 0, 8));
  inst.dstSel = uint8_t(bits(word, 8, 3));
  inst.dstUnused = uint8_t(bits(word, 11, 2));
  inst.clamp = bits(word, 13, 1);
  for (unsigned source = 0; source < 2; ++source) {
    unsigned at = 16 + 8 * source;
    inst.srcSel[source] = uint8_t(bits(word, at, 3));
    inst.srcSext[source] = bits(word, at + 3, 1);
    inst.negate |= uint8_t(bits(word, at + 4, 1) << source);
    inst.absolute |= uint8_t(bits(word, at + 5, 1) << source);
  }
}

static void takeDpp(Instruction &inst) {
  uint32_t word = inst.words[1];
  inst.isDpp = true;
  inst.src[0] = uint16_t(operand::vgpr + bits(word, 0, 8));
  inst.dppControl = uint16_t(bits(word, 8, 9));
  inst.boundControl = bits(word, 19, 1);
  inst.negate = uint8_t(bits(word, 20, 1) | bits(word, 22, 1) << 1);
  inst.absolute = uint8_t(bits(word, 21, 1) | bits(word, 23, 1) << 1);
  inst.bankMask = uint8_t(bits(word, 24, 4));
  inst.rowMask = uint8_t(bits(word, 28, 4));
}

static void takeVop(Instruction &inst, uint32_t word) {
  inst.src[0] = uint16_t(bits(word, 0, 9));
  if (inst.src[0] == 249)
    takeSdwa(inst);
  else if (inst.src[0] == 250)
    takeDpp(inst);
}

static void takeVop3(Instruction &inst, bool scalarResult) {
  uint32_t word = inst.words[0], second = inst.words[1];
  inst.dst = uint16_t(bits(word, 0, 8));
  if (scalarResult)
    inst.sdst = uint16_t(bits(word, 8, 7));
  else
    inst.absolute = uint8_t(bits(word, 8, 3));
  inst.clamp = bits(word, 15, 1);
  for (unsigned source = 0; source < 3; ++source)
    inst.src[source] = uint16_t(bits(second, 9 * source, 9));
  inst.omod = uint8_t(bits(second, 27, 2));
  inst.negate = uint8_t(bits(second, 29, 3));
}

static void takeMemory(Instruction &inst) {
  uint32_t word = inst.words[0], second = inst.words[1];
  inst.vaddr = uint8_t(bits(second, 0, 8));
  inst.vdata = uint8_t(bits(second, 8, 8));
  switch (inst.encoding) {
  case Encoding::Ds:
    inst.immediate = int32_t(bits(word, 0, 16));
    inst.gds = bits(word, 16, 1);
    inst.vdata2 = uint8_t(bits(second, 16, 8));
    inst.dst = uint16_t(bits(second, 24, 8));
    break;
  case Encoding::Flat:
    inst.glc = bits(word, 16, 1);
    inst.dst = uint16_t(bits(second, 24, 8));
    break;
  default: // Mubuf
    inst.immediate = int32_t(bits(word, 0, 12));
    inst.offen = bits(word, 12, 1);
    inst.idxen = bits(word, 13, 1);
    inst.glc = bits(word, 14, 1);
    inst.lds = bits(word, 16, 1);
    inst.srsrc = uint8_t(bits(second, 16, 5) * 4);
    inst.soffset = uint16_t(bits(second, 24, 8));
    inst.dst = inst.vdata;
    break;
  }
}

/// The family of the first dword; false for those that only graphics uses.
static bool encodingOf(uint32_t word, Encoding &encoding) {
  if (!(word >> 31)) {
    unsigned opcode = word >> 25;
    encoding = opcode == 0x3f   ? Encoding::Vop1
               : opcode == 0x3e ? Encoding::Vopc
                                : Encoding::Vop2;
    return true;
  }
  if (word >> 30 == 2) {
    unsigned top = word >> 23;
    encoding = top == 0x17d        ? Encoding::Sop1
               : top == 0x17e      ? Encoding::Sopc
               : top == 0x17f      ? Encoding::Sopp
               : word >> 28 == 0xb ? Encoding::Sopk
                                   : Encoding::Sop2;
    return true;
  }
  switch (word >> 26) {
  case 0x30:
    encoding = Encoding::Smem;
    return true;
  case 0x34:
    encoding = Encoding::Vop3;
    return true;
  case 0x36:
    encoding = Encoding::Ds;
    return true;
  case 0x37:
    encoding = Encoding::Flat;
    return true;
  case 0x38:
    encoding = Encoding::Mubuf;
    return true;
  default:
    return false;
  }
}

static void takeFields(Instruction &inst, std::string_view name) {
  uint32_t word = inst.words[0];
  inst.literal = inst.words[1];
  switch (inst.encoding) {
  case Encoding::Sop2:
    inst.src[1] = uint16_t(bits(word, 8, 8));
    inst.dst = uint16_t(bits(word, 16, 7));
    inst.src[0] = uint16_t(bits(word, 0, 8));
    break;
  case Encoding::Sop1:
    inst.src[0] = uint16_t(bits(word, 0, 8));
    inst.dst = uint16_t(bits(word, 16, 7));
    break;
  case Encoding::Sopc:
    inst.src[0] = uint16_t(bits(word, 0, 8));
    inst.src[1] = uint16_t(bits(word, 8, 8));
    break;
  case Encoding::Sopk:
    inst.dst = uint16_t(bits(word, 16, 7));
    inst.immediate = int16_t(word);
    break;
  case Encoding::Sopp:
    inst.immediate = int16_t(word);
    break;
  case Encoding::Smem:
    inst.src[0] = uint16_t(bits(word, 0, 6) * 2);
    inst.dst = uint16_t(bits(word, 6, 7));
    inst.glc = bits(word, 16, 1);
    inst.immediateOffset = bits(word, 17, 1);
    inst.immediate = int32_t(bits(inst.words[1], 0, 20));
    break;
  case Encoding::Vop1:
    inst.dst = uint16_t(bits(word, 17, 8));
    takeVop(inst, word);
    break;
  case Encoding::Vop2:
    inst.src[1] = uint16_t(operand::vgpr + bits(word, 9, 8));
    inst.src[2] = operand::vcc; // the carry or mask that some read
    inst.dst = uint16_t(bits(word, 17, 8));
    takeVop(inst, word);
    break;
  case Encoding::Vopc:
    inst.src[1] = uint16_t(operand::vgpr + bits(word, 9, 8));
    takeVop(inst, word);
    break;
  case Encoding::Vop3:
    takeVop3(inst, hasScalarResult(name));
    if (name.substr(0, 5) == "V_CMP")
      inst.sdst = inst.dst;
    break;
  case Encoding::Ds:
  case Encoding::Flat:
  case Encoding::Mubuf:
    takeMemory(inst);
    break;
  }
}

//===----------------------------------------------------------------------===//
// The cache
//===----------------------------------------------------------------------===//

CodeCache::CodeCache() : disassembler(std::make_unique<Disassembler>()) {}
CodeCache::~CodeCache() = default;

void CodeCache::add(const Memory &memory, CodeRange declared) {
  auto range = std::make_shared<Range>();
  range->address = declared.address;
  range->bytes = declared.bytes / 4 * 4;
  const std::byte *from = memory.translate(declared.address, range->bytes);
  if (!from || range->bytes == 0)
    return;
  range->words.resize(range->bytes / 4);
  std::memcpy(range->words.data(), from, range->bytes);
  range->slots.reset(
      new std::atomic<const Instruction *>[range->words.size()]());
  remove(declared.address);
  std::unique_lock<std::shared_mutex> lock(mutex);
  ranges[declared.address] = std::move(range);
}

void CodeCache::remove(uint64_t address) {
  std::unique_lock<std::shared_mutex> lock(mutex);
  ranges.erase(address);
}

std::shared_ptr<CodeCache::Range> CodeCache::find(uint64_t address) const {
  std::shared_lock<std::shared_mutex> lock(mutex);
  auto above = ranges.upper_bound(address);
  if (above == ranges.begin())
    return nullptr;
  const auto &range = std::prev(above)->second;
  return address - range->address < range->bytes ? range : nullptr;
}

const Instruction *CodeCache::decode(Range &range, uint64_t address,
                                     std::string &error) {
  size_t index = (address - range.address) / 4;
  const uint32_t *words = &range.words[index];
  unsigned available =
      unsigned(std::min<size_t>(range.words.size() - index, 2));
  char text[96];
  std::snprintf(text, sizeof text, "0x%08x%s", words[0],
                available > 1 ? "" : " at the end of the code");

  unsigned size = 0;
  std::string full = disassembler->name(words, available, size);
  auto inst = std::make_unique<Instruction>();
  if (full.empty() || size > available * 4 ||
      !encodingOf(words[0], inst->encoding)) {
    error =
        std::string("no compute instruction of gfx803 is encoded as ") + text;
    return nullptr;
  }
  std::string_view name = baseName(full);
  inst->opcode = findOpcode(name);
  if (!inst->opcode) {
    error = std::string(name) + " is not emulated";
    return nullptr;
  }
  inst->address = address;
  inst->bytes = uint8_t(size);
  inst->words[0] = words[0];
  inst->words[1] = size > 4 ? words[1] : 0;
  takeFields(*inst, name);
  if (inst->isSdwa && (inst->dstSel > 6 || inst->srcSel[0] > 6 ||
                       inst->srcSel[1] > 6 || inst->dstUnused > 2)) {
    error = std::string(name) + " has a reserved SDWA selection";
    return nullptr;
  }

  std::lock_guard<std::mutex> lock(range.mutex);
  if (const Instruction *other = range.slots[index].load())
    return other;
  const Instruction *result = inst.get();
  range.decoded.push_back(std::move(inst));
  range.slots[index].store(result, std::memory_order_release);
  return result;
}

std::string CodeCache::print(const Instruction &inst) const {
  return disassembler->print(inst.words, inst.bytes / 4, inst.address);
}
