//===- SignalGroups.cpp - Waiting for one of several signals --------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/hsa/Runtime.h"

#include <map>
#include <memory>

using namespace gfx803;
using namespace gfx803::hsa;

namespace {

struct Groups {
  using Members = std::shared_ptr<const std::vector<hsa_signal_t>>;

  Members find(uint64_t handle) {
    std::lock_guard<std::mutex> lock(mutex);
    auto found = groups.find(handle);
    return found == groups.end() ? nullptr : found->second;
  }

  std::mutex mutex;
  std::map<uint64_t, Members> groups;
  uint64_t next = 0x803e0001;
};

} // namespace

static Groups &groups() {
  static Groups instance;
  return instance;
}

/// The index of a signal whose condition holds, or `count` at the deadline.
static uint32_t waitAny(Runtime &rt, uint32_t count,
                        const hsa_signal_t *signals,
                        const hsa_signal_condition_t *conditions,
                        const hsa_signal_value_t *compare,
                        Wakeups::Clock::time_point end, int64_t &value) {
  uint32_t index = count;
  rt.signals.wakeups.wait(
      [&] {
        for (index = 0; index < count; ++index) {
          value = rt.signals.load(signals[index].handle);
          if (holds(conditions[index], value, compare[index]))
            return true;
        }
        return false;
      },
      end);
  return index;
}

static hsa_status_t waitGroup(hsa_signal_group_t handle,
                              const hsa_signal_condition_t *conditions,
                              const hsa_signal_value_t *compare,
                              hsa_signal_t *signal, hsa_signal_value_t *value) {
  HSA_RUNTIME(rt);
  Groups::Members members = groups().find(handle.handle);
  if (!members)
    return HSA_STATUS_ERROR_INVALID_SIGNAL_GROUP;
  if (!conditions || !compare || !signal || !value)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  uint32_t index = waitAny(*rt, members->size(), members->data(), conditions,
                           compare, Wakeups::kForever, *value);
  *signal = (*members)[index];
  return HSA_STATUS_SUCCESS;
}

extern "C" {

uint32_t hsa_amd_signal_wait_any(uint32_t count, hsa_signal_t *signals,
                                 hsa_signal_condition_t *conditions,
                                 hsa_signal_value_t *compare, uint64_t timeout,
                                 hsa_wait_state_t,
                                 hsa_signal_value_t *satisfying) {
  Runtime *rt = runtime();
  if (!rt || count == 0 || !signals || !conditions || !compare)
    return UINT32_MAX;
  for (uint32_t i = 0; i < count; ++i)
    if (!rt->signals.find(signals[i].handle))
      return UINT32_MAX;
  int64_t value = 0;
  uint32_t index = waitAny(*rt, count, signals, conditions, compare,
                           deadline(timeout), value);
  if (index == count)
    return UINT32_MAX;
  if (satisfying)
    *satisfying = value;
  return index;
}

hsa_status_t hsa_signal_group_create(uint32_t count,
                                     const hsa_signal_t *signals,
                                     uint32_t consumers,
                                     const hsa_agent_t *agents,
                                     hsa_signal_group_t *group) {
  HSA_RUNTIME(rt);
  if (count == 0 || !signals || !group || (consumers != 0 && !agents))
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  for (uint32_t i = 0; i < consumers; ++i)
    if (!isAgent(agents[i]))
      return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  for (uint32_t i = 0; i < count; ++i)
    if (!rt->signals.find(signals[i].handle))
      return HSA_STATUS_ERROR_INVALID_SIGNAL;
  auto members =
      std::make_shared<std::vector<hsa_signal_t>>(signals, signals + count);
  std::lock_guard<std::mutex> lock(groups().mutex);
  group->handle = groups().next++;
  groups().groups[group->handle] = std::move(members);
  return HSA_STATUS_SUCCESS;
}

hsa_status_t hsa_signal_group_destroy(hsa_signal_group_t group) {
  HSA_RUNTIME(rt);
  (void)rt;
  std::lock_guard<std::mutex> lock(groups().mutex);
  return groups().groups.erase(group.handle)
             ? HSA_STATUS_SUCCESS
             : HSA_STATUS_ERROR_INVALID_SIGNAL_GROUP;
}

#define WAIT_ANY(order)                                                        \
  hsa_status_t hsa_signal_group_wait_any_##order(                              \
      hsa_signal_group_t group, const hsa_signal_condition_t *conditions,      \
      const hsa_signal_value_t *compare, hsa_wait_state_t,                     \
      hsa_signal_t *signal, hsa_signal_value_t *value) {                       \
    return waitGroup(group, conditions, compare, signal, value);               \
  }
WAIT_ANY(relaxed)
WAIT_ANY(scacquire)

} // extern "C"
