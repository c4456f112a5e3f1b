//===- Machine.h - One emulated gfx803 card ---------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_MACHINE_MACHINE_H
#define GFX803_EMULATOR_MACHINE_MACHINE_H

#include "tools/gfx803-emulator/machine/Config.h"
#include "tools/gfx803-emulator/machine/Counters.h"
#include "tools/gfx803-emulator/machine/Fault.h"
#include "tools/gfx803-emulator/machine/Memory.h"

#include <functional>
#include <map>
#include <mutex>
#include <string_view>

namespace gfx803 {

/// High halves of the flat addresses of LDS and scratch; what a queue gives as
/// group_segment_aperture_base_hi and private_segment_aperture_base_hi, and
/// code object v5 as hidden_shared_base and hidden_private_base.
constexpr uint32_t kSharedApertureHi = 0x20000000;
constexpr uint32_t kPrivateApertureHi = 0x20010000;

constexpr uint32_t kMaxLdsBytes = 64 * 1024;
constexpr unsigned kMaxWorkgroupItems = 1024;
constexpr unsigned kComputeUnits = 36;
constexpr unsigned kSimdsPerUnit = 4;
constexpr unsigned kMaxWavesPerSimd = 10;
constexpr unsigned kLineBytes = 64; ///< of every cache
constexpr double kClockHz = 1.257e9;
constexpr double kMemoryBytesPerSecond = 256e9;
/// 16 channels of 32 bytes; assumed: no figure for Polaris was found.
constexpr double kL2BytesPerClock = 512;

/// What an AQL kernel dispatch packet says, and where it and its queue lie.
struct DispatchRequest {
  unsigned dimensions = 3;
  std::array<uint32_t, 3> workgroup{1, 1, 1}, grid{1, 1, 1};
  uint32_t privateBytes = 0; ///< scratch a work item
  uint32_t groupBytes = 0;   ///< LDS a workgroup, static and dynamic
  uint64_t kernelObject = 0; ///< address of the kernel descriptor
  uint64_t kernarg = 0;
  uint64_t packet = 0; ///< for kernels that ask for the dispatch pointer
  uint64_t queue = 0;  ///< for kernels that ask for the queue pointer
  uint64_t dispatchId = 0;
};

class Wave;
struct Instruction;

/// Sees each instruction before and after it executes (single threaded).
class Tracer {
public:
  virtual ~Tracer() = default;
  virtual void before(Wave &wave, const Instruction &instruction) = 0;
  virtual void after(Wave &wave, const Instruction &instruction) = 0;
};

/// Code in device memory that may be executed, with the names of what is in it.
struct CodeRange {
  uint64_t address = 0, bytes = 0;
};

class CodeCache;

/// The card: memory, loaded code, and the execution of dispatches. Dispatches
/// may be run from several threads; each uses its own worker threads.
class Machine {
public:
  explicit Machine(Config config);
  ~Machine();
  Machine(const Machine &) = delete;
  Machine &operator=(const Machine &) = delete;

  const Config config;
  Memory memory;

  /// Declares [address, address + bytes) as code; needed before it runs, and
  /// again after it changed.
  void addCode(CodeRange range);
  void removeCode(uint64_t address);
  /// A kernel's name for messages and counts, by its descriptor's address.
  void nameKernel(uint64_t descriptor, std::string name);
  std::string kernelName(uint64_t descriptor) const;

  /// As LLVM prints it.
  std::string disassemble(const Instruction &instruction) const;

  /// Runs a dispatch to its end. False if it faulted; `report` is filled in
  /// either case as far as it got.
  bool run(const DispatchRequest &request, DispatchReport &report, Fault &fault,
           Tracer *tracer = nullptr);

private:
  std::unique_ptr<CodeCache> code;
  mutable std::mutex namesMutex;
  std::map<uint64_t, std::string> names;
  std::mutex countersMutex;
};

} // namespace gfx803

#endif // GFX803_EMULATOR_MACHINE_MACHINE_H
