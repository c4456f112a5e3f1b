//===- Messages.h - Sentences for people ------------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_HSA_MESSAGES_H
#define GFX803_EMULATOR_HSA_MESSAGES_H

#include <cstdint>
#include <string>

namespace gfx803::hsa {

/// HSA reports errors as codes, which do not say what was wrong. The sentence
/// goes to stderr, unless the program has switched that off, and is what
/// gfx803_emulator_last_fault gives.
void complain(const std::string &sentence);

/// "0x1f00"
std::string hex(uint64_t value);

} // namespace gfx803::hsa

#endif // GFX803_EMULATOR_HSA_MESSAGES_H
