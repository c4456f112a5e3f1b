//===- CodeObjectFile.h - Code objects in files -----------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_HSA_CODEOBJECTFILE_H
#define GFX803_EMULATOR_HSA_CODEOBJECTFILE_H

#include "hsa/hsa.h"

#include <cstdint>

namespace gfx803::hsa {

struct Runtime;

/// Reads `count` bytes (UINT64_MAX: all there are) of an open file at an
/// offset, wherever its own position is.
hsa_status_t readFile(Runtime &rt, hsa_file_t file, uint64_t offset,
                      uint64_t count, uint64_t &handle);

} // namespace gfx803::hsa

#endif // GFX803_EMULATOR_HSA_CODEOBJECTFILE_H
