//===- ValuFloat.cpp - Vector operations on f32 and f16 -------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// v_mad and v_mac round the product and then the sum; v_fma rounds once.
// v_rcp, v_rsq, v_sqrt, v_exp, v_log, v_sin and v_cos are approximate on
// hardware (about 1 ulp); here they are rounded correctly, or nearly so.
// Sources: AMD, "Graphics Core Next Architecture, Generation 3", chapter 13.
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/FloatFunctions.h"
#include "tools/gfx803-emulator/machine/Opcodes.h"
#include "tools/gfx803-emulator/machine/Valu.h"

#include <algorithm>
#include <iterator>

using namespace gfx803;

namespace {

//===----------------------------------------------------------------------===//
// Products and sums
//===----------------------------------------------------------------------===//

float flushed(float value) {
  uint32_t bits = bitCast<uint32_t>(value);
  return bitCast<float>(bits & 0x7f800000 ? bits : bits & 0x80000000);
}

/// a * b + c, the product rounded, then the sum.
void mad32(Lanes &lanes) {
  const uint32_t *a = lanes.s[0], *b = lanes.s[1], *c = lanes.s[2];
  if (lanes.flushOut) {
    for (unsigned i = 0; i < kLanes; ++i)
      lanes.d[i] = bitCast<uint32_t>(
          flushed(bitCast<float>(a[i]) * bitCast<float>(b[i])) +
          bitCast<float>(c[i]));
    return;
  }
  for (unsigned i = 0; i < kLanes; ++i)
    lanes.d[i] = bitCast<uint32_t>(bitCast<float>(a[i]) * bitCast<float>(b[i]) +
                                   bitCast<float>(c[i]));
}
/// Zero times anything, NaN and infinity too, is zero.
float multiplyLegacy(float a, float b) { return a == 0 || b == 0 ? 0 : a * b; }
void madLegacy(Lanes &lanes) {
  for (unsigned i = 0; i < kLanes; ++i) {
    float product =
        multiplyLegacy(F32::get(lanes, 0, i), F32::get(lanes, 1, i));
    F32::put(lanes, i,
             (lanes.flushOut ? flushed(product) : product) +
                 F32::get(lanes, 2, i));
  }
}
float fma32(float a, float b, float c) { return std::fma(a, b, c); }

void mad16(Lanes &lanes) {
  for (unsigned i = 0; i < kLanes; ++i) {
    uint32_t product = floatToHalf(
        F16::get(lanes, 0, i) * F16::get(lanes, 1, i), lanes.round16);
    if (lanes.flushOut && !(product & 0x7c00))
      product &= 0x8000;
    F16::put(lanes, i, halfToFloat(product) + F16::get(lanes, 2, i));
  }
}
/// The exact sum as a double with its last bit sticky, so that rounding to f16
/// rounds once.
double stickyFma(double a, double b, double c) {
  double product = a * b; // exact: 22 bits
  double sum = product + c;
  if (!std::isfinite(sum))
    return sum;
  double back = sum - product, error = (product - (sum - back)) + (c - back);
  uint64_t bits = bitCast<uint64_t>(sum);
  if (error != 0 && !(bits & 1)) {
    // Towards the error's side the neighbour is odd; away from it too.
    bool grows = (error > 0) == (sum > 0);
    bits += grows ? 1 : uint64_t(-1);
  }
  return bitCast<double>(bits);
}
void fma16(Lanes &lanes) {
  for (unsigned i = 0; i < kLanes; ++i)
    lanes.d[i] =
        doubleToHalf(stickyFma(F16::get(lanes, 0, i), F16::get(lanes, 1, i),
                               F16::get(lanes, 2, i)),
                     lanes.round16);
}

//===----------------------------------------------------------------------===//
// Functions of one operand
//===----------------------------------------------------------------------===//

float fraction32(float a) {
  // Never 1, however small -a is.
  float rest = a - std::floor(a);
  return rest >= 1 ? 0x1.fffffep-1f : rest;
}
float fraction16(float a) {
  float rest = a - std::floor(a);
  return rest >= 1 - 0x1p-12f ? 1 - 0x1p-11f : rest;
}
float exp2Of(float a) { return float(std::exp2(double(a))); }
float log2Of(float a) { return float(std::log2(double(a))); }
/// The argument is in turns; beyond 256 of them the hardware gives up.
float sineOf(float turns) {
  if (!std::isfinite(turns))
    return std::numeric_limits<float>::quiet_NaN();
  if (std::fabs(turns) > 256)
    return 0;
  double rest = double(turns) - std::nearbyint(double(turns));
  return turns == 0 ? turns : float(std::sin(rest * 6.283185307179586476925));
}
float cosineOf(float turns) {
  if (!std::isfinite(turns))
    return std::numeric_limits<float>::quiet_NaN();
  if (std::fabs(turns) > 256)
    return 1;
  double rest = double(turns) - std::nearbyint(double(turns));
  return float(std::cos(rest * 6.283185307179586476925));
}
float reciprocal32(float a) { return float(1.0 / double(a)); }
float reciprocalRoot32(float a) { return float(1.0 / std::sqrt(double(a))); }
float squareRoot32(float a) { return float(std::sqrt(double(a))); }

/// f * 2^e, rounded once.
float scale32(float a, int32_t exponent) {
  return float(std::ldexp(double(a), std::clamp(exponent, -2000, 2000)));
}
int32_t exponent32(float a) { return exponent(a); }

//===----------------------------------------------------------------------===//
// Division, in three steps
//===----------------------------------------------------------------------===//

/// Scales numerator or denominator so that the quotient's iteration neither
/// overflows nor loses bits; VCC says that v_div_fmas has to scale back.
void divScale32(Lanes &lanes) {
  for (unsigned i = 0; i < kLanes; ++i) {
    uint32_t bits0 = lanes.s[0][i], bits1 = lanes.s[1][i],
             bits2 = lanes.s[2][i];
    float value = bitCast<float>(bits0), denominator = bitCast<float>(bits1),
          numerator = bitCast<float>(bits2);
    int e1 = int(bits1 >> 23 & 255), e2 = int(bits2 >> 23 & 255);
    auto isDenormal = [](float f) {
      return f != 0 && std::fabs(f) < 0x1p-126f;
    };
    bool vcc = false, same1 = bits0 == bits1, same2 = bits0 == bits2;
    float inverse = 1.0f / denominator, quotient = numerator / denominator;
    float result = value;
    if (numerator == 0 || denominator == 0) {
      result = std::numeric_limits<float>::quiet_NaN();
    } else if (e2 - e1 >= 96) {
      vcc = true;
      if (same1)
        result = std::ldexp(value, 64);
    } else if (isDenormal(denominator)) {
      result = std::ldexp(value, 64);
    } else if (isDenormal(inverse) && isDenormal(quotient)) {
      vcc = true;
      if (same1) // the manual has 64 here, which overflows
        result = std::ldexp(value, -64);
    } else if (isDenormal(inverse)) {
      result = std::ldexp(value, -64);
    } else if (isDenormal(quotient)) {
      vcc = true;
      if (same2)
        result = std::ldexp(value, 64);
    } else if (e2 <= 23) {
      result = std::ldexp(value, 64);
    }
    lanes.maskOut |= uint64_t(vcc) << i;
    lanes.d[i] = bitCast<uint32_t>(result);
  }
}
/// A fused multiply-add that undoes the scaling: by 2^64 or 2^-64, as the
/// addend (the quotient so far) tells. CLRX documents the threshold; the GCN3
/// manual's 2^32 could not undo what v_div_scale does.
void divFmas32(Lanes &lanes) {
  for (unsigned i = 0; i < kLanes; ++i) {
    float a = F32::get(lanes, 0, i), b = F32::get(lanes, 1, i),
          addend = F32::get(lanes, 2, i);
    int scale = lanes.maskIn >> i & 1 ? std::fabs(addend) >= 2 ? 64 : -64 : 0;
    F32::put(lanes, i, fmaScaled(a, b, addend, scale));
  }
}
/// The special cases of numerator (c) and denominator (b) around quotient a.
template <class F>
F divFixup(F a, F b, F c, int exponentB, int exponentC, int underflow,
           int special) {
  F zero =
      std::copysign(F(0), std::signbit(b) != std::signbit(c) ? F(-1) : F(1));
  F infinity = std::copysign(std::numeric_limits<F>::infinity(), zero);
  if (isNan(c))
    return c + c;
  if (isNan(b))
    return b + b;
  if ((b == 0 && c == 0) || (std::isinf(b) && std::isinf(c)))
    return -std::numeric_limits<F>::quiet_NaN();
  if (b == 0 || std::isinf(c))
    return infinity;
  if (std::isinf(b) || c == 0)
    return zero;
  if (exponentC - exponentB < underflow)
    return zero;
  // A quotient that overflowed arrives as infinity less infinity.
  if (exponentB == special || isNan(a))
    return infinity;
  return std::copysign(a, zero);
}
float divFixup32(float a, float b, float c) {
  return divFixup(a, b, c, int(bitCast<uint32_t>(b) >> 23 & 255),
                  int(bitCast<uint32_t>(c) >> 23 & 255), -150, 255);
}
float divFixup16(float a, float b, float c) {
  // f16 quotients come from f32 arithmetic: only the special cases are left.
  return divFixup(a, b, c, 0, 0, -1, 1);
}

//===----------------------------------------------------------------------===//
// Cube maps
//===----------------------------------------------------------------------===//

enum class Axis { X, Y, Z };
Axis majorAxis(float x, float y, float z) {
  float ax = std::fabs(x), ay = std::fabs(y), az = std::fabs(z);
  return az >= ax && az >= ay ? Axis::Z : ay >= ax ? Axis::Y : Axis::X;
}
float cubeId(float x, float y, float z) {
  switch (majorAxis(x, y, z)) {
  case Axis::Z:
    return z < 0 ? 5 : 4;
  case Axis::Y:
    return y < 0 ? 3 : 2;
  default:
    return x < 0 ? 1 : 0;
  }
}
float cubeS(float x, float y, float z) {
  switch (majorAxis(x, y, z)) {
  case Axis::Z:
    return z < 0 ? -x : x;
  case Axis::Y:
    return x;
  default:
    return x < 0 ? z : -z;
  }
}
float cubeT(float x, float y, float z) {
  return majorAxis(x, y, z) == Axis::Y ? (y < 0 ? -z : z) : -y;
}
float cubeMajor(float x, float y, float z) {
  switch (majorAxis(x, y, z)) {
  case Axis::Z:
    return 2 * z;
  case Axis::Y:
    return 2 * y;
  default:
    return 2 * x;
  }
}

constexpr ValuOp custom(void (*compute)(Lanes &), Type type, unsigned sources,
                        unsigned flags = 0) {
  return {
      compute,
      type,
      {type, sources > 1 ? type : Type::None, sources > 2 ? type : Type::None},
      uint16_t(flags),
      nullptr};
}
constexpr Type f32 = Type::F32, f16 = Type::F16;

#define UNARY32(name, function) VALU(name, op1<function, F32, F32>())
#define SPECIAL32(name, function)                                              \
  VALU16(name, op1<function, F32, F32>(kFlushAlways))
#define UNARY16(name, function) VALU(name, op1<function, F16, F16>())
#define SPECIAL16(name, function) VALU16(name, op1<function, F16, F16>())
#define BINARY(name, function)                                                 \
  VALU("V_" name "_F32", op2<function<float>, F32, F32, F32>()),               \
      VALU("V_" name "_F16", op2<function<float>, F16, F16, F16>())
#define TERNARY(name, function)                                                \
  VALU("V_" name "_F32", op3<function<float>, F32, F32, F32, F32>())

const Opcode kTable[] = {
    BINARY("ADD", add),
    BINARY("SUB", subtract),
    BINARY("SUBREV", subtractReversed),
    BINARY("MUL", multiply),
    VALU("V_MIN_F32", custom(minMax<F32, Bits32, minimum<float>>, f32, 2)),
    VALU("V_MAX_F32", custom(minMax<F32, Bits32, maximum<float>>, f32, 2)),
    VALU("V_MIN_F16", custom(minMax<F16, Bits16, minimum<float>>, f16, 2)),
    VALU("V_MAX_F16", custom(minMax<F16, Bits16, maximum<float>>, f16, 2)),
    TERNARY("MIN3", minimum3),
    TERNARY("MAX3", maximum3),
    TERNARY("MED3", median3),
    VALU("V_MUL_LEGACY_F32", op2<multiplyLegacy, F32, F32, F32>()),
    VALU("V_MAC_F32", custom(mad32, f32, 3, kReadsDst)),
    VALU("V_MADMK_F32", custom(mad32, f32, 3, kConstantK)),
    VALU("V_MADAK_F32", custom(mad32, f32, 3, kConstantA)),
    VALU("V_MAD_F32", custom(mad32, f32, 3)),
    VALU("V_MAD_LEGACY_F32", custom(madLegacy, f32, 3)),
    VALU16("V_FMA_F32", op3<fma32, F32, F32, F32, F32>()),
    VALU("V_MAC_F16", custom(mad16, f16, 3, kReadsDst)),
    VALU("V_MADMK_F16", custom(mad16, f16, 3, kConstantK)),
    VALU("V_MADAK_F16", custom(mad16, f16, 3, kConstantA)),
    VALU("V_MAD_F16", custom(mad16, f16, 3)),
    VALU("V_FMA_F16", custom(fma16, f16, 3)),

    UNARY32("V_FRACT_F32", fraction32),
    UNARY32("V_TRUNC_F32", truncate<float>),
    UNARY32("V_CEIL_F32", ceiling<float>),
    UNARY32("V_RNDNE_F32", nearest<float>),
    UNARY32("V_FLOOR_F32", gfx803::floor<float>),
    UNARY16("V_FRACT_F16", fraction16),
    UNARY16("V_TRUNC_F16", truncate<float>),
    UNARY16("V_CEIL_F16", ceiling<float>),
    UNARY16("V_RNDNE_F16", nearest<float>),
    UNARY16("V_FLOOR_F16", gfx803::floor<float>),

    SPECIAL32("V_EXP_F32", exp2Of),
    SPECIAL32("V_EXP_LEGACY_F32", exp2Of),
    SPECIAL32("V_LOG_F32", log2Of),
    SPECIAL32("V_LOG_LEGACY_F32", log2Of),
    SPECIAL32("V_RCP_F32", reciprocal32),
    SPECIAL32("V_RCP_IFLAG_F32", reciprocal32),
    SPECIAL32("V_RSQ_F32", reciprocalRoot32),
    SPECIAL32("V_SQRT_F32", squareRoot32),
    SPECIAL32("V_SIN_F32", sineOf),
    SPECIAL32("V_COS_F32", cosineOf),
    SPECIAL16("V_EXP_F16", exp2Of),
    SPECIAL16("V_LOG_F16", log2Of),
    SPECIAL16("V_RCP_F16", reciprocal<float>),
    SPECIAL16("V_RSQ_F16", reciprocalRoot32),
    SPECIAL16("V_SQRT_F16", squareRoot32),
    SPECIAL16("V_SIN_F16", sineOf),
    SPECIAL16("V_COS_F16", cosineOf),

    VALU("V_FREXP_MANT_F32", op1<mantissa<float>, F32, F32>()),
    VALU("V_FREXP_EXP_I32_F32", op1<exponent32, I32, F32>()),
    VALU("V_LDEXP_F32", op2<scale32, F32, F32, I32>()),
    VALU("V_FREXP_MANT_F16", op1<mantissa<float>, F16, F16>()),
    VALU("V_FREXP_EXP_I16_F16", op1<exponent32, I16, F16>()),
    VALU("V_LDEXP_F16", op2<scale32, F16, F16, I16>()),

    VALU16("V_DIV_SCALE_F32", custom(divScale32, f32, 3, kMaskOut | kKeep)),
    VALU16("V_DIV_FMAS_F32", custom(divFmas32, f32, 3, kMaskIn)),
    VALU16("V_DIV_FIXUP_F32", op3<divFixup32, F32, F32, F32, F32>()),
    VALU("V_DIV_FIXUP_F16", op3<divFixup16, F16, F16, F16, F16>()),

    VALU("V_CUBEID_F32", op3<cubeId, F32, F32, F32, F32>()),
    VALU("V_CUBESC_F32", op3<cubeS, F32, F32, F32, F32>()),
    VALU("V_CUBETC_F32", op3<cubeT, F32, F32, F32, F32>()),
    VALU("V_CUBEMA_F32", op3<cubeMajor, F32, F32, F32, F32>()),
};

} // namespace

OpcodeTable gfx803::floatOpcodes() { return {kTable, std::size(kTable)}; }
