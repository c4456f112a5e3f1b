//===- Bundle.h - clang's offload bundles -----------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_LOADER_BUNDLE_H
#define GFX803_EMULATOR_LOADER_BUNDLE_H

#include <string>
#include <string_view>

namespace gfx803 {

/// Files of HIP and of clang's offload bundler hold code objects of several
/// chips. Narrows `bytes` to the one for gfx803 if they begin such a bundle;
/// leaves anything else as it is. False with one sentence in `error` for a
/// bundle that is damaged, compressed, or without gfx803.
bool unbundle(std::string_view &bytes, std::string &error);

} // namespace gfx803

#endif // GFX803_EMULATOR_LOADER_BUNDLE_H
