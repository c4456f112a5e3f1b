//===- Lds.h - The LDS of one workgroup -------------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_MACHINE_LDS_H
#define GFX803_EMULATOR_MACHINE_LDS_H

#include <cstdint>
#include <vector>

namespace gfx803 {

/// Bytes, which of them were written, and who touched them since the last
/// barrier. Accesses are within `size()`; callers check.
class Lds {
public:
  /// `detectRaces`: records who touches what (one wave has no rivals).
  Lds(uint32_t bytes, bool detectRaces);

  uint32_t size() const { return uint32_t(data.size()); }
  uint8_t *at(uint32_t address) { return data.data() + address; }
  /// 1 for a byte that was never written.
  uint8_t *poisonAt(uint32_t address) { return poison.data() + address; }

  enum class Access : uint8_t { Read, Write, Atomic };
  /// Records an access; the index of another wave that it races with, or -1.
  int touch(uint32_t address, uint32_t bytes, unsigned wave, Access access);
  /// Everything before is ordered before everything after.
  void barrier() { ++epoch; }

private:
  /// What one byte saw in `epoch`: its last writer, and its readers.
  struct Stamp {
    uint32_t writeEpoch = 0, readEpoch = 0;
    uint8_t writer = 0, reader = 0;
    bool writeAtomic = false, manyReaders = false;
  };

  int touchByte(Stamp &stamp, unsigned wave, Access access);

  std::vector<uint8_t> data, poison;
  std::vector<Stamp> words; ///< a dword: accesses that cover it
  std::vector<Stamp> bytes; ///< a byte: accesses that are narrower
  uint32_t epoch = 1;
  bool narrow = false, detectRaces;
};

} // namespace gfx803

#endif // GFX803_EMULATOR_MACHINE_LDS_H
