//===- KernelReport.cpp - What kernels take of a GPU ----------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sparsec/KernelReport.h"

#include "lowering/TargetInfo.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace sparsec;
using namespace sparsec::tools;

/// Seconds that memory takes for the buffers of all launches; negative if
/// unknown.
static double computeMemorySeconds(const KernelInfo &kernel,
                                   const GpuChip &chip) {
  return kernel.bytes < 0 ? -1 : double(kernel.bytes) / chip.memoryBandwidth;
}

void sparsec::tools::printKernelsJson(json::OStream &json,
                                      const ModelInfo &info) {
  const GpuChip &chip = *findGpuChip(info.target);
  json.attribute("resident_bytes", info.image->weightsBytes);
  json.attribute("streamed_bytes", info.image->streamedBytes);
  json.attributeArray("kernels", [&] {
    for (const KernelInfo &kernel : info.image->kernels)
      json.object([&] {
        json.attribute("name", kernel.name);
        json.attribute("launches", kernel.launches);
        json.attribute("workgroup", kernel.items);
        json.attribute("vgprs", kernel.vgprs);
        json.attribute("sgprs", kernel.sgprs);
        json.attribute("lds_bytes", kernel.ldsBytes);
        json.attribute("scratch_bytes", kernel.scratchBytes);
        json.attribute("spills", kernel.spills);
        json.attribute("occupancy", kernel.occupancy);
        if (kernel.bytes < 0) {
          json.attribute("bytes", nullptr);
          json.attribute("modelled_bound_seconds", nullptr);
        } else {
          json.attribute("bytes", kernel.bytes);
          json.attribute("modelled_bound_seconds",
                         computeMemorySeconds(kernel, chip));
        }
      });
  });
}

void sparsec::tools::printKernels(raw_ostream &out, const ModelInfo &info) {
  const GpuChip &chip = *findGpuChip(info.target);
  size_t width = 6;
  for (const KernelInfo &kernel : info.image->kernels)
    width = std::max(width, kernel.name.size());
  out << "\n"
      << left_justify("kernel", width)
      << "  launches  workgroup  VGPR  SGPR    LDS  scratch  spills  "
         "waves/SIMD       bytes  bound us\n";
  for (const KernelInfo &kernel : info.image->kernels) {
    out << left_justify(kernel.name, width)
        << llvm::format("  %8lld  %9u  %4u  %4u  %5u  %7u  %6u  %10u  ",
                        (long long)kernel.launches, kernel.items, kernel.vgprs,
                        kernel.sgprs, kernel.ldsBytes, kernel.scratchBytes,
                        kernel.spills, kernel.occupancy);
    if (kernel.bytes < 0)
      out << "(depend on the batch)\n";
    else
      out << llvm::format("%10lld  %8.2f\n", (long long)kernel.bytes,
                          1e6 * computeMemorySeconds(kernel, chip));
  }
  out << formatv(
      "The bound is modelled: the buffers of all launches, each once, at the "
      "{0:f0} GB/s of an {1}.\n",
      chip.memoryBandwidth / 1e9, chip.card);
  out << formatv("Weights: {0} bytes stay on the device, {1} are streamed.\n",
                 info.image->weightsBytes, info.image->streamedBytes);
}
