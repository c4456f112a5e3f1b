//===- Flat.cpp - FLAT: memory, LDS and scratch by one address ------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/Opcodes.h"
#include "tools/gfx803-emulator/machine/VectorMemory.h"

#include <iterator>

using namespace gfx803;

namespace {

/// Where a lane's scratch byte lies: dwords of the 64 lanes side by side.
uint64_t scratchAddress(Worker &worker, Wave &wave, uint32_t offset,
                        unsigned lane, unsigned bytes) {
  // FLAT_SCRATCH: bytes a lane in the low half, in the high half the wave's
  // offset from the hidden base in units of 256 bytes.
  uint32_t size = wave.s[operand::flatScratch],
           waveOffset = wave.s[operand::flatScratch + 1];
  if ((wave.sPoison[operand::flatScratch] |
       wave.sPoison[operand::flatScratch + 1]) &&
      worker.config.uninitialised)
    worker.fault(FaultKind::Uninitialised,
                 "scratch is accessed before FLAT_SCRATCH is set", int(lane));
  if (size < bytes || offset > size - bytes)
    worker.fault(FaultKind::OutOfBounds,
                 "scratch offset " + std::to_string(offset) +
                     " is beyond the work item's " + std::to_string(size) +
                     " bytes",
                 int(lane), offset);
  if (offset % 4 && offset % 4 + bytes > 4)
    worker.fault(FaultKind::Unaligned,
                 "a scratch access crosses a dword unaligned", int(lane),
                 offset);
  return worker.launch.hiddenScratchBase + uint64_t(waveOffset) * 256 +
         (uint64_t(offset / 4) * kLanes + lane) * 4 + offset % 4;
}

void moveFlat(Worker &worker, Wave &wave, const Instruction &inst,
              const MemoryOp &op, bool &usesLds) {
  const uint32_t *low = needVector(worker, wave, inst.vaddr, "an address"),
                 *high =
                     needVector(worker, wave, inst.vaddr + 1u, "an address");
  LaneAddresses lanes;
  lanes.mask = wave.exec;
  for (uint64_t rest = wave.exec; rest; rest &= rest - 1) {
    unsigned i = unsigned(__builtin_ctzll(rest));
    lanes.address[i] = low[i] | uint64_t(high[i]) << 32;
    if (high[i] == kSharedApertureHi) {
      lanes.isLds |= uint64_t(1) << i;
      lanes.address[i] = low[i];
    } else if (high[i] == kPrivateApertureHi) {
      lanes.isPrivate |= uint64_t(1) << i;
    }
  }
  usesLds = lanes.isLds != 0;
  if (!lanes.isPrivate) {
    transfer(worker, wave, inst, op, lanes);
    return;
  }
  if (op.bytes <= 4) {
    for (uint64_t rest = lanes.isPrivate; rest; rest &= rest - 1) {
      unsigned i = unsigned(__builtin_ctzll(rest));
      lanes.address[i] = scratchAddress(worker, wave, low[i], i, op.bytes);
    }
    transfer(worker, wave, inst, op, lanes);
    return;
  }
  // Wider scratch accesses are split: their dwords are 256 bytes apart.
  MemoryOp dword = op;
  dword.bytes = 4;
  if (op.action == MemoryAction::Atomic || lanes.isPrivate != wave.exec)
    worker.fault(FaultKind::IllegalInstruction,
                 "lanes of one wide FLAT access differ in whether they access "
                 "scratch, or it is an atomic");
  std::vector<uint32_t> offsets(low, low + kLanes);
  for (unsigned k = 0; k < op.dwords(); ++k) {
    Instruction part = inst;
    part.dst = uint16_t(inst.dst + k);
    part.vdata = uint8_t(inst.vdata + k);
    for (uint64_t rest = lanes.isPrivate; rest; rest &= rest - 1) {
      unsigned i = unsigned(__builtin_ctzll(rest));
      lanes.address[i] = scratchAddress(worker, wave, offsets[i] + 4 * k, i, 4);
    }
    transfer(worker, wave, part, dword, lanes);
  }
}

void executeFlat(Worker &worker, Wave &wave, const Instruction &inst) {
  const auto &op = *static_cast<const MemoryOp *>(inst.opcode->data);
  bool usesLds = false;
  moveFlat(worker, wave, inst, op, usesLds);
  pendTransfer(worker, wave, inst, op, usesLds);
}

#define ROW(name, cls, action, bytes, sign, kind)                              \
  {"FLAT_" name, executeFlat, InstClass::cls, 4, [] {                          \
     static const MemoryOp op = {                                              \
         MemoryAction::action, bytes, sign, Atomic::kind, 1, false, false};    \
     return static_cast<const void *>(&op);                                    \
   }()}
#define LOAD(name, bytes, sign) ROW("LOAD_" name, Flat, Load, bytes, sign, Swap)
#define STORE(name, bytes) ROW("STORE_" name, Flat, Store, bytes, false, Swap)
#define ATOMIC(name, kind)                                                     \
  ROW("ATOMIC_" name, Atomic, Atomic, 4, false, kind),                         \
      ROW("ATOMIC_" name "_X2", Atomic, Atomic, 8, false, kind)

const Opcode kTable[] = {
    LOAD("UBYTE", 1, false),    LOAD("SBYTE", 1, true),
    LOAD("USHORT", 2, false),   LOAD("SSHORT", 2, true),
    LOAD("DWORD", 4, false),    LOAD("DWORDX2", 8, false),
    LOAD("DWORDX3", 12, false), LOAD("DWORDX4", 16, false),
    STORE("BYTE", 1),           STORE("SHORT", 2),
    STORE("DWORD", 4),          STORE("DWORDX2", 8),
    STORE("DWORDX3", 12),       STORE("DWORDX4", 16),
    ATOMIC("SWAP", Swap),       ATOMIC("CMPSWAP", CompareSwap),
    ATOMIC("ADD", Add),         ATOMIC("SUB", Sub),
    ATOMIC("SMIN", SMin),       ATOMIC("UMIN", UMin),
    ATOMIC("SMAX", SMax),       ATOMIC("UMAX", UMax),
    ATOMIC("AND", And),         ATOMIC("OR", Or),
    ATOMIC("XOR", Xor),         ATOMIC("INC", Inc),
    ATOMIC("DEC", Dec),
};

} // namespace

OpcodeTable gfx803::flatOpcodes() { return {kTable, std::size(kTable)}; }
