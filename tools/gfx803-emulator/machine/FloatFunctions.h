//===- FloatFunctions.h - Functions that f16, f32 and f64 share -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_MACHINE_FLOATFUNCTIONS_H
#define GFX803_EMULATOR_MACHINE_FLOATFUNCTIONS_H

#include <cmath>
#include <limits>

namespace gfx803 {

template <class F> bool isNan(F value) { return value != value; }

template <class F> F add(F a, F b) { return a + b; }
template <class F> F subtract(F a, F b) { return a - b; }
template <class F> F subtractReversed(F a, F b) { return b - a; }
template <class F> F multiply(F a, F b) { return a * b; }

/// The other operand beats a NaN, and -0 is less than +0.
template <class F> F minimum(F a, F b) {
  if (isNan(a))
    return isNan(b) ? a + b : b;
  if (isNan(b))
    return a;
  if (a == b)
    return std::signbit(a) ? a : b;
  return a < b ? a : b;
}
template <class F> F maximum(F a, F b) {
  if (isNan(a))
    return isNan(b) ? a + b : b;
  if (isNan(b))
    return a;
  if (a == b)
    return std::signbit(a) ? b : a;
  return a > b ? a : b;
}
template <class F> F minimum3(F a, F b, F c) {
  return minimum(minimum(a, b), c);
}
template <class F> F maximum3(F a, F b, F c) {
  return maximum(maximum(a, b), c);
}
template <class F> F median3(F a, F b, F c) {
  if (isNan(a) || isNan(b) || isNan(c))
    return minimum3(a, b, c);
  return maximum(minimum(a, b), minimum(maximum(a, b), c));
}

template <class F> F truncate(F a) { return std::trunc(a); }
template <class F> F ceiling(F a) { return std::ceil(a); }
template <class F> F floor(F a) { return std::floor(a); }
/// To nearest, ties to even, whatever the rounding mode.
template <class F> F nearest(F a) {
  F whole = std::trunc(a), rest = std::fabs(a - whole);
  if (rest > F(0.5) || (rest == F(0.5) && std::fmod(whole, F(2)) != 0))
    whole += std::copysign(F(1), a);
  return std::copysign(whole, a);
}
template <class F> F squareRoot(F a) { return std::sqrt(a); }
template <class F> F reciprocal(F a) { return F(1) / a; }
template <class F> F reciprocalRoot(F a) {
  return F(1.0L / std::sqrt((long double)(a)));
}

/// fma(a, b, c) * 2^scale. A division's last step, which ends in denormals when
/// it scales down: the card rounds once, or quotients would be wrong there.
template <class F> F fmaScaled(F a, F b, F c, int scale) {
  F value = std::fma(a, b, c), result = std::ldexp(value, scale);
  if (scale >= 0)
    return result;
  F back = std::ldexp(result, -scale), rest = value - back;
  if (std::fabs(rest) !=
      std::ldexp(std::numeric_limits<F>::denorm_min(), -scale - 1))
    return result;
  // What looks like a tie is none if the fma was rounded.
  F error = std::fma(a, b, c - value);
  if (error != 0 && std::signbit(error) == std::signbit(rest))
    return std::ldexp(back + 2 * rest, scale);
  return result;
}

/// In [0.5, 1); zeros, infinities and NaN as they are.
template <class F> F mantissa(F a) {
  int exponent;
  return std::isfinite(a) ? std::frexp(a, &exponent) : a;
}
template <class F> int exponent(F a) {
  int result = 0;
  if (std::isfinite(a))
    std::frexp(a, &result);
  return result;
}

/// Bits of v_cmp_class: sNaN, qNaN, -inf, -normal, -denormal, -0, +0, ...
template <class U, unsigned ExponentBits, unsigned FractionBits>
unsigned classOf(U bits) {
  U fraction = bits & ((U(1) << FractionBits) - 1);
  U biased = bits >> FractionBits & ((U(1) << ExponentBits) - 1);
  bool negative = bits >> (ExponentBits + FractionBits) & 1;
  if (biased == (U(1) << ExponentBits) - 1) {
    if (fraction != 0)
      return fraction >> (FractionBits - 1) & 1 ? 1 : 0;
    return negative ? 2 : 9;
  }
  if (biased != 0)
    return negative ? 3 : 8;
  if (fraction != 0)
    return negative ? 4 : 7;
  return negative ? 5 : 6;
}

} // namespace gfx803

#endif // GFX803_EMULATOR_MACHINE_FLOATFUNCTIONS_H
