//===- ArgumentSpec.h - What --arg says -------------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_CLI_ARGUMENTSPEC_H
#define GFX803_EMULATOR_CLI_ARGUMENTSPEC_H

#include "tools/sparsec/Npy.h"

#include "llvm/ADT/StringRef.h"

#include <array>
#include <string>

namespace gfx803::cli {

/// One --arg, as `gfx803-emulator run --help` explains it.
struct ArgumentSpec {
  enum Kind { Null, Scalar, File, Zeros, Uninitialised, DynamicLds };
  Kind kind = Null;
  std::string text; ///< as given, for messages
  /// The bytes of a scalar.
  std::array<char, 8> scalar{};
  size_t scalarBytes = 0;
  sparsec_tensor_type type = {}; ///< of Zeros and Uninitialised
  std::string input;             ///< of File
  std::string output;            ///< where the buffer goes after the run, or ""
  bool partial = false;          ///< what nobody wrote goes there as zeros
  uint64_t ldsBytes = 0;
};

/// False with one sentence in `error`.
bool parseArgument(llvm::StringRef text, ArgumentSpec &spec,
                   std::string &error);

} // namespace gfx803::cli

#endif // GFX803_EMULATOR_CLI_ARGUMENTSPEC_H
