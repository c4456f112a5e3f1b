//===- Report.cpp - Tables and JSON for people and scripts ----------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sparsec/Report.h"

#include "tools/sparsec/BoundReport.h"
#include "tools/sparsec/KernelReport.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

#include <cmath>

using namespace llvm;
using namespace sparsec;
using namespace sparsec::tools;

static std::string formatShape(const sparsec_tensor_type &type) {
  std::string text;
  for (uint32_t d = 0; d < type.rank; ++d) {
    if (d)
      text += "x";
    text += type.shape[d] < 0 ? "?" : std::to_string(type.shape[d]);
  }
  return text;
}

std::string sparsec::tools::formatType(const sparsec_tensor_type &type) {
  return std::string(sparsec_dtype_name(type.dtype)) + "[" + formatShape(type) +
         "]";
}

static void printReportJson(raw_ostream &out, const ModelInfo &info) {
  json::OStream json(out, /*IndentSize=*/2);
  json.object([&] {
    json.attributeArray("weights", [&] {
      for (const WeightInfo &weight : info.weights)
        json.object([&] {
          json.attribute("name", weight.name);
          json.attributeArray("shape", [&] {
            for (uint32_t d = 0; d < weight.type.rank; ++d)
              json.value(weight.type.shape[d]);
          });
          json.attribute("dtype", sparsec_dtype_name(weight.type.dtype));
          json.attribute("sparsity", weight.sparsity());
          json.attribute("format", weight.format);
          json.attribute("dense_bytes", weight.denseBytes);
          json.attribute("compressed_bytes", weight.compressedBytes);
          json.attribute("ratio", weight.ratio());
          json.attribute("negative_zeros", weight.negativeZeros);
          json.attribute("removed_rows", weight.removedRows);
          json.attribute("removed_cols", weight.removedCols);
          json.attribute("reason", weight.reason);
          json.attributeArray("candidates", [&] {
            for (const CandidateInfo &candidate : weight.candidates)
              json.object([&] {
                json.attribute("format", candidate.format);
                json.attribute("bytes", candidate.bytes);
                if (candidate.seconds)
                  json.attribute("predicted_seconds", *candidate.seconds);
                else
                  json.attribute("predicted_seconds", nullptr);
              });
          });
        });
    });
    if (!info.entries.empty())
      printBoundsJson(json, info);
    if (info.image)
      printKernelsJson(json, info);
  });
  out << "\n";
}

/// Every format that a weight could have, the one that it has marked.
static void printCandidates(raw_ostream &out, const WeightInfo &weight) {
  size_t width = 6;
  for (const CandidateInfo &candidate : weight.candidates)
    width = std::max(width, candidate.format.size());
  out << "\n"
      << left_justify(weight.name, width + 4)
      << "         bytes   ratio  predicted us\n";
  for (const CandidateInfo &candidate : weight.candidates) {
    out << (candidate.format == weight.format ? "  * " : "    ")
        << left_justify(candidate.format, width)
        << llvm::format("  %12lld  %6.2f", (long long)candidate.bytes,
                        candidate.bytes ? double(weight.denseBytes) /
                                              double(candidate.bytes)
                                        : 1.0);
    if (candidate.seconds)
      out << llvm::format("  %12.1f", *candidate.seconds * 1e6);
    out << "\n";
  }
}

/// What else there is to say of a weight, as the end of its reason.
static std::string getNotes(const WeightInfo &weight) {
  std::string notes;
  if (weight.removedRows || weight.removedCols)
    notes += formatv("; {0} dead rows and {1} dead columns removed",
                     weight.removedRows, weight.removedCols)
                 .str();
  if (weight.negativeZeros)
    notes += formatv("; {0} of the stored values are -0.0: add 0.0 to the "
                     "weight before export",
                     weight.negativeZeros)
                 .str();
  return notes;
}

static void printWeightsText(raw_ostream &out, const ModelInfo &info) {
  size_t name = 6, shape = 5, layout = 6;
  for (const WeightInfo &weight : info.weights) {
    name = std::max(name, weight.name.size());
    shape = std::max(shape, formatShape(weight.type).size());
    layout = std::max(layout, weight.format.size());
  }
  auto pad = [](StringRef text, size_t width) {
    return text.str() + std::string(width - text.size(), ' ');
  };
  out << pad("weight", name) << "  " << pad("shape", shape)
      << "  type  sparsity  " << pad("format", layout)
      << "   dense bytes  compressed   ratio  reason\n";
  int64_t dense = 0, compressed = 0;
  for (const WeightInfo &weight : info.weights) {
    dense += weight.denseBytes;
    compressed += weight.compressedBytes;
    out << pad(weight.name, name) << "  "
        << pad(formatShape(weight.type), shape) << "  "
        << pad(sparsec_dtype_name(weight.type.dtype), 4)
        << llvm::format("  %6.2f %%  ", 100 * weight.sparsity())
        << pad(weight.format, layout)
        << llvm::format("  %12lld  %10lld  %6.2f  ",
                        (long long)weight.denseBytes,
                        (long long)weight.compressedBytes, weight.ratio())
        << weight.reason << getNotes(weight) << "\n";
  }
  if (info.weights.empty()) {
    out << "(no weights: nothing in this model multiplies by a constant "
           "matrix)\n";
    return;
  }
  out << pad("total", name) << "  " << pad("", shape) << "                  "
      << pad("", layout)
      << llvm::format("  %12lld  %10lld  %6.2f\n", (long long)dense,
                      (long long)compressed,
                      compressed ? double(dense) / double(compressed) : 1.0);
  for (const WeightInfo &weight : info.weights)
    if (weight.candidates.size() > 1)
      printCandidates(out, weight);
}

void sparsec::tools::printReport(raw_ostream &out, const ModelInfo &info,
                                 Output kind) {
  if (kind == Output::Json)
    return printReportJson(out, info);
  printWeightsText(out, info);
  if (!info.entries.empty())
    printBounds(out, info);
  if (info.image)
    printKernels(out, info);
}

/// Whether a time in a file is one.
static bool isKnown(double seconds) {
  return std::isfinite(seconds) && seconds >= 0;
}

ModelInfo
sparsec::tools::readModelInfo(const sparsec_module_desc &description) {
  ModelInfo info;
  info.target = description.target;
  info.cpu = description.cpu;
  info.features = description.features;
  info.strict = description.strict_fp;
  for (uint32_t i = 0; i < description.num_weights; ++i) {
    const sparsec_weight &from = description.weights[i];
    WeightInfo weight;
    weight.name = from.name;
    weight.type.dtype = from.dtype;
    weight.type.rank = from.rank;
    std::copy_n(from.shape, SPARSEC_MAX_RANK, weight.type.shape);
    weight.format = from.format;
    weight.reason = from.reason;
    weight.nnz = from.nnz;
    weight.denseBytes = from.dense_bytes;
    weight.compressedBytes = from.compressed_bytes;
    weight.negativeZeros = from.negative_zeros;
    weight.removedRows = from.removed_rows;
    weight.removedCols = from.removed_cols;
    for (uint32_t c = 0; c < from.num_candidates; ++c)
      weight.candidates.push_back(
          {from.candidates[c].format, from.candidates[c].bytes,
           isKnown(from.candidates[c].seconds)
               ? std::optional(from.candidates[c].seconds)
               : std::nullopt});
    info.weights.push_back(std::move(weight));
  }
  return info;
}
