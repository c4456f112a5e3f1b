//===- DeviceMemory.cpp - Allocations of a device -------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/DeviceMemory.h"

#include "runtime/core/Status.h"

#include <algorithm>
#include <cinttypes>

using namespace sparsec;
using rt::DeviceMemory;

void DeviceMemory::add(DeviceAddress memory, uint64_t bytes) {
  std::lock_guard<std::mutex> guard(mutex);
  allocations[memory] = bytes;
  total += bytes;
}

bool DeviceMemory::remove(DeviceAddress memory) {
  std::lock_guard<std::mutex> guard(mutex);
  auto found = allocations.find(memory);
  if (found == allocations.end())
    return false;
  total -= found->second;
  allocations.erase(found);
  return true;
}

uint64_t DeviceMemory::used() const {
  std::lock_guard<std::mutex> guard(mutex);
  return total;
}

sparsec_status DeviceMemory::refuse(const char *device, uint64_t bytes,
                                    uint64_t all) const {
  uint64_t left = all - std::min(used(), all);
  if (bytes <= left)
    return fail(SPARSEC_OUT_OF_MEMORY,
                "device %s has no %" PRIu64 " bytes in one piece: %" PRIu64
                " of %" PRIu64 " are left",
                device, bytes, left, all);
  return fail(SPARSEC_OUT_OF_MEMORY,
              "device %s is %" PRIu64 " bytes short: %" PRIu64
              " are wanted, %" PRIu64 " of %" PRIu64 " are left",
              device, bytes - left, bytes, left, all);
}

sparsec_status DeviceMemory::check(const char *device, DeviceAddress at,
                                   uint64_t bytes) const {
  std::lock_guard<std::mutex> guard(mutex);
  auto next = allocations.upper_bound(at);
  if (next == allocations.begin())
    return fail(SPARSEC_INVALID_ARGUMENT,
                "copy of %" PRIu64 " bytes at 0x%" PRIx64
                ", where device %s has no memory allocated",
                bytes, at, device);
  auto [begin, size] = *--next;
  if (at - begin > size || bytes > size - (at - begin))
    return fail(SPARSEC_INVALID_ARGUMENT,
                "copy of %" PRIu64 " bytes at offset %" PRIu64
                " leaves an allocation of %" PRIu64 " bytes on device %s",
                bytes, at - begin, size, device);
  return SPARSEC_OK;
}
