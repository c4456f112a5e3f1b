//===- Signals.cpp - Signals, and waiting for them ------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/hsa/Signals.h"

#include <sys/mman.h>

using namespace gfx803;
using namespace gfx803::hsa;

uint64_t hsa::timestamp() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             Wakeups::Clock::now().time_since_epoch())
      .count();
}

Wakeups::Clock::time_point hsa::deadline(uint64_t timeout) {
  Wakeups::Clock::time_point now = Wakeups::Clock::now();
  auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(
      Wakeups::kForever - now);
  if (timeout >= uint64_t(left.count()))
    return Wakeups::kForever;
  return now + std::chrono::nanoseconds(timeout);
}

bool hsa::holds(hsa_signal_condition_t condition, int64_t value,
                int64_t compare) {
  switch (condition) {
  case HSA_SIGNAL_CONDITION_EQ:
    return value == compare;
  case HSA_SIGNAL_CONDITION_NE:
    return value != compare;
  case HSA_SIGNAL_CONDITION_LT:
    return value < compare;
  case HSA_SIGNAL_CONDITION_GTE:
    return value >= compare;
  }
  return false;
}

Signals::Signals(Memory &memory) : memory(memory) {
  // Only touched pages cost anything.
  void *mapping =
      mmap(nullptr, kSlots * sizeof(amd_signal_t), PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED)
    return;
  if (!memory.registerHost(mapping, kSlots * sizeof(amd_signal_t))) {
    munmap(mapping, kSlots * sizeof(amd_signal_t));
    return;
  }
  slots = static_cast<amd_signal_t *>(mapping);
}

Signals::~Signals() {
  if (!slots)
    return;
  memory.release(reinterpret_cast<uint64_t>(slots));
  munmap(slots, kSlots * sizeof(amd_signal_t));
}

uint64_t Signals::create(int64_t value, amd_signal_kind64_t kind) {
  std::lock_guard<std::mutex> lock(mutex);
  uint64_t handle;
  if (freed.size() >= kQuarantine || (used == kSlots && !freed.empty())) {
    handle = freed.front();
    freed.pop_front();
  } else if (used < kSlots) {
    handle = reinterpret_cast<uint64_t>(slots + used++);
  } else {
    return 0;
  }
  auto &signal = *reinterpret_cast<amd_signal_t *>(handle);
  __atomic_store_n(&signal.value, value, __ATOMIC_SEQ_CST);
  signal.event_mailbox_ptr = 0;
  signal.event_id = 0;
  __atomic_store_n(&signal.start_ts, 0, __ATOMIC_RELAXED);
  __atomic_store_n(&signal.end_ts, 0, __ATOMIC_RELAXED);
  signal.queue_ptr = nullptr;
  __atomic_store_n(&signal.kind, kind, __ATOMIC_RELEASE);
  return handle;
}

bool Signals::destroy(uint64_t handle, amd_signal_kind64_t kind) {
  amd_signal_t *signal = find(handle);
  if (!signal || !__atomic_compare_exchange_n(
                     &signal->kind, &kind, AMD_SIGNAL_KIND_INVALID, false,
                     __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
    return false;
  std::lock_guard<std::mutex> lock(mutex);
  freed.push_back(handle);
  return true;
}

amd_signal_t *Signals::find(uint64_t handle) const {
  uint64_t offset = handle - reinterpret_cast<uint64_t>(slots);
  if (offset >= kSlots * sizeof(amd_signal_t) ||
      offset % sizeof(amd_signal_t) != 0)
    return nullptr;
  auto *signal = reinterpret_cast<amd_signal_t *>(handle);
  if (__atomic_load_n(&signal->kind, __ATOMIC_ACQUIRE) ==
      AMD_SIGNAL_KIND_INVALID)
    return nullptr;
  return signal;
}

int64_t Signals::load(uint64_t handle) const {
  amd_signal_t *signal = find(handle);
  return signal ? __atomic_load_n(&signal->value, __ATOMIC_SEQ_CST) : 0;
}

void Signals::store(amd_signal_t &signal, int64_t value) {
  __atomic_store_n(&signal.value, value, __ATOMIC_SEQ_CST);
  wakeups.notify();
}

void Signals::subtract(amd_signal_t &signal, int64_t value) {
  __atomic_fetch_sub(&signal.value, value, __ATOMIC_SEQ_CST);
  wakeups.notify();
}
