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

/// Reads the command line; false if it was not understood, which has been
/// printed then.
bool parseOptions(int argc, char **argv);

/// What --help says of the subcommands.
inline constexpr char kCompileHelp[] =
    "Compile a model to a shared library\n\n"
    "  sparsec compile model.mlir -o model.so\n"
    "  sparsec compile model.mlir -o model.so --format=csr --report\n"
    "  sparsec compile model.mlir --emit=asm -o -\n\n"
    "  The model is linalg on tensors or TOSA, with its weights as constants, "
    "in\n"
    "  text or bytecode. Beside model.so, model.h declares its functions for "
    "C.";
inline constexpr char kRunHelp[] =
    "Run a compiled model\n\n"
    "  sparsec run model.so --input x.npy --output y.npy\n"
    "  sparsec run model.so --entry=encode --input a.npy,b.npy "
    "--output y.npy --stats\n\n"
    "  Inputs and outputs are NumPy files, one for each argument and "
    "result.";
inline constexpr char kInspectHelp[] =
    "Show each weight, its format and why\n\n"
    "  sparsec inspect model.mlir         what compile would choose\n"
    "  sparsec inspect model.so --json    what is in a compiled model";

/// The subcommands. Those that are part of a program register their options
/// when it starts; the others are there for its --help.
extern llvm::cl::SubCommand compileCommand, runCommand, inspectCommand;
int runCompile();
int runRun();
int runInspect();

} // namespace sparsec::tools

#endif // SPARSEC_TOOLS_SPARSEC_TOOL_H
