//===- gfx803-emulator.cpp - Kernels and programs on an emulated card -----===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/cli/Commands.h"
#include "tools/gfx803-emulator/cli/Run.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace gfx803;
using namespace gfx803::cli;

static constexpr const char *kOverview =
    "gfx803-emulator: an AMD gfx803 card (RX 580, Polaris) for machines that "
    "have none\n\n"
    "  gfx803-emulator run K.hsaco --kernel=saxpy --grid=1024 --workgroup=64 "
    "\\\n"
    "      --arg=x.npy --arg=y.npy:out.npy --arg=f32:2.5   one kernel\n"
    "  gfx803-emulator exec -- rocminfo                   a ROCm program, as "
    "it "
    "is\n\n"
    "  gfx803-emulator COMMAND --help                     the options of a "
    "command\n\n"
    "  GFX803_EMULATOR_VRAM, _SEED, _THREADS, _RELAX and _COUNTERS are the "
    "card's settings\n  for both: docs/gfx803-emulator.md\n";

/// For the list of commands only: `exec` reads its own arguments, which belong
/// to another program.
static cl::SubCommand execCommand("exec",
                                  "Run an unmodified ROCm program on the card");

int gfx803::fail(const Twine &message) {
  errs() << "gfx803-emulator: " << message << "\n";
  return kBadInput;
}

int gfx803::misuse(const Twine &message) {
  errs() << "gfx803-emulator: " << message << "\n";
  return kWrongUsage;
}

int main(int argc, char **argv) {
  if (argc > 1 && StringRef(argv[1]) == "exec")
    return execMain(argc, argv);
  InitLLVM init(argc, argv);
  // LLVM's own options are not part of this tool.
  for (auto &entry : cl::getRegisteredOptions())
    entry.second->setHiddenFlag(cl::ReallyHidden);
  std::string text;
  raw_string_ostream problems(text);
  if (!cl::ParseCommandLineOptions(argc, argv, kOverview, &problems)) {
    // LLVM repeats the name of the program and points to --help. What is wrong
    // with a value it has printed already.
    StringRef first = StringRef(text).split('\n').first;
    first.consume_front(argv[0]);
    first.consume_front(sys::path::filename(argv[0]));
    first.consume_front(": ");
    return first.empty() ? kWrongUsage : misuse(first);
  }
  if (runCommand)
    return runMain();
  return misuse("no command: use run or exec; see gfx803-emulator --help");
}
