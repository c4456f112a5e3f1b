//===- Handles.h - The handles the stand-in gives out -----------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Agents, ISAs, pools and caches are few and fixed, so their handles are
// constants; each kind has its own range, so a handle of one kind is never
// valid as another.
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_HSA_HANDLES_H
#define GFX803_EMULATOR_HSA_HANDLES_H

#include "hsa/hsa.h"
#include "hsa/hsa_ext_amd.h"

#include <array>
#include <cstdint>

namespace gfx803::hsa {

constexpr hsa_agent_t kCpuAgent{0x803a0001}, kGpuAgent{0x803a0002};
constexpr hsa_isa_t kIsa{0x803b0001};
constexpr hsa_wavefront_t kWavefront{0x803c0001};
constexpr const char *kIsaName = "amdgcn-amd-amdhsa--gfx803";

inline bool isCpu(hsa_agent_t agent) {
  return agent.handle == kCpuAgent.handle;
}
inline bool isGpu(hsa_agent_t agent) {
  return agent.handle == kGpuAgent.handle;
}
inline bool isAgent(hsa_agent_t agent) { return isCpu(agent) || isGpu(agent); }

/// A memory pool, which is also a region of the older interface.
struct Pool {
  uint64_t handle;
  hsa_agent_t owner;
  hsa_amd_segment_t segment;
  uint32_t flags; ///< hsa_amd_memory_pool_global_flag_t

  bool isSystem() const { return isCpu(owner); }
  bool isGlobal() const { return segment == HSA_AMD_SEGMENT_GLOBAL; }
};

constexpr std::array<Pool, 5> kPools{{
    {0x803d0001, kCpuAgent, HSA_AMD_SEGMENT_GLOBAL,
     HSA_AMD_MEMORY_POOL_GLOBAL_FLAG_FINE_GRAINED},
    {0x803d0002, kCpuAgent, HSA_AMD_SEGMENT_GLOBAL,
     HSA_AMD_MEMORY_POOL_GLOBAL_FLAG_KERNARG_INIT |
         HSA_AMD_MEMORY_POOL_GLOBAL_FLAG_FINE_GRAINED},
    {0x803d0003, kCpuAgent, HSA_AMD_SEGMENT_GLOBAL,
     HSA_AMD_MEMORY_POOL_GLOBAL_FLAG_COARSE_GRAINED},
    {0x803d0004, kGpuAgent, HSA_AMD_SEGMENT_GLOBAL,
     HSA_AMD_MEMORY_POOL_GLOBAL_FLAG_COARSE_GRAINED},
    {0x803d0005, kGpuAgent, HSA_AMD_SEGMENT_GROUP, 0},
}};

/// Null for a handle that is no pool's.
inline const Pool *findPool(uint64_t handle) {
  for (const Pool &pool : kPools)
    if (pool.handle == handle)
      return &pool;
  return nullptr;
}

/// Writes an attribute of type `T` where the caller asked for it.
template <typename T> hsa_status_t give(void *value, T attribute) {
  *static_cast<T *>(value) = attribute;
  return HSA_STATUS_SUCCESS;
}

} // namespace gfx803::hsa

#endif // GFX803_EMULATOR_HSA_HANDLES_H
