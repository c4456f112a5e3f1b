//===- HsaDevice.h - gfx803, real or emulated -------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_HSA_HSADEVICE_H
#define SPARSEC_RUNTIME_HSA_HSADEVICE_H

#include "runtime/core/Device.h"

namespace sparsec::rt {

/// A card behind the machine's libhsa-runtime64.so.1: device "hsa".
Device &hsaDevice();

/// The same code with the stand-in for that library: device "emulator".
Device &emulatorDevice();

} // namespace sparsec::rt

#endif // SPARSEC_RUNTIME_HSA_HSADEVICE_H
