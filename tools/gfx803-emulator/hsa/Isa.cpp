//===- Isa.cpp - hsa_isa_* and hsa_wavefront_* ----------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/hsa/Runtime.h"

#include <cstring>

using namespace gfx803;
using namespace gfx803::hsa;

static bool isIsa(hsa_isa_t isa) { return isa.handle == kIsa.handle; }

static hsa_status_t isaInfo(hsa_isa_t isa, hsa_isa_info_t attribute,
                            void *value) {
  HSA_RUNTIME(rt);
  (void)rt;
  if (!isIsa(isa))
    return HSA_STATUS_ERROR_INVALID_ISA;
  if (!value)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  switch (attribute) {
  case HSA_ISA_INFO_NAME_LENGTH:
    return give<uint32_t>(value, std::strlen(kIsaName) + 1);
  case HSA_ISA_INFO_NAME:
    std::memcpy(value, kIsaName, std::strlen(kIsaName) + 1);
    return HSA_STATUS_SUCCESS;
  case HSA_ISA_INFO_CALL_CONVENTION_COUNT:
    return give<uint32_t>(value, 1);
  case HSA_ISA_INFO_CALL_CONVENTION_INFO_WAVEFRONT_SIZE:
    return give<uint32_t>(value, 64);
  case HSA_ISA_INFO_CALL_CONVENTION_INFO_WAVEFRONTS_PER_COMPUTE_UNIT:
    return give<uint32_t>(value, kMaxWavesPerSimd * kSimdsPerUnit);
  case HSA_ISA_INFO_MACHINE_MODELS:
    return give(value, std::array<bool, 2>{false, true});
  case HSA_ISA_INFO_PROFILES:
    return give(value, std::array<bool, 2>{true, false});
  case HSA_ISA_INFO_DEFAULT_FLOAT_ROUNDING_MODES:
  case HSA_ISA_INFO_BASE_PROFILE_DEFAULT_FLOAT_ROUNDING_MODES:
    return give(value, std::array<bool, 3>{false, false, true});
  case HSA_ISA_INFO_FAST_F16_OPERATION:
    return give<bool>(value, true);
  case HSA_ISA_INFO_WORKGROUP_MAX_DIM: {
    constexpr uint16_t items = kMaxWorkgroupItems;
    return give(value, std::array<uint16_t, 3>{items, items, items});
  }
  case HSA_ISA_INFO_WORKGROUP_MAX_SIZE:
    return give<uint32_t>(value, kMaxWorkgroupItems);
  case HSA_ISA_INFO_GRID_MAX_DIM:
    return give(value, hsa_dim3_t{UINT32_MAX, UINT32_MAX, UINT32_MAX});
  case HSA_ISA_INFO_GRID_MAX_SIZE:
    return give<uint64_t>(value, UINT32_MAX);
  case HSA_ISA_INFO_FBARRIER_MAX_SIZE:
    return give<uint32_t>(value, 32);
  }
  return HSA_STATUS_ERROR_INVALID_ARGUMENT;
}

extern "C" {

hsa_status_t hsa_isa_from_name(const char *name, hsa_isa_t *isa) {
  HSA_RUNTIME(rt);
  (void)rt;
  if (!name || !isa)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  if (std::strcmp(name, kIsaName) != 0)
    return HSA_STATUS_ERROR_INVALID_ISA_NAME;
  return give(isa, kIsa);
}

hsa_status_t hsa_agent_iterate_isas(hsa_agent_t agent,
                                    hsa_status_t (*callback)(hsa_isa_t, void *),
                                    void *data) {
  HSA_RUNTIME(rt);
  (void)rt;
  if (!isAgent(agent))
    return HSA_STATUS_ERROR_INVALID_AGENT;
  if (!callback)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  return isGpu(agent) ? callback(kIsa, data) : HSA_STATUS_SUCCESS;
}

hsa_status_t hsa_isa_get_info_alt(hsa_isa_t isa, hsa_isa_info_t attribute,
                                  void *value) {
  return isaInfo(isa, attribute, value);
}

hsa_status_t hsa_isa_get_info(hsa_isa_t isa, hsa_isa_info_t attribute,
                              uint32_t index, void *value) {
  if (runtime() && isIsa(isa) && index != 0)
    return HSA_STATUS_ERROR_INVALID_INDEX;
  return isaInfo(isa, attribute, value);
}

hsa_status_t hsa_isa_get_exception_policies(hsa_isa_t isa, hsa_profile_t,
                                            uint16_t *mask) {
  HSA_RUNTIME(rt);
  (void)rt;
  if (!isIsa(isa))
    return HSA_STATUS_ERROR_INVALID_ISA;
  return mask ? give<uint16_t>(mask, 0) : HSA_STATUS_ERROR_INVALID_ARGUMENT;
}

hsa_status_t hsa_isa_get_round_method(hsa_isa_t isa, hsa_fp_type_t type,
                                      hsa_flush_mode_t mode,
                                      hsa_round_method_t *method) {
  HSA_RUNTIME(rt);
  (void)rt;
  if (!isIsa(isa))
    return HSA_STATUS_ERROR_INVALID_ISA;
  bool known = type == HSA_FP_TYPE_16 || type == HSA_FP_TYPE_32 ||
               type == HSA_FP_TYPE_64;
  bool flush = mode == HSA_FLUSH_MODE_FTZ || mode == HSA_FLUSH_MODE_NON_FTZ;
  if (!known || !flush || !method)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  // v_mad_f32, which exists only with denormals flushed, rounds twice.
  return give(method, type == HSA_FP_TYPE_32 && mode == HSA_FLUSH_MODE_FTZ
                          ? HSA_ROUND_METHOD_DOUBLE
                          : HSA_ROUND_METHOD_SINGLE);
}

hsa_status_t
hsa_isa_iterate_wavefronts(hsa_isa_t isa,
                           hsa_status_t (*callback)(hsa_wavefront_t, void *),
                           void *data) {
  HSA_RUNTIME(rt);
  (void)rt;
  if (!isIsa(isa))
    return HSA_STATUS_ERROR_INVALID_ISA;
  return callback ? callback(kWavefront, data)
                  : HSA_STATUS_ERROR_INVALID_ARGUMENT;
}

hsa_status_t hsa_wavefront_get_info(hsa_wavefront_t wavefront,
                                    hsa_wavefront_info_t attribute,
                                    void *value) {
  HSA_RUNTIME(rt);
  (void)rt;
  if (wavefront.handle != kWavefront.handle)
    return HSA_STATUS_ERROR_INVALID_WAVEFRONT;
  if (attribute != HSA_WAVEFRONT_INFO_SIZE || !value)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  return give<uint32_t>(value, 64);
}

hsa_status_t hsa_isa_compatible(hsa_isa_t codeObject, hsa_isa_t agent,
                                bool *result) {
  HSA_RUNTIME(rt);
  (void)rt;
  if (!isIsa(codeObject) || !isIsa(agent))
    return HSA_STATUS_ERROR_INVALID_ISA;
  return result ? give(result, true) : HSA_STATUS_ERROR_INVALID_ARGUMENT;
}

} // extern "C"
