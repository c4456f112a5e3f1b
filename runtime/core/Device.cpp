//===- Device.cpp - The devices of this build -----------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Device.h"

#include "runtime/host/HostDevice.h"

#include <cstring>

using namespace sparsec;

/// One line a device.
static rt::Device &(*const kDevices[])() = {rt::hostDevice};

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
