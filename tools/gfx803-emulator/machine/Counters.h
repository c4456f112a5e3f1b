//===- Counters.h - What a dispatch did -------------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Every count is a sum over waves or workgroups of something that depends on
// that wave or workgroup alone, or the size of a set: so it does not depend on
// the order or the threads they ran on.
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_MACHINE_COUNTERS_H
#define GFX803_EMULATOR_MACHINE_COUNTERS_H

#include <array>
#include <cstdint>
#include <string>

namespace gfx803 {

/// Classes of wave instructions; the same instruction is in one class.
enum class InstClass : uint8_t {
  Valu,        ///< 4 clocks on a SIMD16
  ValuQuarter, ///< quarter rate: 16 clocks
  ValuSlow,    ///< 64-bit shifts, f64 mul and fma: 32 clocks and more
  Salu,
  Smem,
  VmemLoad,
  VmemStore,
  Flat,
  Lds,
  Atomic,
  Branch,
  Wait, ///< s_waitcnt, s_barrier, s_sleep
  Other
};
constexpr unsigned kInstClasses = unsigned(InstClass::Other) + 1;
const char *instClassName(InstClass value);

struct Counters {
  uint64_t workgroups = 0, waves = 0;
  std::array<uint64_t, kInstClasses> instructions{};
  /// Active lanes summed over vector instructions (VALU, memory, LDS).
  uint64_t lanesActive = 0, lanesPossible = 0;
  /// Clocks of issue, as the tables in docs/gfx803-model.md give them.
  uint64_t valuClocks = 0, saluClocks = 0, vmemClocks = 0, ldsClocks = 0,
           branchClocks = 0;

  uint64_t loadBytes = 0, storeBytes = 0; ///< asked for by active lanes
  uint64_t smemBytes = 0;
  /// 64-byte lines: distinct ones an instruction touches, summed (what the L1
  /// is asked for); distinct ones a workgroup reads, summed, plus the lines it
  /// writes (what the L2 is asked for); distinct ones of the dispatch (what
  /// memory is asked for).
  uint64_t l1Lines = 0, l2ReadLines = 0, l2WriteLines = 0, memoryReadLines = 0,
           memoryWriteLines = 0;
  uint64_t ldsBytes = 0;
  /// Extra LDS passes because lanes met on a bank.
  uint64_t ldsBankConflicts = 0;
  uint64_t atomics = 0, barriers = 0;
  /// The longest wave: issue clocks of its own instructions.
  uint64_t longestWaveClocks = 0;

  uint64_t total() const {
    uint64_t sum = 0;
    for (uint64_t count : instructions)
      sum += count;
    return sum;
  }
  void add(const Counters &other);
};

/// What the kernel descriptor asks for, and the waves it lets a SIMD hold.
struct Resources {
  unsigned vgprs = 0, sgprs = 0;
  uint32_t ldsBytes = 0, scratchBytes = 0;
  unsigned wavesPerWorkgroup = 0;
  unsigned wavesPerSimd = 0; ///< occupancy, 1 to 10
};

/// Lower bounds in seconds; the dispatch takes at least the largest. Modelled,
/// never measured: docs/gfx803-model.md has the formulas and their sources.
struct ModelledTime {
  double issue = 0, lds = 0, l1 = 0, l2 = 0, memory = 0;
  double bound = 0;         ///< the largest
  const char *limiter = ""; ///< its name
};
ModelledTime modelTime(const Counters &counters, const Resources &resources);

/// All there is to say of one dispatch.
struct DispatchReport {
  std::string kernel;
  std::array<uint32_t, 3> grid{}, workgroup{};
  Counters counters;
  Resources resources;
  ModelledTime time;

  /// One JSON object without a line break.
  std::string json() const;
  /// A table for people, several lines.
  std::string table() const;
};

} // namespace gfx803

#endif // GFX803_EMULATOR_MACHINE_COUNTERS_H
