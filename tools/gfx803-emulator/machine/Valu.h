//===- Valu.h - Vector arithmetic -------------------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An operation computes 64 lanes at once from arrays to an array; what is the
// same for all of them (operands, SDWA, DPP, modifiers, float modes, EXEC,
// poison) is done around it by `executeValu`.
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_MACHINE_VALU_H
#define GFX803_EMULATOR_MACHINE_VALU_H

#include "tools/gfx803-emulator/machine/Half.h"
#include "tools/gfx803-emulator/machine/Worker.h"

namespace gfx803 {

/// What an operand holds: decides its width, its inline constants, and whether
/// denormals in it are flushed.
enum class Type : uint8_t { None, B16, B32, B64, F16, F32, F64 };
constexpr bool isWide(Type type) {
  return type == Type::B64 || type == Type::F64;
}

/// Operands and results of one operation. Arrays have 64 elements.
struct Lanes {
  const uint32_t *s[3]; ///< sources of 16 and 32 bits
  const uint64_t *w[3]; ///< sources of 64 bits
  uint32_t *d;          ///< the result, of up to 32 bits
  uint64_t *wd;         ///< a result of 64 bits
  uint64_t exec = 0;
  uint64_t maskIn = 0;  ///< carry in, or the selection of v_cndmask
  uint64_t maskOut = 0; ///< carry out, or the result of a comparison
  bool clamp = false;   ///< for integers: saturate
  bool ieee = false;
  bool flushOut = false; ///< for products inside v_mad
  Rounding round16 = Rounding::Nearest;
};

/// Bits of the result that are poison, given those of the sources; for 32-bit
/// operations that do not spoil everything. `values` and `poison` a source.
using Taint = uint32_t (*)(const uint32_t *values, const uint32_t *poison);

enum ValuFlags : uint16_t {
  kReadsDst = 1, ///< the destination is the last source
  kMaskIn = 2,   ///< reads VCC, or the pair in src2 of VOP3
  kMaskOut = 4,  ///< writes VCC, or the pair in sdst
  kNoResult = 8, ///< writes nothing but the mask
  kWritesExec = 16,
  kFlushAlways = 32, ///< denormals are flushed whatever the mode says
  kKeep = 64,        ///< denormals are kept whatever the mode says
  kConstantK = 128,  ///< v_madmk: source 1 is the literal, source 2 is src1
  kConstantA = 256,  ///< v_madak: source 2 is the literal
};

struct ValuOp {
  void (*compute)(Lanes &);
  Type result;
  Type source[3];
  uint16_t flags;
  Taint taint; ///< null: any poisoned bit spoils the lane's result
};

void executeValu(Worker &worker, Wave &wave, const Instruction &inst);

//===----------------------------------------------------------------------===//
// For tables of operations
//===----------------------------------------------------------------------===//

/// Element types: how lane i of source k is read, and how the result is put.
struct U32 {
  using Value = uint32_t;
  static constexpr Type type = Type::B32;
  static Value get(const Lanes &lanes, unsigned k, unsigned i) {
    return lanes.s[k][i];
  }
  static void put(Lanes &lanes, unsigned i, Value value) { lanes.d[i] = value; }
};
struct I32 {
  using Value = int32_t;
  static constexpr Type type = Type::B32;
  static Value get(const Lanes &lanes, unsigned k, unsigned i) {
    return int32_t(lanes.s[k][i]);
  }
  static void put(Lanes &lanes, unsigned i, Value value) {
    lanes.d[i] = uint32_t(value);
  }
};
struct U16 {
  using Value = uint32_t;
  static constexpr Type type = Type::B16;
  static Value get(const Lanes &lanes, unsigned k, unsigned i) {
    return lanes.s[k][i] & 0xffff;
  }
  static void put(Lanes &lanes, unsigned i, Value value) {
    lanes.d[i] = value & 0xffff;
  }
};
struct I16 {
  using Value = int32_t;
  static constexpr Type type = Type::B16;
  static Value get(const Lanes &lanes, unsigned k, unsigned i) {
    return int16_t(lanes.s[k][i]);
  }
  static void put(Lanes &lanes, unsigned i, Value value) {
    lanes.d[i] = uint32_t(value) & 0xffff;
  }
};
struct F32 {
  using Value = float;
  static constexpr Type type = Type::F32;
  static Value get(const Lanes &lanes, unsigned k, unsigned i) {
    return bitCast<float>(lanes.s[k][i]);
  }
  static void put(Lanes &lanes, unsigned i, Value value) {
    lanes.d[i] = bitCast<uint32_t>(value);
  }
};
/// Computed in f32, whose single operations round to f16 as if done once.
struct F16 {
  using Value = float;
  static constexpr Type type = Type::F16;
  static Value get(const Lanes &lanes, unsigned k, unsigned i) {
    return halfToFloat(lanes.s[k][i] & 0xffff);
  }
  static void put(Lanes &lanes, unsigned i, Value value) {
    lanes.d[i] = floatToHalf(value, lanes.round16);
  }
};
struct U64 {
  using Value = uint64_t;
  static constexpr Type type = Type::B64;
  static Value get(const Lanes &lanes, unsigned k, unsigned i) {
    return lanes.w[k][i];
  }
  static void put(Lanes &lanes, unsigned i, Value value) {
    lanes.wd[i] = value;
  }
};
struct I64 {
  using Value = int64_t;
  static constexpr Type type = Type::B64;
  static Value get(const Lanes &lanes, unsigned k, unsigned i) {
    return int64_t(lanes.w[k][i]);
  }
  static void put(Lanes &lanes, unsigned i, Value value) {
    lanes.wd[i] = uint64_t(value);
  }
};
struct F64 {
  using Value = double;
  static constexpr Type type = Type::F64;
  static Value get(const Lanes &lanes, unsigned k, unsigned i) {
    return bitCast<double>(lanes.w[k][i]);
  }
  static void put(Lanes &lanes, unsigned i, Value value) {
    lanes.wd[i] = bitCast<uint64_t>(value);
  }
};
/// Bits of an f16 and an f32, where the operation is on the encoding.
struct Bits16 : U16 {
  static constexpr Type type = Type::F16;
};
struct Bits32 : U32 {
  static constexpr Type type = Type::F32;
};
struct Bits64 : U64 {
  static constexpr Type type = Type::F64;
};

/// Whether the bits of an element are those of a signalling NaN.
template <class Bits> bool isSignalling(typename Bits::Value bits) {
  constexpr unsigned fraction = Bits::type == Type::F16   ? 10
                                : Bits::type == Type::F32 ? 23
                                                          : 52;
  constexpr unsigned width = Bits::type == Type::F16   ? 16
                             : Bits::type == Type::F32 ? 32
                                                       : 64;
  using U = typename Bits::Value;
  U exponent = ((U(1) << (width - 1 - fraction)) - 1) << fraction;
  U rest = bits & ((U(1) << fraction) - 1);
  return (bits & exponent) == exponent && rest != 0 &&
         !(rest >> (fraction - 1) & 1);
}

/// Minimum and maximum: in IEEE mode a signalling NaN comes out, made quiet.
template <class S, class Bits,
          typename S::Value (*Function)(typename S::Value, typename S::Value)>
void minMax(Lanes &lanes) {
  for (unsigned i = 0; i < kLanes; ++i) {
    auto a = S::get(lanes, 0, i), b = S::get(lanes, 1, i);
    if (lanes.ieee && isSignalling<Bits>(Bits::get(lanes, 0, i)))
      S::put(lanes, i, a + a);
    else if (lanes.ieee && isSignalling<Bits>(Bits::get(lanes, 1, i)))
      S::put(lanes, i, b + b);
    else
      S::put(lanes, i, Function(a, b));
  }
}

/// result[i] = function(source0[i], ...) for all lanes.
template <auto Function, class R, class A> void map1(Lanes &lanes) {
  for (unsigned i = 0; i < kLanes; ++i)
    R::put(lanes, i, Function(A::get(lanes, 0, i)));
}
template <auto Function, class R, class A, class B> void map2(Lanes &lanes) {
  for (unsigned i = 0; i < kLanes; ++i)
    R::put(lanes, i, Function(A::get(lanes, 0, i), B::get(lanes, 1, i)));
}
template <auto Function, class R, class A, class B, class C>
void map3(Lanes &lanes) {
  for (unsigned i = 0; i < kLanes; ++i)
    R::put(lanes, i,
           Function(A::get(lanes, 0, i), B::get(lanes, 1, i),
                    C::get(lanes, 2, i)));
}

template <auto Function, class R, class A>
constexpr ValuOp op1(unsigned flags = 0, Taint taint = nullptr) {
  return {map1<Function, R, A>,
          R::type,
          {A::type, Type::None, Type::None},
          uint16_t(flags),
          taint};
}
template <auto Function, class R, class A, class B>
constexpr ValuOp op2(unsigned flags = 0, Taint taint = nullptr) {
  return {map2<Function, R, A, B>,
          R::type,
          {A::type, B::type, Type::None},
          uint16_t(flags),
          taint};
}
template <auto Function, class R, class A, class B, class C>
constexpr ValuOp op3(unsigned flags = 0, Taint taint = nullptr) {
  return {map3<Function, R, A, B, C>,
          R::type,
          {A::type, B::type, C::type},
          uint16_t(flags),
          taint};
}

/// A row of a table; `...` is an expression of type ValuOp.
#define VALU_ROW(name, cls, clocks, ...)                                       \
  {name, executeValu, InstClass::cls, clocks, [] {                             \
     static const ValuOp op = __VA_ARGS__;                                     \
     return static_cast<const void *>(&op);                                    \
   }()}
#define VALU(name, ...) VALU_ROW(name, Valu, 4, __VA_ARGS__)
#define VALU16(name, ...) VALU_ROW(name, ValuQuarter, 16, __VA_ARGS__)
#define VALU32(name, ...) VALU_ROW(name, ValuSlow, 32, __VA_ARGS__)

} // namespace gfx803

#endif // GFX803_EMULATOR_MACHINE_VALU_H
