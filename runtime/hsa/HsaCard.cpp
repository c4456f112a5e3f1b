//===- HsaCard.cpp - A gfx803 agent and its memory ------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/hsa/HsaCard.h"

#include "runtime/core/Status.h"

#include <cstring>

using namespace sparsec;
using rt::fail;
using rt::HsaApi;
using rt::HsaCard;
using rt::Text;

namespace {
/// Looks through the agents; each callback gets one of these.
struct Search {
  explicit Search(HsaCard &card) : card(card), api(card.api) {}

  HsaCard &card;
  const HsaApi &api;
  bool foundGpu = false, foundCpu = false;
  bool isTarget = false; // of the agent whose ISAs are being looked at
  bool foundDevice = false, foundKernarg = false, foundStaging = false;
  Text agents; // "gfx900 (amdgcn-amd-amdhsa--gfx900), ..."
  const char *separator = "";
};
} // namespace

static hsa_status_t visitIsa(hsa_isa_t isa, void *data) {
  Search &search = *static_cast<Search *>(data);
  uint32_t length = 0;
  char name[128] = "";
  if (search.api.hsa_isa_get_info_alt(isa, HSA_ISA_INFO_NAME_LENGTH, &length) !=
          HSA_STATUS_SUCCESS ||
      length >= sizeof(name) ||
      search.api.hsa_isa_get_info_alt(isa, HSA_ISA_INFO_NAME, name) !=
          HSA_STATUS_SUCCESS)
    return HSA_STATUS_SUCCESS;
  name[length] = '\0'; // whether the length counts a zero differs
  search.isTarget |= std::strcmp(name, rt::kIsa) == 0;
  search.agents.append(" %s", name);
  return HSA_STATUS_SUCCESS;
}

static hsa_status_t visitAgent(hsa_agent_t agent, void *data) {
  Search &search = *static_cast<Search *>(data);
  hsa_device_type_t type;
  char name[65] = "";
  search.api.hsa_agent_get_info(agent, HSA_AGENT_INFO_NAME, name);
  if (search.api.hsa_agent_get_info(agent, HSA_AGENT_INFO_DEVICE, &type) !=
      HSA_STATUS_SUCCESS)
    return HSA_STATUS_SUCCESS;
  search.agents.append("%s%s", search.separator, name);
  search.separator = ", ";
  if (type == HSA_DEVICE_TYPE_CPU && !search.foundCpu) {
    search.card.cpu = agent;
    search.foundCpu = true;
  }
  if (type != HSA_DEVICE_TYPE_GPU)
    return HSA_STATUS_SUCCESS;
  search.isTarget = false;
  search.api.hsa_agent_iterate_isas(agent, visitIsa, data);
  if (search.isTarget && !search.foundGpu) {
    search.card.gpu = agent;
    search.foundGpu = true;
  }
  return HSA_STATUS_SUCCESS;
}

/// Of a pool in the global segment that can be allocated from; 0 for others.
static uint32_t poolFlags(const HsaApi &api, hsa_amd_memory_pool_t pool) {
  hsa_amd_segment_t segment;
  bool allowed = false;
  uint32_t flags = 0;
  if (api.hsa_amd_memory_pool_get_info(pool, HSA_AMD_MEMORY_POOL_INFO_SEGMENT,
                                       &segment) != HSA_STATUS_SUCCESS ||
      segment != HSA_AMD_SEGMENT_GLOBAL ||
      api.hsa_amd_memory_pool_get_info(
          pool, HSA_AMD_MEMORY_POOL_INFO_RUNTIME_ALLOC_ALLOWED, &allowed) !=
          HSA_STATUS_SUCCESS ||
      !allowed ||
      api.hsa_amd_memory_pool_get_info(pool,
                                       HSA_AMD_MEMORY_POOL_INFO_GLOBAL_FLAGS,
                                       &flags) != HSA_STATUS_SUCCESS)
    return 0;
  return flags;
}

static hsa_status_t visitGpuPool(hsa_amd_memory_pool_t pool, void *data) {
  Search &search = *static_cast<Search *>(data);
  hsa_amd_segment_t segment;
  size_t bytes = 0;
  search.api.hsa_amd_memory_pool_get_info(pool, HSA_AMD_MEMORY_POOL_INFO_SIZE,
                                          &bytes);
  if (search.api.hsa_amd_memory_pool_get_info(pool,
                                              HSA_AMD_MEMORY_POOL_INFO_SEGMENT,
                                              &segment) == HSA_STATUS_SUCCESS &&
      segment == HSA_AMD_SEGMENT_GROUP)
    search.card.groupBytes = uint32_t(bytes);
  if ((poolFlags(search.api, pool) &
       HSA_AMD_MEMORY_POOL_GLOBAL_FLAG_COARSE_GRAINED) &&
      !search.foundDevice) {
    search.card.deviceMemory = pool;
    search.card.deviceBytes = bytes;
    search.foundDevice = true;
  }
  return HSA_STATUS_SUCCESS;
}

static hsa_status_t visitCpuPool(hsa_amd_memory_pool_t pool, void *data) {
  Search &search = *static_cast<Search *>(data);
  uint32_t flags = poolFlags(search.api, pool);
  if ((flags & HSA_AMD_MEMORY_POOL_GLOBAL_FLAG_KERNARG_INIT) &&
      !search.foundKernarg) {
    search.card.kernarg = pool;
    search.foundKernarg = true;
  }
  if ((flags & HSA_AMD_MEMORY_POOL_GLOBAL_FLAG_FINE_GRAINED) &&
      !search.foundStaging) {
    search.card.staging = pool;
    search.foundStaging = true;
  }
  return HSA_STATUS_SUCCESS;
}

/// Without a handler, HSA ends the process.
static hsa_status_t onEvent(const hsa_amd_event_t *event, void *data) {
  HsaCard &card = *static_cast<HsaCard *>(data);
  if (event->event_type != HSA_AMD_GPU_MEMORY_FAULT_EVENT)
    return HSA_STATUS_ERROR;
  card.faultAddress = event->memory_fault.virtual_address;
  card.memoryFaults.fetch_add(1);
  return HSA_STATUS_SUCCESS;
}

sparsec_status HsaCard::find() {
  hsa_status_t status = api.hsa_init();
  if (status != HSA_STATUS_SUCCESS) {
    // The name says enough; the sentence behind it is about other causes.
    const char *reason = api.describe(status);
    return fail(SPARSEC_NOT_FOUND,
                "the ROCm runtime finds no usable driver (%.*s): check that "
                "/dev/kfd is there and may be opened, or use --device=emulator",
                int(std::strcspn(reason, ":")), reason);
  }
  Search search(*this);
  status = api.hsa_iterate_agents(visitAgent, &search);
  if (status != HSA_STATUS_SUCCESS)
    return failHsa(api, status, "cannot list the HSA agents");
  if (!search.foundGpu)
    return fail(SPARSEC_NOT_FOUND,
                "no %s card for device %s; HSA's agents are: %s: use "
                "--device=emulator",
                kTarget, device,
                *search.separator ? search.agents.c_str() : "none");
  api.hsa_amd_agent_iterate_memory_pools(gpu, visitGpuPool, &search);
  if (search.foundCpu)
    api.hsa_amd_agent_iterate_memory_pools(cpu, visitCpuPool, &search);
  if (!search.foundDevice || !search.foundKernarg || !search.foundStaging)
    return fail(SPARSEC_UNSUPPORTED, "device %s has no memory pool for %s",
                device,
                !search.foundDevice    ? "its own memory"
                : !search.foundKernarg ? "kernel arguments"
                                       : "copies");

  api.hsa_agent_get_info(gpu, HSA_AGENT_INFO_PROFILE, &profile);
  api.hsa_agent_get_info(gpu, HSA_AGENT_INFO_QUEUE_MAX_SIZE, &mostPackets);
  status = api.hsa_system_get_info(HSA_SYSTEM_INFO_TIMESTAMP_FREQUENCY,
                                   &ticksPerSecond);
  if (status != HSA_STATUS_SUCCESS || ticksPerSecond == 0)
    return fail(SPARSEC_UNSUPPORTED, "device %s has no clock", device);
  if (api.gfx803_emulator_print_faults) {
    // The stand-in tells each queue of its own faults. They are reported from
    // there, so it need not print them.
    api.gfx803_emulator_print_faults(0);
  } else {
    // A card tells the process only. Refused where another user of HSA in this
    // process listens: then it is that one's business.
    api.hsa_amd_register_system_event_handler(onEvent, this);
  }
  return SPARSEC_OK;
}

void *HsaCard::allocateHost(hsa_amd_memory_pool_t pool, uint64_t bytes) const {
  void *memory = nullptr;
  if (api.hsa_amd_memory_pool_allocate(pool, bytes, 0, &memory) !=
      HSA_STATUS_SUCCESS)
    return nullptr;
  if (api.hsa_amd_agents_allow_access(1, &gpu, nullptr, memory) !=
      HSA_STATUS_SUCCESS) {
    api.hsa_amd_memory_pool_free(memory);
    return nullptr;
  }
  return memory;
}
