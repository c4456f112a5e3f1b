//===- Run.cpp - sparsec run ----------------------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sparsec/Tool.h"

#include "tools/sparsec/Npy.h"
#include "tools/sparsec/StatsReport.h"
#include "tools/sparsec/TraceFile.h"

#include "sparsec/runtime.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace sparsec::tools;

cl::SubCommand sparsec::tools::runCommand("run", kRunHelp);

static cl::opt<std::string> model(cl::Positional, cl::desc("OUT.so"),
                                  cl::Required, cl::sub(runCommand),
                                  cl::cat(optionCategory));
static cl::opt<std::string> entryName(
    "entry", cl::desc("The function to run (default: main, or the only one)"),
    cl::value_desc("name"), cl::sub(runCommand), cl::cat(optionCategory));
static cl::opt<std::string> device("device",
                                   cl::desc("Where to run: host, hsa (a gfx803 "
                                            "card) or emulator"),
                                   cl::value_desc("name"), cl::init("host"),
                                   cl::sub(runCommand),
                                   cl::cat(optionCategory));
static cl::list<std::string> inputs("input", cl::CommaSeparated,
                                    cl::desc("The arguments, in order"),
                                    cl::value_desc("a.npy[,b.npy]"),
                                    cl::sub(runCommand),
                                    cl::cat(optionCategory));
static cl::list<std::string> outputs("output", cl::CommaSeparated,
                                     cl::desc("Where the results go, in order"),
                                     cl::value_desc("y.npy[,z.npy]"),
                                     cl::sub(runCommand),
                                     cl::cat(optionCategory));
static cl::opt<std::string>
    stats("stats", cl::ValueOptional,
          cl::desc("Print what the run used; --stats=json for scripts"),
          cl::value_desc("json"), cl::sub(runCommand), cl::cat(optionCategory));

static cl::opt<std::string> trace(
    "trace",
    cl::desc("Write when each kernel and copy ran, or on the host when windows "
             "were read and computed with, in Chrome's trace event "
             "format (on the emulator in modelled time)"),
    cl::value_desc("FILE.json"), cl::sub(runCommand), cl::cat(optionCategory));

namespace {

struct Unload {
  void operator()(sparsec_model *model) const { sparsec_unload(model); }
};

/// Results of a run; released in any case.
struct Results {
  explicit Results(size_t count) : tensors(count) {}
  ~Results() {
    for (sparsec_tensor &tensor : tensors)
      sparsec_tensor_release(&tensor);
  }
  std::vector<sparsec_tensor> tensors;
};

} // namespace

/// libomp aborts, or starts threads until memory ends, over values that are not
/// numbers of threads. Levels of nested regions are apart by commas.
static bool checkThreads(std::string &error) {
  const char *value = std::getenv("OMP_NUM_THREADS");
  if (!value || !*value)
    return true;
  SmallVector<StringRef> levels;
  StringRef(value).split(levels, ',');
  for (StringRef level : levels) {
    unsigned count;
    if (level.trim().getAsInteger(10, count) || count < 1 || count > 1024) {
      error = (Twine("OMP_NUM_THREADS='") + value +
               "' is not a number of threads: give 1 to 1024, or unset it")
                  .str();
      return false;
    }
  }
  return true;
}

int sparsec::tools::runRun() {
  Output kind = Output::None;
  if (stats.getNumOccurrences() && !OutputParser::parse(stats, kind))
    return misuse("--stats takes nothing or json, got '" + stats + "'");

  std::string error;
  if (!checkThreads(error))
    return fail(error);
  sparsec_model *loaded = nullptr;
  if (sparsec_load(model.c_str(), device.c_str(), &loaded) != SPARSEC_OK)
    return fail(sparsec_last_error());
  std::unique_ptr<sparsec_model, Unload> owner(loaded);
  const sparsec_entry *entry = nullptr;
  if (sparsec_find_entry(loaded,
                         entryName.empty() ? nullptr : entryName.c_str(),
                         &entry) != SPARSEC_OK)
    return fail(sparsec_last_error());
  if (inputs.size() != entry->num_inputs)
    return fail(model + ": entry '" + entry->name + "' takes " +
                Twine(entry->num_inputs) + " inputs, got " +
                Twine(inputs.size()) + ": give them with --input a.npy,b.npy");
  if (!outputs.empty() && outputs.size() != entry->num_results)
    return fail(model + ": entry '" + entry->name + "' gives " +
                Twine(entry->num_results) + " results, but --output names " +
                Twine(outputs.size()) + " files");

  if (trace.getNumOccurrences() && sparsec_trace(loaded) != SPARSEC_OK)
    return fail(model + ": " + sparsec_last_error());

  std::vector<HostTensor> tensors(inputs.size());
  std::vector<sparsec_tensor> views;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!readNpy(inputs[i], tensors[i], error))
      return fail(error);
    views.push_back(tensors[i].view());
  }

  Results results(entry->num_results);
  sparsec_stats used;
  if (sparsec_run(loaded, entry->name, views.data(), views.size(),
                  results.tensors.data(), results.tensors.size(),
                  &used) != SPARSEC_OK) {
    std::string where = inputs.empty() ? std::string(model) : join(inputs, ",");
    return fail(where + ": " + sparsec_last_error());
  }
  for (size_t i = 0; i < outputs.size(); ++i)
    if (!writeNpy(outputs[i], results.tensors[i], error))
      return fail(error);
  if (trace.getNumOccurrences() &&
      !writeTrace(trace, *loaded, device == "host", error))
    return fail(error);
  std::vector<sparsec_kernel_stats> kernels(
      sparsec_kernels(loaded, nullptr, 0));
  sparsec_kernels(loaded, kernels.data(), kernels.size());
  if (kind != Output::None)
    printStats(outs(), used, device == "host" ? nullptr : &kernels, kind);
  return kSuccess;
}
