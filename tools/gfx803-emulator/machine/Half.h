//===- Half.h - f16 and f32 -------------------------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_MACHINE_HALF_H
#define GFX803_EMULATOR_MACHINE_HALF_H

#include <cstdint>
#include <cstring>

namespace gfx803 {

template <class To, class From> To bitCast(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}

/// Exact; keeps NaN payloads.
inline float halfToFloat(uint32_t half) {
  uint32_t sign = (half & 0x8000) << 16, exponent = half >> 10 & 31,
           mantissa = half & 0x3ff;
  if (exponent == 31)
    return bitCast<float>(sign | 0x7f800000 | mantissa << 13);
  if (exponent == 0) {
    float magnitude = float(mantissa) * 0x1p-24f;
    return bitCast<float>(sign | bitCast<uint32_t>(magnitude));
  }
  return bitCast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
}

/// How a result is rounded: the two bits of the MODE register.
enum class Rounding : uint8_t { Nearest = 0, Up = 1, Down = 2, Zero = 3 };

/// Rounds once. NaN stay NaN and become quiet.
uint32_t doubleToHalf(double value, Rounding rounding);
inline uint32_t floatToHalf(float value, Rounding rounding) {
  return doubleToHalf(double(value), rounding);
}

} // namespace gfx803

#endif // GFX803_EMULATOR_MACHINE_HALF_H
