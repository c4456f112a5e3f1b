//===- Memory.h - The address space of the card -----------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// System memory (fine and coarse grained, kernarg) is the host's: its device
// address is its host address. What the host writes there cannot be seen, so it
// counts as initialised.
//
// Device memory has an address range of its own that the host cannot touch (it
// is reserved without access), and bytes elsewhere that only the emulator and
// its copies touch: as on a card without a large BAR. Each dword has a byte of
// shadow whose low four bits say which of its bytes were written.
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_MACHINE_MEMORY_H
#define GFX803_EMULATOR_MACHINE_MEMORY_H

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <shared_mutex>
#include <vector>

namespace gfx803 {

enum class MemoryKind : uint8_t { System, Device };

/// One allocation. Lives until no dispatch can hold a pointer to it.
struct Allocation {
  uint64_t address = 0; ///< as kernels see it
  uint64_t bytes = 0;   ///< as asked for; the end is exact
  std::byte *host = nullptr;
  uint8_t *shadow = nullptr; ///< null: always initialised
  MemoryKind kind = MemoryKind::System;
  bool owned = true;   ///< false: registered host memory
  uint32_t slot = 0;   ///< dense index among live allocations, for counters
  uint64_t mapped = 0; ///< bytes of the mapping

  bool contains(uint64_t at, uint64_t count) const {
    return at >= address && count <= bytes && at - address <= bytes - count;
  }
};

/// All functions may be called from several threads at once.
class Memory {
public:
  explicit Memory(uint64_t vramBytes) : vramBytes(vramBytes) {}
  ~Memory();
  Memory(const Memory &) = delete;
  Memory &operator=(const Memory &) = delete;

  /// `bytes` > 0 at a multiple of max(alignment, 4096); 0 if there is not
  /// enough. Device memory is limited to `vramBytes`.
  uint64_t allocate(MemoryKind kind, uint64_t bytes, uint64_t alignment = 0);
  /// False if no allocation begins there. Memory is unmapped once no dispatch
  /// runs.
  bool release(uint64_t address);
  /// Makes host memory visible to kernels; false if it overlaps an allocation.
  bool registerHost(void *host, uint64_t bytes);

  /// The allocation that holds this byte, or null.
  std::shared_ptr<const Allocation> find(uint64_t address) const;
  /// Where `count` bytes at a device or system address lie in this process, or
  /// null if they are not inside one allocation. For copies by the host side:
  /// device memory that is written through it needs `markInitialised`.
  std::byte *translate(uint64_t address, uint64_t count) const;
  /// A copy between any two addresses, each inside one allocation or plain host
  /// memory, which moves initialisation along (plain host memory: all set).
  /// False if a range leaves its allocation.
  bool copy(uint64_t to, uint64_t from, uint64_t bytes);
  /// Fills `count` dwords.
  bool fill(uint64_t to, uint32_t value, uint64_t count);
  void markInitialised(uint64_t address, uint64_t count);
  /// Makes device memory count as never written; whole dwords.
  void forget(uint64_t address, uint64_t count);

  uint64_t deviceBytesTotal() const { return vramBytes; }
  uint64_t deviceBytesUsed() const { return vramUsed.load(); }

  /// Changes whenever an allocation comes or goes.
  uint64_t generation() const {
    return generationCount.load(std::memory_order_acquire);
  }
  /// Slots are below this.
  uint32_t slotLimit() const { return slots.load(); }

  /// Between the two nothing is unmapped.
  void beginDispatch();
  void endDispatch();

private:
  void unmap(Allocation &allocation);
  void insert(std::shared_ptr<Allocation> allocation);
  /// Unmaps what was released and gives its slots away again.
  void bury();

  const uint64_t vramBytes;
  mutable std::shared_mutex mutex;
  std::map<uint64_t, std::shared_ptr<Allocation>> allocations;
  std::vector<std::shared_ptr<Allocation>> graveyard;
  std::vector<uint32_t> freeSlots;
  unsigned dispatches = 0;
  std::atomic<uint32_t> slots{0};
  std::atomic<uint64_t> vramUsed{0}, generationCount{1};
};

} // namespace gfx803

#endif // GFX803_EMULATOR_MACHINE_MEMORY_H
