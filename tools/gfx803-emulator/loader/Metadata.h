//===- Metadata.h - The kernels' metadata of a code object ------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_LOADER_METADATA_H
#define GFX803_EMULATOR_LOADER_METADATA_H

#include "tools/gfx803-emulator/loader/CodeObject.h"

#include <string_view>

namespace gfx803 {

/// Reads the MessagePack of an NT_AMDGPU_METADATA note into what it says of
/// each kernel; `descriptor` stays 0. False with one sentence in `error`.
bool readMetadata(std::string_view note, unsigned abiVersion,
                  std::vector<KernelInfo> &kernels, std::string &error);

} // namespace gfx803

#endif // GFX803_EMULATOR_LOADER_METADATA_H
