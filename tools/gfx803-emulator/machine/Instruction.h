//===- Instruction.h - A decoded instruction --------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_MACHINE_INSTRUCTION_H
#define GFX803_EMULATOR_MACHINE_INSTRUCTION_H

#include "tools/gfx803-emulator/machine/Counters.h"

#include <cstdint>

namespace gfx803 {

class Wave;
class Worker;
struct Instruction;

/// Executes one instruction. `worker` is what the wave runs on: memory, LDS,
/// counters.
using Execute = void (*)(Worker &worker, Wave &wave, const Instruction &inst);

/// One opcode, whatever it is encoded as. Rows of the tables in Salu.cpp,
/// Valu*.cpp, Lds.cpp, ...
struct Opcode {
  const char *name; ///< LLVM's name without encoding: "V_ADD_F32"
  Execute execute;
  InstClass cls;
  uint8_t clocks;   ///< of issue
  const void *data; ///< what `execute` needs to know, e.g. a ValuOp
};

enum class Encoding : uint8_t {
  Sop2,
  Sopk,
  Sop1,
  Sopc,
  Sopp,
  Smem,
  Vop1,
  Vop2,
  Vopc,
  Vop3,
  Ds,
  Flat,
  Mubuf
};

/// Operand codes as in the ISA: 0-255 scalar registers and constants, 256-511
/// vector registers.
namespace operand {
constexpr unsigned flatScratch = 102, vcc = 106, m0 = 124, exec = 126,
                   vccz = 251, execz = 252, scc = 253, literal = 255,
                   vgpr = 256;
} // namespace operand

struct Instruction {
  const Opcode *opcode = nullptr;
  uint64_t address = 0;
  uint32_t words[2] = {};
  uint32_t literal = 0; ///< also the K of v_madmk and v_madak
  uint8_t bytes = 4;
  Encoding encoding = Encoding::Sop2;

  uint16_t src[3] = {}; ///< operand codes
  uint16_t dst = 0;     ///< scalar: operand code; vector: register number
  uint16_t sdst = operand::vcc; ///< mask result of VOPC and carry operations
  int32_t immediate = 0; ///< SIMM16, or the offset of a memory instruction

  // Vector ALU.
  uint8_t negate = 0, absolute = 0; ///< a bit a source
  bool clamp = false;
  uint8_t omod = 0;
  bool isSdwa = false, isDpp = false;
  uint8_t dstSel = 6, dstUnused = 0, srcSel[2] = {6, 6};
  bool srcSext[2] = {};
  uint16_t dppControl = 0;
  uint8_t rowMask = 15, bankMask = 15;
  bool boundControl = false;

  // Memory.
  uint8_t vaddr = 0, vdata = 0, vdata2 = 0, srsrc = 0;
  uint16_t soffset = 0;
  bool offen = false, idxen = false, glc = false, gds = false, lds = false;
  bool immediateOffset = false;
};

} // namespace gfx803

#endif // GFX803_EMULATOR_MACHINE_INSTRUCTION_H
