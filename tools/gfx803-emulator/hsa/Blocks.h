//===- Blocks.h - What the program has allocated or locked ------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// The machine's memory knows what a kernel may reach; this table knows what the
// program owns. The two differ: memory of a system pool is the CPU's alone
// until hsa_amd_agents_allow_access gives it to the GPU, here as on hardware.
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_HSA_BLOCKS_H
#define GFX803_EMULATOR_HSA_BLOCKS_H

#include "tools/gfx803-emulator/hsa/Handles.h"
#include "tools/gfx803-emulator/machine/Memory.h"

#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace gfx803::hsa {

struct Block {
  uint64_t address = 0, bytes = 0;
  const Pool *pool = nullptr; ///< null: locked host memory
  bool visible = false;       ///< to the GPU
  bool nested = false; ///< locked memory inside another block, which is what
                       ///< the machine knows
  unsigned locks = 0;
  void *userData = nullptr;
  std::vector<std::pair<hsa_amd_deallocation_callback_t, void *>> callbacks;
};

class Blocks {
public:
  explicit Blocks(Memory &memory) : memory(memory) {}
  ~Blocks();

  /// `visible`: the older interface gives memory to all agents at once.
  hsa_status_t allocate(const Pool &pool, uint64_t bytes, bool visible,
                        void **address);
  hsa_status_t free(void *address);
  /// Gives a block to the GPU, or takes it away.
  hsa_status_t allow(const void *address, bool gpu, bool cpu);
  hsa_status_t lock(void *host, uint64_t bytes, bool gpu);
  hsa_status_t unlock(void *host);

  /// A copy of the block that holds this byte.
  std::optional<Block> find(const void *address);
  hsa_status_t setUserData(const void *address, void *data);
  hsa_status_t addCallback(void *address, hsa_amd_deallocation_callback_t call,
                           void *data);
  hsa_status_t removeCallback(void *address,
                              hsa_amd_deallocation_callback_t call);

  /// While one lives, freed memory stays mapped: a kernel that uses it faults
  /// instead of taking the process down.
  class Busy {
  public:
    explicit Busy(Blocks &blocks);
    ~Busy();
    Busy(const Busy &) = delete;
    Busy &operator=(const Busy &) = delete;

  private:
    Blocks &blocks;
  };

private:
  using Map = std::map<uint64_t, Block>;
  Map::iterator holding(uint64_t address);

  Memory &memory;
  std::mutex mutex;
  Map blocks;
  unsigned busy = 0;
  std::vector<std::pair<void *, uint64_t>> unmapLater;
};

} // namespace gfx803::hsa

#endif // GFX803_EMULATOR_HSA_BLOCKS_H
