//===- Opcodes.h - The tables of opcodes ------------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_MACHINE_OPCODES_H
#define GFX803_EMULATOR_MACHINE_OPCODES_H

#include "tools/gfx803-emulator/machine/Instruction.h"

#include <cstddef>
#include <string_view>

namespace gfx803 {

/// Rows of one family.
struct OpcodeTable {
  const Opcode *begin = nullptr;
  size_t count = 0;
};

OpcodeTable scalarOpcodes();       // Salu.cpp
OpcodeTable programOpcodes();      // Program.cpp: SOPP and control flow
OpcodeTable scalarMemoryOpcodes(); // Smem.cpp
OpcodeTable integerOpcodes();      // ValuInteger.cpp
OpcodeTable floatOpcodes();        // ValuFloat.cpp
OpcodeTable doubleOpcodes();       // ValuDouble.cpp
OpcodeTable conversionOpcodes();   // ValuConvert.cpp
OpcodeTable compareOpcodes();      // ValuCompare.cpp
OpcodeTable laneOpcodes();         // ValuLanes.cpp
OpcodeTable ldsOpcodes();          // LdsOps.cpp
OpcodeTable bufferOpcodes();       // Buffer.cpp
OpcodeTable bufferFormatOpcodes(); // BufferFormat.cpp
OpcodeTable flatOpcodes();         // Flat.cpp

/// The row with LLVM's name without encoding suffix, or null.
const Opcode *findOpcode(std::string_view name);

} // namespace gfx803

#endif // GFX803_EMULATOR_MACHINE_OPCODES_H
