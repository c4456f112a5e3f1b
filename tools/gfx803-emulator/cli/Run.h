//===- Run.h - gfx803-emulator run ------------------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_CLI_RUN_H
#define GFX803_EMULATOR_CLI_RUN_H

#include "llvm/Support/CommandLine.h"

namespace gfx803::cli {

/// Registers the options of `run` when the program starts.
extern llvm::cl::SubCommand runCommand;

} // namespace gfx803::cli

#endif // GFX803_EMULATOR_CLI_RUN_H
