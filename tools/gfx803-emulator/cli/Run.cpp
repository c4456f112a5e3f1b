//===- Run.cpp - gfx803-emulator run --------------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/cli/Run.h"

#include "tools/gfx803-emulator/cli/Commands.h"
#include "tools/gfx803-emulator/cli/KernelArguments.h"
#include "tools/gfx803-emulator/cli/Tracing.h"
#include "tools/gfx803-emulator/loader/Bundle.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/AMDHSAKernelDescriptor.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace gfx803;
using namespace gfx803::cli;

cl::SubCommand gfx803::cli::runCommand(
    "run",
    "Run one kernel of a code object\n\n"
    "  gfx803-emulator run K.hsaco --kernel=saxpy --grid=1024 --workgroup=64 "
    "\\\n"
    "      --arg=x.npy --arg=y.npy:out.npy --arg=f32:2.5 --counters\n\n"
    "  Each argument of the kernel, in order, is one --arg:\n"
    "    x.npy                     a buffer with this content; for a struct "
    "passed by value, its bytes\n"
    "    y.npy:out.npy             ... and its content after the run goes to "
    "out.npy\n"
    "    zeros:f32[16x64]:out.npy  a buffer of zeros\n"
    "    uninit:f32[64]:out.npy    a buffer nobody has written; add :partial "
    "if the kernel\n"
    "                              leaves parts of it alone\n"
    "    f32:2.5, i32:-7, u64:0xff a value: i8 to i64, u8 to u64, f16, bf16, "
    "f32, f64\n"
    "    lds:1024                  a pointer to that much dynamic LDS\n"
    "    null                      no buffer\n"
    "  What a runtime adds to the arguments is added.\n\n"
    "  A kernel that does what the hardware forbids, or what no program may "
    "rely on, stops with\n"
    "  one line that says where; no output is written then.");

/// Scratch of a work item whose stack the compiler could not bound.
static constexpr uint32_t kDynamicStackBytes = 16 * 1024;

static cl::OptionCategory category("Options");

static cl::opt<std::string> file(cl::Positional, cl::desc("K.hsaco"),
                                 cl::Required, cl::sub(runCommand),
                                 cl::cat(category));
static cl::opt<std::string>
    kernelName("kernel", cl::desc("The kernel (default: the only one)"),
               cl::value_desc("name"), cl::sub(runCommand), cl::cat(category));
static cl::opt<std::string>
    grid("grid", cl::desc("Work items (not workgroups) in each dimension"),
         cl::value_desc("X[,Y[,Z]]"), cl::sub(runCommand), cl::cat(category));
static cl::opt<std::string> workgroup("workgroup",
                                      cl::desc("Work items of a workgroup"),
                                      cl::value_desc("X[,Y[,Z]]"),
                                      cl::sub(runCommand), cl::cat(category));
static cl::list<std::string> arguments("arg",
                                       cl::desc("An argument; see above"),
                                       cl::value_desc("spec"),
                                       cl::sub(runCommand), cl::cat(category));
static cl::opt<uint32_t>
    dynamicLds("lds", cl::desc("Bytes of LDS beyond what the kernel declares"),
               cl::value_desc("bytes"), cl::sub(runCommand), cl::cat(category));
static cl::opt<bool>
    trace("trace",
          cl::desc("Print each instruction and the registers it changed"),
          cl::sub(runCommand), cl::cat(category));
static cl::opt<std::string> traceWave(
    "trace-wave",
    cl::desc("Trace and stop only this wave of this workgroup (counted along "
             "x, then y, then z)"),
    cl::value_desc("WG:WAVE"), cl::sub(runCommand), cl::cat(category));
static cl::opt<std::string>
    breakpoint("break",
               cl::desc("Stop where a wave comes to this PC (hexadecimal, from "
                        "the kernel's entry) and print its registers"),
               cl::value_desc("PC"), cl::sub(runCommand), cl::cat(category));
static cl::opt<std::string>
    counters("counters", cl::ValueOptional,
             cl::desc("Print what the kernel did and its modelled time; "
                      "--counters=json for scripts"),
             cl::value_desc("json"), cl::sub(runCommand), cl::cat(category));
static cl::opt<uint64_t>
    seed("seed", cl::desc("Order of workgroups and waves (default: 1)"),
         cl::value_desc("number"), cl::sub(runCommand), cl::cat(category));
static cl::opt<unsigned>
    threads("threads", cl::desc("Host threads (default: one a processor)"),
            cl::value_desc("number"), cl::sub(runCommand), cl::cat(category));
static cl::opt<std::string> vram("vram",
                                 cl::desc("Device memory (default: 8GiB)"),
                                 cl::value_desc("size"), cl::sub(runCommand),
                                 cl::cat(category));
static cl::opt<std::string>
    relaxed("relax",
            cl::desc("Checks to do without: pending-loads, uninitialised, "
                     "out-of-bounds, lds-races, wave-order"),
            cl::value_desc("names"), cl::sub(runCommand), cl::cat(category));

/// "X", "X,Y" or "X,Y,Z"; the count of dimensions, or 0.
static unsigned parseSizes(StringRef text, std::array<uint32_t, 3> &sizes) {
  SmallVector<StringRef, 3> parts;
  text.split(parts, ',');
  sizes = {1, 1, 1};
  if (parts.size() > 3)
    return 0;
  for (size_t i = 0; i < parts.size(); ++i)
    if (parts[i].getAsInteger(10, sizes[i]) || sizes[i] == 0)
      return 0;
  return unsigned(parts.size());
}

/// Environment, then options.
static int configure(Config &config) {
  std::string error;
  if (!config.readEnvironment(error))
    return fail(error);
  if (seed.getNumOccurrences())
    config.seed = seed;
  if (threads.getNumOccurrences())
    config.threads = threads;
  if (vram.getNumOccurrences() &&
      (!parseBytes(vram, config.vramBytes) || config.vramBytes == 0))
    return misuse("--vram takes a size such as 512MiB, got '" + vram + "'");
  if (!relaxed.getNumOccurrences())
    return kSuccess;
  const Config strict;
  config.pendingLoads = strict.pendingLoads;
  config.uninitialised = strict.uninitialised;
  config.outOfBounds = strict.outOfBounds;
  config.ldsRaces = strict.ldsRaces;
  config.shuffle = strict.shuffle;
  return config.relaxAll(relaxed, error) ? kSuccess
                                         : misuse("--relax: " + error);
}

static int parseTrace(TraceOptions &options) {
  options.trace = trace || (traceWave.getNumOccurrences() &&
                            !breakpoint.getNumOccurrences());
  if (traceWave.getNumOccurrences()) {
    auto [group, wave] = StringRef(traceWave).split(':');
    std::pair<uint64_t, unsigned> chosen;
    if (group.getAsInteger(10, chosen.first) ||
        wave.getAsInteger(10, chosen.second))
      return misuse("--trace-wave takes WG:WAVE such as 0:1, got '" +
                    traceWave + "'");
    options.wave = chosen;
  }
  if (breakpoint.getNumOccurrences()) {
    StringRef text = breakpoint;
    text.consume_front("+");
    text.consume_front("0x");
    uint64_t address;
    if (text.getAsInteger(16, address))
      return misuse("--break takes a hexadecimal PC such as 0x40, got '" +
                    breakpoint + "'");
    options.breakAt = address;
  }
  return kSuccess;
}

static const KernelInfo *findKernel(const CodeObject &object,
                                    std::string &error) {
  const std::string &name = kernelName;
  if (name.empty() && object.kernels.size() == 1)
    return &object.kernels.front();
  if (const KernelInfo *kernel = name.empty() ? nullptr : object.kernel(name))
    return kernel;
  std::string names;
  for (const KernelInfo &one : object.kernels) {
    if (names.size() > 400) {
      names += ", ...";
      break;
    }
    names += (names.empty() ? "" : ", ") + one.name;
  }
  error = (name.empty() ? "several kernels or none: choose with --kernel"
                        : "no kernel '" + name + "'") +
          "; it has " + (names.empty() ? "none" : names);
  return nullptr;
}

/// What the metadata say of workgroups; the rest is the machine's to refuse.
static bool checkWorkgroup(const KernelInfo &kernel,
                           const std::array<uint32_t, 3> &sizes,
                           std::string &error) {
  auto list = [](const std::array<uint32_t, 3> &values) {
    return std::to_string(values[0]) + "," + std::to_string(values[1]) + "," +
           std::to_string(values[2]);
  };
  if (kernel.requiredWorkgroup[0] && kernel.requiredWorkgroup != sizes) {
    error = "kernel '" + kernel.name + "' was compiled for workgroups of " +
            list(kernel.requiredWorkgroup) + ", --workgroup gives " +
            list(sizes);
    return false;
  }
  uint64_t items = 1;
  for (uint32_t size : sizes)
    items = size > kMaxWorkgroupItems ? UINT32_MAX : items * size;
  uint64_t most = std::min(kernel.maxFlatWorkgroup, kMaxWorkgroupItems);
  if (items <= most)
    return true;
  error = "kernel '" + kernel.name + "' was compiled for at most " +
          std::to_string(most) + " work items a workgroup, --workgroup gives " +
          list(sizes);
  return false;
}

/// Runs with the kernel in place; reports and writes what comes of it.
static int dispatch(Machine &machine, const LoadedCode &code,
                    const KernelInfo &kernel, KernelArguments &values,
                    const DispatchRequest &request, TraceOptions options) {
  amdhsa::kernel_descriptor_t descriptor;
  std::memcpy(
      &descriptor,
      machine.memory.translate(request.kernelObject, sizeof(descriptor)),
      sizeof(descriptor));
  uint64_t entry =
      request.kernelObject + uint64_t(descriptor.kernel_code_entry_byte_offset);
  // Small numbers count from the entry, others are addresses.
  if (options.breakAt && *options.breakAt < code.code().imageBytes)
    *options.breakAt += entry;
  TracePrinter printer(machine, request, entry, options, outs());
  bool traced = options.trace || options.breakAt;

  DispatchReport report;
  Fault fault;
  bool good = machine.run(request, report, fault, traced ? &printer : nullptr);
  if (printer.stopped)
    return kSuccess;
  outs().flush();
  if (!good)
    return fail(file + ": " + fault.message);
  if (options.breakAt)
    return fail(file + ": no wave came to PC " + breakpoint);
  std::string error;
  if (!values.writeOutputs(error))
    return fail(error);
  if (counters.getNumOccurrences())
    outs() << (counters == "json" ? report.json() + "\n" : report.table());
  return kSuccess;
}

int gfx803::runMain() {
  DispatchRequest request;
  std::array<uint32_t, 3> &sizes = request.workgroup;
  request.dimensions = parseSizes(grid, request.grid);
  if (!request.dimensions)
    return misuse("--grid takes up to three positive numbers, got '" + grid +
                  "'");
  unsigned workgroupDimensions = parseSizes(workgroup, sizes);
  if (!workgroupDimensions)
    return misuse("--workgroup takes up to three positive numbers, got '" +
                  workgroup + "'");
  request.dimensions = std::max(request.dimensions, workgroupDimensions);
  if (counters.getNumOccurrences() && !counters.empty() && counters != "json")
    return misuse("--counters takes nothing or json, got '" + counters + "'");
  TraceOptions options;
  if (int status = parseTrace(options))
    return status;
  Config config;
  if (int status = configure(config))
    return status;
  std::string error;
  std::vector<ArgumentSpec> specs(arguments.size());
  for (size_t i = 0; i < arguments.size(); ++i)
    if (!parseArgument(arguments[i], specs[i], error))
      return misuse("--arg=" + arguments[i] + ": " + error);

  auto buffer = MemoryBuffer::getFile(file, /*IsText=*/false,
                                      /*RequiresNullTerminator=*/false);
  if (!buffer)
    return fail("cannot open " + file + ": " + buffer.getError().message());
  std::string_view bytes = (*buffer)->getBuffer();
  std::unique_ptr<CodeObject> object;
  if (unbundle(bytes, error))
    object = CodeObject::read(bytes.data(), bytes.size(), error);
  if (!object)
    return fail(file + ": " + error);
  const KernelInfo *kernel = findKernel(*object, error);
  if (!kernel || !checkWorkgroup(*kernel, sizes, error))
    return fail(file + ": " + error);

  Machine machine(config);
  std::unique_ptr<LoadedCode> code =
      LoadedCode::load(machine, std::move(object), error);
  if (!code)
    return fail(file + ": " + error);
  request.kernelObject = code->at(kernel->descriptor);
  request.privateBytes = kernel->privateBytes;
  if (kernel->dynamicStack)
    request.privateBytes = std::max(request.privateBytes, kDynamicStackBytes);
  if (__builtin_add_overflow(kernel->groupBytes, uint32_t(dynamicLds),
                             &request.groupBytes) ||
      request.groupBytes > kMaxLdsBytes)
    return fail(file + ": kernel '" + kernel->name + "' has " +
                Twine(kernel->groupBytes) + " bytes of LDS, with --lds=" +
                Twine(dynamicLds) + " it needs more than 64 KiB");
  KernelArguments values(machine, *kernel);
  if (!values.prepare(specs, request, error))
    return fail(error);
  return dispatch(machine, *code, *kernel, values, request, options);
}
