//===- TargetInfo.cpp - What is known of each target ----------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/TargetInfo.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Target/TargetOptions.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"

using namespace llvm;
using namespace sparsec;

static const GpuChip kGpuChips[] = {
    {"gfx803", "RX 580", 36, 256e9},
    {"gfx900", "RX Vega 64", 64, 483.8e9},
    {"gfx906", "Radeon Instinct MI50", 60, 1024e9},
};

const GpuChip *sparsec::findGpuChip(StringRef name) {
  const GpuChip *chip =
      find_if(kGpuChips, [&](const GpuChip &one) { return one.name == name; });
  return chip == std::end(kGpuChips) ? nullptr : chip;
}

/// On the host a quarter of the smallest level-2 cache of a CPU with AVX2, and
/// what is half of the level-3 cache of many. On a card each window takes two
/// launches that leave most of it idle, and products whose kernels read packed
/// weights decode them in LDS, which is the window that pays there.
WindowSizes sparsec::getWindowSizes(StringRef target) {
  return target == "host" ? WindowSizes{64 * 1024, 16 * 1024 * 1024}
                          : WindowSizes{0, 0};
}

/// Measured: on the host from three fifths of zeros on, with so many patches as
/// a level-3 cache holds, and so much work that the runtime starts threads. The
/// convolution of a card reads patches where they are, which is faster than to
/// write large ones.
ConvolutionRules sparsec::getConvolutionRules(StringRef target) {
  return target == "host" ? ConvolutionRules{0.4, 32 * 1024 * 1024, 1 << 16}
                          : ConvolutionRules{0.1, 4 * 1024 * 1024, 0};
}

/// The first is the host; a device is named by its chip.
ArrayRef<StringRef> sparsec::getTargetNames() {
  static const SmallVector<StringRef> names = [] {
    SmallVector<StringRef> all{"host"};
    for (const GpuChip &chip : kGpuChips)
      all.push_back(chip.name);
    return all;
  }();
  return names;
}

/// LLVM's name of a CPU feature, and Linux's.
static constexpr std::pair<const char *, const char *> kFeatures[] = {
    {"sse4.2", "sse4_2"},
    {"popcnt", "popcnt"},
    {"avx", "avx"},
    {"avx2", "avx2"},
    {"fma", "fma"},
    {"f16c", "f16c"},
    {"bmi", "bmi1"},
    {"bmi2", "bmi2"},
    {"lzcnt", "abm"},
    {"movbe", "movbe"},
    {"avx512f", "avx512f"},
    {"avx512bw", "avx512bw"},
    {"avx512cd", "avx512cd"},
    {"avx512dq", "avx512dq"},
    {"avx512vl", "avx512vl"},
    {"avx512ifma", "avx512ifma"},
    {"avx512vbmi", "avx512vbmi"},
    {"avx512vbmi2", "avx512_vbmi2"},
    {"avx512vnni", "avx512_vnni"},
    {"avx512bf16", "avx512_bf16"},
    {"avx512fp16", "avx512_fp16"},
    {"avx512bitalg", "avx512_bitalg"},
    {"avx512vpopcntdq", "avx512_vpopcntdq"},
    {"gfni", "gfni"},
    {"vaes", "vaes"},
    {"vpclmulqdq", "vpclmulqdq"},
};

Expected<HostTarget> sparsec::getHostTarget(StringRef cpu) {
  InitializeNativeTarget();
  InitializeNativeTargetAsmPrinter();
  InitializeNativeTargetAsmParser();

  Triple triple(sys::getDefaultTargetTriple());
  std::string message;
  const Target *target = TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return createStringError(message);

  HostTarget host;
  host.cpu = cpu.str();
  if (cpu == "native") {
    // By features too: a hypervisor may hide some of the CPU's.
    host.cpu = sys::getHostCPUName().str();
    SubtargetFeatures features;
    for (const auto &[name, enabled] : sys::getHostCPUFeatures())
      features.AddFeature(name, enabled);
    host.features = features.getString();
    // The map has no order of its own, and equal input gives equal bytes.
    SmallVector<StringRef> sorted;
    StringRef(host.features).split(sorted, ',', -1, false);
    llvm::sort(sorted);
    host.features = join(sorted, ",");
  }

  std::unique_ptr<MCSubtargetInfo> known(
      target->createMCSubtargetInfo(triple, "", ""));
  if (!known->isCPUStringValid(host.cpu))
    return createStringError("unknown CPU '" + host.cpu +
                             "': use native, x86-64, x86-64-v3, x86-64-v4 or a "
                             "name that clang -mcpu takes");

  TargetOptions options;
  // Products and sums are contracted where the IR says so, nowhere else.
  options.AllowFPOpFusion = FPOpFusion::Standard;
  host.machine.reset(target->createTargetMachine(
      triple, host.cpu, host.features, options, Reloc::PIC_, CodeModel::Small,
      CodeGenOptLevel::Aggressive));
  const MCSubtargetInfo &has = *host.machine->getMCSubtargetInfo();
  auto check = [&](const char *feature) {
    return has.checkFeatures(std::string("+") + feature);
  };
  if (triple.isX86()) {
    if (check("avx512f") && check("avx512vl") && check("avx512bw") &&
        check("avx512dq"))
      host.unit = {/*lanes=*/16, /*registers=*/32, /*expand=*/true};
    else if (check("avx"))
      host.unit = {/*lanes=*/8, /*registers=*/16, /*expand=*/false,
                   /*permute=*/check("avx2")};
    else
      host.unit = {/*lanes=*/4, /*registers=*/16};
    SmallVector<StringRef> required;
    for (auto [ours, linux] : kFeatures)
      if (check(ours))
        required.push_back(linux);
    host.required = join(required, ",");
  }
  return host;
}
