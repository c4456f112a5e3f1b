//===- System.cpp - hsa_init, hsa_shut_down, hsa_system_* -----------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/hsa/LoaderExtension.h"
#include "tools/gfx803-emulator/hsa/Messages.h"
#include "tools/gfx803-emulator/hsa/Runtime.h"

#include <cstring>

using namespace gfx803;
using namespace gfx803::hsa;

static std::atomic<Runtime *> current{nullptr};
static std::mutex initMutex;
static uint32_t references = 0;

Runtime *hsa::runtime() { return current.load(std::memory_order_acquire); }

static const char *extensionName(uint16_t extension) {
  switch (extension) {
  case HSA_EXTENSION_FINALIZER:
    return "HSA_EXTENSION_FINALIZER";
  case HSA_EXTENSION_IMAGES:
    return "HSA_EXTENSION_IMAGES";
  case HSA_EXTENSION_PERFORMANCE_COUNTERS:
    return "HSA_EXTENSION_PERFORMANCE_COUNTERS";
  case HSA_EXTENSION_PROFILING_EVENTS:
    return "HSA_EXTENSION_PROFILING_EVENTS";
  case HSA_EXTENSION_AMD_PROFILER:
    return "HSA_EXTENSION_AMD_PROFILER";
  case HSA_EXTENSION_AMD_LOADER:
    return "HSA_EXTENSION_AMD_LOADER";
  case HSA_EXTENSION_AMD_AQLPROFILE:
    return "HSA_EXTENSION_AMD_AQLPROFILE";
  }
  return nullptr;
}

static bool isSupported(uint16_t extension, uint16_t major) {
  return extension == HSA_EXTENSION_AMD_LOADER && major == kLoaderMajor;
}

static hsa_status_t supported(uint16_t extension, uint16_t major,
                              uint16_t minor, bool *result) {
  if (!extensionName(extension) || !result)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  return give(result, isSupported(extension, major) && minor <= kLoaderMinor);
}

static hsa_status_t majorSupported(uint16_t extension, uint16_t major,
                                   uint16_t *minor, bool *result) {
  if (!extensionName(extension) || !minor || !result)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  *result = isSupported(extension, major);
  if (*result)
    *minor = kLoaderMinor;
  return HSA_STATUS_SUCCESS;
}

static hsa_status_t giveTable(uint16_t extension, uint16_t major, size_t bytes,
                              void *table) {
  if (!extensionName(extension) || !table || bytes == 0)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  if (!isSupported(extension, major))
    return HSA_STATUS_ERROR;
  loaderTable(table, bytes);
  return HSA_STATUS_SUCCESS;
}

/// How long the table of a minor version is.
static size_t tableBytes(uint16_t minor) {
  switch (minor) {
  case 0:
    return sizeof(hsa_ven_amd_loader_1_00_pfn_t);
  case 1:
    return sizeof(hsa_ven_amd_loader_1_01_pfn_t);
  case 2:
    return sizeof(hsa_ven_amd_loader_1_02_pfn_t);
  case 3:
    return sizeof(hsa_ven_amd_loader_1_03_pfn_t);
  }
  return 0;
}

extern "C" {

hsa_status_t hsa_init() {
  std::lock_guard<std::mutex> lock(initMutex);
  if (references == INT32_MAX)
    return HSA_STATUS_ERROR_REFCOUNT_OVERFLOW;
  if (references == 0) {
    Config config;
    std::string error;
    if (!config.readEnvironment(error)) {
      complain(error);
      return HSA_STATUS_ERROR;
    }
    auto made = std::make_unique<Runtime>(std::move(config));
    if (!made->signals.usable())
      return HSA_STATUS_ERROR_OUT_OF_RESOURCES;
    current.store(made.release(), std::memory_order_release);
  }
  ++references;
  return HSA_STATUS_SUCCESS;
}

hsa_status_t hsa_shut_down() {
  std::lock_guard<std::mutex> lock(initMutex);
  if (references == 0)
    return HSA_STATUS_ERROR_NOT_INITIALIZED;
  if (--references != 0)
    return HSA_STATUS_SUCCESS;
  // Handlers and queue callbacks may call the API while their threads end.
  Runtime *last = runtime();
  last->queues.finish();
  last->copies.finish();
  last->handlers.finish();
  current.store(nullptr, std::memory_order_release);
  delete last;
  return HSA_STATUS_SUCCESS;
}

hsa_status_t hsa_system_get_info(hsa_system_info_t attribute, void *value) {
  HSA_RUNTIME(rt);
  (void)rt;
  if (!value)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  switch (attribute) {
  case HSA_SYSTEM_INFO_VERSION_MAJOR:
  case HSA_SYSTEM_INFO_VERSION_MINOR:
    return give<uint16_t>(value, 1);
  case HSA_SYSTEM_INFO_TIMESTAMP:
    return give<uint64_t>(value, timestamp());
  case HSA_SYSTEM_INFO_TIMESTAMP_FREQUENCY:
    return give<uint64_t>(value, 1000000000);
  case HSA_SYSTEM_INFO_SIGNAL_MAX_WAIT:
    return give<uint64_t>(value, UINT64_MAX);
  case HSA_SYSTEM_INFO_ENDIANNESS:
    return give(value, HSA_ENDIANNESS_LITTLE);
  case HSA_SYSTEM_INFO_MACHINE_MODEL:
    return give(value, HSA_MACHINE_MODEL_LARGE);
  case HSA_SYSTEM_INFO_EXTENSIONS: {
    auto *bits = static_cast<uint8_t *>(value);
    std::memset(bits, 0, 128);
    bits[HSA_EXTENSION_AMD_LOADER / 8] |= 1 << HSA_EXTENSION_AMD_LOADER % 8;
    return HSA_STATUS_SUCCESS;
  }
  case HSA_AMD_SYSTEM_INFO_BUILD_VERSION:
    return give<const char *>(value, "gfx803 emulator");
  case HSA_AMD_SYSTEM_INFO_SVM_SUPPORTED:
  case HSA_AMD_SYSTEM_INFO_SVM_ACCESSIBLE_BY_DEFAULT:
    return give<bool>(value, false);
  }
  return HSA_STATUS_ERROR_INVALID_ARGUMENT;
}

hsa_status_t hsa_extension_get_name(uint16_t extension, const char **name) {
  HSA_RUNTIME(rt);
  (void)rt;
  if (!name || !extensionName(extension))
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  return give(name, extensionName(extension));
}

hsa_status_t hsa_system_extension_supported(uint16_t extension, uint16_t major,
                                            uint16_t minor, bool *result) {
  HSA_RUNTIME(rt);
  (void)rt;
  return supported(extension, major, minor, result);
}

hsa_status_t hsa_system_major_extension_supported(uint16_t extension,
                                                  uint16_t major,
                                                  uint16_t *minor,
                                                  bool *result) {
  HSA_RUNTIME(rt);
  (void)rt;
  return majorSupported(extension, major, minor, result);
}

hsa_status_t hsa_agent_extension_supported(uint16_t extension,
                                           hsa_agent_t agent, uint16_t major,
                                           uint16_t minor, bool *result) {
  HSA_RUNTIME(rt);
  (void)rt;
  if (!isAgent(agent))
    return HSA_STATUS_ERROR_INVALID_AGENT;
  return supported(extension, major, minor, result);
}

hsa_status_t hsa_agent_major_extension_supported(uint16_t extension,
                                                 hsa_agent_t agent,
                                                 uint16_t major,
                                                 uint16_t *minor,
                                                 bool *result) {
  HSA_RUNTIME(rt);
  (void)rt;
  if (!isAgent(agent))
    return HSA_STATUS_ERROR_INVALID_AGENT;
  return majorSupported(extension, major, minor, result);
}

hsa_status_t hsa_system_get_extension_table(uint16_t extension, uint16_t major,
                                            uint16_t minor, void *table) {
  HSA_RUNTIME(rt);
  (void)rt;
  return giveTable(extension, major, tableBytes(minor), table);
}

hsa_status_t hsa_system_get_major_extension_table(uint16_t extension,
                                                  uint16_t major, size_t bytes,
                                                  void *table) {
  HSA_RUNTIME(rt);
  (void)rt;
  return giveTable(extension, major, bytes, table);
}

} // extern "C"
