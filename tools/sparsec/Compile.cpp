//===- Compile.cpp - sparsec compile --------------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sparsec/Tool.h"

#include "tools/sparsec/Compiler.h"
#include "tools/sparsec/Header.h"
#include "tools/sparsec/LossyOptions.h"
#include "tools/sparsec/Report.h"

#include "lowering/TargetInfo.h"
#include "lowering/amdgpu/Codegen.h"
#include "lowering/amdgpu/KernelResources.h"
#include "lowering/amdgpu/Pipeline.h"
#include "lowering/host/Codegen.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <dlfcn.h>

using namespace llvm;
using namespace sparsec;
using namespace sparsec::tools;

cl::SubCommand sparsec::tools::compileCommand("compile", kCompileHelp);

static cl::opt<std::string> input(cl::Positional, cl::desc("IN.mlir"),
                                  cl::Required, cl::sub(compileCommand),
                                  cl::cat(optionCategory));
static cl::opt<std::string> output("o", cl::desc("Where the result goes"),
                                   cl::value_desc("OUT.so"),
                                   cl::sub(compileCommand),
                                   cl::cat(optionCategory));
static cl::opt<std::string>
    target("target",
           cl::desc("What to compile for: host (this CPU), or "
                    "an AMD GPU: gfx803, gfx900, "
                    "gfx906"),
           cl::value_desc("name"), cl::init("host"), cl::sub(compileCommand),
           cl::cat(optionCategory));
static cl::opt<std::string>
    cpu("cpu",
        cl::desc("The CPU, as clang -mcpu names it: native (this one), x86-64, "
                 "x86-64-v3, x86-64-v4, znver4, ...; for a GPU, of the code "
                 "that drives it, and x86-64 if not given"),
        cl::value_desc("name"), cl::init("native"), cl::sub(compileCommand),
        cl::cat(optionCategory));
static cl::opt<std::string> formatName(
    "format",
    cl::desc("Storage of all weights: auto (by sparsity and structure), "
             "dense, bitmask, csr, csc or block"),
    cl::value_desc("name"), cl::init("auto"), cl::sub(compileCommand),
    cl::cat(optionCategory));
static cl::opt<std::string>
    strategy("strategy",
             cl::desc("How --format=auto chooses: rules (by sparsity and "
                      "structure), size (fewest bytes) or cost (least "
                      "predicted time)"),
             cl::value_desc("name"), cl::init("rules"), cl::sub(compileCommand),
             cl::cat(optionCategory));
static cl::opt<std::string>
    costTable("cost-table",
              cl::desc("Predict times by this table, not by the built-in one"),
              cl::value_desc("FILE.json"), cl::sub(compileCommand),
              cl::cat(optionCategory));
static cl::opt<std::string> prune("prune", cl::desc(kPruneHelp),
                                  cl::value_desc("how:much"),
                                  cl::sub(compileCommand),
                                  cl::cat(optionCategory));
static cl::opt<std::string> quantize("quantize", cl::desc(kQuantizeHelp),
                                     cl::value_desc("type"),
                                     cl::sub(compileCommand),
                                     cl::cat(optionCategory));
static cl::opt<std::string> budget(
    "memory-budget",
    cl::desc(
        "Hold no more bytes of weights decompressed at one time, in windows "
        "of rows if need be: 65536, 64KiB, 1MiB"),
    cl::value_desc("size"), cl::sub(compileCommand), cl::cat(optionCategory));
static cl::opt<std::string> weightBudget(
    "weight-budget",
    cl::desc(
        "Read packed weights from the file in windows, with no more bytes of "
        "one in memory, or on a GPU of all: 64MiB"),
    cl::value_desc("size"), cl::sub(compileCommand), cl::cat(optionCategory));
static cl::opt<int64_t> windowRows(
    "window-rows",
    cl::desc(
        "Multiply by N rows of a compressed weight at a time, decompressed"),
    cl::value_desc("N"), cl::init(0), cl::sub(compileCommand),
    cl::cat(optionCategory));
static cl::opt<bool>
    strict("strict-fp",
           cl::desc("Sum in ascending order without contraction: the bits of a "
                    "plain dense loop"),
           cl::sub(compileCommand), cl::cat(optionCategory));
static cl::opt<int64_t> batch("batch",
                              cl::desc("Fix a dynamic leading dimension to N"),
                              cl::value_desc("N"), cl::init(0),
                              cl::sub(compileCommand), cl::cat(optionCategory));
static cl::opt<std::string> emit(
    "emit",
    cl::desc("Which stage to write: mlir (packed weights), llvm, asm (of the "
             "kernels, for a GPU) or so"),
    cl::value_desc("stage"), cl::init("so"), cl::sub(compileCommand),
    cl::cat(optionCategory));
static cl::opt<std::string>
    report("report", cl::ValueOptional,
           cl::desc("Print each weight, its format and why, and for a GPU "
                    "what each kernel takes of it; --report=json for scripts"),
           cl::value_desc("json"), cl::sub(compileCommand),
           cl::cat(optionCategory));

/// "64KiB" as bytes.
static bool parseSize(StringRef text, int64_t &bytes) {
  int64_t unit = 1;
  for (auto [suffix, size] :
       {std::pair("KiB", int64_t(1) << 10), std::pair("MiB", int64_t(1) << 20),
        std::pair("GiB", int64_t(1) << 30)})
    if (text.consume_back(suffix))
      unit = size;
  uint64_t count;
  if (text.getAsInteger(10, count) || count > uint64_t(INT64_MAX) / unit)
    return false;
  bytes = int64_t(count) * unit;
  return true;
}

/// The runtime library that this program itself runs with.
static std::string findRuntime() {
  Dl_info info;
  if (!dladdr(reinterpret_cast<void *>(&sparsec_load), &info) ||
      !info.dli_fname)
    return {};
  return info.dli_fname;
}

/// A device or a pipe: something that exists and is not a file.
static bool isSpecial(StringRef path) {
  sys::fs::file_status status;
  return !sys::fs::status(path, status) && !sys::fs::is_regular_file(status) &&
         !sys::fs::is_directory(status);
}

namespace {

/// A name beside the output that nothing else has; the file goes with this
/// object unless it has been renamed.
class Temporary {
public:
  Temporary(StringRef beside, StringRef suffix) {
    SmallString<128> name;
    code = sys::fs::createUniqueFile(beside + ".tmp-%%%%%%%%" + suffix, name);
    path = name.str().str();
  }
  ~Temporary() {
    if (!code)
      (void)sys::fs::remove(path);
  }
  std::string path;
  std::error_code code;
};

class CompileJob {
public:
  int run();

private:
  int emitCodeOrLibrary();
  int compileKernels(std::unique_ptr<llvm::Module> &kernels);
  int emitKernelAssembly(llvm::Module &kernels);
  int makeCodeObject(llvm::Module &kernels);
  /// Whether the target is a device rather than the host.
  bool onDevice() const { return target != getTargetNames().front(); }
  int emitText(function_ref<void(raw_ostream &)> print);
  int linkLibrary(llvm::Module &module, ArrayRef<ExternalConstant> constants);
  int checkBudget();
  int checkOutput();
  static int cannotWrite(const Twine &path, std::error_code code) {
    return fail("cannot write '" + path + "': " + code.message());
  }
  /// The C header beside the library.
  std::string headerPath() const {
    SmallString<128> path(output);
    sys::path::replace_extension(path, ".h");
    return path.str().str();
  }

  // lld resets every option of the process, so they are copied first.
  std::string input = ::input, output = ::output, target = ::target;
  std::string emit = ::emit, budget = ::budget;
  bool strict = ::strict;
  Output reportKind = Output::None;
  int64_t budgetBytes = -1, weightBudgetBytes = -1;
  HostTarget host;
  HostPipelineOptions hostOptions;
  std::unique_ptr<AmdgpuCodegen> codegen; ///< for a device
  LLVMContext context;
  Compiler compiler;
  ModelInfo info;
};

} // namespace

int CompileJob::run() {
  if (report.getNumOccurrences() && !OutputParser::parse(report, reportKind))
    return misuse("--report takes nothing or json, got '" + report + "'");
  if (!is_contained(getTargetNames(), StringRef(target)))
    return misuse("unknown target '" + target +
                  "': use --target=" + join(getTargetNames(), ", "));
  if (!is_contained({"mlir", "llvm", "asm", "so"}, emit))
    return misuse("unknown stage '" + emit +
                  "': use --emit=mlir, llvm, asm or so");
  if (!is_contained({"auto", "dense", "bitmask", "csr", "csc", "block"},
                    formatName))
    return misuse("unknown format '" + formatName +
                  "': use auto, dense, bitmask, csr, csc or block");
  if (!is_contained({"rules", "size", "cost"}, strategy))
    return misuse("unknown strategy '" + strategy +
                  "': use rules, size or cost");
  if (batch.getNumOccurrences() && batch < 1)
    return misuse("--batch must be at least 1, got " + Twine(batch));
  if (::budget.getNumOccurrences() && !parseSize(budget, budgetBytes))
    return misuse("--memory-budget takes bytes or a size such as 64KiB, got '" +
                  budget + "'");
  if (weightBudget.getNumOccurrences() &&
      !parseSize(weightBudget, weightBudgetBytes))
    return misuse("--weight-budget takes bytes or a size such as 64MiB, got '" +
                  weightBudget + "'");
  if (windowRows.getNumOccurrences() && windowRows < 1)
    return misuse("--window-rows must be at least 1, got " + Twine(windowRows));
  if (output.empty()) {
    if (emit == "so")
      return misuse("no output: say where with -o OUT.so");
    output = "-";
  }

  // The code that drives a GPU has nothing to gain from this very CPU.
  if (onDevice() && !cpu.getNumOccurrences())
    cpu = "x86-64";
  Expected<HostTarget> found = getHostTarget(cpu);
  if (!found)
    return misuse(toString(found.takeError()));
  host = *found;
  hostOptions = {host.unit, strict, /*stream=*/weightBudgetBytes >= 0};

  ModelPipelineOptions model;
  if (int status = readLossyOptions(prune, quantize, model))
    return status;
  if (int status = checkOutput())
    return status;

  model.batch = batch;
  model.format = formatName;
  model.memoryBudget = budgetBytes;
  model.windowRows = windowRows;
  model.weightBudget = weightBudgetBytes;
  model.strategy = strategy;
  model.target = target;
  model.costTable = costTable;
  if (!compiler.load(input) ||
      !compiler.run([&](auto &pm) { buildModelPipeline(pm, model); }))
    return fail(compiler.error());
  info.weights = describeWeights(compiler.module());
  int status =
      emit == "mlir"
          ? emitText([&](raw_ostream &out) { compiler.module().print(out); })
          : emitCodeOrLibrary();
  // Beside a text on stdout the report would be part of it.
  if (status == kSuccess && reportKind != Output::None)
    printReport(output == "-" ? errs() : outs(), info, reportKind);
  return status;
}

/// Before minutes of work: can the output be written at all, and without harm?
int CompileJob::checkOutput() {
  if (output == "-")
    return emit == "so"
               ? misuse("a library cannot go to stdout: say where with "
                        "-o OUT.so")
               : int(kSuccess);
  if (sys::fs::is_directory(output))
    return fail("cannot write '" + output + "': it is a directory");
  if (sys::fs::equivalent(input, output))
    return fail("cannot write '" + output +
                "': it is the input itself; give another name with -o");
  if (isSpecial(output))
    return emit == "so" ? fail("cannot write '" + output +
                               "': a library needs a regular file")
                        : int(kSuccess);
  Temporary probe(output, "");
  if (probe.code)
    return cannotWrite(output, probe.code);
  if (emit != "so")
    return kSuccess;
  std::string header = headerPath();
  if (header == output)
    return fail("cannot write '" + output +
                "': the header of the library would have the same name; end it "
                "in .so");
  if (sys::fs::is_directory(header))
    return fail("cannot write the header '" + header + "': it is a directory");
  return kSuccess;
}

int CompileJob::emitText(function_ref<void(raw_ostream &)> print) {
  if (output == "-") {
    print(outs());
    return kSuccess;
  }
  auto write = [&](StringRef path) {
    std::error_code code;
    raw_fd_ostream out(path, code);
    if (!code) {
      print(out);
      out.close();
      code = out.error();
      out.clear_error();
    }
    return code;
  };
  std::error_code code;
  if (isSpecial(output)) { // written to, never replaced
    code = write(output);
  } else {
    Temporary temporary(output, "");
    code = temporary.code ? temporary.code : write(temporary.path);
    if (!code)
      code = sys::fs::rename(temporary.path, output);
  }
  return code ? cannotWrite(output, code) : kSuccess;
}

int CompileJob::checkBudget() {
  if (budgetBytes < 0)
    return kSuccess;
  for (const EntryInfo &entry : info.entries)
    if (entry.boundDecompressed < 0 || entry.boundDecompressed > budgetBytes)
      return fail(
          input + ": function '" + entry.name + "' holds " +
          (entry.boundDecompressed < 0
               ? std::string("an unknown number of")
               : std::to_string(entry.boundDecompressed)) +
          " bytes of decompressed weights, over --memory-budget=" + budget +
          (entry.boundDecompressed < 0 ? "; give windows static sizes"
                                       : "; allow that many"));
  return kSuccess;
}

int CompileJob::emitCodeOrLibrary() {
  auto entries = describeEntries(compiler.module());
  if (failed(entries))
    return fail(compiler.error());
  info.target = target;
  info.cpu = host.cpu;
  info.features = host.required;
  info.strict = strict;
  info.entries = *entries;

  if (!compiler.run([&](auto &pm) {
        if (onDevice())
          buildDeviceKernelPipeline(pm, strict);
        else
          buildHostKernelPipeline(pm, hostOptions);
      }))
    return fail(compiler.error());
  computeBounds(compiler.module(), info.entries);
  if (int status = checkBudget())
    return status;
  std::vector<ExternalConstant> constants =
      externalizeConstants(compiler.module());
  if (onDevice()) {
    std::unique_ptr<llvm::Module> kernels;
    if (int status = compileKernels(kernels))
      return status;
    if (emit == "llvm")
      return emitText([&](raw_ostream &out) { kernels->print(out, nullptr); });
    if (emit == "asm")
      return emitKernelAssembly(*kernels);
    info.image->weightsBytes = getConstantsSize(constants, /*resident=*/true);
    info.image->streamedBytes = getConstantsSize(constants, /*resident=*/false);
    if (int status = makeCodeObject(*kernels))
      return status;
  }
  if (!compiler.run(
          [&](auto &pm) { buildHostLLVMPipeline(pm, hostOptions); }) ||
      !compiler.checkLowered(target))
    return fail(compiler.error());

  std::unique_ptr<llvm::Module> module =
      translate(compiler.module(), context, host, info);
  if (!module) {
    (void)compiler.failWith(input + ": the model cannot be translated to LLVM");
    return fail(compiler.error());
  }
  int status = kSuccess;
  if (emit == "llvm") {
    status = emitText([&](raw_ostream &out) { module->print(out, nullptr); });
  } else if (emit == "asm") {
    std::string error;
    SmallString<128> folder;
    sys::path::system_temp_directory(/*erasedOnReboot=*/true, folder);
    sys::path::append(folder, "sparsec");
    Temporary assembly(folder, ".s");
    if (assembly.code)
      return cannotWrite(folder, assembly.code);
    if (failed(
            emitCode(*module, host, /*assembly=*/true, assembly.path, error)))
      return fail(error);
    auto text = MemoryBuffer::getFile(assembly.path);
    if (!text)
      return cannotWrite(assembly.path, text.getError());
    status = emitText([&](raw_ostream &out) { out << (*text)->getBuffer(); });
  } else {
    status = linkLibrary(*module, constants);
  }
  return status;
}

int CompileJob::compileKernels(std::unique_ptr<llvm::Module> &kernels) {
  info.image.emplace();
  info.image->kernels = describeKernels(compiler.module());
  if (!compiler.run([&](auto &pm) { buildAmdgpuPipeline(pm, target); }) ||
      !compiler.checkKernels(target))
    return fail(compiler.error());
  codegen = std::make_unique<AmdgpuCodegen>(target);
  std::string error;
  kernels = codegen->takeKernels(compiler.module(), context, error);
  if (!kernels)
    return fail(input + ": " + error);
  return kSuccess;
}

int CompileJob::emitKernelAssembly(llvm::Module &kernels) {
  std::string text, error;
  if (failed(codegen->emitAssembly(kernels, text, error)))
    return fail(input + ": " + error);
  return emitText([&](raw_ostream &out) { out << text; });
}

int CompileJob::makeCodeObject(llvm::Module &kernels) {
  Temporary object(output, ".gpu.o"), code(output, ".hsaco");
  for (const Temporary *one : {&object, &code})
    if (one->code)
      return cannotWrite(output, one->code);
  std::string error;
  if (failed(codegen->emitCodeObject(kernels, object.path, code.path,
                                     info.image->code, error)))
    return fail(input + ": " + error);
  if (Error problem = readResources(info.image->code, *findGpuChip(target),
                                    info.image->kernels))
    return fail(input + ": " + toString(std::move(problem)));
  return kSuccess;
}

int CompileJob::linkLibrary(llvm::Module &module,
                            ArrayRef<ExternalConstant> constants) {
  Temporary code(output, ".o"), weights(output, ".weights.o");
  Temporary library(output, ".so"), header(output, ".h");
  for (const Temporary *one : {&code, &weights, &library, &header})
    if (one->code)
      return cannotWrite(output, one->code);
  std::string error;
  if (failed(emitCode(module, host, /*assembly=*/false, code.path, error)) ||
      failed(writeConstants(constants, weights.path, error)) ||
      failed(linkSharedLibrary({code.path, weights.path}, findRuntime(),
                               library.path, error)))
    return fail(input + ": " + error);

  std::error_code problem;
  {
    raw_fd_ostream out(header.path, problem);
    if (!problem)
      out << makeHeader(info, sys::path::stem(output).str());
  }
  if (!problem)
    problem = sys::fs::rename(header.path, headerPath());
  if (problem)
    return cannotWrite(headerPath(), problem);
  problem = sys::fs::rename(library.path, output);
  return problem ? cannotWrite(output, problem) : kSuccess;
}

int sparsec::tools::runCompile() { return CompileJob().run(); }
