//===- DeviceMemory.cpp - Allocations of a device -------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/DeviceMemory.h"

#include "runtime/core/Status.h"

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
