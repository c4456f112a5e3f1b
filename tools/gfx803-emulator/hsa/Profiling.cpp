//===- Profiling.cpp - hsa_amd_profiling_* --------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Durations are the model's. A start is the emulator's own time, which runs
// slower than the card's would, so intervals on a queue never overlap.
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/hsa/Runtime.h"

using namespace gfx803;
using namespace gfx803::hsa;

/// An error if nothing was profiled that completed on this signal.
static hsa_status_t times(Runtime &rt, hsa_signal_t handle, uint64_t &start,
                          uint64_t &end) {
  amd_signal_t *signal = rt.signals.find(handle.handle);
  if (!signal)
    return HSA_STATUS_ERROR_INVALID_SIGNAL;
  end = __atomic_load_n(&signal->end_ts, __ATOMIC_ACQUIRE);
  start = __atomic_load_n(&signal->start_ts, __ATOMIC_RELAXED);
  return end ? HSA_STATUS_SUCCESS : HSA_STATUS_ERROR;
}

extern "C" {

hsa_status_t hsa_amd_profiling_set_profiler_enabled(hsa_queue_t *handle,
                                                    int enable) {
  HSA_RUNTIME(rt);
  std::shared_ptr<Queue> queue = rt->queues.find(handle);
  if (!queue)
    return HSA_STATUS_ERROR_INVALID_QUEUE;
  queue->profiling = enable != 0;
  return HSA_STATUS_SUCCESS;
}

hsa_status_t hsa_amd_profiling_async_copy_enable(bool enable) {
  HSA_RUNTIME(rt);
  rt->copies.profiling = enable;
  return HSA_STATUS_SUCCESS;
}

hsa_status_t
hsa_amd_profiling_get_dispatch_time(hsa_agent_t agent, hsa_signal_t signal,
                                    hsa_amd_profiling_dispatch_time_t *time) {
  HSA_RUNTIME(rt);
  if (!time)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  if (!isGpu(agent))
    return HSA_STATUS_ERROR_INVALID_AGENT;
  return times(*rt, signal, time->start, time->end);
}

hsa_status_t hsa_amd_profiling_get_async_copy_time(
    hsa_signal_t signal, hsa_amd_profiling_async_copy_time_t *time) {
  HSA_RUNTIME(rt);
  if (!time)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  return times(*rt, signal, time->start, time->end);
}

// The card's clock and the system's are one.
hsa_status_t hsa_amd_profiling_convert_tick_to_system_domain(hsa_agent_t agent,
                                                             uint64_t tick,
                                                             uint64_t *result) {
  HSA_RUNTIME(rt);
  (void)rt;
  if (!isGpu(agent))
    return HSA_STATUS_ERROR_INVALID_AGENT;
  return result ? give(result, tick) : HSA_STATUS_ERROR_INVALID_ARGUMENT;
}

} // extern "C"
