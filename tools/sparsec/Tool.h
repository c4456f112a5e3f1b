//===- Tool.h - What the subcommands share -------------------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_TOOLS_SPARSEC_TOOL_H
#define SPARSEC_TOOLS_SPARSEC_TOOL_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/CommandLine.h"

#include <string>
#include <vector>

namespace sparsec::tools {

/// What a subcommand leaves with.
enum ExitStatus { kSuccess = 0, kBadInput = 1, kWrongUsage = 2 };

/// Prints one line on stderr: where, what, what to do. Returns kBadInput.
int fail(const llvm::Twine &message);
/// The same for a command line that makes no sense. Returns kWrongUsage.
int misuse(const llvm::Twine &message);

/// What a flag like --report or --stats asks for.
enum class Output { None, Table, Json };

/// A flag that may be given alone or with a value: --NAME or --NAME=json.
struct OutputParser {
  static bool parse(llvm::StringRef value, Output &output);
};

/// Marks the options of this tool; LLVM's libraries register many of their own.
extern llvm::cl::OptionCategory optionCategory;

/// The subcommands. Each registers its options when the program starts.
extern llvm::cl::SubCommand compileCommand, runCommand, inspectCommand;
int runCompile();
int runRun();
int runInspect();

} // namespace sparsec::tools

#endif // SPARSEC_TOOLS_SPARSEC_TOOL_H
