//===- ValuConvert.cpp - Conversions between number types -----------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/FloatFunctions.h"
#include "tools/gfx803-emulator/machine/Opcodes.h"
#include "tools/gfx803-emulator/machine/Valu.h"

#include <algorithm>
#include <iterator>

using namespace gfx803;

namespace {

/// Towards zero, to the nearest value there is; NaN gives 0.
template <class To, class From> To saturate(From value) {
  if (isNan(value))
    return 0;
  constexpr double low = double(std::numeric_limits<To>::min()),
                   high = double(std::numeric_limits<To>::max());
  double whole = std::trunc(double(value));
  return whole <= low    ? std::numeric_limits<To>::min()
         : whole >= high ? std::numeric_limits<To>::max()
                         : To(whole);
}
int32_t toI16(float a) { return saturate<int16_t>(a); }
uint32_t toU16(float a) { return saturate<uint16_t>(a); }

template <class To, class From> To convert(From value) { return To(value); }
float fromUnsigned(uint32_t a) { return float(a); }
float fromSigned(int32_t a) { return float(a); }
/// The conversion to f32 is exact, and the sum makes NaN quiet.
float widen(float a) { return isNan(a) ? a + a : a; }
float narrow(double a) { return float(a); }
template <unsigned Byte> float fromByte(uint32_t a) {
  return float(a >> 8 * Byte & 0xff);
}
template <unsigned Byte>
uint32_t taintByte(const uint32_t *, const uint32_t *p) {
  return p[0] & 0xffu << 8 * Byte ? ~0u : 0;
}

int32_t floorToI32(float a) { return saturate<int32_t>(std::floor(double(a))); }
int32_t roundUpToI32(float a) {
  return saturate<int32_t>(std::floor(double(a) + 0.5));
}
/// Four bits, two's complement, in sixteenths.
float offsetFromI4(uint32_t a) {
  return float(int32_t(a << 28) >> 28) * 0.0625f;
}

//===----------------------------------------------------------------------===//
// Two into one register
//===----------------------------------------------------------------------===//

uint32_t pack(uint32_t low, uint32_t high) {
  return (low & 0xffff) | high << 16;
}
template <int Low, int High> uint32_t normalised(float a) {
  if (isNan(a))
    return 0;
  float clamped = std::clamp(a, Low == 0 ? 0.0f : -1.0f, 1.0f);
  return uint32_t(int32_t(nearest(double(clamped) * High)));
}
uint32_t packNormI16(float a, float b) {
  return pack(normalised<-32767, 32767>(a), normalised<-32767, 32767>(b));
}
uint32_t packNormU16(float a, float b) {
  return pack(normalised<0, 65535>(a), normalised<0, 65535>(b));
}
uint32_t packHalvesToZero(float a, float b) {
  return pack(floatToHalf(a, Rounding::Zero), floatToHalf(b, Rounding::Zero));
}
uint32_t packU16(uint32_t a, uint32_t b) {
  return pack(std::min(a, 0xffffu), std::min(b, 0xffffu));
}
uint32_t packI16(int32_t a, int32_t b) {
  return pack(uint32_t(std::clamp(a, -32768, 32767)),
              uint32_t(std::clamp(b, -32768, 32767)));
}
/// Replaces byte `index` of `rest` by `a` as u8.
uint32_t packByte(float a, uint32_t index, uint32_t rest) {
  unsigned shift = 8 * (index & 3);
  double whole = isNan(a) ? 0 : std::nearbyint(double(a));
  uint32_t byte = uint32_t(std::clamp(whole, 0.0, 255.0));
  return (rest & ~(0xffu << shift)) | byte << shift;
}
void accumulateByte(Lanes &lanes) {
  for (unsigned i = 0; i < kLanes; ++i)
    lanes.d[i] = packByte(F32::get(lanes, 0, i), lanes.s[1][i], lanes.s[2][i]);
}

const Opcode kTable[] = {
    VALU("V_CVT_F32_I32", op1<fromSigned, F32, I32>()),
    VALU("V_CVT_F32_U32", op1<fromUnsigned, F32, U32>()),
    VALU("V_CVT_U32_F32", op1<saturate<uint32_t, float>, U32, F32>()),
    VALU("V_CVT_I32_F32", op1<saturate<int32_t, float>, I32, F32>()),
    VALU("V_CVT_RPI_I32_F32", op1<roundUpToI32, I32, F32>()),
    VALU("V_CVT_FLR_I32_F32", op1<floorToI32, I32, F32>()),
    VALU("V_CVT_OFF_F32_I4", op1<offsetFromI4, F32, U32>()),
    VALU("V_CVT_F32_UBYTE0", op1<fromByte<0>, F32, U32>(0, taintByte<0>)),
    VALU("V_CVT_F32_UBYTE1", op1<fromByte<1>, F32, U32>(0, taintByte<1>)),
    VALU("V_CVT_F32_UBYTE2", op1<fromByte<2>, F32, U32>(0, taintByte<2>)),
    VALU("V_CVT_F32_UBYTE3", op1<fromByte<3>, F32, U32>(0, taintByte<3>)),

    VALU("V_CVT_F16_F32", op1<convert<float, float>, F16, F32>()),
    VALU("V_CVT_F32_F16", op1<widen, F32, F16>()),
    VALU("V_CVT_F16_U16", op1<fromUnsigned, F16, U16>()),
    VALU("V_CVT_F16_I16", op1<fromSigned, F16, I16>()),
    VALU("V_CVT_U16_F16", op1<toU16, U16, F16>()),
    VALU("V_CVT_I16_F16", op1<toI16, I16, F16>()),

    VALU16("V_CVT_I32_F64", op1<saturate<int32_t, double>, I32, F64>()),
    VALU16("V_CVT_U32_F64", op1<saturate<uint32_t, double>, U32, F64>()),
    VALU16("V_CVT_F64_I32", op1<convert<double, int32_t>, F64, I32>()),
    VALU16("V_CVT_F64_U32", op1<convert<double, uint32_t>, F64, U32>()),
    VALU16("V_CVT_F32_F64", op1<narrow, F32, F64>()),
    VALU16("V_CVT_F64_F32", op1<convert<double, float>, F64, F32>()),

    VALU("V_CVT_PKNORM_I16_F32", op2<packNormI16, U32, F32, F32>()),
    VALU("V_CVT_PKNORM_U16_F32", op2<packNormU16, U32, F32, F32>()),
    VALU("V_CVT_PKRTZ_F16_F32", op2<packHalvesToZero, U32, F32, F32>()),
    VALU("V_CVT_PK_U16_U32", op2<packU16, U32, U32, U32>()),
    VALU("V_CVT_PK_I16_I32", op2<packI16, U32, I32, I32>()),
    VALU("V_CVT_PK_U8_F32", op3<packByte, U32, F32, U32, U32>()),
    VALU("V_CVT_PKACCUM_U8_F32", {accumulateByte,
                                  Type::B32,
                                  {Type::F32, Type::B32, Type::B32},
                                  kReadsDst,
                                  nullptr}),
};

} // namespace

OpcodeTable gfx803::conversionOpcodes() { return {kTable, std::size(kTable)}; }
