//===- PoolApi.cpp - Memory pools, and regions as their older name --------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/hsa/Runtime.h"

#include <algorithm>
#include <unistd.h>

using namespace gfx803;
using namespace gfx803::hsa;

static constexpr uint64_t kGranule = 4096;

static uint64_t poolBytes(const Runtime &rt, const Pool &pool) {
  if (!pool.isGlobal())
    return kMaxLdsBytes;
  if (!pool.isSystem())
    return rt.machine.memory.deviceBytesTotal();
  return uint64_t(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
}

/// `handle` as `Handle`, for callbacks of either interface.
template <typename Handle>
static hsa_status_t iterate(hsa_agent_t agent,
                            hsa_status_t (*callback)(Handle, void *),
                            void *data) {
  HSA_RUNTIME(rt);
  (void)rt;
  if (!callback)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  if (!isAgent(agent))
    return HSA_STATUS_ERROR_INVALID_AGENT;
  for (const Pool &pool : kPools) {
    if (pool.owner.handle != agent.handle)
      continue;
    if (hsa_status_t status = callback(Handle{pool.handle}, data))
      return status;
  }
  return HSA_STATUS_SUCCESS;
}

static hsa_status_t allocate(const Pool *pool, size_t bytes, bool visible,
                             void **address) {
  Runtime *rt = runtime();
  if (bytes == 0 || !address)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  if (!pool->isGlobal() || bytes > poolBytes(*rt, *pool))
    return HSA_STATUS_ERROR_INVALID_ALLOCATION;
  return rt->blocks.allocate(*pool, bytes, visible, address);
}

static hsa_status_t release(void *address) {
  HSA_RUNTIME(rt);
  return address ? rt->blocks.free(address) : HSA_STATUS_SUCCESS;
}

extern "C" {

hsa_status_t hsa_amd_agent_iterate_memory_pools(
    hsa_agent_t agent, hsa_status_t (*callback)(hsa_amd_memory_pool_t, void *),
    void *data) {
  return iterate(agent, callback, data);
}

hsa_status_t hsa_agent_iterate_regions(hsa_agent_t agent,
                                       hsa_status_t (*callback)(hsa_region_t,
                                                                void *),
                                       void *data) {
  return iterate(agent, callback, data);
}

hsa_status_t hsa_amd_memory_pool_get_info(hsa_amd_memory_pool_t handle,
                                          hsa_amd_memory_pool_info_t attribute,
                                          void *value) {
  HSA_RUNTIME(rt);
  const Pool *pool = findPool(handle.handle);
  if (!pool)
    return hsa_status_t(HSA_STATUS_ERROR_INVALID_MEMORY_POOL);
  if (!value)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  switch (attribute) {
  case HSA_AMD_MEMORY_POOL_INFO_SEGMENT:
    return give(value, pool->segment);
  case HSA_AMD_MEMORY_POOL_INFO_GLOBAL_FLAGS:
    return give<uint32_t>(value, pool->flags);
  case HSA_AMD_MEMORY_POOL_INFO_SIZE:
    return give<size_t>(value, poolBytes(*rt, *pool));
  case HSA_AMD_MEMORY_POOL_INFO_RUNTIME_ALLOC_ALLOWED:
    return give<bool>(value, pool->isGlobal());
  case HSA_AMD_MEMORY_POOL_INFO_RUNTIME_ALLOC_GRANULE:
  case HSA_AMD_MEMORY_POOL_INFO_RUNTIME_ALLOC_ALIGNMENT:
    return give<size_t>(value, pool->isGlobal() ? kGranule : 0);
  case HSA_AMD_MEMORY_POOL_INFO_ACCESSIBLE_BY_ALL:
    return give<bool>(value, pool->isSystem());
  case HSA_AMD_MEMORY_POOL_INFO_ALLOC_MAX_SIZE:
    return give<size_t>(value, pool->isGlobal() ? poolBytes(*rt, *pool) : 0);
  }
  return HSA_STATUS_ERROR_INVALID_ARGUMENT;
}

hsa_status_t hsa_region_get_info(hsa_region_t region,
                                 hsa_region_info_t attribute, void *value) {
  HSA_RUNTIME(rt);
  const Pool *pool = findPool(region.handle);
  if (!pool)
    return HSA_STATUS_ERROR_INVALID_REGION;
  if (!value)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  switch (uint32_t(attribute)) {
  case HSA_REGION_INFO_SEGMENT:
    return give(value, hsa_region_segment_t(pool->segment));
  case HSA_REGION_INFO_GLOBAL_FLAGS:
    return give<uint32_t>(value, pool->flags);
  case HSA_REGION_INFO_SIZE:
    return give<size_t>(value, poolBytes(*rt, *pool));
  case HSA_REGION_INFO_ALLOC_MAX_SIZE:
    return give<size_t>(value, pool->isGlobal() ? poolBytes(*rt, *pool) : 0);
  case HSA_REGION_INFO_ALLOC_MAX_PRIVATE_WORKGROUP_SIZE:
    return give<uint32_t>(value, 0);
  case HSA_REGION_INFO_RUNTIME_ALLOC_ALLOWED:
    return give<bool>(value, pool->isGlobal());
  case HSA_REGION_INFO_RUNTIME_ALLOC_GRANULE:
  case HSA_REGION_INFO_RUNTIME_ALLOC_ALIGNMENT:
    return give<size_t>(value, pool->isGlobal() ? kGranule : 0);
  case HSA_AMD_REGION_INFO_HOST_ACCESSIBLE:
    return give<bool>(value, pool->isSystem());
  case HSA_AMD_REGION_INFO_BASE:
    return give<void *>(value, nullptr);
  case HSA_AMD_REGION_INFO_BUS_WIDTH:
    return give<uint32_t>(value, pool->isSystem() ? 0 : 256);
  case HSA_AMD_REGION_INFO_MAX_CLOCK_FREQUENCY:
    return give<uint32_t>(value, pool->isSystem() ? 0 : 2000);
  }
  return HSA_STATUS_ERROR_INVALID_ARGUMENT;
}

hsa_status_t hsa_amd_agent_memory_pool_get_info(
    hsa_agent_t agent, hsa_amd_memory_pool_t handle,
    hsa_amd_agent_memory_pool_info_t attribute, void *value) {
  HSA_RUNTIME(rt);
  (void)rt;
  if (!isAgent(agent))
    return HSA_STATUS_ERROR_INVALID_AGENT;
  const Pool *pool = findPool(handle.handle);
  if (!pool)
    return hsa_status_t(HSA_STATUS_ERROR_INVALID_MEMORY_POOL);
  if (!value)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  bool owner = agent.handle == pool->owner.handle;
  // The GPU reaches system memory over PCIe; the CPU does not reach the card's,
  // as without a large BAR.
  bool linked = !owner && pool->isSystem();
  switch (attribute) {
  case HSA_AMD_AGENT_MEMORY_POOL_INFO_ACCESS:
    return give(value, owner ? HSA_AMD_MEMORY_POOL_ACCESS_ALLOWED_BY_DEFAULT
                       : linked
                           ? HSA_AMD_MEMORY_POOL_ACCESS_DISALLOWED_BY_DEFAULT
                           : HSA_AMD_MEMORY_POOL_ACCESS_NEVER_ALLOWED);
  case HSA_AMD_AGENT_MEMORY_POOL_INFO_NUM_LINK_HOPS:
    return give<uint32_t>(value, linked ? 1 : 0);
  case HSA_AMD_AGENT_MEMORY_POOL_INFO_LINK_INFO: {
    if (!linked)
      return HSA_STATUS_SUCCESS;
    hsa_amd_memory_pool_link_info_t link{};
    link.link_type = HSA_AMD_LINK_INFO_TYPE_PCIE;
    link.atomic_support_32bit = link.atomic_support_64bit = true;
    link.coherent_support = true;
    link.numa_distance = 20;
    return give(value, link);
  }
  }
  return HSA_STATUS_ERROR_INVALID_ARGUMENT;
}

hsa_status_t hsa_amd_memory_pool_allocate(hsa_amd_memory_pool_t handle,
                                          size_t bytes, uint32_t flags,
                                          void **address) {
  HSA_RUNTIME(rt);
  (void)rt;
  const Pool *pool = findPool(handle.handle);
  if (!pool)
    return hsa_status_t(HSA_STATUS_ERROR_INVALID_MEMORY_POOL);
  if (flags != 0)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  return allocate(pool, bytes, /*visible=*/false, address);
}

hsa_status_t hsa_memory_allocate(hsa_region_t region, size_t bytes,
                                 void **address) {
  HSA_RUNTIME(rt);
  (void)rt;
  const Pool *pool = findPool(region.handle);
  if (!pool)
    return HSA_STATUS_ERROR_INVALID_REGION;
  return allocate(pool, bytes, /*visible=*/true, address);
}

hsa_status_t hsa_amd_memory_pool_free(void *address) {
  return release(address);
}
hsa_status_t hsa_memory_free(void *address) { return release(address); }

hsa_status_t hsa_amd_agents_allow_access(uint32_t count,
                                         const hsa_agent_t *agents,
                                         const uint32_t *flags,
                                         const void *address) {
  HSA_RUNTIME(rt);
  if (count == 0 || !agents || flags || !address)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  for (uint32_t i = 0; i < count; ++i)
    if (!isAgent(agents[i]))
      return HSA_STATUS_ERROR_INVALID_AGENT;
  return rt->blocks.allow(address, std::any_of(agents, agents + count, isGpu),
                          std::any_of(agents, agents + count, isCpu));
}

hsa_status_t hsa_amd_memory_pool_can_migrate(hsa_amd_memory_pool_t from,
                                             hsa_amd_memory_pool_t to,
                                             bool *result) {
  HSA_RUNTIME(rt);
  (void)rt;
  if (!findPool(from.handle) || !findPool(to.handle))
    return hsa_status_t(HSA_STATUS_ERROR_INVALID_MEMORY_POOL);
  if (!result)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  return give(result, false);
}

} // extern "C"
