//===- Tool.cpp - What the subcommands share ------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sparsec/Tool.h"

#include "sparsec/abi.h"

#include "llvm/Config/llvm-config.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace sparsec::tools;

static constexpr const char *kOverview =
    "sparsec: a pruned model in, a shared library out whose weights stay "
    "compressed\n\n"
    "  sparsec compile model.mlir -o model.so    compile for this machine\n"
    "  sparsec run model.so --input x.npy --output y.npy\n"
    "  sparsec inspect model.mlir                each weight, its format and "
    "why\n\n"
    "  sparsec COMMAND --help                    the options of a command\n";

int sparsec::tools::fail(const Twine &message) {
  errs() << "sparsec: " << message << "\n";
  return kBadInput;
}

int sparsec::tools::misuse(const Twine &message) {
  errs() << "sparsec: " << message << "\n";
  return kWrongUsage;
}

bool OutputParser::parse(StringRef value, Output &output) {
  if (value.empty())
    output = Output::Table;
  else if (value == "json")
    output = Output::Json;
  else
    return false;
  return true;
}

cl::OptionCategory sparsec::tools::optionCategory("Options");

bool sparsec::tools::parseOptions(int argc, char **argv) {
  // LLVM's own options are not part of this tool.
  for (auto &entry : cl::getRegisteredOptions())
    entry.second->setHiddenFlag(cl::ReallyHidden);
  cl::SetVersionPrinter([](raw_ostream &os) {
    os << "sparsec " SPARSEC_VERSION ", artefacts of ABI "
       << SPARSEC_ABI_VERSION << ", LLVM " LLVM_VERSION_STRING "\n";
  });
  std::string text;
  raw_string_ostream problems(text);
  if (cl::ParseCommandLineOptions(argc, argv, kOverview, &problems))
    return true;
  // LLVM repeats the name of the program and points to --help. What is wrong
  // with a value it has printed already.
  StringRef first = StringRef(text).split('\n').first;
  first.consume_front(argv[0]);
  first.consume_front(sys::path::filename(argv[0]));
  first.consume_front(": ");
  if (!first.empty())
    misuse(first);
  return false;
}
