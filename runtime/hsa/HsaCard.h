//===- HsaCard.h - A gfx803 agent and its memory ----------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_HSA_HSACARD_H
#define SPARSEC_RUNTIME_HSA_HSACARD_H

#include "runtime/core/DeviceMemory.h"
#include "runtime/hsa/HsaApi.h"

#include <atomic>

namespace sparsec::rt {

/// What the device's streams and code objects share: constant once found, but
/// for the allocations and faults.
struct HsaCard {
  explicit HsaCard(const char *device) : device(device) {}

  /// Initialises HSA, which it stays until the process ends, and picks the
  /// agent by the name of its ISA.
  sparsec_status find();

  /// Memory of the host that the card can access too; null if there is none.
  void *allocateHost(hsa_amd_memory_pool_t pool, uint64_t bytes) const;

  const char *const device; ///< "hsa", for messages
  HsaApi api;
  hsa_agent_t gpu = {}, cpu = {};
  hsa_profile_t profile = HSA_PROFILE_BASE;
  hsa_amd_memory_pool_t deviceMemory = {}, kernarg = {}, staging = {};
  uint64_t deviceBytes = 0;
  uint32_t groupBytes = 0; ///< of local memory that a workgroup may have
  uint32_t mostPackets = 0;
  uint64_t ticksPerSecond = 0;

  DeviceMemory allocations;

  /// How often the card has reported an access to memory that is not there, and
  /// where the last one was. This is not about one queue: no stream survives.
  std::atomic<uint64_t> memoryFaults{0}, faultAddress{0};
};

/// The ISA that models are compiled for.
constexpr const char kTarget[] = "gfx803";
constexpr const char kIsa[] = "amdgcn-amd-amdhsa--gfx803";

} // namespace sparsec::rt

#endif // SPARSEC_RUNTIME_HSA_HSACARD_H
