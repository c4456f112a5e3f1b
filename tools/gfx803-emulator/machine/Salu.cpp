//===- Salu.cpp - Scalar arithmetic: SOP1, SOP2, SOPC, SOPK ---------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/Opcodes.h"
#include "tools/gfx803-emulator/machine/Worker.h"

#include <cstdlib>

using namespace gfx803;

namespace {

/// Operands and results of one scalar operation.
struct Scalar {
  uint64_t a = 0, b = 0; ///< sources; SOPK: the destination's old value, SIMM16
  uint64_t d = 0;        ///< on entry the destination's old value, if asked for
  bool scc = false;      ///< on entry the old SCC
};

/// How poison goes through.
enum class Taint : uint8_t {
  All, ///< any poisoned bit spoils all of the result
  Copy,
  And, ///< a known 0 on one side makes a known 0
  AndNot,
  Or, ///< a known 1 makes a known 1
  OrNot,
  Xor
};

enum Flags : unsigned {
  None = 0,
  A64 = 1,
  B64 = 2,
  D64 = 4,
  ReadD = 8,    ///< the old destination takes part
  ReadScc = 16, ///< so does SCC
  WriteScc = 32,
  SccNonzero = 64 ///< SCC = (result != 0)
};

struct ScalarOp {
  void (*compute)(Scalar &);
  unsigned flags;
  Taint taint;
};

uint64_t widthMask(bool wide) { return wide ? ~uint64_t(0) : 0xffffffffu; }

uint64_t taintOf(const ScalarOp &op, const Scalar &in, uint64_t pa, uint64_t pb,
                 bool other) {
  if (other)
    return ~uint64_t(0);
  switch (op.taint) {
  case Taint::Copy:
    return pa;
  case Taint::Xor:
    return pa | pb;
  case Taint::And:
    return (pa | pb) & (in.a | pa) & (in.b | pb);
  case Taint::AndNot:
    return (pa | pb) & (in.a | pa) & (~in.b | pb);
  case Taint::Or:
    return (pa | pb) & (~in.a | pa) & (~in.b | pb);
  case Taint::OrNot:
    return (pa | pb) & (~in.a | pa) & (in.b | pb);
  case Taint::All:
    break;
  }
  return pa | pb ? ~uint64_t(0) : 0;
}

void finish(Worker &worker, const ScalarOp &op, Scalar &values, uint64_t poison,
            unsigned destination, bool hasResult) {
  bool wide = op.flags & D64;
  poison &= widthMask(wide);
  values.d &= widthMask(wide);
  if (op.flags & SccNonzero)
    worker.setScc(values.d != 0, poison && !(values.d & ~poison));
  else if (op.flags & WriteScc)
    worker.setScc(values.scc, poison != 0);
  if (!hasResult)
    return;
  if (wide)
    worker.write64(destination, values.d, poison);
  else
    worker.write32(destination, uint32_t(values.d), uint32_t(poison));
}

/// SOP1, SOP2 and SOPC, which differ in how many operands they have.
template <unsigned Sources, bool HasResult>
void executeScalar(Worker &worker, Wave &wave, const Instruction &inst) {
  const auto &op = *static_cast<const ScalarOp *>(inst.opcode->data);
  Scalar values;
  uint64_t pa = 0, pb = 0, pd = 0;
  uint32_t narrow = 0;
  if (op.flags & A64)
    values.a = worker.read64(inst.src[0], pa);
  else
    values.a = worker.read32(inst.src[0], narrow), pa = narrow;
  if (Sources > 1) {
    if (op.flags & B64)
      values.b = worker.read64(inst.src[1], pb);
    else
      values.b = worker.read32(inst.src[1], narrow), pb = narrow;
  }
  if (op.flags & ReadD) {
    if (op.flags & D64)
      values.d = worker.read64(inst.dst, pd);
    else
      values.d = worker.read32(inst.dst, narrow), pd = narrow;
  }
  values.scc = wave.scc;
  bool other = pd || ((op.flags & ReadScc) && wave.sccPoison);
  uint64_t poison = pa | pb || other ? taintOf(op, values, pa, pb, other) : 0;
  op.compute(values);
  finish(worker, op, values, poison, inst.dst, HasResult);
}

/// SOPK: the destination is the first source, SIMM16 (sign-extended) the other.
template <bool HasResult>
void executeConstant(Worker &worker, Wave &wave, const Instruction &inst) {
  const auto &op = *static_cast<const ScalarOp *>(inst.opcode->data);
  Scalar values;
  uint32_t pa = 0;
  if (op.flags & ReadD)
    values.a = worker.read32(inst.dst, pa);
  values.b = uint32_t(inst.immediate);
  values.d = values.a;
  values.scc = wave.scc;
  bool other = (op.flags & ReadScc) && wave.sccPoison;
  uint64_t poison = pa || other ? ~uint64_t(0) : 0;
  op.compute(values);
  finish(worker, op, values, poison, inst.dst, HasResult);
}

//===----------------------------------------------------------------------===//
// What they compute
//===----------------------------------------------------------------------===//

int32_t s32(uint64_t value) { return int32_t(uint32_t(value)); }
uint32_t u32(uint64_t value) { return uint32_t(value); }

void addU32(Scalar &v) {
  v.d = u32(v.a) + uint64_t(u32(v.b));
  v.scc = v.d >> 32;
}
void subU32(Scalar &v) {
  v.d = u32(v.a) - u32(v.b);
  v.scc = u32(v.a) < u32(v.b);
}
void addI32(Scalar &v) {
  int32_t sum;
  v.scc = __builtin_add_overflow(s32(v.a), s32(v.b), &sum);
  v.d = u32(uint64_t(int64_t(sum)));
}
void subI32(Scalar &v) {
  int32_t difference;
  v.scc = __builtin_sub_overflow(s32(v.a), s32(v.b), &difference);
  v.d = u32(uint64_t(int64_t(difference)));
}
void addcU32(Scalar &v) {
  v.d = uint64_t(u32(v.a)) + u32(v.b) + v.scc;
  v.scc = v.d >> 32;
}
void subbU32(Scalar &v) {
  uint64_t right = uint64_t(u32(v.b)) + v.scc;
  v.d = u32(v.a) - right;
  v.scc = u32(v.a) < right;
}
void minI32(Scalar &v) {
  v.scc = s32(v.a) < s32(v.b);
  v.d = v.scc ? v.a : v.b;
}
void minU32(Scalar &v) {
  v.scc = u32(v.a) < u32(v.b);
  v.d = v.scc ? v.a : v.b;
}
void maxI32(Scalar &v) {
  v.scc = s32(v.a) > s32(v.b);
  v.d = v.scc ? v.a : v.b;
}
void maxU32(Scalar &v) {
  v.scc = u32(v.a) > u32(v.b);
  v.d = v.scc ? v.a : v.b;
}
void select(Scalar &v) { v.d = v.scc ? v.a : v.b; }
void bfm32(Scalar &v) { v.d = u32(((1u << (v.a & 31)) - 1) << (v.b & 31)); }
void bfm64(Scalar &v) { v.d = ((uint64_t(1) << (v.a & 63)) - 1) << (v.b & 63); }
void absdiff(Scalar &v) {
  uint32_t difference = u32(v.a) - u32(v.b);
  v.d = s32(difference) < 0 ? 0u - difference : difference;
}

/// Bit field of a word of `Bits`: offset in the low bits of b, width in 22:16.
template <unsigned Bits, bool Signed> void bfe(Scalar &v) {
  unsigned offset = v.b & (Bits - 1), width = v.b >> 16 & 0x7f;
  uint64_t value = Bits == 32 ? u32(v.a) : v.a;
  if (width == 0) {
    v.d = 0;
    return;
  }
  if (Signed && Bits == 32)
    value = uint64_t(int64_t(s32(v.a)));
  value = Signed ? uint64_t(int64_t(value) >> offset) : value >> offset;
  // Beyond the top a signed field repeats the sign, an unsigned one has zeros.
  if (width < 64) {
    unsigned drop = 64 - width;
    value = Signed ? uint64_t(int64_t(value << drop) >> drop)
                   : value << drop >> drop;
  }
  v.d = value;
}

template <unsigned Bits> void whole(Scalar &v) {
  // Any bit of a quad enables the quad.
  uint64_t quads = (v.a | v.a >> 1 | v.a >> 2 | v.a >> 3) &
                   (Bits == 32 ? 0x11111111u : 0x1111111111111111u);
  v.d = quads * 15;
}
template <unsigned Bits> void quadMask(Scalar &v) {
  v.d = 0;
  for (unsigned quad = 0; quad < Bits / 4; ++quad)
    v.d |= uint64_t((v.a >> quad * 4 & 15) != 0) << quad;
}
template <unsigned Bits> void reverse(Scalar &v) {
  v.d = 0;
  for (unsigned bit = 0; bit < Bits; ++bit)
    v.d |= (v.a >> bit & 1) << (Bits - 1 - bit);
}
template <unsigned Bits> void firstOne(Scalar &v) {
  uint64_t bits = Bits == 32 ? u32(v.a) : v.a;
  v.d = bits ? uint64_t(__builtin_ctzll(bits)) : ~0u;
}
template <unsigned Bits> void firstZero(Scalar &v) {
  v.a = ~v.a;
  firstOne<Bits>(v);
}
template <unsigned Bits> void leadingZeros(Scalar &v) {
  uint64_t bits = Bits == 32 ? u32(v.a) : v.a;
  v.d = bits ? uint64_t(__builtin_clzll(bits)) - (64 - Bits) : ~0u;
}
/// Leading bits that equal the sign; all ones if every bit does.
template <unsigned Bits> void leadingSigns(Scalar &v) {
  int64_t value = Bits == 32 ? int64_t(s32(v.a)) : int64_t(v.a);
  v.a = uint64_t(value < 0 ? ~value : value);
  leadingZeros<Bits>(v);
}

template <class T, int Relation> void compare(Scalar &v) {
  T a = T(v.a), b = T(v.b);
  switch (Relation) {
  case 0:
    v.scc = a == b;
    break;
  case 1:
    v.scc = a != b;
    break;
  case 2:
    v.scc = a > b;
    break;
  case 3:
    v.scc = a >= b;
    break;
  case 4:
    v.scc = a < b;
    break;
  case 5:
    v.scc = a <= b;
    break;
  }
}
/// s_cmpk_*_u32 zero-extends its constant.
template <int Relation> void compareUnsignedConstant(Scalar &v) {
  v.b &= 0xffff;
  compare<uint32_t, Relation>(v);
}

//===----------------------------------------------------------------------===//
// EXEC, and registers named at run time
//===----------------------------------------------------------------------===//

/// D = EXEC; EXEC = op(source, EXEC); SCC = (EXEC != 0).
void executeSaveExec(Worker &worker, Wave &wave, const Instruction &inst) {
  const auto &op = *static_cast<const ScalarOp *>(inst.opcode->data);
  Scalar values;
  uint64_t poison;
  values.a = worker.read64(inst.src[0], poison);
  values.b = wave.exec;
  poison = taintOf(op, values, poison, 0, false);
  op.compute(values);
  worker.write64(inst.dst, wave.exec, 0);
  worker.setExec(values.d, poison);
  worker.setScc(values.d != 0, false);
}

template <bool Source, bool Wide>
void executeMoveRelative(Worker &worker, Wave &, const Instruction &inst) {
  unsigned offset = worker.need32(operand::m0, "M0 of a register index");
  unsigned from = inst.src[0] + (Source ? offset : 0);
  unsigned to = inst.dst + (Source ? 0 : offset);
  if ((Source ? from : to) + Wide >= 102)
    worker.fault(FaultKind::Resources,
                 "M0 leads to s" + std::to_string(Source ? from : to));
  if (Wide) {
    uint64_t poison, value = worker.read64(from, poison);
    worker.write64(to, value, poison);
  } else {
    uint32_t poison, value = worker.read32(from, poison);
    worker.write32(to, value, poison);
  }
}

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

#define OP(compute, flags, taint)                                              \
  [] {                                                                         \
    static const ScalarOp op = {compute, unsigned(flags), Taint::taint};       \
    return static_cast<const void *>(&op);                                     \
  }()
#define SOP2(name, compute, flags, taint)                                      \
  {name, executeScalar<2, true>, InstClass::Salu, 4, OP(compute, flags, taint)}
#define SOP1(name, compute, flags, taint)                                      \
  {name, executeScalar<1, true>, InstClass::Salu, 4, OP(compute, flags, taint)}
#define SOPC(name, compute, flags)                                             \
  {name, executeScalar<2, false>, InstClass::Salu, 4,                          \
   OP(compute, (flags) | WriteScc, All)}
#define SOPK(name, compute, flags)                                             \
  {name, executeConstant<true>, InstClass::Salu, 4, OP(compute, flags, All)}
#define CMPK(name, compute)                                                    \
  {name, executeConstant<false>, InstClass::Salu, 4,                           \
   OP(compute, ReadD | WriteScc, All)}
#define SAVE(name, compute, taint)                                             \
  {name, executeSaveExec, InstClass::Salu, 8, OP(compute, A64 | D64, taint)}
#define BITWISE(name, expression, taint)                                       \
  SOP2(                                                                        \
      name "_B32", [](Scalar &v) { v.d = expression; }, SccNonzero, taint),    \
      SOP2(                                                                    \
          name "_B64", [](Scalar &v) { v.d = expression; },                    \
          A64 | B64 | D64 | SccNonzero, taint)
#define COMPARE(relation, number)                                              \
  SOPC("S_CMP_" relation "_I32", (compare<int32_t, number>), None),            \
      SOPC("S_CMP_" relation "_U32", (compare<uint32_t, number>), None),       \
      CMPK("S_CMPK_" relation "_I32", (compare<int32_t, number>)),             \
      CMPK("S_CMPK_" relation "_U32", compareUnsignedConstant<number>)

const unsigned kWide = A64 | B64 | D64;

const Opcode kTable[] = {
    SOP2("S_ADD_U32", addU32, WriteScc, All),
    SOP2("S_SUB_U32", subU32, WriteScc, All),
    SOP2("S_ADD_I32", addI32, WriteScc, All),
    SOP2("S_SUB_I32", subI32, WriteScc, All),
    SOP2("S_ADDC_U32", addcU32, ReadScc | WriteScc, All),
    SOP2("S_SUBB_U32", subbU32, ReadScc | WriteScc, All),
    SOP2("S_MIN_I32", minI32, WriteScc, All),
    SOP2("S_MIN_U32", minU32, WriteScc, All),
    SOP2("S_MAX_I32", maxI32, WriteScc, All),
    SOP2("S_MAX_U32", maxU32, WriteScc, All),
    SOP2("S_CSELECT_B32", select, ReadScc, All),
    SOP2("S_CSELECT_B64", select, kWide | ReadScc, All),
    BITWISE("S_AND", v.a & v.b, And),
    BITWISE("S_OR", v.a | v.b, Or),
    BITWISE("S_XOR", v.a ^ v.b, Xor),
    BITWISE("S_ANDN2", v.a & ~v.b, AndNot),
    BITWISE("S_ORN2", v.a | ~v.b, OrNot),
    BITWISE("S_NAND", ~(v.a & v.b), And),
    BITWISE("S_NOR", ~(v.a | v.b), Or),
    BITWISE("S_XNOR", ~(v.a ^ v.b), Xor),
    SOP2(
        "S_LSHL_B32", [](Scalar &v) { v.d = v.a << (v.b & 31); }, SccNonzero,
        All),
    SOP2(
        "S_LSHL_B64", [](Scalar &v) { v.d = v.a << (v.b & 63); },
        A64 | D64 | SccNonzero, All),
    SOP2(
        "S_LSHR_B32", [](Scalar &v) { v.d = u32(v.a) >> (v.b & 31); },
        SccNonzero, All),
    SOP2(
        "S_LSHR_B64", [](Scalar &v) { v.d = v.a >> (v.b & 63); },
        A64 | D64 | SccNonzero, All),
    SOP2(
        "S_ASHR_I32", [](Scalar &v) { v.d = uint32_t(s32(v.a) >> (v.b & 31)); },
        SccNonzero, All),
    SOP2(
        "S_ASHR_I64",
        [](Scalar &v) { v.d = uint64_t(int64_t(v.a) >> (v.b & 63)); },
        A64 | D64 | SccNonzero, All),
    SOP2("S_BFM_B32", bfm32, None, All),
    SOP2("S_BFM_B64", bfm64, D64, All),
    SOP2(
        "S_MUL_I32", [](Scalar &v) { v.d = u32(v.a) * u32(v.b); }, None, All),
    SOP2("S_BFE_U32", (bfe<32, false>), SccNonzero, All),
    SOP2("S_BFE_I32", (bfe<32, true>), SccNonzero, All),
    SOP2("S_BFE_U64", (bfe<64, false>), A64 | D64 | SccNonzero, All),
    SOP2("S_BFE_I64", (bfe<64, true>), A64 | D64 | SccNonzero, All),
    SOP2("S_ABSDIFF_I32", absdiff, SccNonzero, All),

    SOP1(
        "S_MOV_B32", [](Scalar &v) { v.d = v.a; }, None, Copy),
    SOP1(
        "S_MOV_B64", [](Scalar &v) { v.d = v.a; }, A64 | D64, Copy),
    SOP1(
        "S_CMOV_B32", [](Scalar &v) { v.d = v.scc ? v.a : v.d; },
        ReadD | ReadScc, All),
    SOP1(
        "S_CMOV_B64", [](Scalar &v) { v.d = v.scc ? v.a : v.d; },
        A64 | D64 | ReadD | ReadScc, All),
    SOP1(
        "S_NOT_B32", [](Scalar &v) { v.d = ~v.a; }, SccNonzero, Copy),
    SOP1(
        "S_NOT_B64", [](Scalar &v) { v.d = ~v.a; }, A64 | D64 | SccNonzero,
        Copy),
    SOP1("S_WQM_B32", whole<32>, SccNonzero, All),
    SOP1("S_WQM_B64", whole<64>, A64 | D64 | SccNonzero, All),
    SOP1("S_QUADMASK_B32", quadMask<32>, SccNonzero, All),
    SOP1("S_QUADMASK_B64", quadMask<64>, A64 | D64 | SccNonzero, All),
    SOP1("S_BREV_B32", reverse<32>, None, All),
    SOP1("S_BREV_B64", reverse<64>, A64 | D64, All),
    SOP1(
        "S_BCNT0_I32_B32",
        [](Scalar &v) { v.d = 32 - __builtin_popcount(u32(v.a)); }, SccNonzero,
        All),
    SOP1(
        "S_BCNT0_I32_B64",
        [](Scalar &v) { v.d = 64 - __builtin_popcountll(v.a); },
        A64 | SccNonzero, All),
    SOP1(
        "S_BCNT1_I32_B32",
        [](Scalar &v) { v.d = __builtin_popcount(u32(v.a)); }, SccNonzero, All),
    SOP1(
        "S_BCNT1_I32_B64", [](Scalar &v) { v.d = __builtin_popcountll(v.a); },
        A64 | SccNonzero, All),
    SOP1("S_FF0_I32_B32", firstZero<32>, None, All),
    SOP1("S_FF0_I32_B64", firstZero<64>, A64, All),
    SOP1("S_FF1_I32_B32", firstOne<32>, None, All),
    SOP1("S_FF1_I32_B64", firstOne<64>, A64, All),
    SOP1("S_FLBIT_I32_B32", leadingZeros<32>, None, All),
    SOP1("S_FLBIT_I32_B64", leadingZeros<64>, A64, All),
    SOP1("S_FLBIT_I32", leadingSigns<32>, None, All),
    SOP1("S_FLBIT_I32_I64", leadingSigns<64>, A64, All),
    SOP1(
        "S_SEXT_I32_I8", [](Scalar &v) { v.d = uint32_t(int8_t(v.a)); }, None,
        All),
    SOP1(
        "S_SEXT_I32_I16", [](Scalar &v) { v.d = uint32_t(int16_t(v.a)); }, None,
        All),
    SOP1(
        "S_BITSET0_B32", [](Scalar &v) { v.d &= ~(uint64_t(1) << (v.a & 31)); },
        ReadD, All),
    SOP1(
        "S_BITSET0_B64", [](Scalar &v) { v.d &= ~(uint64_t(1) << (v.a & 63)); },
        D64 | ReadD, All),
    SOP1(
        "S_BITSET1_B32", [](Scalar &v) { v.d |= uint64_t(1) << (v.a & 31); },
        ReadD, All),
    SOP1(
        "S_BITSET1_B64", [](Scalar &v) { v.d |= uint64_t(1) << (v.a & 63); },
        D64 | ReadD, All),
    SOP1(
        "S_ABS_I32",
        [](Scalar &v) { v.d = s32(v.a) < 0 ? 0u - u32(v.a) : u32(v.a); },
        SccNonzero, All),
    SAVE(
        "S_AND_SAVEEXEC_B64", [](Scalar &v) { v.d = v.a & v.b; }, And),
    SAVE(
        "S_OR_SAVEEXEC_B64", [](Scalar &v) { v.d = v.a | v.b; }, Or),
    SAVE(
        "S_XOR_SAVEEXEC_B64", [](Scalar &v) { v.d = v.a ^ v.b; }, Xor),
    SAVE(
        "S_ANDN2_SAVEEXEC_B64", [](Scalar &v) { v.d = v.a & ~v.b; }, AndNot),
    SAVE(
        "S_ORN2_SAVEEXEC_B64", [](Scalar &v) { v.d = v.a | ~v.b; }, OrNot),
    SAVE(
        "S_NAND_SAVEEXEC_B64", [](Scalar &v) { v.d = ~(v.a & v.b); }, And),
    SAVE(
        "S_NOR_SAVEEXEC_B64", [](Scalar &v) { v.d = ~(v.a | v.b); }, Or),
    SAVE(
        "S_XNOR_SAVEEXEC_B64", [](Scalar &v) { v.d = ~(v.a ^ v.b); }, Xor),
    {"S_MOVRELS_B32", executeMoveRelative<true, false>, InstClass::Salu, 4,
     nullptr},
    {"S_MOVRELS_B64", executeMoveRelative<true, true>, InstClass::Salu, 4,
     nullptr},
    {"S_MOVRELD_B32", executeMoveRelative<false, false>, InstClass::Salu, 4,
     nullptr},
    {"S_MOVRELD_B64", executeMoveRelative<false, true>, InstClass::Salu, 4,
     nullptr},

    COMPARE("EQ", 0),
    COMPARE("LG", 1),
    COMPARE("GT", 2),
    COMPARE("GE", 3),
    COMPARE("LT", 4),
    COMPARE("LE", 5),
    SOPC("S_CMP_EQ_U64", (compare<uint64_t, 0>), A64 | B64),
    SOPC("S_CMP_LG_U64", (compare<uint64_t, 1>), A64 | B64),
    SOPC(
        "S_BITCMP0_B32", [](Scalar &v) { v.scc = !(v.a >> (v.b & 31) & 1); },
        None),
    SOPC(
        "S_BITCMP1_B32", [](Scalar &v) { v.scc = v.a >> (v.b & 31) & 1; },
        None),
    SOPC(
        "S_BITCMP0_B64", [](Scalar &v) { v.scc = !(v.a >> (v.b & 63) & 1); },
        A64),
    SOPC(
        "S_BITCMP1_B64", [](Scalar &v) { v.scc = v.a >> (v.b & 63) & 1; }, A64),

    SOPK(
        "S_MOVK_I32", [](Scalar &v) { v.d = v.b; }, None),
    SOPK(
        "S_CMOVK_I32", [](Scalar &v) { v.d = v.scc ? v.b : v.d; },
        ReadD | ReadScc),
    SOPK("S_ADDK_I32", addI32, ReadD | WriteScc),
    SOPK(
        "S_MULK_I32", [](Scalar &v) { v.d = u32(v.a) * u32(v.b); }, ReadD),
};

} // namespace

OpcodeTable gfx803::scalarOpcodes() { return {kTable, std::size(kTable)}; }
