//===- LossyOptions.cpp - What a model may lose, if told to ---------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sparsec/LossyOptions.h"

#include "tools/sparsec/Tool.h"

using namespace llvm;
using namespace sparsec;
using namespace sparsec::tools;

/// "magnitude:0.9", "block:0.9:8", "nm:2:4", "threshold:0.01".
static bool parsePrune(StringRef text, PruneOptions &options) {
  SmallVector<StringRef> parts;
  text.split(parts, ':');
  StringRef mode = parts.front();
  options.mode = mode.str();
  if (mode == "nm")
    return parts.size() == 3 && !parts[1].getAsInteger(10, options.n) &&
           !parts[2].getAsInteger(10, options.m) && options.m >= 1 &&
           options.n >= 0 && options.n <= options.m;
  if (parts.size() == 3 && mode == "block" &&
      !parts[2].getAsInteger(10, options.block) && options.block >= 1)
    parts.pop_back();
  double amount;
  if (parts.size() != 2 || parts[1].getAsDouble(amount) || !(amount >= 0))
    return false;
  if (mode == "threshold") {
    options.mode = "magnitude";
    options.threshold = amount;
    return true;
  }
  options.sparsity = amount;
  return amount <= 1 &&
         is_contained({"magnitude", "row", "column", "channel", "block"}, mode);
}

int sparsec::tools::readLossyOptions(const cl::opt<std::string> &prune,
                                     const cl::opt<std::string> &quantize,
                                     ModelPipelineOptions &options) {
  options.quantize = quantize.getNumOccurrences() > 0;
  if (prune.getNumOccurrences() && !parsePrune(prune, options.prune.emplace()))
    return misuse("--prune takes magnitude, row, column, channel or block with "
                  "a fraction, as in magnitude:0.9; nm with two numbers, as in "
                  "nm:2:4; or threshold with one, got '" +
                  prune + "'");
  if (options.quantize && quantize != "int8")
    return misuse("--quantize takes int8, got '" + quantize + "'");
  return kSuccess;
}
