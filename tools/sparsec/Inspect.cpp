//===- Inspect.cpp - sparsec inspect --------------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sparsec/Tool.h"

#include "tools/sparsec/Compiler.h"
#include "tools/sparsec/Report.h"

#include "llvm/BinaryFormat/Magic.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace sparsec;
using namespace sparsec::tools;

cl::SubCommand sparsec::tools::inspectCommand(
    "inspect",
    "Show each weight, its format and why\n\n"
    "  sparsec inspect model.mlir         what compile would choose\n"
    "  sparsec inspect model.so --json    what is in a compiled model");

static cl::opt<std::string> input(cl::Positional, cl::desc("IN.mlir|OUT.so"),
                                  cl::Required, cl::sub(inspectCommand),
                                  cl::cat(optionCategory));
static cl::opt<bool> jsonOutput("json", cl::desc("For scripts"),
                                cl::sub(inspectCommand),
                                cl::cat(optionCategory));

static int inspectArtefact(Output kind) {
  sparsec_model *model = nullptr;
  if (sparsec_open(input.c_str(), &model) != SPARSEC_OK)
    return fail(sparsec_last_error());
  printReport(outs(), readModelInfo(*sparsec_describe(model)), kind);
  sparsec_unload(model);
  return kSuccess;
}

static int inspectModel(Output kind) {
  Compiler compiler;
  ModelPipelineOptions options;
  options.pack = false;
  if (!compiler.load(input) ||
      !compiler.run([&](auto &pm) { buildModelPipeline(pm, options); }))
    return fail(compiler.error());
  ModelInfo info;
  info.weights = describeWeights(compiler.module());
  printReport(outs(), info, kind);
  return kSuccess;
}

int sparsec::tools::runInspect() {
  Output kind = jsonOutput ? Output::Json : Output::Table;
  file_magic magic;
  if (!identify_magic(input, magic) && magic == file_magic::elf_shared_object)
    return inspectArtefact(kind);
  return inspectModel(kind);
}
