//===- ValuLanes.cpp - Between lanes, and registers named at run time -----===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/Opcodes.h"
#include "tools/gfx803-emulator/machine/Valu.h"

#include <algorithm>
#include <iterator>

using namespace gfx803;

namespace {

unsigned vectorRegister(Worker &worker, unsigned code) {
  if (code < operand::vgpr)
    worker.fault(FaultKind::IllegalInstruction,
                 "this source must be a vector register");
  unsigned reg = code - operand::vgpr;
  worker.checkVector(reg);
  return reg;
}

/// A lane of a vector register goes to a scalar one; EXEC does not matter.
void readLane(Worker &worker, Wave &wave, const Instruction &inst,
              unsigned lane) {
  unsigned reg = vectorRegister(worker, inst.src[0]);
  uint8_t nibble = wave.vMayPoison[reg] ? wave.vPoison(reg)[lane] : 0;
  uint32_t poison = 0;
  for (unsigned byte = 0; byte < 4; ++byte)
    if (nibble >> byte & 1)
      poison |= 0xffu << 8 * byte;
  worker.write32(inst.dst, wave.v(reg)[lane], poison);
}

void executeReadFirstLane(Worker &worker, Wave &wave, const Instruction &inst) {
  // With no lane active, lane 0 is read.
  readLane(worker, wave, inst,
           wave.exec ? unsigned(__builtin_ctzll(wave.exec)) : 0);
}

void executeReadLane(Worker &worker, Wave &wave, const Instruction &inst) {
  readLane(worker, wave, inst, worker.need32(inst.src[1], "the lane") & 63);
}

void executeWriteLane(Worker &worker, Wave &wave, const Instruction &inst) {
  uint32_t poison;
  uint32_t value = worker.read32(inst.src[0], poison);
  unsigned lane = worker.need32(inst.src[1], "the lane") & 63;
  unsigned reg = inst.dst;
  worker.checkVector(reg);
  wave.v(reg)[lane] = value;
  // This is how scalar registers are spilled, and in a mask of lanes the bits
  // of lanes that are not active may be anything. Vector registers have poison
  // by the byte only: one that is written in part counts as written, or the
  // mask would come back with active lanes undefined.
  uint8_t nibble = 0;
  for (unsigned byte = 0; byte < 4; ++byte)
    nibble |= uint8_t((poison >> 8 * byte & 0xff) == 0xff) << byte;
  if (!worker.config.uninitialised)
    nibble = 0;
  wave.vPoison(reg)[lane] = nibble;
  wave.vMayPoison[reg] = wave.vMayPoison[reg] || nibble;
}

/// Bits of a mask below each lane, in its low or high half.
template <bool High> void maskedCount(Lanes &lanes) {
  for (unsigned i = 0; i < kLanes; ++i) {
    uint64_t below = (uint64_t(1) << i) - 1;
    uint32_t mask = uint32_t(High ? below >> 32 : below);
    lanes.d[i] =
        lanes.s[1][i] + uint32_t(__builtin_popcount(lanes.s[0][i] & mask));
  }
}

/// v_mov_b32 with M0 added to the number of the source or destination.
template <bool Source, bool Destination>
void executeMoveRelative(Worker &worker, Wave &wave, const Instruction &inst) {
  unsigned offset = worker.need32(operand::m0, "M0 of a register index");
  Instruction moved = inst;
  static const Opcode *const move = findOpcode("V_MOV_B32");
  moved.opcode = move;
  if (Source) {
    vectorRegister(worker, inst.src[0]);
    moved.src[0] = uint16_t(std::min(inst.src[0] + offset, 511u));
  }
  if (Destination)
    moved.dst = uint16_t(std::min(inst.dst + offset, 255u));
  move->execute(worker, wave, moved);
}

/// Four 32-bit sums over bytes 0-3, 1-4, 2-5, 3-6 of the 64-bit source.
void executeMqsad32(Worker &worker, Wave &wave, const Instruction &inst) {
  unsigned c = vectorRegister(worker, inst.src[2]);
  for (unsigned part = 0; part < 4; ++part) {
    worker.checkVector(c + part);
    worker.checkVector(inst.dst + part);
  }
  // The other two may be scalars.
  auto read = [&](unsigned code, unsigned lane, uint8_t &poison) -> uint64_t {
    uint64_t scalarPoison = 0, value = 0;
    if (code < operand::vgpr) {
      value = worker.read64(code, scalarPoison);
      poison |= scalarPoison != 0;
      return value;
    }
    unsigned reg = vectorRegister(worker, code);
    poison |= wave.vPoison(reg)[lane];
    value = wave.v(reg)[lane];
    return value;
  };
  bool pair = inst.src[0] >= operand::vgpr;
  for (uint64_t rest = wave.exec; rest; rest &= rest - 1) {
    unsigned i = unsigned(__builtin_ctzll(rest));
    uint8_t poison = 0;
    uint64_t bytes = read(inst.src[0], i, poison);
    if (pair)
      bytes |= read(inst.src[0] + 1u, i, poison) << 32;
    uint32_t reference = uint32_t(read(inst.src[1], i, poison));
    uint64_t sums[4];
    for (unsigned part = 0; part < 4; ++part) {
      sums[part] = wave.v(c + part)[i];
      poison |= wave.vPoison(c + part)[i];
      for (unsigned byte = 0; byte < 4; ++byte) {
        int32_t r = int32_t(reference >> 8 * byte & 0xff);
        int32_t x = int32_t(bytes >> 8 * (part + byte) & 0xff);
        if (r != 0)
          sums[part] += uint64_t(std::abs(x - r));
      }
    }
    for (unsigned part = 0; part < 4; ++part) {
      // Saturates, as all sums over quads do.
      wave.v(inst.dst + part)[i] =
          uint32_t(std::min<uint64_t>(sums[part], 0xffffffff));
      wave.vPoison(inst.dst + part)[i] = poison ? 15 : 0;
      if (poison)
        wave.vMayPoison[inst.dst + part] = true;
    }
  }
}

void executeNothing(Worker &, Wave &, const Instruction &) {}

constexpr ValuOp kCountLow = {maskedCount<false>,
                              Type::B32,
                              {Type::B32, Type::B32, Type::None},
                              0,
                              nullptr};
constexpr ValuOp kCountHigh = {maskedCount<true>,
                               Type::B32,
                               {Type::B32, Type::B32, Type::None},
                               0,
                               nullptr};

const Opcode kTable[] = {
    VALU("V_MBCNT_LO_U32_B32", kCountLow),
    VALU("V_MBCNT_HI_U32_B32", kCountHigh),
    {"V_READFIRSTLANE_B32", executeReadFirstLane, InstClass::Valu, 4, nullptr},
    {"V_READLANE_B32", executeReadLane, InstClass::Valu, 4, nullptr},
    {"V_WRITELANE_B32", executeWriteLane, InstClass::Valu, 4, nullptr},
    {"V_MOVRELD_B32", executeMoveRelative<false, true>, InstClass::Valu, 4,
     nullptr},
    {"V_MOVRELS_B32", executeMoveRelative<true, false>, InstClass::Valu, 4,
     nullptr},
    {"V_MOVRELSD_B32", executeMoveRelative<true, true>, InstClass::Valu, 4,
     nullptr},
    {"V_MQSAD_U32_U8", executeMqsad32, InstClass::ValuQuarter, 16, nullptr},
    {"V_NOP", executeNothing, InstClass::Valu, 4, nullptr},
    {"V_CLREXCP", executeNothing, InstClass::Valu, 4, nullptr},
};

} // namespace

OpcodeTable gfx803::laneOpcodes() { return {kTable, std::size(kTable)}; }
