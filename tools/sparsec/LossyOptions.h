//===- LossyOptions.h - What a model may lose, if told to ----- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_TOOLS_SPARSEC_LOSSYOPTIONS_H
#define SPARSEC_TOOLS_SPARSEC_LOSSYOPTIONS_H

#include "lowering/Pipelines.h"

#include "llvm/Support/CommandLine.h"

namespace sparsec::tools {

inline constexpr const char *kPruneHelp =
    "Prune weights, which is lossy: magnitude:0.9, row:0.5, column:0.5, "
    "channel:0.5 (fractions to drop), block:0.9:8 (with the size of a block), "
    "nm:2:4, or threshold:0.01 (magnitudes to drop)";
inline constexpr const char *kQuantizeHelp =
    "Store weights as int8 with a scale a channel, which is lossy: int8";

/// Reads --prune and --quantize. Returns what the process leaves with if they
/// make no sense.
int readLossyOptions(const llvm::cl::opt<std::string> &prune,
                     const llvm::cl::opt<std::string> &quantize,
                     ModelPipelineOptions &options);

} // namespace sparsec::tools

#endif // SPARSEC_TOOLS_SPARSEC_LOSSYOPTIONS_H
