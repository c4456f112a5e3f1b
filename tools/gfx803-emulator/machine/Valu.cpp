//===- Valu.cpp - What all vector operations share ------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/Valu.h"

#include <algorithm>
#include <cfenv>

using namespace gfx803;

namespace {

/// Room for operands that are not a register as it stands.
struct Buffers {
  alignas(64) uint32_t narrow[3][kLanes];
  alignas(64) uint64_t wide[3][kLanes];
  alignas(64) uint32_t result[kLanes];
  alignas(64) uint64_t wideResult[kLanes];
  alignas(64) uint8_t poison[3][kLanes];
  bool hasPoison[3] = {};
};

class Execution {
public:
  Execution(Worker &worker, Wave &wave, const Instruction &inst)
      : worker(worker), wave(wave), inst(inst),
        op(*static_cast<const ValuOp *>(inst.opcode->data)), lanes() {}

  void run();

private:
  void takeSource(unsigned k);
  void takeScalar(unsigned k, unsigned code, Type type);
  void takeRegister(unsigned k, unsigned reg, Type type);
  void takePoison(unsigned k, unsigned reg, bool wide);
  uint32_t *own(unsigned k);
  void selectSdwa(unsigned k);
  void permute(unsigned k);
  void modify(unsigned k, Type type);
  void flushSources();
  void compute();
  void finishFloat();
  void write();
  void writeRegister(unsigned reg, const uint32_t *values,
                     const uint8_t *poison);
  void placeSdwa();
  void writeMask();
  const uint8_t *resultPoison();

  Worker &worker;
  Wave &wave;
  const Instruction &inst;
  const ValuOp &op;
  Lanes lanes;
  Buffers buffers;
  uint64_t writeMaskLanes = 0; ///< EXEC, less what DPP switches off
  uint64_t maskInPoison = 0;
  bool tainted = false;
  unsigned sources = 0;
};

uint32_t pattern16(unsigned code) {
  static const uint16_t patterns[] = {0x3800, 0xb800, 0x3c00, 0xbc00, 0x4000,
                                      0xc000, 0x4400, 0xc400, 0x3118};
  return patterns[code - 240];
}

bool isFloatConstant(unsigned code) { return code >= 240 && code <= 248; }

/// A byte of ones for each bit of a nibble.
uint32_t spread(uint8_t nibble) {
  return (nibble & 1 ? 0xffu : 0) | (nibble & 2 ? 0xff00u : 0) |
         (nibble & 4 ? 0xff0000u : 0) | (nibble & 8 ? 0xff000000u : 0);
}
uint8_t gather(uint32_t bits) {
  return uint8_t(((bits & 0xff) != 0) | ((bits & 0xff00) != 0) << 1 |
                 ((bits & 0xff0000) != 0) << 2 |
                 ((bits & 0xff000000) != 0) << 3);
}

} // namespace

//===----------------------------------------------------------------------===//
// Sources
//===----------------------------------------------------------------------===//

uint32_t *Execution::own(unsigned k) {
  if (lanes.s[k] != buffers.narrow[k]) {
    std::memcpy(buffers.narrow[k], lanes.s[k], sizeof buffers.narrow[k]);
    lanes.s[k] = buffers.narrow[k];
  }
  return buffers.narrow[k];
}

void Execution::takeScalar(unsigned k, unsigned code, Type type) {
  uint64_t poison = 0;
  if (isWide(type)) {
    uint64_t value;
    if (type == Type::F64 && code == operand::literal)
      value = uint64_t(inst.literal) << 32;
    else
      value = worker.read64(code, poison);
    for (unsigned i = 0; i < kLanes; ++i)
      buffers.wide[k][i] = value;
    lanes.w[k] = buffers.wide[k];
  } else {
    uint32_t value, narrowPoison = 0;
    if (type == Type::F16 && isFloatConstant(code))
      value = pattern16(code);
    else
      value = worker.read32(code, narrowPoison);
    poison = narrowPoison;
    for (unsigned i = 0; i < kLanes; ++i)
      buffers.narrow[k][i] = value;
    lanes.s[k] = buffers.narrow[k];
  }
  if (poison) {
    buffers.hasPoison[k] = tainted = true;
    uint8_t nibble = isWide(type) ? 15 : gather(uint32_t(poison));
    std::memset(buffers.poison[k], nibble, kLanes);
  }
}

void Execution::takePoison(unsigned k, unsigned reg, bool wide) {
  bool any = wave.vMayPoison[reg] || (wide && wave.vMayPoison[reg + 1]);
  if (!any)
    return;
  buffers.hasPoison[k] = tainted = true;
  const uint8_t *from = wave.vPoison(reg);
  if (!wide) {
    std::memcpy(buffers.poison[k], from, kLanes);
    return;
  }
  for (unsigned i = 0; i < kLanes; ++i)
    buffers.poison[k][i] = from[i] | from[kLanes + i] ? 15 : 0;
}

void Execution::takeRegister(unsigned k, unsigned reg, Type type) {
  worker.checkVector(reg);
  if (isWide(type)) {
    worker.checkVector(reg + 1);
    const uint32_t *low = wave.v(reg), *high = wave.v(reg + 1);
    for (unsigned i = 0; i < kLanes; ++i)
      buffers.wide[k][i] = low[i] | uint64_t(high[i]) << 32;
    lanes.w[k] = buffers.wide[k];
  } else {
    lanes.s[k] = wave.v(reg);
  }
  takePoison(k, reg, isWide(type));
}

/// Takes the byte or word that SDWA names.
void Execution::selectSdwa(unsigned k) {
  unsigned selection = inst.srcSel[k];
  if (selection == 6)
    return;
  uint32_t *values = own(k);
  bool sext = inst.srcSext[k];
  unsigned shift = selection < 4 ? selection * 8 : (selection - 4) * 16;
  for (unsigned i = 0; i < kLanes; ++i) {
    uint32_t value = values[i] >> shift;
    if (selection < 4)
      values[i] = sext ? uint32_t(int8_t(value)) : value & 0xff;
    else
      values[i] = sext ? uint32_t(int16_t(value)) : value & 0xffff;
  }
  if (!buffers.hasPoison[k])
    return;
  for (unsigned i = 0; i < kLanes; ++i) {
    uint8_t nibble = buffers.poison[k][i] >> shift / 8;
    nibble &= selection < 4 ? 1 : 3;
    // A sign spreads from the top byte.
    uint8_t top = selection < 4 ? 1 : 2;
    buffers.poison[k][i] = sext && nibble & top ? 15 : nibble;
  }
}

/// The lane that lane `i` reads under a DPP control, or -1.
static int dppSource(unsigned control, unsigned i) {
  unsigned row = i & ~15u, at = i & 15u, count = control & 15u;
  if (control <= 0xff)
    return int((i & ~3u) + (control >> 2 * (i & 3u) & 3u));
  switch (control & 0x1f0) {
  case 0x100: // row_shl
    return at + count < 16 ? int(i + count) : -1;
  case 0x110: // row_shr
    return at >= count ? int(i - count) : -1;
  case 0x120: // row_ror
    return int(row + ((at - count) & 15u));
  default:
    break;
  }
  switch (control) {
  case 0x130:
    return i < 63 ? int(i + 1) : -1; // wave_shl
  case 0x134:
    return int((i + 1) & 63); // wave_rol
  case 0x138:
    return i > 0 ? int(i - 1) : -1; // wave_shr
  case 0x13c:
    return int((i - 1) & 63); // wave_ror
  case 0x140:
    return int(row + 15 - at); // row_mirror
  case 0x141:
    return int((i & ~7u) + 7 - (i & 7u)); // row_half_mirror
  case 0x142:
    return i >= 16 ? int(row) - 1 : -1; // row_bcast:15
  case 0x143:
    return i >= 32 ? 31 : -1; // row_bcast:31
  default:
    return -1;
  }
}

void Execution::permute(unsigned k) {
  bool wide = isWide(op.source[k]);
  alignas(64) uint32_t narrow[kLanes];
  alignas(64) uint64_t wideValues[kLanes];
  uint8_t poison[kLanes];
  if (wide)
    std::memcpy(wideValues, lanes.w[k], sizeof wideValues);
  else
    std::memcpy(narrow, lanes.s[k], sizeof narrow);
  std::memcpy(poison, buffers.poison[k], sizeof poison);
  for (unsigned i = 0; i < kLanes; ++i) {
    int source = dppSource(inst.dppControl, i);
    // A lane that EXEC switches off gives nothing either.
    bool valid = source >= 0 && wave.exec >> source & 1;
    if (!valid && !inst.boundControl)
      writeMaskLanes &= ~(uint64_t(1) << i);
    if (wide)
      buffers.wide[k][i] = valid ? wideValues[source] : 0;
    else
      buffers.narrow[k][i] = valid ? narrow[source] : 0;
    if (buffers.hasPoison[k])
      buffers.poison[k][i] = valid ? poison[source] : 0;
    bool row = inst.rowMask >> i / 16 & 1,
         bank = inst.bankMask >> i % 16 / 4 & 1;
    if (!row || !bank)
      writeMaskLanes &= ~(uint64_t(1) << i);
  }
  (wide ? (void)(lanes.w[k] = buffers.wide[k])
        : (void)(lanes.s[k] = buffers.narrow[k]));
}

/// |x| and -x.
void Execution::modify(unsigned k, Type type) {
  bool absolute = inst.absolute >> k & 1, negate = inst.negate >> k & 1;
  if (!absolute && !negate)
    return;
  if (isWide(type)) {
    uint64_t sign = uint64_t(1) << 63;
    for (unsigned i = 0; i < kLanes; ++i) {
      uint64_t value = lanes.w[k][i];
      value = absolute ? value & ~sign : value;
      buffers.wide[k][i] = negate ? value ^ sign : value;
    }
    lanes.w[k] = buffers.wide[k];
    return;
  }
  uint32_t sign = type == Type::F16 || type == Type::B16 ? 0x8000u : 1u << 31;
  uint32_t clear = absolute ? sign : 0, flip = negate ? sign : 0;
  const uint32_t *from = lanes.s[k];
  for (unsigned i = 0; i < kLanes; ++i)
    buffers.narrow[k][i] = (from[i] & ~clear) ^ flip;
  lanes.s[k] = buffers.narrow[k];
}

void Execution::takeSource(unsigned k) {
  Type type = op.source[k];
  unsigned code = inst.src[k];
  bool last = k + 1 == sources;
  if (op.flags & kReadsDst && last) {
    takeRegister(k, inst.dst, type);
    return;
  }
  if ((op.flags & kConstantK && k == 1) || (op.flags & kConstantA && k == 2)) {
    takeScalar(k, operand::literal, type);
    return;
  }
  if (op.flags & kConstantK && k == 2)
    code = inst.src[1];
  if (code >= operand::vgpr)
    takeRegister(k, code - operand::vgpr, type);
  else
    takeScalar(k, code, type);
  if (inst.isSdwa && k < 2)
    selectSdwa(k);
  if (inst.isDpp && k == 0)
    permute(k);
  if (inst.negate | inst.absolute)
    modify(k, type);
}

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

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

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
