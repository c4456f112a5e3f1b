//===- ValuSources.cpp - Operands of vector operations --------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/ValuExecution.h"

using namespace gfx803;

namespace {

uint32_t pattern16(unsigned code) {
  static const uint16_t patterns[] = {0x3800, 0xb800, 0x3c00, 0xbc00, 0x4000,
                                      0xc000, 0x4400, 0xc400, 0x3118};
  return patterns[code - 240];
}

bool isFloatConstant(unsigned code) { return code >= 240 && code <= 248; }

} // namespace

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
