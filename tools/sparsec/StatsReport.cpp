//===- StatsReport.cpp - What a run used ----------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sparsec/StatsReport.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace llvm;
using namespace sparsec::tools;

/// Counts that only the emulator has are null elsewhere.
static void printKernelsJson(json::OStream &json,
                             ArrayRef<sparsec_kernel_stats> kernels) {
  json.attributeArray("kernels", [&] {
    for (const sparsec_kernel_stats &kernel : kernels)
      json.object([&] {
        json.attribute("name", kernel.name);
        json.attribute("launches", kernel.launches);
        json.attribute("seconds", kernel.seconds);
        std::pair<StringRef, int64_t> counts[] = {
            {"waves", kernel.waves},
            {"instructions", kernel.instructions},
            {"bytes", kernel.bytes},
        };
        for (auto [key, value] : counts) {
          if (value < 0)
            json.attribute(key, nullptr);
          else
            json.attribute(key, value);
        }
        if (kernel.modelled_seconds < 0)
          json.attribute("modelled_seconds", nullptr);
        else
          json.attribute("modelled_seconds", kernel.modelled_seconds);
      });
  });
}

static void printKernels(raw_ostream &out,
                         ArrayRef<sparsec_kernel_stats> kernels) {
  size_t width = 6;
  for (const sparsec_kernel_stats &kernel : kernels)
    width = std::max(width, StringRef(kernel.name).size());
  out << "\n"
      << left_justify("kernel", width)
      << "  launches       seconds       waves  instructions         bytes  "
         "modelled seconds\n";
  for (const sparsec_kernel_stats &kernel : kernels) {
    out << left_justify(kernel.name, width)
        << llvm::format("  %8lld  %12.9f", (long long)kernel.launches,
                        kernel.seconds);
    if (kernel.waves >= 0)
      out << llvm::format("  %10lld  %12lld  %12lld  %16.9f",
                          (long long)kernel.waves,
                          (long long)kernel.instructions,
                          (long long)kernel.bytes, kernel.modelled_seconds);
    out << "\n";
  }
}

void sparsec::tools::printStats(
    raw_ostream &out, const sparsec_stats &stats,
    const std::vector<sparsec_kernel_stats> *kernels, Output kind) {
  std::pair<StringRef, int64_t> bytes[] = {
      {"peak_decompressed_bytes", stats.peak_decompressed_bytes},
      {"bound_decompressed_bytes", stats.bound_decompressed_bytes},
      {"peak_working_bytes", stats.peak_working_bytes},
      {"bound_working_bytes", stats.bound_working_bytes},
      {"compressed_bytes", stats.compressed_bytes},
      {"dense_bytes", stats.dense_bytes},
      {"peak_device_bytes", stats.peak_device_bytes},
  };
  if (kind == Output::Json) {
    json::OStream json(out, /*IndentSize=*/2);
    json.object([&] {
      for (auto [key, value] : bytes) {
        if (value < 0)
          json.attribute(key, nullptr);
        else
          json.attribute(key, value);
      }
      json.attribute("seconds", stats.seconds);
      if (kernels)
        printKernelsJson(json, *kernels);
    });
    out << "\n";
    return;
  }
  for (auto [key, value] : bytes) {
    std::string label = key.str();
    std::replace(label.begin(), label.end(), '_', ' ');
    if (key == "peak_device_bytes" && value < 0)
      continue;
    out << formatv("{0,-26} ", label);
    if (value < 0)
      out << "known at run time only\n";
    else
      out << formatv("{0,14}\n", value);
  }
  out << formatv("{0,-26} {1,14:f6}\n", "seconds", stats.seconds);
  if (kernels)
    printKernels(out, *kernels);
}
