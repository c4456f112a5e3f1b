//===- CodeCache.h - Decoded instructions -----------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_MACHINE_CODECACHE_H
#define GFX803_EMULATOR_MACHINE_CODECACHE_H

#include "tools/gfx803-emulator/machine/Instruction.h"
#include "tools/gfx803-emulator/machine/Machine.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

namespace gfx803 {

class Disassembler;

/// The instructions of all declared code, decoded when they are first executed.
class CodeCache {
public:
  CodeCache();
  ~CodeCache();

  void add(const Memory &memory, CodeRange range);
  void remove(uint64_t address);

  struct Range {
    uint64_t address = 0, bytes = 0;
    /// One a dword, null until decoded.
    std::unique_ptr<std::atomic<const Instruction *>[]> slots;
    std::vector<uint32_t> words;
    std::vector<std::unique_ptr<Instruction>> decoded;
    std::mutex mutex;
  };
  /// The range with this address, or null.
  std::shared_ptr<Range> find(uint64_t address) const;

  /// The instruction there; null with a sentence in `error` if there is none
  /// that could be executed.
  const Instruction *decode(Range &range, uint64_t address, std::string &error);
  /// As LLVM prints it, or "".
  std::string print(const Instruction &instruction) const;

private:
  mutable std::shared_mutex mutex;
  std::map<uint64_t, std::shared_ptr<Range>> ranges;
  std::unique_ptr<Disassembler> disassembler;
};

} // namespace gfx803

#endif // GFX803_EMULATOR_MACHINE_CODECACHE_H
