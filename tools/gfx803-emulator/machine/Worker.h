//===- Worker.h - A host thread that executes waves -------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_MACHINE_WORKER_H
#define GFX803_EMULATOR_MACHINE_WORKER_H

#include "tools/gfx803-emulator/machine/CodeCache.h"
#include "tools/gfx803-emulator/machine/Lds.h"
#include "tools/gfx803-emulator/machine/Machine.h"
#include "tools/gfx803-emulator/machine/Traffic.h"
#include "tools/gfx803-emulator/machine/Wave.h"

#include <memory>
#include <string>
#include <vector>

namespace gfx803 {

/// What all workgroups of a dispatch share.
struct Launch {
  const DispatchRequest *request = nullptr;
  std::string kernel;
  uint64_t entry = 0; ///< address of the first instruction
  uint32_t rsrc1 = 0, rsrc2 = 0;
  uint16_t properties = 0;
  Resources resources;
  uint32_t scratchLaneBytes = 0; ///< rounded up to dwords
  uint64_t scratchWaveBytes = 0;
  uint64_t scratchBase = 0, scratchBytes = 0; ///< all slots of all workers
  /// What FLAT scratch addresses count from (SH_HIDDEN_PRIVATE_BASE).
  uint64_t hiddenScratchBase = 0;
  std::array<uint32_t, 3> groups{}; ///< workgroups a dimension
};

/// One workgroup on its way.
struct Workgroup {
  std::array<uint32_t, 3> id{};
  uint32_t serial = 0; ///< its number in the dispatch, from 1
  std::vector<std::unique_ptr<Wave>> waves;
  std::unique_ptr<Lds> lds;
  unsigned scratchSlot = 0;
  uint64_t barriers = 0;
};

/// Executes the instructions of waves, one at a time. Not thread safe: a
/// dispatch has one for each host thread.
class Worker {
public:
  Worker(Machine &machine, CodeCache &code, const Launch &launch,
         Tracer *tracer);

  enum class Progress { Ended, Blocked };
  /// Runs all waves of a workgroup until they end (Ended), or until none does
  /// anything but wait for something outside (Blocked).
  Progress run(Workgroup &group);

  Machine &machine;
  const Config &config;
  const Launch &launch;
  Counters counters;
  std::unique_ptr<Traffic> traffic = std::make_unique<Traffic>();

  // --- for the handlers ----------------------------------------------------
  Workgroup *group = nullptr;
  Wave *wave = nullptr;
  const Instruction *inst = nullptr;
  /// Set by s_sleep: let others run.
  bool yields = false;

  /// Throws with kernel, workgroup, wave, PC and instruction in front.
  [[noreturn]] void fault(FaultKind kind, const std::string &what,
                          int lane = -1, uint64_t address = 0);

  // Scalar operands, by operand code, with the poison of their bits.
  uint32_t read32(unsigned code, uint32_t &poison) {
    if (code < 102) {
      checkScalar(code);
      poison = wave->sPoison[code];
      return wave->s[code];
    }
    return readSpecial(code, poison);
  }
  uint64_t read64(unsigned code, uint64_t &poison);
  void write32(unsigned code, uint32_t value, uint32_t poison);
  void write64(unsigned code, uint64_t value, uint64_t poison);
  void setExec(uint64_t value, uint64_t poison);
  void setScc(bool value, bool poison) {
    wave->scc = value;
    wave->sccPoison = poison;
  }
  /// Reads that must not be poison, because they decide something.
  uint32_t need32(unsigned code, const char *use);
  uint64_t need64(unsigned code, const char *use);
  bool needScc();

  void checkScalar(unsigned code) {
    if (code >= wave->sgprs)
      badRegister('s', code);
    if (wave->sPending[code])
      pendingRegister('s', code);
  }
  void checkVector(unsigned reg) {
    if (reg >= wave->vgprs)
      badRegister('v', reg);
    if (wave->vPending[reg])
      pendingRegister('v', reg);
  }

  // Memory. Addresses are those of kernels.
  /// The allocation with this byte, or null; cached.
  const Allocation *find(uint64_t address);
  /// The allocation that holds all bytes, or a fault (null if those are off).
  const Allocation *access(uint64_t address, uint32_t bytes, int lane,
                           bool write);
  /// Counts a line of an allocation as read or written by this workgroup.
  void touchLine(const Allocation &allocation, uint64_t address, bool write);

  /// Issue clocks by class of instruction.
  std::array<uint64_t, kInstClasses> clocks{};

private:
  uint32_t readSpecial(unsigned code, uint32_t &poison);
  [[noreturn]] void badRegister(char bank, unsigned reg);
  [[noreturn]] void pendingRegister(char bank, unsigned reg);
  /// Executes until the wave stops or has executed `budget` instructions.
  void step(Wave &wave, uint64_t budget);
  const Instruction &fetch();

  CodeCache &code;
  Tracer *tracer;
  std::shared_ptr<CodeCache::Range> range; ///< the one last executed

  struct Cached {
    uint64_t begin = 1, end = 0; // holds nothing
    std::shared_ptr<const Allocation> allocation;
    Traffic::Lines *lines = nullptr;
  };
  Cached *lookUp(uint64_t address);
  std::array<Cached, 4> cache;
  unsigned cacheNext = 0;
  uint64_t cacheGeneration = 0;
};

} // namespace gfx803

#endif // GFX803_EMULATOR_MACHINE_WORKER_H
