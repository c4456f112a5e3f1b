//===- Half.cpp - f16 and f32 ---------------------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/Half.h"

using namespace gfx803;

uint32_t gfx803::doubleToHalf(double value, Rounding rounding) {
  uint64_t bits = bitCast<uint64_t>(value);
  uint32_t sign = uint32_t(bits >> 48) & 0x8000;
  int exponent = int(bits >> 52 & 0x7ff) - 1023;
  uint64_t mantissa = bits & 0xfffffffffffffull;
  if (exponent == 1024)
    return sign | 0x7c00 | (mantissa ? 0x200 | uint32_t(mantissa >> 42) : 0);
  if (exponent == -1023) // zero, or far below the least f16
    exponent = -1022;
  else
    mantissa |= uint64_t(1) << 52;

  // Normal results keep 10 of 52 fraction bits; below 2^-14 fewer.
  int drop = 42 + (exponent < -14 ? -14 - exponent : 0);
  int biased = exponent < -14 ? 0 : exponent + 14; // + the hidden bit
  uint64_t kept, rest, half;
  if (drop > 62) {
    kept = 0;
    rest = mantissa != 0;
    half = 2;
  } else {
    kept = mantissa >> drop;
    rest = mantissa & ((uint64_t(1) << drop) - 1);
    half = uint64_t(1) << (drop - 1);
  }
  uint64_t result = (uint64_t(biased) << 10) + kept;
  bool away = false;
  switch (rounding) {
  case Rounding::Nearest:
    away = rest > half || (rest == half && (kept & 1));
    break;
  case Rounding::Up:
    away = rest && !sign;
    break;
  case Rounding::Down:
    away = rest && sign;
    break;
  case Rounding::Zero:
    break;
  }
  result += away;
  if (biased > 29 + 1 || result >= 0x7c00) {
    bool toInfinity = rounding == Rounding::Nearest ||
                      (rounding == Rounding::Up && !sign) ||
                      (rounding == Rounding::Down && sign);
    return sign | (toInfinity ? 0x7c00 : 0x7bff);
  }
  return sign | uint32_t(result);
}
