//===- Inspect.cpp - sparsec inspect --------------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sparsec/Tool.h"

#include "tools/sparsec/Compiler.h"
#include "tools/sparsec/LossyOptions.h"
#include "tools/sparsec/Report.h"

#include "lowering/TargetInfo.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/BinaryFormat/Magic.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace sparsec;
using namespace sparsec::tools;

cl::SubCommand sparsec::tools::inspectCommand("inspect", kInspectHelp);

static cl::opt<std::string> input(cl::Positional, cl::desc("IN.mlir|OUT.so"),
                                  cl::Required, cl::sub(inspectCommand),
                                  cl::cat(optionCategory));
static cl::opt<bool> jsonOutput("json", cl::desc("For scripts"),
                                cl::sub(inspectCommand),
                                cl::cat(optionCategory));

static cl::opt<std::string>
    target("target", cl::desc("For a model: predict times for host or a GPU"),
           cl::value_desc("name"), cl::init("host"), cl::sub(inspectCommand),
           cl::cat(optionCategory));
static cl::opt<std::string>
    strategy("strategy", cl::desc("For a model: choose by rules, size or cost"),
             cl::value_desc("name"), cl::init("rules"), cl::sub(inspectCommand),
             cl::cat(optionCategory));
static cl::opt<std::string>
    costTable("cost-table",
              cl::desc("For a model: predict times by this table, not by the "
                       "built-in one"),
              cl::value_desc("FILE.json"), cl::sub(inspectCommand),
              cl::cat(optionCategory));
static cl::opt<int64_t>
    batch("batch",
          cl::desc("For a model: fix a dynamic leading dimension to N"),
          cl::value_desc("N"), cl::init(0), cl::sub(inspectCommand),
          cl::cat(optionCategory));
static cl::opt<std::string>
    prune("prune",
          cl::desc("For a model: prune it first, as compile --prune does"),
          cl::value_desc("how:much"), cl::sub(inspectCommand),
          cl::cat(optionCategory));
static cl::opt<std::string> quantize(
    "quantize",
    cl::desc("For a model: quantize it first, as compile --quantize does"),
    cl::value_desc("type"), cl::sub(inspectCommand), cl::cat(optionCategory));

/// The options say how to choose, which a compiled model has done.
static bool hasModelOptions() {
  return target.getNumOccurrences() || strategy.getNumOccurrences() ||
         costTable.getNumOccurrences() || batch.getNumOccurrences() ||
         prune.getNumOccurrences() || quantize.getNumOccurrences();
}

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
  if (int status = readLossyOptions(prune, quantize, options))
    return status;
  options.pack = false;
  options.batch = batch;
  options.strategy = strategy;
  options.target = target;
  options.costTable = costTable;
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
  if (!is_contained(getTargetNames(), StringRef(target)))
    return misuse("unknown target '" + target +
                  "': use --target=" + join(getTargetNames(), ", "));
  if (!is_contained({"rules", "size", "cost"}, strategy))
    return misuse("unknown strategy '" + strategy +
                  "': use rules, size or cost");
  if (batch.getNumOccurrences() && batch < 1)
    return misuse("--batch must be at least 1, got " + Twine(batch));
  file_magic magic;
  if (!identify_magic(input, magic) && magic == file_magic::elf_shared_object)
    return hasModelOptions()
               ? misuse("'" + input +
                        "' is compiled: --target, --strategy, --cost-table, "
                        "--batch, --prune and --quantize are for models")
               : inspectArtefact(kind);
  return inspectModel(kind);
}
