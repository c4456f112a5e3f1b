//===- SignalApi.cpp - hsa_signal_* ---------------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Every operation is sequentially consistent, whichever order its name asks
// for: a program may not rely on less, and the waiters' wake-up needs it.
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/hsa/Runtime.h"

using namespace gfx803;
using namespace gfx803::hsa;

static hsa_status_t checkConsumers(uint32_t count, const hsa_agent_t *agents) {
  if (count != 0 && !agents)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  for (uint32_t i = 0; i < count; ++i)
    if (!isAgent(agents[i]))
      return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  return HSA_STATUS_SUCCESS;
}

static hsa_status_t create(hsa_signal_value_t value, uint32_t count,
                           const hsa_agent_t *consumers, hsa_signal_t *signal) {
  HSA_RUNTIME(rt);
  if (!signal)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  if (hsa_status_t status = checkConsumers(count, consumers))
    return status;
  signal->handle = rt->signals.create(value);
  return signal->handle ? HSA_STATUS_SUCCESS
                        : HSA_STATUS_ERROR_OUT_OF_RESOURCES;
}

/// Applies `change` to a live signal's value and wakes whoever waits for it.
/// These functions have no way to report a bad handle: nothing happens then.
template <typename Change>
static int64_t update(hsa_signal_t handle, Change change) {
  Runtime *rt = runtime();
  amd_signal_t *signal = rt ? rt->signals.find(handle.handle) : nullptr;
  if (!signal)
    return 0;
  int64_t before = change(&signal->value);
  rt->signals.wakeups.notify();
  return before;
}

static int64_t load(hsa_signal_t signal) {
  Runtime *rt = runtime();
  return rt ? rt->signals.load(signal.handle) : 0;
}

static void store(hsa_signal_t handle, int64_t value) {
  Runtime *rt = runtime();
  amd_signal_t *signal = rt ? rt->signals.find(handle.handle) : nullptr;
  if (!signal)
    return;
  if (__atomic_load_n(&signal->kind, __ATOMIC_RELAXED) !=
      AMD_SIGNAL_KIND_DOORBELL) {
    rt->signals.store(*signal, value);
    return;
  }
  // Several producers may ring out of order: the furthest packet counts.
  int64_t rung = __atomic_load_n(&signal->value, __ATOMIC_SEQ_CST);
  while (rung < value &&
         !__atomic_compare_exchange_n(&signal->value, &rung, value, false,
                                      __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
    continue;
  rt->signals.wakeups.notify();
}

static int64_t wait(hsa_signal_t signal, hsa_signal_condition_t condition,
                    int64_t compare, uint64_t timeout) {
  Runtime *rt = runtime();
  if (!rt || !rt->signals.find(signal.handle))
    return 0;
  int64_t value = 0;
  rt->signals.wakeups.wait(
      [&] {
        value = rt->signals.load(signal.handle);
        return holds(condition, value, compare);
      },
      deadline(timeout));
  return value;
}

extern "C" {

hsa_status_t hsa_signal_create(hsa_signal_value_t value, uint32_t count,
                               const hsa_agent_t *consumers,
                               hsa_signal_t *signal) {
  return create(value, count, consumers, signal);
}

hsa_status_t hsa_amd_signal_create(hsa_signal_value_t value, uint32_t count,
                                   const hsa_agent_t *consumers,
                                   uint64_t attributes, hsa_signal_t *signal) {
  if (runtime() && (attributes & HSA_AMD_SIGNAL_IPC))
    return HSA_STATUS_ERROR;
  return create(value, count, consumers, signal);
}

hsa_status_t hsa_signal_destroy(hsa_signal_t signal) {
  HSA_RUNTIME(rt);
  if (signal.handle == 0)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  return rt->signals.destroy(signal.handle) ? HSA_STATUS_SUCCESS
                                            : HSA_STATUS_ERROR_INVALID_SIGNAL;
}

hsa_status_t
hsa_amd_signal_value_pointer(hsa_signal_t signal,
                             volatile hsa_signal_value_t **pointer) {
  HSA_RUNTIME(rt);
  if (!pointer)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  amd_signal_t *found = rt->signals.find(signal.handle);
  if (!found)
    return HSA_STATUS_ERROR_INVALID_SIGNAL;
  *pointer = &found->value;
  return HSA_STATUS_SUCCESS;
}

#define LOAD(order)                                                            \
  hsa_signal_value_t hsa_signal_load_##order(hsa_signal_t signal) {            \
    return load(signal);                                                       \
  }
LOAD(relaxed)
LOAD(acquire)
LOAD(scacquire)

#define STORE(name)                                                            \
  void hsa_signal_##name(hsa_signal_t signal, hsa_signal_value_t value) {      \
    store(signal, value);                                                      \
  }
STORE(store_relaxed)
STORE(store_release)
STORE(store_screlease)
STORE(silent_store_relaxed)
STORE(silent_store_screlease)

/// A function for each order, with the suffixes of HSA 1.0 and of 1.1.
#define EACH_ORDER(define, operation)                                          \
  define(operation, relaxed) define(operation, acquire)                        \
      define(operation, release) define(operation, acq_rel)                    \
          define(operation, scacquire) define(operation, screlease)            \
              define(operation, scacq_screl)

#define FETCH(operation, order)                                                \
  void hsa_signal_##operation##_##order(hsa_signal_t signal,                   \
                                        hsa_signal_value_t value) {            \
    update(signal, [value](volatile int64_t *at) {                             \
      return __atomic_fetch_##operation(at, value, __ATOMIC_SEQ_CST);          \
    });                                                                        \
  }
EACH_ORDER(FETCH, add)
EACH_ORDER(FETCH, and)
EACH_ORDER(FETCH, or)
EACH_ORDER(FETCH, xor)

#define SUBTRACT(operation, order)                                             \
  void hsa_signal_##operation##_##order(hsa_signal_t signal,                   \
                                        hsa_signal_value_t value) {            \
    update(signal, [value](volatile int64_t *at) {                             \
      return __atomic_fetch_sub(at, value, __ATOMIC_SEQ_CST);                  \
    });                                                                        \
  }
EACH_ORDER(SUBTRACT, subtract)

#define EXCHANGE(operation, order)                                             \
  hsa_signal_value_t hsa_signal_##operation##_##order(                         \
      hsa_signal_t signal, hsa_signal_value_t value) {                         \
    return update(signal, [value](volatile int64_t *at) {                      \
      return __atomic_exchange_n(at, value, __ATOMIC_SEQ_CST);                 \
    });                                                                        \
  }
EACH_ORDER(EXCHANGE, exchange)

#define CAS(operation, order)                                                  \
  hsa_signal_value_t hsa_signal_##operation##_##order(                         \
      hsa_signal_t signal, hsa_signal_value_t expected,                        \
      hsa_signal_value_t value) {                                              \
    return update(signal, [expected, value](volatile int64_t *at) {            \
      int64_t seen = expected;                                                 \
      __atomic_compare_exchange_n(at, &seen, value, false, __ATOMIC_SEQ_CST,   \
                                  __ATOMIC_SEQ_CST);                           \
      return seen;                                                             \
    });                                                                        \
  }
EACH_ORDER(CAS, cas)

#define WAIT(order)                                                            \
  hsa_signal_value_t hsa_signal_wait_##order(                                  \
      hsa_signal_t signal, hsa_signal_condition_t condition,                   \
      hsa_signal_value_t compare, uint64_t timeout, hsa_wait_state_t) {        \
    return wait(signal, condition, compare, timeout);                          \
  }
WAIT(relaxed)
WAIT(acquire)
WAIT(scacquire)

} // extern "C"
