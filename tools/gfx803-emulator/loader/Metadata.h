//===- Metadata.h - What a code object says of its kernels ------*- C++ -*-===//
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

/// Reads the MessagePack of an NT_AMDGPU_METADATA note: what it says of each
/// kernel, and the target ("" if it names none). Keys that are not known are
/// skipped. False with one sentence in `error` for anything that is damaged.
bool readMetadata(std::string_view bytes, std::vector<KernelInfo> &kernels,
                  std::string &target, std::string &error);

} // namespace gfx803

#endif // GFX803_EMULATOR_LOADER_METADATA_H
