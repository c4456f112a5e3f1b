//===- ValuDouble.cpp - Vector operations on f64 --------------------------===//
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

double fma64(double a, double b, double c) { return std::fma(a, b, c); }
double scale64(double a, int32_t exponent) {
  return std::ldexp(a, std::clamp(exponent, -5000, 5000));
}
int32_t exponent64(double a) { return exponent(a); }
double fraction64(double a) {
  double rest = a - std::floor(a);
  return rest >= 1 ? 0x1.fffffffffffffp-1 : rest;
}

int biasedExponent(uint64_t bits) { return int(bits >> 52 & 2047); }

/// As the f32 form; see there.
void divScale64(Lanes &lanes) {
  for (unsigned i = 0; i < kLanes; ++i) {
    uint64_t bits0 = lanes.w[0][i], bits1 = lanes.w[1][i],
             bits2 = lanes.w[2][i];
    double value = bitCast<double>(bits0), denominator = bitCast<double>(bits1),
           numerator = bitCast<double>(bits2);
    auto isDenormal = [](double d) {
      return d != 0 && std::fabs(d) < 0x1p-1022;
    };
    bool vcc = false, same1 = bits0 == bits1, same2 = bits0 == bits2;
    double inverse = 1 / denominator, quotient = numerator / denominator;
    double result = value;
    if (numerator == 0 || denominator == 0) {
      result = std::numeric_limits<double>::quiet_NaN();
    } else if (biasedExponent(bits2) - biasedExponent(bits1) >= 768) {
      vcc = true;
      if (same1)
        result = std::ldexp(value, 128);
    } else if (isDenormal(denominator)) {
      result = std::ldexp(value, 128);
    } else if (isDenormal(inverse) && isDenormal(quotient)) {
      vcc = true;
      if (same1)
        result = std::ldexp(value, -128);
    } else if (isDenormal(inverse)) {
      result = std::ldexp(value, -128);
    } else if (isDenormal(quotient)) {
      vcc = true;
      if (same2)
        result = std::ldexp(value, 128);
    } else if (biasedExponent(bits2) <= 53) {
      result = std::ldexp(value, 128);
    }
    lanes.maskOut |= uint64_t(vcc) << i;
    lanes.wd[i] = bitCast<uint64_t>(result);
  }
}
void divFmas64(Lanes &lanes) {
  for (unsigned i = 0; i < kLanes; ++i) {
    double a = F64::get(lanes, 0, i), b = F64::get(lanes, 1, i),
           addend = F64::get(lanes, 2, i);
    int scale = lanes.maskIn >> i & 1 ? std::fabs(addend) >= 2 ? 128 : -128 : 0;
    F64::put(lanes, i, fmaScaled(a, b, addend, scale));
  }
}
double divFixup64(double a, double b, double c) {
  double zero =
      std::copysign(0.0, std::signbit(b) != std::signbit(c) ? -1.0 : 1.0);
  double infinity =
      std::copysign(std::numeric_limits<double>::infinity(), zero);
  int exponentB = biasedExponent(bitCast<uint64_t>(b)),
      exponentC = biasedExponent(bitCast<uint64_t>(c));
  if (isNan(c))
    return c + c;
  if (isNan(b))
    return b + b;
  if ((b == 0 && c == 0) || (std::isinf(b) && std::isinf(c)))
    return -std::numeric_limits<double>::quiet_NaN();
  if (b == 0 || std::isinf(c))
    return infinity;
  if (std::isinf(b) || c == 0)
    return zero;
  if (exponentC - exponentB < -1075)
    return zero;
  if (isNan(a)) // see the f32 form
    return infinity;
  return std::copysign(a, zero);
}

/// The first 1216 bits of the fraction of 2 / pi.
const uint64_t kTwoOverPi[19] = {
    0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041,
    0xfe5163abdebbc561, 0xb7246e3a424dd2e0, 0x06492eea09d1921c,
    0xfe1deb1cb129a73e, 0xe88235f52ebb4484, 0xe99c7026b45f7e41,
    0x3991d639835339f4, 0x9c845f8bbdf9283b, 0x1ff897ffde05980f,
    0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7, 0x4f463f669e5fea2d,
    0x7527bac7ebe5f17b, 0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08,
    0x56033046fc7b6bab};

/// 53 bits of 2 / pi from bit `from` (0 is the first of the fraction).
uint64_t twoOverPi(unsigned from) {
  uint64_t result = 0;
  for (unsigned bit = from; bit < from + 53; ++bit) {
    uint64_t value =
        bit < 1201 ? kTwoOverPi[bit / 64] >> (63 - bit % 64) & 1 : 0;
    result = result << 1 | value;
  }
  return result;
}

/// The segment of 2 / pi that a reduction of `a` needs, scaled to its place.
double trigPreop(double a, uint32_t segment) {
  int e = biasedExponent(bitCast<uint64_t>(a));
  int shift = int(segment & 31) * 53;
  if (e > 1077)
    shift += e - 1077;
  double result = double(twoOverPi(unsigned(shift)));
  int scale = -53 - shift;
  if (e >= 1968)
    scale += 128;
  return std::ldexp(result, scale);
}

constexpr ValuOp custom(void (*compute)(Lanes &), unsigned flags) {
  return {compute,
          Type::F64,
          {Type::F64, Type::F64, Type::F64},
          uint16_t(flags),
          nullptr};
}

constexpr ValuOp custom2(void (*compute)(Lanes &)) {
  return {compute, Type::F64, {Type::F64, Type::F64, Type::None}, 0, nullptr};
}

#define UNARY(name, function) VALU16(name, op1<function, F64, F64>())

const Opcode kTable[] = {
    VALU16("V_ADD_F64", op2<add<double>, F64, F64, F64>()),
    VALU32("V_MUL_F64", op2<multiply<double>, F64, F64, F64>()),
    VALU32("V_FMA_F64", op3<fma64, F64, F64, F64, F64>()),
    VALU16("V_MIN_F64", custom2(minMax<F64, Bits64, minimum<double>>)),
    VALU16("V_MAX_F64", custom2(minMax<F64, Bits64, maximum<double>>)),
    VALU16("V_LDEXP_F64", op2<scale64, F64, F64, I32>()),
    UNARY("V_TRUNC_F64", truncate<double>),
    UNARY("V_CEIL_F64", ceiling<double>),
    UNARY("V_RNDNE_F64", nearest<double>),
    UNARY("V_FLOOR_F64", gfx803::floor<double>),
    UNARY("V_FRACT_F64", fraction64),
    UNARY("V_FREXP_MANT_F64", mantissa<double>),
    VALU16("V_FREXP_EXP_I32_F64", op1<exponent64, I32, F64>()),
    VALU32("V_RCP_F64", op1<reciprocal<double>, F64, F64>()),
    VALU32("V_RSQ_F64", op1<reciprocalRoot<double>, F64, F64>()),
    VALU32("V_SQRT_F64", op1<squareRoot<double>, F64, F64>()),
    VALU32("V_DIV_SCALE_F64", custom(divScale64, kMaskOut | kKeep)),
    VALU32("V_DIV_FMAS_F64", custom(divFmas64, kMaskIn)),
    VALU32("V_DIV_FIXUP_F64", op3<divFixup64, F64, F64, F64, F64>()),
    VALU32("V_TRIG_PREOP_F64", op2<trigPreop, F64, F64, U32>()),
};

} // namespace

OpcodeTable gfx803::doubleOpcodes() { return {kTable, std::size(kTable)}; }
