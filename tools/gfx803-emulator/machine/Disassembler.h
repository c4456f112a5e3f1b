//===- Disassembler.h - LLVM's disassembler for gfx803 ----------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_MACHINE_DISASSEMBLER_H
#define GFX803_EMULATOR_MACHINE_DISASSEMBLER_H

#include <cstdint>
#include <memory>
#include <string>

namespace gfx803 {

/// Says which instruction some bytes are. May be used from several threads.
class Disassembler {
public:
  Disassembler();
  ~Disassembler();

  /// LLVM's opcode name ("V_ADD_F32_e32_vi") of up to two dwords and its size
  /// in bytes; "" if they are no instruction of gfx803.
  std::string name(const uint32_t *words, unsigned count, unsigned &bytes);
  /// In assembler syntax, without leading blanks; "" if it is none.
  std::string print(const uint32_t *words, unsigned count, uint64_t address);

private:
  struct State;
  std::unique_ptr<State> state;
};

} // namespace gfx803

#endif // GFX803_EMULATOR_MACHINE_DISASSEMBLER_H
