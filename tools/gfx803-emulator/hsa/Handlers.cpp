//===- Handlers.cpp - Functions called when a signal changes --------------===//
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

void Handlers::finish() {
  {
    std::lock_guard<std::mutex> lock(mutex);
    stop = true;
  }
  signals.wakeups.notify();
  if (thread.joinable())
    thread.join();
}

void Handlers::add(const Handler &handler) {
  {
    std::lock_guard<std::mutex> lock(mutex);
    handlers.push_back(handler);
    if (!thread.joinable())
      thread = std::thread([this] { run(); });
  }
  signals.wakeups.notify();
}

bool Handlers::ready(const Handler &handler) const {
  if (handler.once || !signals.find(handler.signal))
    return true;
  return holds(handler.condition, signals.load(handler.signal),
               handler.compare);
}

bool Handlers::anyReady() {
  std::lock_guard<std::mutex> lock(mutex);
  return stop || std::any_of(handlers.begin(), handlers.end(),
                             [this](const Handler &one) { return ready(one); });
}

void Handlers::run() {
  for (;;) {
    signals.wakeups.wait([this] { return anyReady(); });
    // A handler may add handlers, so none is called under the lock.
    std::vector<Handler> due;
    {
      std::lock_guard<std::mutex> lock(mutex);
      if (stop)
        return;
      std::vector<Handler> rest;
      for (const Handler &one : handlers)
        (ready(one) ? due : rest).push_back(one);
      handlers = std::move(rest);
    }
    for (const Handler &one : due) {
      if (one.once) {
        one.once(one.argument);
        continue;
      }
      // Its signal was destroyed: nobody is interested any more.
      if (!signals.find(one.signal))
        continue;
      if (one.call(signals.load(one.signal), one.argument)) {
        std::lock_guard<std::mutex> lock(mutex);
        handlers.push_back(one);
      }
    }
  }
}

bool SystemEvents::set(hsa_amd_system_event_callback_t newCallback,
                       void *newData) {
  std::lock_guard<std::mutex> lock(mutex);
  if (callback && newCallback)
    return false;
  callback = newCallback;
  data = newData;
  return true;
}

void SystemEvents::memoryFault(uint64_t address) {
  hsa_amd_system_event_callback_t call;
  void *argument;
  {
    std::lock_guard<std::mutex> lock(mutex);
    call = callback;
    argument = data;
  }
  if (!call)
    return;
  hsa_amd_event_t event{};
  event.event_type = HSA_AMD_GPU_MEMORY_FAULT_EVENT;
  event.memory_fault.agent = kGpuAgent;
  event.memory_fault.virtual_address = address;
  event.memory_fault.fault_reason_mask = HSA_AMD_MEMORY_FAULT_PAGE_NOT_PRESENT;
  call(&event, argument);
}

extern "C" {

hsa_status_t hsa_amd_signal_async_handler(hsa_signal_t signal,
                                          hsa_signal_condition_t condition,
                                          hsa_signal_value_t value,
                                          hsa_amd_signal_handler handler,
                                          void *argument) {
  HSA_RUNTIME(rt);
  if (!handler || unsigned(condition) > HSA_SIGNAL_CONDITION_GTE)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  if (!rt->signals.find(signal.handle))
    return HSA_STATUS_ERROR_INVALID_SIGNAL;
  Handlers::Handler added;
  added.signal = signal.handle;
  added.condition = condition;
  added.compare = value;
  added.call = handler;
  added.argument = argument;
  rt->handlers.add(added);
  return HSA_STATUS_SUCCESS;
}

hsa_status_t hsa_amd_async_function(void (*callback)(void *), void *argument) {
  HSA_RUNTIME(rt);
  if (!callback)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  Handlers::Handler added;
  added.once = callback;
  added.argument = argument;
  rt->handlers.add(added);
  return HSA_STATUS_SUCCESS;
}

hsa_status_t
hsa_amd_register_system_event_handler(hsa_amd_system_event_callback_t callback,
                                      void *data) {
  HSA_RUNTIME(rt);
  return rt->systemEvents.set(callback, data) ? HSA_STATUS_SUCCESS
                                              : HSA_STATUS_ERROR;
}

} // extern "C"
