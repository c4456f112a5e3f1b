//===- MemoryApi.cpp - Locked memory, and what a pointer points to --------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/hsa/Runtime.h"

#include <algorithm>
#include <cstring>

using namespace gfx803;
using namespace gfx803::hsa;

static hsa_status_t lock(Runtime &rt, void *host, size_t bytes,
                         const hsa_agent_t *agents, int count,
                         void **agentAddress) {
  if (agentAddress)
    *agentAddress = nullptr;
  if (!host || bytes == 0 || !agentAddress ||
      (agents != nullptr) != (count > 0))
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  for (int i = 0; i < count; ++i)
    if (!isAgent(agents[i]))
      return HSA_STATUS_ERROR_INVALID_AGENT;
  bool gpu = !agents || std::any_of(agents, agents + count, isGpu);
  if (hsa_status_t status = rt.blocks.lock(host, bytes, gpu))
    return status;
  *agentAddress = host;
  return HSA_STATUS_SUCCESS;
}

/// The agents that reach a block, in memory of the caller's allocator.
static hsa_status_t giveAgents(const Block &block, void *(*alloc)(size_t),
                               uint32_t *count, hsa_agent_t **agents) {
  hsa_agent_t found[2];
  uint32_t number = 0;
  if (!block.pool || block.pool->isSystem())
    found[number++] = kCpuAgent;
  if (block.visible)
    found[number++] = kGpuAgent;
  *count = number;
  *agents = static_cast<hsa_agent_t *>(alloc(number * sizeof(hsa_agent_t)));
  if (!*agents)
    return HSA_STATUS_ERROR_OUT_OF_RESOURCES;
  std::copy(found, found + number, *agents);
  return HSA_STATUS_SUCCESS;
}

extern "C" {

hsa_status_t hsa_amd_memory_lock(void *host, size_t bytes, hsa_agent_t *agents,
                                 int count, void **agentAddress) {
  HSA_RUNTIME(rt);
  return lock(*rt, host, bytes, agents, count, agentAddress);
}

hsa_status_t hsa_amd_memory_lock_to_pool(void *host, size_t bytes,
                                         hsa_agent_t *agents, int count,
                                         hsa_amd_memory_pool_t handle,
                                         uint32_t flags, void **agentAddress) {
  HSA_RUNTIME(rt);
  const Pool *pool = findPool(handle.handle);
  if (!pool)
    return hsa_status_t(HSA_STATUS_ERROR_INVALID_MEMORY_POOL);
  if (!pool->isSystem() || flags != 0)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  return lock(*rt, host, bytes, agents, count, agentAddress);
}

hsa_status_t hsa_amd_memory_unlock(void *host) {
  HSA_RUNTIME(rt);
  return host ? rt->blocks.unlock(host) : HSA_STATUS_ERROR_INVALID_ARGUMENT;
}

// Registration is for cards that share the CPU's page tables. It changes
// nothing for this one, here as in ROCR: hsa_amd_memory_lock does.
hsa_status_t hsa_memory_register(void *address, size_t bytes) {
  HSA_RUNTIME(rt);
  (void)rt;
  return address && bytes == 0 ? HSA_STATUS_ERROR_INVALID_ARGUMENT
                               : HSA_STATUS_SUCCESS;
}

hsa_status_t hsa_memory_deregister(void *, size_t) {
  HSA_RUNTIME(rt);
  (void)rt;
  return HSA_STATUS_SUCCESS;
}

hsa_status_t hsa_memory_assign_agent(void *address, hsa_agent_t agent,
                                     hsa_access_permission_t access) {
  HSA_RUNTIME(rt);
  (void)rt;
  if (!address || access < HSA_ACCESS_PERMISSION_RO ||
      access > HSA_ACCESS_PERMISSION_RW)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  return isAgent(agent) ? HSA_STATUS_SUCCESS : HSA_STATUS_ERROR_INVALID_AGENT;
}

hsa_status_t hsa_amd_pointer_info(const void *address,
                                  hsa_amd_pointer_info_t *info,
                                  void *(*alloc)(size_t), uint32_t *count,
                                  hsa_agent_t **agents) {
  HSA_RUNTIME(rt);
  if (!address || !info || info->size == 0 || (alloc && (!count || !agents)))
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  hsa_amd_pointer_info_t known{};
  known.size = std::min<uint32_t>(info->size, sizeof(known));
  known.type = HSA_EXT_POINTER_TYPE_UNKNOWN;
  std::optional<Block> block = rt->blocks.find(address);
  if (block) {
    auto *base = reinterpret_cast<void *>(block->address);
    bool hostReaches = !block->pool || block->pool->isSystem();
    known.type =
        block->pool ? HSA_EXT_POINTER_TYPE_HSA : HSA_EXT_POINTER_TYPE_LOCKED;
    known.agentBaseAddress = base;
    known.hostBaseAddress = hostReaches ? base : nullptr;
    known.sizeInBytes = block->bytes;
    known.userData = block->userData;
    known.agentOwner = hostReaches ? kCpuAgent : kGpuAgent;
    known.global_flags =
        block->pool ? block->pool->flags
                    : uint32_t(HSA_AMD_MEMORY_POOL_GLOBAL_FLAG_FINE_GRAINED);
  }
  std::memcpy(info, &known, known.size);
  if (!alloc)
    return HSA_STATUS_SUCCESS;
  *count = 0;
  *agents = nullptr;
  return block ? giveAgents(*block, alloc, count, agents) : HSA_STATUS_SUCCESS;
}

hsa_status_t hsa_amd_pointer_info_set_userdata(const void *address,
                                               void *data) {
  HSA_RUNTIME(rt);
  return address ? rt->blocks.setUserData(address, data)
                 : HSA_STATUS_ERROR_INVALID_ARGUMENT;
}

hsa_status_t hsa_amd_register_deallocation_callback(
    void *address, hsa_amd_deallocation_callback_t call, void *data) {
  HSA_RUNTIME(rt);
  if (!address || !call)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  return rt->blocks.addCallback(address, call, data);
}

hsa_status_t
hsa_amd_deregister_deallocation_callback(void *address,
                                         hsa_amd_deallocation_callback_t call) {
  HSA_RUNTIME(rt);
  if (!address || !call)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  return rt->blocks.removeCallback(address, call);
}

} // extern "C"
