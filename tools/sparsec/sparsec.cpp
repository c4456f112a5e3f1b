//===- sparsec.cpp - The driver: run, and the way to the compiler ---------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A model runs without a byte of the compiler, which is some 80 MiB with LLVM's
// libraries: compile and inspect are a program of their own beside this one.

#include "tools/sparsec/Tool.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/StringSaver.h"

#include <cerrno>
#include <cstring>
#include <unistd.h>

using namespace llvm;
using namespace sparsec::tools;

cl::SubCommand sparsec::tools::compileCommand("compile", kCompileHelp);
cl::SubCommand sparsec::tools::inspectCommand("inspect", kInspectHelp);

static constexpr const char *kCompiler = "sparsec-compiler";

/// Becomes the compiler, with the same arguments; returns if that fails.
static int startCompiler(char **argv) {
  static int anchor;
  SmallString<256> path(
      sys::path::parent_path(sys::fs::getMainExecutable(argv[0], &anchor)));
  sys::path::append(path, kCompiler);
  execv(path.c_str(), argv);
  return fail(Twine("cannot start ") + path + ": " + std::strerror(errno) +
              ": install it beside this program");
}

int main(int argc, char **argv) {
  // A command may be in a response file.
  BumpPtrAllocator memory;
  StringSaver saver(memory);
  SmallVector<const char *> arguments(argv, argv + argc);
  cl::ExpandResponseFiles(saver, cl::TokenizeGNUCommandLine, arguments);
  argc = int(arguments.size());
  arguments.push_back(nullptr);
  argv = const_cast<char **>(arguments.data());

  StringRef command = argc > 1 ? argv[1] : "";
  if (command == compileCommand.getName() ||
      command == inspectCommand.getName())
    return startCompiler(argv);
  InitLLVM init(argc, argv);
  if (!parseOptions(argc, argv))
    return kWrongUsage;
  if (runCommand)
    return runRun();
  return misuse("no command: use compile, run or inspect; see sparsec --help");
}
