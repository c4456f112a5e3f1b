//===- Agents.cpp - The CPU and the card, and their caches ----------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// The card's figures are those of a Radeon RX 580 (Polaris 10, "Ellesmere").
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/hsa/Runtime.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <thread>
#include <unistd.h>

using namespace gfx803;
using namespace gfx803::hsa;

/// A character array of the API: 64 bytes, the rest zero.
static hsa_status_t giveName(void *value, const std::string &name) {
  std::memset(value, 0, 64);
  std::memcpy(value, name.data(), std::min<size_t>(name.size(), 63));
  return HSA_STATUS_SUCCESS;
}

static std::string cpuName() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.compare(0, 10, "model name") == 0) {
      size_t colon = line.find(": ");
      return colon == std::string::npos ? "CPU" : line.substr(colon + 2);
    }
  return "CPU";
}

/// Bytes of the levels 1 to 4; 0 where there is none.
static std::array<uint32_t, 4> cacheBytes(bool gpu) {
  if (gpu)
    return {16 * 1024, 2 * 1024 * 1024, 0, 0};
  std::array<uint32_t, 4> bytes{};
  const int names[] = {_SC_LEVEL1_DCACHE_SIZE, _SC_LEVEL2_CACHE_SIZE,
                       _SC_LEVEL3_CACHE_SIZE, _SC_LEVEL4_CACHE_SIZE};
  for (unsigned i = 0; i < 4; ++i)
    bytes[i] = std::max(0L, sysconf(names[i]));
  return bytes;
}

static hsa_status_t amdInfo(bool gpu, uint32_t attribute, void *value) {
  uint32_t processors = std::max(1u, std::thread::hardware_concurrency());
  switch (attribute) {
  case HSA_AMD_AGENT_INFO_CHIP_ID:
    return give<uint32_t>(value, gpu ? 0x67df : 0);
  case HSA_AMD_AGENT_INFO_CACHELINE_SIZE:
    return give<uint32_t>(value, 64);
  case HSA_AMD_AGENT_INFO_COMPUTE_UNIT_COUNT:
  case HSA_AMD_AGENT_INFO_COOPERATIVE_COMPUTE_UNIT_COUNT:
    return give<uint32_t>(value, gpu ? kComputeUnits : processors);
  case HSA_AMD_AGENT_INFO_MAX_CLOCK_FREQUENCY:
    return give<uint32_t>(value, gpu ? 1340 : 0);
  case HSA_AMD_AGENT_INFO_DRIVER_NODE_ID:
    return give<uint32_t>(value, gpu ? 1 : 0);
  case HSA_AMD_AGENT_INFO_MAX_ADDRESS_WATCH_POINTS:
    return give<uint32_t>(value, gpu ? 4 : 1);
  case HSA_AMD_AGENT_INFO_BDFID:
    return give<uint32_t>(value, gpu ? 0x0100 : 0);
  case HSA_AMD_AGENT_INFO_MEMORY_WIDTH:
    return give<uint32_t>(value, gpu ? 256 : 0);
  case HSA_AMD_AGENT_INFO_MEMORY_MAX_FREQUENCY:
    return give<uint32_t>(value, gpu ? 2000 : 0);
  case HSA_AMD_AGENT_INFO_PRODUCT_NAME:
    return giveName(value, gpu ? "AMD Radeon RX 580 (emulated)" : cpuName());
  case HSA_AMD_AGENT_INFO_MAX_WAVES_PER_CU:
    return give<uint32_t>(value, gpu ? kMaxWavesPerSimd * kSimdsPerUnit : 0);
  case HSA_AMD_AGENT_INFO_NUM_SIMDS_PER_CU:
    return give<uint32_t>(value, gpu ? kSimdsPerUnit : 0);
  case HSA_AMD_AGENT_INFO_NUM_SHADER_ENGINES:
    return give<uint32_t>(value, gpu ? 4 : 0);
  case HSA_AMD_AGENT_INFO_NUM_SHADER_ARRAYS_PER_SE:
    return give<uint32_t>(value, gpu ? 1 : 0);
  case HSA_AMD_AGENT_INFO_HDP_FLUSH:
    return give(value, hsa_amd_hdp_flush_t{nullptr, nullptr});
  case HSA_AMD_AGENT_INFO_DOMAIN:
    return give<uint32_t>(value, 0);
  case HSA_AMD_AGENT_INFO_COOPERATIVE_QUEUES:
  case HSA_AMD_AGENT_INFO_SVM_DIRECT_HOST_ACCESS:
    return give<bool>(
        value, attribute != HSA_AMD_AGENT_INFO_COOPERATIVE_QUEUES && !gpu);
  case HSA_AMD_AGENT_INFO_UUID: {
    const char *uuid = gpu ? "GPU-XX" : "CPU-XX";
    std::memcpy(value, uuid, std::strlen(uuid) + 1);
    return HSA_STATUS_SUCCESS;
  }
  case HSA_AMD_AGENT_INFO_ASIC_REVISION:
    return give<uint32_t>(value, gpu ? 1 : 0);
  // There are no images.
  case HSA_EXT_AGENT_INFO_IMAGE_1D_MAX_ELEMENTS:
  case HSA_EXT_AGENT_INFO_IMAGE_1DA_MAX_ELEMENTS:
  case HSA_EXT_AGENT_INFO_IMAGE_1DB_MAX_ELEMENTS:
  case HSA_EXT_AGENT_INFO_IMAGE_ARRAY_MAX_LAYERS:
  case HSA_EXT_AGENT_INFO_MAX_IMAGE_RD_HANDLES:
  case HSA_EXT_AGENT_INFO_MAX_IMAGE_RORW_HANDLES:
  case HSA_EXT_AGENT_INFO_MAX_SAMPLER_HANDLERS:
    return give<uint32_t>(value, 0);
  case HSA_EXT_AGENT_INFO_IMAGE_2D_MAX_ELEMENTS:
  case HSA_EXT_AGENT_INFO_IMAGE_2DA_MAX_ELEMENTS:
  case HSA_EXT_AGENT_INFO_IMAGE_2DDEPTH_MAX_ELEMENTS:
  case HSA_EXT_AGENT_INFO_IMAGE_2DADEPTH_MAX_ELEMENTS:
    return give(value, std::array<uint32_t, 2>{});
  case HSA_EXT_AGENT_INFO_IMAGE_3D_MAX_ELEMENTS:
    return give(value, std::array<uint32_t, 3>{});
  }
  return HSA_STATUS_ERROR_INVALID_ARGUMENT;
}

static hsa_status_t agentInfo(bool gpu, hsa_agent_info_t attribute,
                              void *value) {
  switch (attribute) {
  case HSA_AGENT_INFO_NAME:
    return giveName(value, gpu ? "gfx803" : cpuName());
  case HSA_AGENT_INFO_VENDOR_NAME:
    return giveName(value, gpu ? "AMD" : "CPU");
  case HSA_AGENT_INFO_FEATURE:
    return give(value, gpu ? HSA_AGENT_FEATURE_KERNEL_DISPATCH
                           : hsa_agent_feature_t(0));
  case HSA_AGENT_INFO_MACHINE_MODEL:
    return give(value, HSA_MACHINE_MODEL_LARGE);
  case HSA_AGENT_INFO_PROFILE:
    return give(value, gpu ? HSA_PROFILE_BASE : HSA_PROFILE_FULL);
  case HSA_AGENT_INFO_DEFAULT_FLOAT_ROUNDING_MODE:
    return give(value, HSA_DEFAULT_FLOAT_ROUNDING_MODE_NEAR);
  case HSA_AGENT_INFO_BASE_PROFILE_DEFAULT_FLOAT_ROUNDING_MODES:
    return give<uint32_t>(value, 1 << HSA_DEFAULT_FLOAT_ROUNDING_MODE_NEAR);
  case HSA_AGENT_INFO_FAST_F16_OPERATION:
    return give<bool>(value, gpu);
  case HSA_AGENT_INFO_WAVEFRONT_SIZE:
    return give<uint32_t>(value, gpu ? 64 : 0);
  case HSA_AGENT_INFO_WORKGROUP_MAX_DIM: {
    uint16_t items = gpu ? kMaxWorkgroupItems : 0;
    return give(value, std::array<uint16_t, 3>{items, items, items});
  }
  case HSA_AGENT_INFO_WORKGROUP_MAX_SIZE:
    return give<uint32_t>(value, gpu ? kMaxWorkgroupItems : 0);
  case HSA_AGENT_INFO_GRID_MAX_DIM: {
    uint32_t items = gpu ? UINT32_MAX : 0;
    return give(value, hsa_dim3_t{items, items, items});
  }
  case HSA_AGENT_INFO_GRID_MAX_SIZE:
    return give<uint32_t>(value, gpu ? UINT32_MAX : 0);
  case HSA_AGENT_INFO_FBARRIER_MAX_SIZE:
    return give<uint32_t>(value, gpu ? 32 : 0);
  case HSA_AGENT_INFO_QUEUES_MAX:
    return give<uint32_t>(value, gpu ? kMaxQueues : 0);
  case HSA_AGENT_INFO_QUEUE_MIN_SIZE:
    return give<uint32_t>(value, gpu ? kMinQueuePackets : 0);
  case HSA_AGENT_INFO_QUEUE_MAX_SIZE:
    return give<uint32_t>(value, gpu ? kMaxQueuePackets : 0);
  case HSA_AGENT_INFO_QUEUE_TYPE:
    return give(value, HSA_QUEUE_TYPE_MULTI);
  case HSA_AGENT_INFO_NODE:
    return give<uint32_t>(value, gpu ? 1 : 0);
  case HSA_AGENT_INFO_DEVICE:
    return give(value, gpu ? HSA_DEVICE_TYPE_GPU : HSA_DEVICE_TYPE_CPU);
  case HSA_AGENT_INFO_CACHE_SIZE:
    return give(value, cacheBytes(gpu));
  case HSA_AGENT_INFO_ISA:
    return give(value, gpu ? kIsa : hsa_isa_t{0});
  case HSA_AGENT_INFO_EXTENSIONS: {
    auto *bits = static_cast<uint8_t *>(value);
    std::memset(bits, 0, 128);
    if (gpu)
      bits[HSA_EXTENSION_AMD_LOADER / 8] |= 1 << HSA_EXTENSION_AMD_LOADER % 8;
    return HSA_STATUS_SUCCESS;
  }
  case HSA_AGENT_INFO_VERSION_MAJOR:
  case HSA_AGENT_INFO_VERSION_MINOR:
    return give<uint16_t>(value, 1);
  }
  return amdInfo(gpu, attribute, value);
}

// A cache's handle says whose it is and its level.
static constexpr uint64_t kCpuCaches = 0x803f0010, kGpuCaches = 0x803f0020;

extern "C" {

hsa_status_t hsa_iterate_agents(hsa_status_t (*callback)(hsa_agent_t, void *),
                                void *data) {
  HSA_RUNTIME(rt);
  (void)rt;
  if (!callback)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  for (hsa_agent_t agent : {kCpuAgent, kGpuAgent})
    if (hsa_status_t status = callback(agent, data))
      return status;
  return HSA_STATUS_SUCCESS;
}

hsa_status_t hsa_agent_get_info(hsa_agent_t agent, hsa_agent_info_t attribute,
                                void *value) {
  HSA_RUNTIME(rt);
  (void)rt;
  if (!isAgent(agent))
    return HSA_STATUS_ERROR_INVALID_AGENT;
  return value ? agentInfo(isGpu(agent), attribute, value)
               : HSA_STATUS_ERROR_INVALID_ARGUMENT;
}

hsa_status_t hsa_amd_image_get_info_max_dim(hsa_agent_t agent,
                                            hsa_agent_info_t attribute,
                                            void *value) {
  return hsa_agent_get_info(agent, attribute, value);
}

hsa_status_t hsa_agent_get_exception_policies(hsa_agent_t agent, hsa_profile_t,
                                              uint16_t *mask) {
  HSA_RUNTIME(rt);
  (void)rt;
  if (!isAgent(agent))
    return HSA_STATUS_ERROR_INVALID_AGENT;
  return mask ? give<uint16_t>(mask, 0) : HSA_STATUS_ERROR_INVALID_ARGUMENT;
}

hsa_status_t hsa_agent_iterate_caches(hsa_agent_t agent,
                                      hsa_status_t (*callback)(hsa_cache_t,
                                                               void *),
                                      void *data) {
  HSA_RUNTIME(rt);
  (void)rt;
  if (!isAgent(agent))
    return HSA_STATUS_ERROR_INVALID_AGENT;
  if (!callback)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  std::array<uint32_t, 4> bytes = cacheBytes(isGpu(agent));
  for (unsigned i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == 0)
      continue;
    hsa_cache_t cache{(isGpu(agent) ? kGpuCaches : kCpuCaches) + i};
    if (hsa_status_t status = callback(cache, data))
      return status;
  }
  return HSA_STATUS_SUCCESS;
}

hsa_status_t hsa_cache_get_info(hsa_cache_t cache, hsa_cache_info_t attribute,
                                void *value) {
  HSA_RUNTIME(rt);
  (void)rt;
  bool gpu = cache.handle >= kGpuCaches;
  uint64_t level = cache.handle - (gpu ? kGpuCaches : kCpuCaches);
  if (level >= 4 || cacheBytes(gpu)[level] == 0)
    return HSA_STATUS_ERROR_INVALID_CACHE;
  if (!value)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  std::string name = (gpu ? "gfx803 L" : "CPU L") + std::to_string(level + 1);
  switch (attribute) {
  case HSA_CACHE_INFO_NAME_LENGTH:
    return give<uint32_t>(value, name.size());
  case HSA_CACHE_INFO_NAME:
    std::copy(name.begin(), name.end(), static_cast<char *>(value));
    return HSA_STATUS_SUCCESS;
  case HSA_CACHE_INFO_LEVEL:
    return give<uint8_t>(value, level + 1);
  case HSA_CACHE_INFO_SIZE:
    return give<uint32_t>(value, cacheBytes(gpu)[level]);
  }
  return HSA_STATUS_ERROR_INVALID_ARGUMENT;
}

hsa_status_t hsa_amd_coherency_get_type(hsa_agent_t agent,
                                        hsa_amd_coherency_type_t *type) {
  HSA_RUNTIME(rt);
  (void)rt;
  if (!isGpu(agent))
    return HSA_STATUS_ERROR_INVALID_AGENT;
  return type ? give(type, HSA_AMD_COHERENCY_TYPE_COHERENT)
              : HSA_STATUS_ERROR_INVALID_ARGUMENT;
}

// Memory is always coherent here, which either type allows.
hsa_status_t hsa_amd_coherency_set_type(hsa_agent_t agent,
                                        hsa_amd_coherency_type_t type) {
  HSA_RUNTIME(rt);
  (void)rt;
  if (!isGpu(agent))
    return HSA_STATUS_ERROR_INVALID_AGENT;
  return unsigned(type) > HSA_AMD_COHERENCY_TYPE_NONCOHERENT
             ? HSA_STATUS_ERROR_INVALID_ARGUMENT
             : HSA_STATUS_SUCCESS;
}

} // extern "C"
