//===- Commands.h - The subcommands of gfx803-emulator ----------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_CLI_COMMANDS_H
#define GFX803_EMULATOR_CLI_COMMANDS_H

#include "llvm/ADT/Twine.h"

namespace gfx803 {

/// What `run` leaves with; `exec` leaves with what its program leaves with.
enum ExitStatus { kSuccess = 0, kBadInput = 1, kWrongUsage = 2 };

/// Prints one line on stderr: where, what, what to do. Returns kBadInput.
int fail(const llvm::Twine &message);
/// The same for a command line that makes no sense. Returns kWrongUsage.
int misuse(const llvm::Twine &message);

/// `gfx803-emulator run`: one kernel on the card.
int runMain();
/// `gfx803-emulator exec -- PROGRAM ARGS`, with the arguments of main.
int execMain(int argc, char **argv);

} // namespace gfx803

#endif // GFX803_EMULATOR_CLI_COMMANDS_H
