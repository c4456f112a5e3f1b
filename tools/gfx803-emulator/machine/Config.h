//===- Config.h - How strict, how fast, how large ---------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_MACHINE_CONFIG_H
#define GFX803_EMULATOR_MACHINE_CONFIG_H

#include <cstdint>
#include <string>

namespace gfx803 {

/// Settings of the emulated card. Defaults are strict.
struct Config {
  /// Bytes of device memory.
  uint64_t vramBytes = uint64_t(8) << 30;
  /// Order of workgroups and waves. The same seed, the same order.
  uint64_t seed = 1;
  /// Host threads that execute workgroups; 0: one for each processor.
  unsigned threads = 0;

  /// Checks, each with the name that switches it off.
  bool pendingLoads = true;  ///< "pending-loads"
  bool uninitialised = true; ///< "uninitialised"
  bool outOfBounds = true;   ///< "out-of-bounds": else reads give 0 and writes
                             ///< are dropped
  bool ldsRaces = true;      ///< "lds-races"
  bool shuffle = true;       ///< "wave-order"

  /// A file that gets one JSON object a dispatch, or "".
  std::string countersFile;

  /// Switches off a check by name; false for a name that is none.
  bool relax(const std::string &name);
  /// Comma-separated names for `relax`. On failure `error` names the wrong one.
  bool relaxAll(const std::string &names, std::string &error);

  /// Applies GFX803_EMULATOR_VRAM (bytes, or with KiB, MiB, GiB),
  /// GFX803_EMULATOR_SEED, GFX803_EMULATOR_THREADS, GFX803_EMULATOR_RELAX and
  /// GFX803_EMULATOR_COUNTERS. False with a sentence in `error` for a value
  /// that cannot be read.
  bool readEnvironment(std::string &error);
};

/// "64KiB", "2GiB", "123" as bytes; false if it is none of these.
bool parseBytes(const std::string &text, uint64_t &bytes);

} // namespace gfx803

#endif // GFX803_EMULATOR_MACHINE_CONFIG_H
