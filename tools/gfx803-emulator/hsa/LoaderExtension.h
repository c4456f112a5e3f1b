//===- LoaderExtension.h - hsa_ven_amd_loader_* -----------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_HSA_LOADEREXTENSION_H
#define GFX803_EMULATOR_HSA_LOADEREXTENSION_H

#include <cstddef>
#include <cstdint>

namespace gfx803::hsa {

/// The newest version: 1.3.
constexpr uint16_t kLoaderMajor = 1, kLoaderMinor = 3;

/// Writes the first `bytes` of the extension's table of functions.
void loaderTable(void *table, size_t bytes);

} // namespace gfx803::hsa

#endif // GFX803_EMULATOR_HSA_LOADEREXTENSION_H
