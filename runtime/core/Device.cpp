//===- Device.cpp - The devices of this build -----------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Device.h"

#include "runtime/core/Status.h"
#include "runtime/host/HostDevice.h"
#include "runtime/hsa/HsaDevice.h"

#include <cinttypes>
#include <cstring>

using namespace sparsec;

/// One line a device.
static rt::Device &(*const kDevices[])() = {
    rt::hostDevice,
    rt::hsaDevice,
    rt::emulatorDevice,
};

rt::Device *rt::findDevice(const char *name) {
  for (auto *device : kDevices)
    if (std::strcmp(device().name(), name) == 0)
      return &device();
  return nullptr;
}

void rt::appendDeviceNames(Text &text) {
  const char *separator = "";
  for (auto *device : kDevices) {
    text.append("%s%s", separator, device().name());
    separator = ", ";
  }
}

void rt::Kernel::count(const KernelCounts &more) {
  std::lock_guard<std::mutex> guard(mutex);
  totals.launches += more.launches;
  totals.seconds += more.seconds;
  totals.counted += more.counted;
  totals.waves += more.waves;
  totals.instructions += more.instructions;
  totals.bytes += more.bytes;
  totals.modelledSeconds += more.modelledSeconds;
}

rt::KernelCounts rt::Kernel::counts() const {
  std::lock_guard<std::mutex> guard(mutex);
  return totals;
}

sparsec_status rt::checkLaunch(const Kernel &kernel, const LaunchSize &size,
                               uint32_t mostItems) {
  const uint32_t *grid = size.grid, *group = size.workgroup;
  for (int i = 0; i < 3; ++i)
    if (grid[i] == 0 || group[i] == 0)
      return fail(SPARSEC_INVALID_ARGUMENT,
                  "kernel %s launched with nothing to do: grid %ux%ux%u, "
                  "workgroup %ux%ux%u",
                  kernel.name(), grid[0], grid[1], grid[2], group[0], group[1],
                  group[2]);
  // Each is below 2^32: three of them overflow, two do not.
  uint64_t items = uint64_t(group[0]) * group[1];
  if (items > mostItems || items * group[2] > mostItems)
    return fail(SPARSEC_INVALID_ARGUMENT,
                "kernel %s launched with workgroups of %ux%ux%u, at most %u "
                "work items are possible",
                kernel.name(), group[0], group[1], group[2], mostItems);
  return SPARSEC_OK;
}

sparsec_status rt::checkArgumentBytes(const Kernel &kernel, uint32_t wanted,
                                      uint32_t given) {
  constexpr uint32_t kMostPadding = 15;
  if (given >= wanted && given - wanted <= kMostPadding)
    return SPARSEC_OK;
  return fail(SPARSEC_INVALID_ARGUMENT,
              "kernel %s wants %u bytes of arguments, got %u", kernel.name(),
              wanted, given);
}

sparsec_status rt::checkTicket(Ticket ticket, Ticket lastIssued) {
  if (ticket <= lastIssued)
    return SPARSEC_OK;
  return fail(SPARSEC_INVALID_ARGUMENT,
              "ticket %" PRIu64
              " is not of this stream, whose last is %" PRIu64,
              ticket, lastIssued);
}
