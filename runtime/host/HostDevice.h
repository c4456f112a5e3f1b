//===- HostDevice.h - Models on the CPU -------------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_HOST_HOSTDEVICE_H
#define SPARSEC_RUNTIME_HOST_HOSTDEVICE_H

#include "runtime/core/Device.h"

namespace sparsec::rt {

/// The CPU that this process runs on: device "host".
Device &hostDevice();

} // namespace sparsec::rt

#endif // SPARSEC_RUNTIME_HOST_HOSTDEVICE_H
