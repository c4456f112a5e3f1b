//===- ValuCompare.cpp - Comparisons of vectors ---------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/FloatFunctions.h"
#include "tools/gfx803-emulator/machine/Opcodes.h"
#include "tools/gfx803-emulator/machine/Valu.h"

#include <iterator>

using namespace gfx803;

namespace {

template <class S, bool (*Relation)(typename S::Value, typename S::Value)>
void compare(Lanes &lanes) {
  uint64_t mask = 0;
  for (unsigned i = 0; i < kLanes; ++i)
    mask |= uint64_t(Relation(S::get(lanes, 0, i), S::get(lanes, 1, i))) << i;
  lanes.maskOut = mask;
}

/// Whether the class of source 0 is among those that source 1 has a bit for.
template <class S, class U, unsigned ExponentBits, unsigned FractionBits>
void compareClass(Lanes &lanes) {
  uint64_t mask = 0;
  for (unsigned i = 0; i < kLanes; ++i) {
    unsigned kind =
        classOf<U, ExponentBits, FractionBits>(U(S::get(lanes, 0, i)));
    mask |= uint64_t(lanes.s[1][i] >> kind & 1) << i;
  }
  lanes.maskOut = mask;
}

template <class T> bool never(T, T) { return false; }
template <class T> bool always(T, T) { return true; }
template <class T> bool lt(T a, T b) { return a < b; }
template <class T> bool eq(T a, T b) { return a == b; }
template <class T> bool le(T a, T b) { return a <= b; }
template <class T> bool gt(T a, T b) { return a > b; }
template <class T> bool ge(T a, T b) { return a >= b; }
template <class T> bool ne(T a, T b) { return a != b; }
// Of floats; "n" forms hold for NaN as well.
template <class T> bool lg(T a, T b) { return a < b || a > b; }
template <class T> bool ordered(T a, T b) { return !isNan(a) && !isNan(b); }
template <class T> bool unordered(T a, T b) { return isNan(a) || isNan(b); }
template <class T> bool nge(T a, T b) { return !(a >= b); }
template <class T> bool nlg(T a, T b) { return !lg(a, b); }
template <class T> bool ngt(T a, T b) { return !(a > b); }
template <class T> bool nle(T a, T b) { return !(a <= b); }
template <class T> bool nlt(T a, T b) { return !(a < b); }

constexpr ValuOp make(void (*compute)(Lanes &), Type a, Type b,
                      unsigned flags) {
  return {compute,
          Type::None,
          {a, b, Type::None},
          uint16_t(kMaskOut | kNoResult | flags),
          nullptr};
}

#define BOTH(relation, suffix, ...)                                            \
  VALU("V_CMP_" relation "_" suffix, make(__VA_ARGS__, 0)),                    \
      VALU("V_CMPX_" relation "_" suffix, make(__VA_ARGS__, kWritesExec))
#define REL(relation, suffix, S, function)                                     \
  BOTH(relation, suffix, (compare<S, function<S::Value>>), S::type, S::type)
#define INTEGERS(suffix, S)                                                    \
  REL("F", suffix, S, never), REL("LT", suffix, S, lt),                        \
      REL("EQ", suffix, S, eq), REL("LE", suffix, S, le),                      \
      REL("GT", suffix, S, gt), REL("NE", suffix, S, ne),                      \
      REL("GE", suffix, S, ge), REL("T", suffix, S, always)
#define FLOATS(suffix, S)                                                      \
  REL("F", suffix, S, never), REL("LT", suffix, S, lt),                        \
      REL("EQ", suffix, S, eq), REL("LE", suffix, S, le),                      \
      REL("GT", suffix, S, gt), REL("LG", suffix, S, lg),                      \
      REL("GE", suffix, S, ge), REL("O", suffix, S, ordered),                  \
      REL("U", suffix, S, unordered), REL("NGE", suffix, S, nge),              \
      REL("NLG", suffix, S, nlg), REL("NGT", suffix, S, ngt),                  \
      REL("NLE", suffix, S, nle), REL("NEQ", suffix, S, ne),                   \
      REL("NLT", suffix, S, nlt), REL("TRU", suffix, S, always)
// Denormals are a class of their own: they are not flushed.
#define CLASS(suffix, S, U, exponent, fraction)                                \
  VALU("V_CMP_CLASS_" suffix, make(compareClass<S, U, exponent, fraction>,     \
                                   S::type, Type::B32, kKeep)),                \
      VALU("V_CMPX_CLASS_" suffix,                                             \
           make(compareClass<S, U, exponent, fraction>, S::type, Type::B32,    \
                kKeep | kWritesExec))

const Opcode kTable[] = {
    INTEGERS("I16", I16),
    INTEGERS("U16", U16),
    INTEGERS("I32", I32),
    INTEGERS("U32", U32),
    INTEGERS("I64", I64),
    INTEGERS("U64", U64),
    FLOATS("F16", F16),
    FLOATS("F32", F32),
    FLOATS("F64", F64),
    CLASS("F16", Bits16, uint32_t, 5, 10),
    CLASS("F32", Bits32, uint32_t, 8, 23),
    CLASS("F64", Bits64, uint64_t, 11, 52),
};

} // namespace

OpcodeTable gfx803::compareOpcodes() { return {kTable, std::size(kTable)}; }
