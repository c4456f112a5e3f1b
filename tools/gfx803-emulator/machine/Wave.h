//===- Wave.h - The state of one wavefront ----------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every register bit knows whether it was written: scalar registers by bit,
// vector registers by byte. What is not yet written is "poison"; it may be
// copied, and operations hand it on, but it must not decide anything.
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_MACHINE_WAVE_H
#define GFX803_EMULATOR_MACHINE_WAVE_H

#include "tools/gfx803-emulator/machine/Fault.h"
#include "tools/gfx803-emulator/machine/Instruction.h"

#include <array>
#include <memory>
#include <vector>

namespace gfx803 {

constexpr unsigned kLanes = 64;
/// The bit of MODE under which M0 is added to the numbers of vector registers.
constexpr uint32_t kIndexMode = 1u << 27;

/// A memory operation that s_waitcnt has not yet covered.
struct Pending {
  /// Operations of one kind return in order; kinds overtake each other, and
  /// scalar loads (and FLAT, where it may be LDS) even among themselves.
  enum Kind : uint8_t { Vector, Lds, Scalar, Flat, Message };
  Kind kind;
  bool vectorRegister;
  uint8_t count;
  uint16_t first;
  uint64_t address; ///< of the instruction
};

enum class WaveState : uint8_t { Running, AtBarrier, Ended };

class Wave {
public:
  Wave(unsigned vgprs, unsigned sgprs);

  // --- registers ---------------------------------------------------------
  const unsigned vgprs, sgprs;
  uint32_t *v(unsigned reg) { return vector.get() + reg * kLanes; }
  /// A nibble a lane: the bytes that are poison.
  uint8_t *vPoison(unsigned reg) { return vectorPoison.get() + reg * kLanes; }

  std::array<uint32_t, 128> s{};       ///< by operand code; EXEC is `exec`
  std::array<uint32_t, 128> sPoison{}; ///< a bit a bit
  std::array<bool, 256> vMayPoison{};  ///< false: no lane has poison
  std::array<uint8_t, 256> vPending{};
  std::array<uint8_t, 128> sPending{};
  unsigned pendingRegisters = 0;

  uint64_t exec = ~uint64_t(0);
  bool scc = false, sccPoison = false;
  uint32_t mode = 0; ///< the MODE register
  uint64_t pc = 0;

  /// Treats all registers as written: what is read of them is 0.
  void trustAll();

  uint64_t vcc() const {
    return s[operand::vcc] | uint64_t(s[operand::vcc + 1]) << 32;
  }

  // --- float mode --------------------------------------------------------
  unsigned round32() const { return mode & 3; }
  unsigned round16And64() const { return mode >> 2 & 3; }
  bool flushIn32() const { return !(mode & 1u << 4); }
  bool flushOut32() const { return !(mode & 1u << 5); }
  bool flushIn16And64() const { return !(mode & 1u << 6); }
  bool flushOut16And64() const { return !(mode & 1u << 7); }
  bool dx10Clamp() const { return mode & 1u << 8; }
  bool ieee() const { return mode & 1u << 9; }

  // --- outstanding memory operations -------------------------------------
  void pend(std::vector<Pending> &counter, Pending operation);
  /// s_waitcnt: at most `count` operations of the counter may be outstanding.
  void wait(std::vector<Pending> &counter, unsigned count);
  std::vector<Pending> vmCounter, lgkmCounter;

  // --- place --------------------------------------------------------------
  unsigned index = 0;                  ///< in the workgroup
  std::array<uint32_t, 3> workgroup{}; ///< its id
  WaveState state = WaveState::Running;
  uint64_t launchMask = 0;  ///< lanes that hold a work item
  uint64_t scratchBase = 0; ///< of this wave's scratch
  uint64_t clocks = 0;      ///< issue clocks so far

private:
  std::unique_ptr<uint32_t[]> vector;
  std::unique_ptr<uint8_t[]> vectorPoison;
};

} // namespace gfx803

#endif // GFX803_EMULATOR_MACHINE_WAVE_H
