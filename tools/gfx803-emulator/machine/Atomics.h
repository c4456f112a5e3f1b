//===- Atomics.h - What atomic operations do to a value ---------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_MACHINE_ATOMICS_H
#define GFX803_EMULATOR_MACHINE_ATOMICS_H

#include "tools/gfx803-emulator/machine/FloatFunctions.h"
#include "tools/gfx803-emulator/machine/Half.h"

#include <algorithm>
#include <cstdint>

namespace gfx803 {

enum class Atomic : uint8_t {
  Swap,
  CompareSwap,
  CompareSwapFloat,
  Add,
  Sub,
  ReverseSub,
  SMin,
  UMin,
  SMax,
  UMax,
  And,
  Or,
  Xor,
  Inc,
  Dec,
  MaskOr,
  Wrap,
  AddFloat,
  MinFloat,
  MaxFloat
};

/// The new value of memory. `data` is what the instruction gives, `other` its
/// second datum: the new value of CompareSwap (whose `data` is compared), the
/// bits that MaskOr sets, what Wrap adds.
template <class U, class I, class F>
U applyAtomic(Atomic kind, U old, U data, U other) {
  switch (kind) {
  case Atomic::Swap:
    return data;
  case Atomic::CompareSwap:
    return old == data ? other : old;
  case Atomic::CompareSwapFloat:
    return bitCast<F>(old) == bitCast<F>(data) ? other : old;
  case Atomic::Add:
    return old + data;
  case Atomic::Sub:
    return old - data;
  case Atomic::ReverseSub:
    return data - old;
  case Atomic::SMin:
    return U(std::min(I(old), I(data)));
  case Atomic::UMin:
    return std::min(old, data);
  case Atomic::SMax:
    return U(std::max(I(old), I(data)));
  case Atomic::UMax:
    return std::max(old, data);
  case Atomic::And:
    return old & data;
  case Atomic::Or:
    return old | data;
  case Atomic::Xor:
    return old ^ data;
  case Atomic::Inc:
    return old >= data ? 0 : old + 1;
  case Atomic::Dec:
    return old == 0 || old > data ? data : old - 1;
  case Atomic::MaskOr:
    return (old & ~data) | other;
  case Atomic::Wrap:
    return old >= data ? old - data : old + other;
  case Atomic::AddFloat:
    return bitCast<U>(F(bitCast<F>(old) + bitCast<F>(data)));
  case Atomic::MinFloat:
    return bitCast<U>(minimum(bitCast<F>(old), bitCast<F>(data)));
  case Atomic::MaxFloat:
    return bitCast<U>(maximum(bitCast<F>(old), bitCast<F>(data)));
  }
  return old;
}

inline uint64_t applyAtomic(Atomic kind, bool wide, uint64_t old, uint64_t data,
                            uint64_t other) {
  if (wide)
    return applyAtomic<uint64_t, int64_t, double>(kind, old, data, other);
  return applyAtomic<uint32_t, int32_t, float>(kind, uint32_t(old),
                                               uint32_t(data), uint32_t(other));
}

} // namespace gfx803

#endif // GFX803_EMULATOR_MACHINE_ATOMICS_H
