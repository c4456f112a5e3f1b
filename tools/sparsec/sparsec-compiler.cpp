//===- sparsec-compiler.cpp - compile and inspect -------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sparsec/Tool.h"

#include "llvm/Support/InitLLVM.h"

using namespace llvm;
using namespace sparsec::tools;

cl::SubCommand sparsec::tools::runCommand("run", kRunHelp);

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  if (!parseOptions(argc, argv))
    return kWrongUsage;
  if (compileCommand)
    return runCompile();
  if (inspectCommand)
    return runInspect();
  return misuse("this is a part of sparsec: use sparsec compile or inspect");
}
