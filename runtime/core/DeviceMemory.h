//===- DeviceMemory.h - Allocations of a device -----------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_CORE_DEVICEMEMORY_H
#define SPARSEC_RUNTIME_CORE_DEVICEMEMORY_H

#include "runtime/core/Device.h"

#include <map>

namespace sparsec::rt {

/// Which addresses of a device are allocated. A copy beyond an allocation would
/// stop the process on one device, the driver on another, and pass unnoticed on
/// a third; so each copy is looked up here first.
class DeviceMemory {
public:
  void add(DeviceAddress memory, uint64_t bytes);
  /// False if nothing begins there.
  bool remove(DeviceAddress memory);
  uint64_t used() const;

  /// Fails because a device with `all` bytes has no `bytes` to give.
  sparsec_status refuse(const char *device, uint64_t bytes, uint64_t all) const;

  /// Whether a copy stays inside an allocation.
  sparsec_status check(const char *device, DeviceAddress at,
                       uint64_t bytes) const;

private:
  mutable std::mutex mutex;
  std::map<DeviceAddress, uint64_t> allocations;
  uint64_t total = 0;
};

} // namespace sparsec::rt

#endif // SPARSEC_RUNTIME_CORE_DEVICEMEMORY_H
