//===- ValuResults.cpp - Results of vector operations ---------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/ValuExecution.h"

using namespace gfx803;

/// The poison of the result, a nibble a lane, or null if there is none.
const uint8_t *Execution::resultPoison() {
  if (!tainted || !worker.config.uninitialised)
    return nullptr;
  uint8_t *result = buffers.poison[0];
  bool any = false;
  bool select = (op.flags & kMaskIn) && sources == 2 && !(op.flags & kMaskOut);
  for (unsigned i = 0; i < kLanes; ++i) {
    uint8_t nibbles[3] = {};
    for (unsigned k = 0; k < sources; ++k) {
      if (!buffers.hasPoison[k])
        continue;
      nibbles[k] = buffers.poison[k][i];
      if (op.source[k] == Type::B16 || op.source[k] == Type::F16)
        nibbles[k] &= 3;
    }
    uint8_t nibble;
    bool maskPoison = maskInPoison >> i & 1;
    if (select) {
      nibble = lanes.maskIn >> i & 1 ? nibbles[1] : nibbles[0];
      if (maskPoison)
        nibble = 15;
    } else if (op.taint && !maskPoison) {
      uint32_t values[3] = {}, poison[3] = {};
      for (unsigned k = 0; k < sources; ++k) {
        values[k] = lanes.s[k][i];
        poison[k] = spread(nibbles[k]);
      }
      nibble = nibbles[0] | nibbles[1] | nibbles[2]
                   ? gather(op.taint(values, poison))
                   : 0;
    } else {
      nibble = (nibbles[0] | nibbles[1] | nibbles[2]) || maskPoison ? 15 : 0;
    }
    if (!(writeMaskLanes >> i & 1))
      nibble = 0;
    result[i] = nibble;
    any |= nibble != 0;
  }
  return any ? result : nullptr;
}

void Execution::writeRegister(unsigned reg, const uint32_t *values,
                              const uint8_t *poison) {
  worker.checkVector(reg);
  uint32_t *to = wave.v(reg);
  uint64_t mask = writeMaskLanes;
  if (mask == ~uint64_t(0)) {
    std::memcpy(to, values, kLanes * sizeof *to);
  } else {
    for (uint64_t rest = mask; rest; rest &= rest - 1) {
      unsigned i = unsigned(__builtin_ctzll(rest));
      to[i] = values[i];
    }
  }
  if (!poison && !wave.vMayPoison[reg])
    return;
  uint8_t *shadow = wave.vPoison(reg);
  uint8_t any = 0;
  for (unsigned i = 0; i < kLanes; ++i) {
    if (mask >> i & 1)
      shadow[i] = poison ? poison[i] : 0;
    any |= shadow[i];
  }
  wave.vMayPoison[reg] = any != 0;
}

/// Puts the low bits of the result where dst_sel says.
void Execution::placeSdwa() {
  unsigned selection = inst.dstSel;
  if (selection == 6)
    return;
  worker.checkVector(inst.dst);
  const uint32_t *old = wave.v(inst.dst);
  unsigned shift = selection < 4 ? selection * 8 : (selection - 4) * 16;
  uint32_t mask = (selection < 4 ? 0xffu : 0xffffu) << shift;
  uint32_t above = ~(mask | (mask - 1)), sign = mask & ~(mask >> 1);
  for (unsigned i = 0; i < kLanes; ++i) {
    uint32_t value = lanes.d[i] << shift & mask;
    switch (inst.dstUnused) {
    case 0: // pad with zeros
      break;
    case 1: // the sign above, zeros below
      if (value & sign)
        value |= above;
      break;
    default: // preserve
      value |= old[i] & ~mask;
      break;
    }
    lanes.d[i] = value;
  }
}

void Execution::writeMask() {
  uint64_t mask = lanes.maskOut & writeMaskLanes;
  uint64_t poison = 0;
  if (tainted && worker.config.uninitialised) {
    for (unsigned i = 0; i < kLanes; ++i) {
      bool any = maskInPoison >> i & 1;
      for (unsigned k = 0; k < sources; ++k) {
        uint8_t bits =
            op.source[k] == Type::B16 || op.source[k] == Type::F16 ? 3 : 15;
        any |= buffers.hasPoison[k] && (buffers.poison[k][i] & bits);
      }
      poison |= uint64_t(any) << i;
    }
    poison &= writeMaskLanes;
  }
  worker.write64(inst.sdst, mask, poison);
  if (op.flags & kWritesExec)
    worker.setExec(mask, poison);
}

void Execution::write() {
  // The mask's poison first: the result's is gathered where the sources' was.
  if (op.flags & kMaskOut)
    writeMask();
  if (op.flags & kNoResult)
    return;
  const uint8_t *poison = resultPoison();
  if (isWide(op.result)) {
    alignas(64) uint32_t half[kLanes];
    for (unsigned part = 0; part < 2; ++part) {
      for (unsigned i = 0; i < kLanes; ++i)
        half[i] = uint32_t(lanes.wd[i] >> 32 * part);
      writeRegister(inst.dst + part, half, poison);
    }
    return;
  }
  if (inst.isSdwa && inst.dstSel != 6) {
    placeSdwa();
    bool keeps = inst.dstUnused == 2 && wave.vMayPoison[inst.dst];
    if (poison || keeps) {
      unsigned shift = inst.dstSel < 4 ? inst.dstSel : (inst.dstSel - 4) * 2;
      uint8_t mask = uint8_t((inst.dstSel < 4 ? 1 : 3) << shift);
      const uint8_t *old = wave.vPoison(inst.dst);
      for (unsigned i = 0; i < kLanes; ++i) {
        uint8_t nibble = poison ? uint8_t(poison[i] << shift) & mask : 0;
        if (inst.dstUnused == 2)
          nibble |= old[i] & ~mask;
        else if (inst.dstUnused == 1 && nibble)
          nibble = 15;
        buffers.poison[0][i] = nibble;
      }
      poison = buffers.poison[0];
    }
  }
  writeRegister(inst.dst, lanes.d, poison);
}
