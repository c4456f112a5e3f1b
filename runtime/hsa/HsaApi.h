//===- HsaApi.h - An HSA library, loaded at run time ------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_HSA_HSAAPI_H
#define SPARSEC_RUNTIME_HSA_HSAAPI_H

#include "runtime/core/Text.h"
#include "sparsec/runtime.h"
#include "tools/gfx803-emulator/hsa/gfx803_emulator.h"

#include <hsa/hsa.h>
#include <hsa/hsa_ext_amd.h>

namespace sparsec::rt {

/// What the device uses of the HSA API: the library need not be there when the
/// runtime is linked, and two of them can be in use at once.
#define SPARSEC_HSA_FUNCTIONS(X)                                               \
  X(hsa_init)                                                                  \
  X(hsa_status_string)                                                         \
  X(hsa_system_get_info)                                                       \
  X(hsa_iterate_agents)                                                        \
  X(hsa_agent_get_info)                                                        \
  X(hsa_agent_iterate_isas)                                                    \
  X(hsa_isa_get_info_alt)                                                      \
  X(hsa_queue_create)                                                          \
  X(hsa_queue_destroy)                                                         \
  X(hsa_queue_add_write_index_relaxed)                                         \
  X(hsa_queue_load_read_index_scacquire)                                       \
  X(hsa_signal_create)                                                         \
  X(hsa_signal_destroy)                                                        \
  X(hsa_signal_load_scacquire)                                                 \
  X(hsa_signal_store_relaxed)                                                  \
  X(hsa_signal_store_screlease)                                                \
  X(hsa_signal_wait_scacquire)                                                 \
  X(hsa_code_object_reader_create_from_memory)                                 \
  X(hsa_code_object_reader_destroy)                                            \
  X(hsa_executable_create_alt)                                                 \
  X(hsa_executable_destroy)                                                    \
  X(hsa_executable_load_agent_code_object)                                     \
  X(hsa_executable_freeze)                                                     \
  X(hsa_executable_get_symbol_by_name)                                         \
  X(hsa_executable_symbol_get_info)                                            \
  X(hsa_amd_agent_iterate_memory_pools)                                        \
  X(hsa_amd_memory_pool_get_info)                                              \
  X(hsa_amd_memory_pool_allocate)                                              \
  X(hsa_amd_memory_pool_free)                                                  \
  X(hsa_amd_agents_allow_access)                                               \
  X(hsa_amd_memory_async_copy)                                                 \
  X(hsa_amd_profiling_set_profiler_enabled)                                    \
  X(hsa_amd_profiling_get_dispatch_time)                                       \
  X(hsa_amd_profiling_async_copy_enable)                                       \
  X(hsa_amd_profiling_get_async_copy_time)                                     \
  X(hsa_amd_register_system_event_handler)

/// Only the stand-in has these.
#define SPARSEC_EMULATOR_FUNCTIONS(X)                                          \
  X(gfx803_emulator_dispatch_of_signal)                                        \
  X(gfx803_emulator_last_fault)                                                \
  X(gfx803_emulator_print_faults)

struct HsaApi {
  /// Loads `library` and looks the functions up; false, with the reason in
  /// `why`, if that fails. Once loaded it stays: HSA's threads may be in it
  /// until the process ends.
  bool load(const char *library, Text &why);

  /// "HSA_STATUS_ERROR_...: what it means", or the number.
  const char *describe(hsa_status_t status) const;

#define SPARSEC_DECLARE(name) decltype(&::name) name = nullptr;
  SPARSEC_HSA_FUNCTIONS(SPARSEC_DECLARE)
  SPARSEC_EMULATOR_FUNCTIONS(SPARSEC_DECLARE)
#undef SPARSEC_DECLARE
};

/// Stores "WHAT: REASON" as the last error. The status that goes with a
/// failure of HSA: out of memory, or a fault of the device.
sparsec_status failHsa(const HsaApi &api, hsa_status_t status,
                       const char *what);

} // namespace sparsec::rt

#endif // SPARSEC_RUNTIME_HSA_HSAAPI_H
