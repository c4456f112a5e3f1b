//===- Valu.cpp - What all vector operations share ------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/ValuExecution.h"

#include <algorithm>
#include <cfenv>

using namespace gfx803;

//===----------------------------------------------------------------------===//
// Denormals, output modifiers
//===----------------------------------------------------------------------===//

static void flush32(uint32_t *to, const uint32_t *from) {
  for (unsigned i = 0; i < kLanes; ++i) {
    uint32_t value = from[i];
    to[i] = value & 0x7f800000 ? value : value & 0x80000000;
  }
}
static void flush16(uint32_t *to, const uint32_t *from) {
  for (unsigned i = 0; i < kLanes; ++i) {
    uint32_t value = from[i];
    to[i] = value & 0x7c00 ? value : value & 0xffff8000;
  }
}
static void flush64(uint64_t *to, const uint64_t *from) {
  for (unsigned i = 0; i < kLanes; ++i) {
    uint64_t value = from[i];
    to[i] = value & 0x7ff0000000000000 ? value : value & 0x8000000000000000;
  }
}

void Execution::flushSources() {
  bool always = op.flags & kFlushAlways;
  bool narrow = wave.flushIn32() || always,
       other = wave.flushIn16And64() || always;
  for (unsigned k = 0; k < sources; ++k) {
    if (op.source[k] == Type::F32 && narrow) {
      flush32(buffers.narrow[k], lanes.s[k]);
      lanes.s[k] = buffers.narrow[k];
    } else if (op.source[k] == Type::F16 && other) {
      flush16(buffers.narrow[k], lanes.s[k]);
      lanes.s[k] = buffers.narrow[k];
    } else if (op.source[k] == Type::F64 && other) {
      flush64(buffers.wide[k], lanes.w[k]);
      lanes.w[k] = buffers.wide[k];
    }
  }
}

template <class F>
static F modifyOutput(F value, unsigned omod, bool clamp, bool nanToZero) {
  switch (omod) {
  case 1:
    value = value * F(2);
    break;
  case 2:
    value = value * F(4);
    break;
  case 3:
    value = value * F(0.5);
    break;
  }
  if (omod && value == F(0))
    value = F(0); // output modifiers lose the sign of zero
  if (clamp) {
    if (value != value)
      return nanToZero ? F(0) : value;
    value = value > F(0) ? value : F(0);
    value = value < F(1) ? value : F(1);
  }
  return value;
}

void Execution::finishFloat() {
  bool single = op.result == Type::F32;
  bool flush = single ? wave.flushOut32() : wave.flushOut16And64();
  // The hardware applies them only where it flushes and IEEE mode is off.
  unsigned omod = flush && !wave.ieee() ? inst.omod : 0;
  if (op.flags & kKeep)
    flush = false;
  flush |= (op.flags & kFlushAlways) != 0;
  if (omod || inst.clamp) {
    bool zero = wave.dx10Clamp();
    for (unsigned i = 0; i < kLanes; ++i) {
      if (op.result == Type::F64)
        lanes.wd[i] = bitCast<uint64_t>(
            modifyOutput(bitCast<double>(lanes.wd[i]), omod, inst.clamp, zero));
      else if (single)
        lanes.d[i] = bitCast<uint32_t>(
            modifyOutput(bitCast<float>(lanes.d[i]), omod, inst.clamp, zero));
      else
        lanes.d[i] = floatToHalf(
            modifyOutput(halfToFloat(lanes.d[i]), omod, inst.clamp, zero),
            lanes.round16);
    }
  }
  if (!flush)
    return;
  if (op.result == Type::F64)
    flush64(lanes.wd, lanes.wd);
  else if (single)
    flush32(lanes.d, lanes.d);
  else
    flush16(lanes.d, lanes.d);
}

static int hostRounding(unsigned mode) {
  static const int modes[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD,
                              FE_TOWARDZERO};
  return modes[mode & 3];
}

void Execution::compute() {
  bool anyFloat = op.result == Type::F32 || op.result == Type::F16 ||
                  op.result == Type::F64;
  bool floatSource = false;
  for (unsigned k = 0; k < sources; ++k)
    floatSource |= op.source[k] >= Type::F16;
  if (floatSource && !(op.flags & kKeep))
    flushSources();
  if (!floatSource && !anyFloat) {
    op.compute(lanes);
    return;
  }
  unsigned rounding =
      op.result == Type::F32 || (!anyFloat && op.source[0] == Type::F32)
          ? wave.round32()
          : wave.round16And64();
  if (rounding == 0) {
    op.compute(lanes);
  } else {
    std::fesetround(hostRounding(rounding));
    op.compute(lanes);
    std::fesetround(FE_TONEAREST);
  }
  if (anyFloat)
    finishFloat();
}

void Execution::run() {
  lanes.exec = writeMaskLanes = wave.exec;
  lanes.d = buffers.result;
  lanes.wd = buffers.wideResult;
  lanes.clamp = inst.clamp;
  lanes.ieee = wave.ieee();
  lanes.round16 = Rounding(wave.round16And64());
  lanes.flushOut =
      op.source[0] == Type::F32 ? wave.flushOut32() : wave.flushOut16And64();
  worker.counters.lanesActive += uint64_t(__builtin_popcountll(wave.exec));
  worker.counters.lanesPossible += kLanes;
  while (sources < 3 && op.source[sources] != Type::None)
    ++sources;
  for (unsigned k = 0; k < sources; ++k)
    takeSource(k);
  if (op.flags & kMaskIn) {
    // v_div_fmas has three sources and takes VCC unsaid.
    unsigned code = sources == 3 ? operand::vcc : inst.src[2];
    lanes.maskIn = worker.read64(code, maskInPoison);
    tainted |= maskInPoison != 0;
  }
  if (wave.exec == 0 && !(op.flags & kMaskOut))
    return;
  compute();
  write();
}

/// M0[7:0] is added to the registers of the operands that M0[15:12] names:
/// sources 0 to 2, and the destination.
static Instruction indexed(Worker &worker, const Instruction &inst) {
  uint32_t m0 = worker.need32(operand::m0, "a register index");
  Instruction result = inst;
  for (unsigned k = 0; k < 3; ++k)
    if (m0 >> (12 + k) & 1 && inst.src[k] >= operand::vgpr)
      result.src[k] = uint16_t(std::min(inst.src[k] + (m0 & 0xff), 511u));
  if (m0 >> 15 & 1)
    result.dst = uint16_t(std::min(inst.dst + (m0 & 0xff), 255u));
  return result;
}

void gfx803::executeValu(Worker &worker, Wave &wave, const Instruction &inst) {
  if (wave.mode & kIndexMode) {
    Instruction moved = indexed(worker, inst);
    Execution(worker, wave, moved).run();
    return;
  }
  Execution(worker, wave, inst).run();
}
