//===- Fault.h - What stops a kernel ----------------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_MACHINE_FAULT_H
#define GFX803_EMULATOR_MACHINE_FAULT_H

#include <cstdint>
#include <string>

namespace gfx803 {

/// What a kernel did wrong. The names are those that `Config` switches off.
enum class FaultKind {
  None,
  IllegalInstruction, ///< no such opcode or encoding, or one nobody emulates
  BadProgramCounter,  ///< a branch out of the code, or off its end
  OutOfBounds,        ///< an access outside every allocation
  Unaligned,          ///< an address the hardware cannot access
  Uninitialised,      ///< a value nobody wrote reached an address, a branch,
                      ///< EXEC, or a store that leaves the kernel
  PendingLoad,        ///< a register used before the s_waitcnt it needs
  LdsRace,            ///< two waves, one LDS byte, no barrier between
  Resources,          ///< a register or LDS byte the kernel has not asked for
  Trap,               ///< s_trap
  BadPacket           ///< a dispatch the hardware refuses
};

/// "out-of-bounds", "pending-load", ...
const char *faultName(FaultKind kind);

/// Thrown by the interpreter, caught where a dispatch ends.
struct Fault {
  FaultKind kind = FaultKind::None;
  /// One line: kernel, workgroup, wave, PC, instruction, lane, what happened.
  std::string message;
  /// The address at fault, where there is one.
  uint64_t address = 0;
};

} // namespace gfx803

#endif // GFX803_EMULATOR_MACHINE_FAULT_H
