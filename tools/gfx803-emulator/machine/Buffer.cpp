//===- Buffer.cpp - MUBUF: memory through a buffer descriptor -------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Addressing and range checks follow AMD, "Graphics Core Next Architecture,
// Generation 3", section 8.1.5. On gfx8 num_records counts bytes unless the
// buffer is swizzled and has a stride; then it counts records.
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/Opcodes.h"
#include "tools/gfx803-emulator/machine/VectorMemory.h"

#include <algorithm>
#include <cstring>
#include <iterator>

using namespace gfx803;

namespace {

struct Descriptor {
  uint64_t base;
  uint32_t stride, records, elementBytes, indexStride;
  bool swizzle, addThread;

  Descriptor(Worker &worker, unsigned reg) {
    uint32_t word[4];
    for (unsigned i = 0; i < 4; ++i)
      word[i] = worker.need32(reg + i, "a buffer descriptor");
    base = word[0] | uint64_t(word[1] & 0xffff) << 32;
    swizzle = word[1] >> 31;
    records = word[2];
    elementBytes = 2u << (word[3] >> 19 & 3);
    indexStride = 8u << (word[3] >> 21 & 3);
    addThread = word[3] >> 23 & 1;
    stride = word[1] >> 16 & 0x3fff;
    if (addThread) // the data format is the stride's top
      stride |= (word[3] >> 15 & 15) << 14;
  }
};

} // namespace

void gfx803::findBufferLanes(Worker &worker, Wave &wave,
                             const Instruction &inst, unsigned bytes,
                             LaneAddresses &lanes) {
  Descriptor buffer(worker, inst.srsrc);
  uint32_t scalarOffset = worker.need32(inst.soffset, "a buffer offset");
  const uint32_t *index = nullptr, *offset = nullptr;
  unsigned reg = inst.vaddr;
  if (inst.idxen)
    index = needVector(worker, wave, reg++, "a buffer index");
  if (inst.offen)
    offset = needVector(worker, wave, reg, "a buffer offset");

  bool structured = buffer.swizzle && buffer.stride != 0;
  bool isPrivate =
      buffer.base >= worker.launch.scratchBase &&
      buffer.base < worker.launch.scratchBase + worker.launch.scratchBytes;
  for (uint64_t rest = wave.exec; rest; rest &= rest - 1) {
    unsigned i = unsigned(__builtin_ctzll(rest));
    uint64_t bit = uint64_t(1) << i;
    uint64_t record = (index ? index[i] : 0) + (buffer.addThread ? i : 0);
    uint64_t within =
        uint64_t(uint32_t(inst.immediate)) + (offset ? offset[i] : 0);
    uint64_t place; // from the base, without the scalar offset
    unsigned inside = bytes;
    if (buffer.swizzle) {
      uint64_t high = record / buffer.indexStride,
               low = record % buffer.indexStride;
      uint64_t block = within / buffer.elementBytes,
               rest = within % buffer.elementBytes;
      place = (high * buffer.stride + block * buffer.elementBytes) *
                  buffer.indexStride +
              low * buffer.elementBytes + rest;
      if (structured ? record >= buffer.records
                     : within + scalarOffset >= buffer.records)
        inside = 0;
      else if (rest + bytes > buffer.elementBytes && bytes > 1 &&
               rest % std::min(bytes, 4u))
        worker.fault(FaultKind::Unaligned,
                     "an access to a swizzled buffer crosses an element",
                     int(i));
    } else {
      place = record * buffer.stride + within;
      uint64_t end = place + scalarOffset;
      if (end >= buffer.records)
        inside = 0;
      else if (end + bytes > buffer.records)
        inside = bytes < 4 ? 0 : unsigned(buffer.records - end) / 4 * 4;
    }
    lanes.address[i] = buffer.base + scalarOffset + place;
    lanes.inside[i] = uint8_t(inside);
    if (inside == 0)
      lanes.zero |= bit;
    else
      lanes.mask |= bit;
    lanes.partial |= inside != 0 && inside != bytes;
    if (isPrivate)
      lanes.isPrivate |= bit;
  }
}

namespace {

bool spreadsDwords(Worker &worker, const Instruction &inst, unsigned bytes) {
  uint32_t poison;
  uint32_t high = worker.read32(inst.srsrc + 1u, poison),
           last = worker.read32(inst.srsrc + 3u, poison);
  return high >> 31 && bytes > 2u << (last >> 19 & 3);
}

void executeBuffer(Worker &worker, Wave &wave, const Instruction &inst) {
  const auto &op = *static_cast<const MemoryOp *>(inst.opcode->data);
  if (!spreadsDwords(worker, inst, op.bytes)) {
    LaneAddresses lanes;
    findBufferLanes(worker, wave, inst, op.bytes, lanes);
    transfer(worker, wave, inst, op, lanes);
    pendTransfer(worker, wave, inst, op, false);
    return;
  }
  // Wider than a swizzle element: dword by dword, each with its own address.
  MemoryOp dword = op;
  dword.bytes = 4;
  if (op.action == MemoryAction::Atomic)
    worker.fault(FaultKind::IllegalInstruction,
                 "a 64-bit atomic on a buffer swizzled by dwords");
  std::vector<LaneAddresses> all(op.dwords());
  for (unsigned k = 0; k < op.dwords(); ++k) {
    Instruction part = inst;
    part.immediate = inst.immediate + int32_t(4 * k);
    findBufferLanes(worker, wave, part, 4, all[k]);
  }
  for (unsigned k = 0; k < op.dwords(); ++k) {
    Instruction part = inst;
    part.dst = uint16_t(inst.dst + k);
    part.vdata = uint8_t(inst.vdata + k);
    transfer(worker, wave, part, dword, all[k]);
  }
  pendTransfer(worker, wave, inst, op, false);
}

/// A load whose dwords go to LDS: at M0, the offset, and four bytes a lane.
void executeBufferToLds(Worker &worker, Wave &wave, const Instruction &inst) {
  const auto &op = *static_cast<const MemoryOp *>(inst.opcode->data);
  uint32_t base = worker.need32(operand::m0, "an LDS address") & 0xffff;
  LaneAddresses lanes;
  findBufferLanes(worker, wave, inst, op.bytes, lanes);
  MemoryOp store = {
      MemoryAction::Store, 4, false, Atomic::Swap, 1, false, false};
  for (uint64_t rest = wave.exec; rest; rest &= rest - 1) {
    unsigned i = unsigned(__builtin_ctzll(rest));
    Element element;
    if (lanes.mask >> i & 1)
      accessMemory(worker, op, lanes.address[i], i, false, element);
    if (op.signExtend) {
      int32_t value = op.bytes == 1
                          ? int8_t(element.bytes[0])
                          : int16_t(element.bytes[0] | element.bytes[1] << 8);
      std::memcpy(element.bytes, &value, 4);
    }
    accessLds(worker, wave, store, base + uint32_t(inst.immediate) + 4 * i, ~0u,
              i, element);
  }
  worker.counters.loadBytes +=
      uint64_t(__builtin_popcountll(lanes.mask)) * op.bytes;
  worker.counters.vmemClocks += 8;
  wave.pend(wave.vmCounter, {Pending::Vector, true, 0, 0, inst.address});
}

void executeCache(Worker &, Wave &wave, const Instruction &inst) {
  // Memory is always coherent here; the operation counts like a store.
  wave.pend(wave.vmCounter, {Pending::Vector, true, 0, 0, inst.address});
}

#define ROW(name, cls, execute, action, bytes, sign, kind)                     \
  {"BUFFER_" name, execute, InstClass::cls, 4, [] {                            \
     static const MemoryOp op = {                                              \
         MemoryAction::action, bytes, sign, Atomic::kind, 1, false, false};    \
     return static_cast<const void *>(&op);                                    \
   }()}
#define LOAD(name, bytes, sign)                                                \
  ROW("LOAD_" name, VmemLoad, executeBuffer, Load, bytes, sign, Swap)
#define TO_LDS(name, bytes, sign)                                              \
  ROW("LOAD_" name "_LDS", VmemLoad, executeBufferToLds, Load, bytes, sign,    \
      Swap)
#define STORE(name, bytes)                                                     \
  ROW("STORE_" name, VmemStore, executeBuffer, Store, bytes, false, Swap)
#define ATOMIC(name, kind)                                                     \
  ROW("ATOMIC_" name, Atomic, executeBuffer, Atomic, 4, false, kind),          \
      ROW("ATOMIC_" name "_X2", Atomic, executeBuffer, Atomic, 8, false, kind)

const Opcode kTable[] = {
    LOAD("UBYTE", 1, false),
    LOAD("SBYTE", 1, true),
    LOAD("USHORT", 2, false),
    LOAD("SSHORT", 2, true),
    LOAD("DWORD", 4, false),
    LOAD("DWORDX2", 8, false),
    LOAD("DWORDX3", 12, false),
    LOAD("DWORDX4", 16, false),
    TO_LDS("UBYTE", 1, false),
    TO_LDS("SBYTE", 1, true),
    TO_LDS("USHORT", 2, false),
    TO_LDS("SSHORT", 2, true),
    TO_LDS("DWORD", 4, false),
    STORE("BYTE", 1),
    STORE("SHORT", 2),
    STORE("DWORD", 4),
    STORE("DWORDX2", 8),
    STORE("DWORDX3", 12),
    STORE("DWORDX4", 16),
    ATOMIC("SWAP", Swap),
    ATOMIC("CMPSWAP", CompareSwap),
    ATOMIC("ADD", Add),
    ATOMIC("SUB", Sub),
    ATOMIC("SMIN", SMin),
    ATOMIC("UMIN", UMin),
    ATOMIC("SMAX", SMax),
    ATOMIC("UMAX", UMax),
    ATOMIC("AND", And),
    ATOMIC("OR", Or),
    ATOMIC("XOR", Xor),
    ATOMIC("INC", Inc),
    ATOMIC("DEC", Dec),
    {"BUFFER_WBINVL1", executeCache, InstClass::VmemStore, 4, nullptr},
    {"BUFFER_WBINVL1_VOL", executeCache, InstClass::VmemStore, 4, nullptr},
};

} // namespace

OpcodeTable gfx803::bufferOpcodes() { return {kTable, std::size(kTable)}; }
