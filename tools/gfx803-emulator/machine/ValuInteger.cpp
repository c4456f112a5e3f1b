//===- ValuInteger.cpp - Vector operations on integers and bits -----------===//
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

//===----------------------------------------------------------------------===//
// Poison of operations that look at parts of their operands
//===----------------------------------------------------------------------===//

uint32_t taintCopy(const uint32_t *, const uint32_t *p) { return p[0]; }
uint32_t taintXor(const uint32_t *, const uint32_t *p) { return p[0] | p[1]; }
uint32_t taintAnd(const uint32_t *v, const uint32_t *p) {
  return (p[0] | p[1]) & (v[0] | p[0]) & (v[1] | p[1]);
}
uint32_t taintOr(const uint32_t *v, const uint32_t *p) {
  return (p[0] | p[1]) & (~v[0] | p[0]) & (~v[1] | p[1]);
}
template <uint32_t (*Shift)(uint32_t, uint32_t)>
uint32_t taintShift(const uint32_t *v, const uint32_t *p) {
  return p[0] ? ~0u : Shift(v[0], p[1]);
}
uint32_t taintBfi(const uint32_t *v, const uint32_t *p) {
  return p[0] ? ~0u : (v[0] & p[1]) | (~v[0] & p[2]);
}

//===----------------------------------------------------------------------===//
// 32 bits
//===----------------------------------------------------------------------===//

uint32_t lshlrev(uint32_t count, uint32_t value) {
  return value << (count & 31);
}
uint32_t lshrrev(uint32_t count, uint32_t value) {
  return value >> (count & 31);
}
uint32_t ashrrev(uint32_t count, uint32_t value) {
  return uint32_t(int32_t(value) >> (count & 31));
}
int32_t signed24(uint32_t value) { return int32_t(value << 8) >> 8; }
uint32_t mulI24(uint32_t a, uint32_t b) {
  return uint32_t(int64_t(signed24(a)) * signed24(b));
}
uint32_t mulHiI24(uint32_t a, uint32_t b) {
  return uint32_t((int64_t(signed24(a)) * signed24(b)) >> 32);
}
uint32_t mulU24(uint32_t a, uint32_t b) {
  return uint32_t(uint64_t(a & 0xffffff) * (b & 0xffffff));
}
uint32_t mulHiU24(uint32_t a, uint32_t b) {
  return uint32_t(uint64_t(a & 0xffffff) * (b & 0xffffff) >> 32);
}
uint32_t mulLo(uint32_t a, uint32_t b) { return a * b; }
uint32_t mulHiU(uint32_t a, uint32_t b) {
  return uint32_t(uint64_t(a) * b >> 32);
}
uint32_t mulHiI(int32_t a, int32_t b) { return uint32_t(int64_t(a) * b >> 32); }
template <class T> T least(T a, T b) { return std::min(a, b); }
template <class T> T most(T a, T b) { return std::max(a, b); }
template <class T> T least3(T a, T b, T c) { return std::min({a, b, c}); }
template <class T> T most3(T a, T b, T c) { return std::max({a, b, c}); }
template <class T> T median3(T a, T b, T c) {
  return std::max(std::min(a, b), std::min(std::max(a, b), c));
}
uint32_t bitAnd(uint32_t a, uint32_t b) { return a & b; }
uint32_t bitOr(uint32_t a, uint32_t b) { return a | b; }
uint32_t bitXor(uint32_t a, uint32_t b) { return a ^ b; }
uint32_t bitNot(uint32_t a) { return ~a; }
uint32_t move(uint32_t a) { return a; }

uint32_t reverse(uint32_t a) {
  a = (a >> 1 & 0x55555555) | (a & 0x55555555) << 1;
  a = (a >> 2 & 0x33333333) | (a & 0x33333333) << 2;
  a = (a >> 4 & 0x0f0f0f0f) | (a & 0x0f0f0f0f) << 4;
  return __builtin_bswap32(a);
}
uint32_t firstHigh(uint32_t a) { return a ? uint32_t(__builtin_clz(a)) : ~0u; }
uint32_t firstLow(uint32_t a) { return a ? uint32_t(__builtin_ctz(a)) : ~0u; }
uint32_t firstHighSigned(int32_t a) {
  return firstHigh(uint32_t(a < 0 ? ~a : a));
}
uint32_t bfeU(uint32_t value, uint32_t offset, uint32_t width) {
  width &= 31;
  return width ? value >> (offset & 31) & ((1u << width) - 1) : 0;
}
uint32_t bfeI(uint32_t value, uint32_t offset, uint32_t width) {
  width &= 31, offset &= 31;
  if (width == 0)
    return 0;
  // The sign may come from beyond the top: then it is the value's.
  int64_t field = int64_t(int32_t(value)) >> offset;
  return uint32_t(int64_t(uint64_t(field) << (64 - width)) >> (64 - width));
}
uint32_t bfi(uint32_t mask, uint32_t a, uint32_t b) {
  return (mask & a) | (~mask & b);
}
uint32_t bfm(uint32_t width, uint32_t offset) {
  return ((1u << (width & 31)) - 1) << (offset & 31);
}
uint32_t alignBit(uint32_t high, uint32_t low, uint32_t count) {
  return uint32_t((uint64_t(high) << 32 | low) >> (count & 31));
}
uint32_t alignByte(uint32_t high, uint32_t low, uint32_t count) {
  return uint32_t((uint64_t(high) << 32 | low) >> 8 * (count & 3));
}
uint32_t taintAlignBit(const uint32_t *v, const uint32_t *p) {
  return p[2] ? ~0u : alignBit(p[0], p[1], v[2]);
}
uint32_t taintAlignByte(const uint32_t *v, const uint32_t *p) {
  return p[2] ? ~0u : alignByte(p[0], p[1], v[2]);
}
uint32_t taintBfe(const uint32_t *v, const uint32_t *p) {
  return p[1] | p[2] ? ~0u : bfeU(p[0], v[1], v[2]);
}
uint32_t taintBfeSigned(const uint32_t *v, const uint32_t *p) {
  return p[1] | p[2] ? ~0u : bfeI(p[0], v[1], v[2]);
}
uint32_t permute(uint32_t high, uint32_t low, uint32_t selectors) {
  uint64_t bytes = uint64_t(high) << 32 | low;
  uint32_t result = 0;
  for (unsigned at = 0; at < 4; ++at) {
    unsigned selector = selectors >> 8 * at & 0xff;
    uint32_t byte;
    if (selector >= 13)
      byte = 0xff;
    else if (selector == 12)
      byte = 0;
    else if (selector >= 8) // the sign of bytes 1, 3, 5 and 7
      byte = bytes >> (16 * (selector - 8) + 15) & 1 ? 0xff : 0;
    else
      byte = uint32_t(bytes >> 8 * selector) & 0xff;
    result |= byte << 8 * at;
  }
  return result;
}
uint32_t taintPermute(const uint32_t *v, const uint32_t *p) {
  if (p[2])
    return ~0u;
  // Constant bytes are known whatever the operands are.
  uint32_t result = permute(p[0], p[1], v[2]);
  for (unsigned at = 0; at < 4; ++at)
    if ((v[2] >> 8 * at & 0xff) >= 12)
      result &= ~(0xffu << 8 * at);
  return result;
}
uint32_t bitCount(uint32_t a, uint32_t sum) {
  return sum + uint32_t(__builtin_popcount(a));
}
uint32_t lerp(uint32_t a, uint32_t b, uint32_t round) {
  uint32_t result = 0;
  for (unsigned shift = 0; shift < 32; shift += 8)
    result |=
        (((a >> shift & 0xff) + (b >> shift & 0xff) + (round >> shift & 1)) >>
         1)
        << shift;
  return result;
}

//===----------------------------------------------------------------------===//
// Sums of absolute differences
//===----------------------------------------------------------------------===//

uint32_t difference(uint32_t a, uint32_t b) { return a > b ? a - b : b - a; }
template <bool Masked> uint32_t sumOfBytes(uint32_t a, uint32_t b) {
  uint32_t sum = 0;
  for (unsigned shift = 0; shift < 32; shift += 8) {
    uint32_t reference = b >> shift & 0xff;
    if (!Masked || reference != 0)
      sum += difference(a >> shift & 0xff, reference);
  }
  return sum;
}
uint32_t saturate(uint64_t sum, bool clamp) {
  return clamp && sum > 0xffffffff ? ~0u : uint32_t(sum);
}
uint64_t sadU8(uint32_t a, uint32_t b, uint32_t c) {
  return uint64_t(sumOfBytes<false>(a, b)) + c;
}
uint64_t msadU8(uint32_t a, uint32_t b, uint32_t c) {
  return uint64_t(sumOfBytes<true>(a, b)) + c;
}
uint64_t sadHiU8(uint32_t a, uint32_t b, uint32_t c) {
  return (uint64_t(sumOfBytes<false>(a, b)) << 16) + c;
}
uint64_t sadU16(uint32_t a, uint32_t b, uint32_t c) {
  return uint64_t(difference(a & 0xffff, b & 0xffff)) +
         difference(a >> 16, b >> 16) + c;
}
uint64_t sadU32(uint32_t a, uint32_t b, uint32_t c) {
  return uint64_t(difference(a, b)) + c;
}
uint64_t madU24(uint32_t a, uint32_t b, uint32_t c) {
  return uint64_t(a & 0xffffff) * (b & 0xffffff) + c;
}
/// A sum that clamps to the largest u32.
template <uint64_t (*Function)(uint32_t, uint32_t, uint32_t)>
void saturating(Lanes &lanes) {
  for (unsigned i = 0; i < kLanes; ++i)
    lanes.d[i] = saturate(Function(lanes.s[0][i], lanes.s[1][i], lanes.s[2][i]),
                          lanes.clamp);
}
void madI24(Lanes &lanes) {
  for (unsigned i = 0; i < kLanes; ++i) {
    int64_t sum = int64_t(signed24(lanes.s[0][i])) * signed24(lanes.s[1][i]) +
                  int32_t(lanes.s[2][i]);
    if (lanes.clamp)
      sum = std::clamp<int64_t>(sum, INT32_MIN, INT32_MAX);
    lanes.d[i] = uint32_t(uint64_t(sum));
  }
}

/// Four sums over bytes 0-3, 1-4, 2-5, 3-6 of the first source.
template <bool Masked> void quadSad16(Lanes &lanes) {
  for (unsigned i = 0; i < kLanes; ++i) {
    uint64_t result = 0;
    for (unsigned part = 0; part < 4; ++part) {
      uint64_t sum = sumOfBytes<Masked>(uint32_t(lanes.w[0][i] >> 8 * part),
                                        lanes.s[1][i]) +
                     (lanes.w[2][i] >> 16 * part & 0xffff);
      // These always saturate.
      result |= std::min<uint64_t>(sum, 0xffff) << 16 * part;
    }
    lanes.wd[i] = result;
  }
}

//===----------------------------------------------------------------------===//
// Carries
//===----------------------------------------------------------------------===//

enum class Carry { None, In };
/// a + b, a - b or b - a, with the carry or borrow in `maskOut`.
template <int Sign, bool Reversed, Carry In> void addCarry(Lanes &lanes) {
  uint64_t out = 0;
  for (unsigned i = 0; i < kLanes; ++i) {
    uint64_t a = lanes.s[Reversed][i], b = lanes.s[!Reversed][i];
    uint64_t carry = In == Carry::In ? lanes.maskIn >> i & 1 : 0;
    uint64_t sum = Sign > 0 ? a + b + carry : a - b - carry;
    bool over = sum >> 32 & 1;
    out |= uint64_t(over) << i;
    lanes.d[i] = lanes.clamp && over ? (Sign > 0 ? ~0u : 0u) : uint32_t(sum);
  }
  lanes.maskOut = out;
}

template <bool Signed> void mad64(Lanes &lanes) {
  uint64_t out = 0;
  for (unsigned i = 0; i < kLanes; ++i) {
    uint64_t product =
        Signed
            ? uint64_t(int64_t(int32_t(lanes.s[0][i])) * int32_t(lanes.s[1][i]))
            : uint64_t(lanes.s[0][i]) * lanes.s[1][i];
    uint64_t sum;
    bool over;
    if (Signed) {
      int64_t total;
      over = __builtin_add_overflow(int64_t(product), int64_t(lanes.w[2][i]),
                                    &total);
      sum = uint64_t(total);
      if (over && lanes.clamp)
        sum = int64_t(product) < 0 ? uint64_t(INT64_MIN) : INT64_MAX;
    } else {
      over = __builtin_add_overflow(product, lanes.w[2][i], &sum);
      if (over && lanes.clamp)
        sum = ~uint64_t(0);
    }
    lanes.wd[i] = sum;
    out |= uint64_t(over) << i;
  }
  lanes.maskOut = out;
}

void select(Lanes &lanes) {
  for (unsigned i = 0; i < kLanes; ++i)
    lanes.d[i] = lanes.s[lanes.maskIn >> i & 1][i];
}

//===----------------------------------------------------------------------===//
// 16 and 64 bits
//===----------------------------------------------------------------------===//

/// d = f(a, b), saturated to 16 bits if asked for.
template <int Sign, bool Reversed> void add16(Lanes &lanes) {
  for (unsigned i = 0; i < kLanes; ++i) {
    int32_t a = int32_t(lanes.s[Reversed][i] & 0xffff),
            b = int32_t(lanes.s[!Reversed][i] & 0xffff);
    int32_t sum = a + Sign * b;
    if (lanes.clamp)
      sum = std::clamp(sum, 0, 0xffff);
    lanes.d[i] = uint32_t(sum) & 0xffff;
  }
}
template <class T> void mad16(Lanes &lanes) {
  constexpr bool isSigned = std::is_same_v<T, int16_t>;
  for (unsigned i = 0; i < kLanes; ++i) {
    int64_t sum =
        int64_t(T(lanes.s[0][i])) * T(lanes.s[1][i]) + T(lanes.s[2][i]);
    if (lanes.clamp)
      sum = isSigned ? std::clamp<int64_t>(sum, INT16_MIN, INT16_MAX)
                     : std::clamp<int64_t>(sum, 0, UINT16_MAX);
    lanes.d[i] = uint32_t(uint64_t(sum)) & 0xffff;
  }
}
uint32_t mulLo16(uint32_t a, uint32_t b) { return a * b; }
uint32_t lshlrev16(uint32_t count, uint32_t value) {
  return value << (count & 15);
}
uint32_t lshrrev16(uint32_t count, uint32_t value) {
  return value >> (count & 15);
}
int32_t ashrrev16(uint32_t count, int32_t value) {
  return value >> (count & 15);
}

uint64_t lshlrev64(uint32_t count, uint64_t value) {
  return value << (count & 63);
}
uint64_t lshrrev64(uint32_t count, uint64_t value) {
  return value >> (count & 63);
}
int64_t ashrrev64(uint32_t count, int64_t value) {
  return value >> (count & 63);
}

constexpr ValuOp custom(void (*compute)(Lanes &), Type result, Type a, Type b,
                        Type c = Type::None, unsigned flags = 0) {
  return {compute, result, {a, b, c}, uint16_t(flags), nullptr};
}
constexpr Type B16 = Type::B16, B32 = Type::B32, B64 = Type::B64;

const Opcode kTable[] = {
    VALU("V_MOV_B32", op1<move, U32, U32>(0, taintCopy)),
    VALU("V_NOT_B32", op1<bitNot, U32, U32>(0, taintCopy)),
    VALU("V_BFREV_B32", op1<reverse, U32, U32>()),
    VALU("V_FFBH_U32", op1<firstHigh, U32, U32>()),
    VALU("V_FFBL_B32", op1<firstLow, U32, U32>()),
    VALU("V_FFBH_I32", op1<firstHighSigned, U32, I32>()),

    VALU("V_CNDMASK_B32", custom(select, B32, B32, B32, Type::None, kMaskIn)),
    VALU("V_AND_B32", op2<bitAnd, U32, U32, U32>(0, taintAnd)),
    VALU("V_OR_B32", op2<bitOr, U32, U32, U32>(0, taintOr)),
    VALU("V_XOR_B32", op2<bitXor, U32, U32, U32>(0, taintXor)),
    VALU("V_LSHLREV_B32", op2<lshlrev, U32, U32, U32>(0, taintShift<lshlrev>)),
    VALU("V_LSHRREV_B32", op2<lshrrev, U32, U32, U32>(0, taintShift<lshrrev>)),
    VALU("V_ASHRREV_I32", op2<ashrrev, U32, U32, U32>(0, taintShift<ashrrev>)),
    VALU("V_MUL_I32_I24", op2<mulI24, U32, U32, U32>()),
    VALU("V_MUL_HI_I32_I24", op2<mulHiI24, U32, U32, U32>()),
    VALU("V_MUL_U32_U24", op2<mulU24, U32, U32, U32>()),
    VALU("V_MUL_HI_U32_U24", op2<mulHiU24, U32, U32, U32>()),
    VALU("V_MIN_I32", op2<least<int32_t>, I32, I32, I32>()),
    VALU("V_MAX_I32", op2<most<int32_t>, I32, I32, I32>()),
    VALU("V_MIN_U32", op2<least<uint32_t>, U32, U32, U32>()),
    VALU("V_MAX_U32", op2<most<uint32_t>, U32, U32, U32>()),
    VALU("V_BFM_B32", op2<bfm, U32, U32, U32>()),
    VALU("V_BCNT_U32_B32", op2<bitCount, U32, U32, U32>()),
    VALU16("V_MUL_LO_U32", op2<mulLo, U32, U32, U32>()),
    VALU16("V_MUL_HI_U32", op2<mulHiU, U32, U32, U32>()),
    VALU16("V_MUL_HI_I32", op2<mulHiI, U32, I32, I32>()),

    VALU("V_ADD_U32", custom(addCarry<1, false, Carry::None>, B32, B32, B32,
                             Type::None, kMaskOut)),
    VALU("V_SUB_U32", custom(addCarry<-1, false, Carry::None>, B32, B32, B32,
                             Type::None, kMaskOut)),
    VALU("V_SUBREV_U32", custom(addCarry<-1, true, Carry::None>, B32, B32, B32,
                                Type::None, kMaskOut)),
    VALU("V_ADDC_U32", custom(addCarry<1, false, Carry::In>, B32, B32, B32,
                              Type::None, kMaskIn | kMaskOut)),
    VALU("V_SUBB_U32", custom(addCarry<-1, false, Carry::In>, B32, B32, B32,
                              Type::None, kMaskIn | kMaskOut)),
    VALU("V_SUBBREV_U32", custom(addCarry<-1, true, Carry::In>, B32, B32, B32,
                                 Type::None, kMaskIn | kMaskOut)),
    VALU16("V_MAD_U64_U32", custom(mad64<false>, B64, B32, B32, B64, kMaskOut)),
    VALU16("V_MAD_I64_I32", custom(mad64<true>, B64, B32, B32, B64, kMaskOut)),

    VALU("V_MAD_I32_I24", custom(madI24, B32, B32, B32, B32)),
    VALU("V_MAD_U32_U24", custom(saturating<madU24>, B32, B32, B32, B32)),
    VALU("V_BFE_U32", op3<bfeU, U32, U32, U32, U32>(0, taintBfe)),
    VALU("V_BFE_I32", op3<bfeI, U32, U32, U32, U32>(0, taintBfeSigned)),
    VALU("V_BFI_B32", op3<bfi, U32, U32, U32, U32>(0, taintBfi)),
    VALU("V_LERP_U8", op3<lerp, U32, U32, U32, U32>()),
    VALU("V_ALIGNBIT_B32", op3<alignBit, U32, U32, U32, U32>(0, taintAlignBit)),
    VALU("V_ALIGNBYTE_B32",
         op3<alignByte, U32, U32, U32, U32>(0, taintAlignByte)),
    VALU("V_PERM_B32", op3<permute, U32, U32, U32, U32>(0, taintPermute)),
    VALU("V_MIN3_I32", op3<least3<int32_t>, I32, I32, I32, I32>()),
    VALU("V_MAX3_I32", op3<most3<int32_t>, I32, I32, I32, I32>()),
    VALU("V_MED3_I32", op3<median3<int32_t>, I32, I32, I32, I32>()),
    VALU("V_MIN3_U32", op3<least3<uint32_t>, U32, U32, U32, U32>()),
    VALU("V_MAX3_U32", op3<most3<uint32_t>, U32, U32, U32, U32>()),
    VALU("V_MED3_U32", op3<median3<uint32_t>, U32, U32, U32, U32>()),
    VALU("V_SAD_U8", custom(saturating<sadU8>, B32, B32, B32, B32)),
    VALU("V_SAD_HI_U8", custom(saturating<sadHiU8>, B32, B32, B32, B32)),
    VALU("V_SAD_U16", custom(saturating<sadU16>, B32, B32, B32, B32)),
    VALU("V_SAD_U32", custom(saturating<sadU32>, B32, B32, B32, B32)),
    VALU("V_MSAD_U8", custom(saturating<msadU8>, B32, B32, B32, B32)),
    VALU16("V_QSAD_PK_U16_U8", custom(quadSad16<false>, B64, B64, B32, B64)),
    VALU16("V_MQSAD_PK_U16_U8", custom(quadSad16<true>, B64, B64, B32, B64)),

    VALU("V_ADD_U16", custom(add16<1, false>, B16, B16, B16)),
    VALU("V_SUB_U16", custom(add16<-1, false>, B16, B16, B16)),
    VALU("V_SUBREV_U16", custom(add16<-1, true>, B16, B16, B16)),
    VALU("V_MUL_LO_U16", op2<mulLo16, U16, U16, U16>()),
    VALU("V_LSHLREV_B16", op2<lshlrev16, U16, U16, U16>()),
    VALU("V_LSHRREV_B16", op2<lshrrev16, U16, U16, U16>()),
    VALU("V_ASHRREV_I16", op2<ashrrev16, I16, U16, I16>()),
    VALU("V_MAX_U16", op2<most<uint32_t>, U16, U16, U16>()),
    VALU("V_MIN_U16", op2<least<uint32_t>, U16, U16, U16>()),
    VALU("V_MAX_I16", op2<most<int32_t>, I16, I16, I16>()),
    VALU("V_MIN_I16", op2<least<int32_t>, I16, I16, I16>()),
    VALU("V_MAD_U16", custom(mad16<uint16_t>, B16, B16, B16, B16)),
    VALU("V_MAD_I16", custom(mad16<int16_t>, B16, B16, B16, B16)),

    VALU32("V_LSHLREV_B64", op2<lshlrev64, U64, U32, U64>()),
    VALU32("V_LSHRREV_B64", op2<lshrrev64, U64, U32, U64>()),
    VALU32("V_ASHRREV_I64", op2<ashrrev64, I64, U32, I64>()),
};

} // namespace

OpcodeTable gfx803::integerOpcodes() { return {kTable, std::size(kTable)}; }
