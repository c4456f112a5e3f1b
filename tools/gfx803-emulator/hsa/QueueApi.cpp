//===- QueueApi.cpp - hsa_queue_* -----------------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/hsa/Runtime.h"

#include <algorithm>

using namespace gfx803;
using namespace gfx803::hsa;

/// Applies `change` to the queue. The functions on indices have no way to
/// report a bad queue: nothing happens then, and they give 0.
template <typename Change>
static uint64_t with(const hsa_queue_t *handle, Change change) {
  Runtime *rt = runtime();
  std::shared_ptr<Queue> queue = rt ? rt->queues.find(handle) : nullptr;
  return queue ? change(*queue->amd()) : 0;
}

extern "C" {

hsa_status_t
hsa_queue_create(hsa_agent_t agent, uint32_t packets, hsa_queue_type32_t type,
                 void (*callback)(hsa_status_t, hsa_queue_t *, void *),
                 void *data, uint32_t, uint32_t, hsa_queue_t **queue) {
  HSA_RUNTIME(rt);
  if (!isAgent(agent))
    return HSA_STATUS_ERROR_INVALID_AGENT;
  if (!queue || packets == 0 || (packets & (packets - 1)) != 0 ||
      type > HSA_QUEUE_TYPE_COOPERATIVE)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  // Cooperative dispatches need all workgroups resident at once.
  if (isCpu(agent) || type == HSA_QUEUE_TYPE_COOPERATIVE ||
      packets < kMinQueuePackets || packets > kMaxQueuePackets)
    return HSA_STATUS_ERROR_INVALID_QUEUE_CREATION;
  return rt->queues.create(packets, type, callback, data, queue);
}

hsa_status_t hsa_queue_destroy(hsa_queue_t *queue) {
  HSA_RUNTIME(rt);
  return queue ? rt->queues.destroy(queue) : HSA_STATUS_ERROR_INVALID_ARGUMENT;
}

hsa_status_t hsa_queue_inactivate(hsa_queue_t *handle) {
  HSA_RUNTIME(rt);
  std::shared_ptr<Queue> queue = rt->queues.find(handle);
  if (!queue)
    return HSA_STATUS_ERROR_INVALID_QUEUE;
  queue->inactivate();
  return HSA_STATUS_SUCCESS;
}

hsa_status_t hsa_amd_queue_set_priority(hsa_queue_t *queue,
                                        hsa_amd_queue_priority_t priority) {
  HSA_RUNTIME(rt);
  if (!rt->queues.find(queue))
    return HSA_STATUS_ERROR_INVALID_QUEUE;
  return unsigned(priority) > HSA_AMD_QUEUE_PRIORITY_HIGH
             ? HSA_STATUS_ERROR_INVALID_ARGUMENT
             : HSA_STATUS_SUCCESS;
}

// The emulator models a whole card: a mask is checked, and has no effect.
hsa_status_t hsa_amd_queue_cu_set_mask(const hsa_queue_t *queue, uint32_t bits,
                                       const uint32_t *mask) {
  HSA_RUNTIME(rt);
  if (!rt->queues.find(queue))
    return HSA_STATUS_ERROR_INVALID_QUEUE;
  return bits % 32 != 0 || (bits != 0) != (mask != nullptr)
             ? HSA_STATUS_ERROR_INVALID_ARGUMENT
             : HSA_STATUS_SUCCESS;
}

hsa_status_t hsa_amd_queue_cu_get_mask(const hsa_queue_t *queue, uint32_t bits,
                                       uint32_t *mask) {
  HSA_RUNTIME(rt);
  if (!rt->queues.find(queue))
    return HSA_STATUS_ERROR_INVALID_QUEUE;
  if (bits == 0 || bits % 32 != 0 || !mask)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  for (uint32_t i = 0; i < bits / 32; ++i) {
    uint32_t left = kComputeUnits - std::min(kComputeUnits, 32 * i);
    mask[i] = left >= 32 ? ~0u : (1u << left) - 1;
  }
  return HSA_STATUS_SUCCESS;
}

#define LOAD_INDEX(field, order)                                               \
  uint64_t hsa_queue_load_##field##_index_##order(const hsa_queue_t *queue) {  \
    return with(queue, [](amd_queue_t &amd) {                                  \
      return __atomic_load_n(&amd.field##_dispatch_id, __ATOMIC_SEQ_CST);      \
    });                                                                        \
  }
LOAD_INDEX(read, relaxed)
LOAD_INDEX(read, acquire)
LOAD_INDEX(read, scacquire)
LOAD_INDEX(write, relaxed)
LOAD_INDEX(write, acquire)
LOAD_INDEX(write, scacquire)

#define STORE_INDEX(field, order)                                              \
  void hsa_queue_store_##field##_index_##order(const hsa_queue_t *queue,       \
                                               uint64_t value) {               \
    with(queue, [value](amd_queue_t &amd) {                                    \
      __atomic_store_n(&amd.field##_dispatch_id, value, __ATOMIC_SEQ_CST);     \
      return 0;                                                                \
    });                                                                        \
  }
STORE_INDEX(read, relaxed)
STORE_INDEX(read, release)
STORE_INDEX(read, screlease)
STORE_INDEX(write, relaxed)
STORE_INDEX(write, release)
STORE_INDEX(write, screlease)

/// The suffixes of HSA 1.0 and of 1.1.
#define EACH_ORDER(define)                                                     \
  define(relaxed) define(acquire) define(release) define(acq_rel)              \
      define(scacquire) define(screlease) define(scacq_screl)

#define ADD_INDEX(order)                                                       \
  uint64_t hsa_queue_add_write_index_##order(const hsa_queue_t *queue,         \
                                             uint64_t value) {                 \
    return with(queue, [value](amd_queue_t &amd) {                             \
      return __atomic_fetch_add(&amd.write_dispatch_id, value,                 \
                                __ATOMIC_SEQ_CST);                             \
    });                                                                        \
  }
EACH_ORDER(ADD_INDEX)

#define CAS_INDEX(order)                                                       \
  uint64_t hsa_queue_cas_write_index_##order(                                  \
      const hsa_queue_t *queue, uint64_t expected, uint64_t value) {           \
    return with(queue, [expected, value](amd_queue_t &amd) {                   \
      uint64_t seen = expected;                                                \
      __atomic_compare_exchange_n(&amd.write_dispatch_id, &seen, value, false, \
                                  __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);         \
      return seen;                                                             \
    });                                                                        \
  }
EACH_ORDER(CAS_INDEX)

} // extern "C"
