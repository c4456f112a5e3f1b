//===- Pipelines.h - The stages from a model to code ---------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_PIPELINES_H
#define SPARSEC_LOWERING_PIPELINES_H

#include "lowering/common/Cursor.h"
#include "passes/Passes.h"

#include <cstdint>
#include <optional>
#include <string>

namespace mlir {
class DialectRegistry;
class OpPassManager;
} // namespace mlir

namespace sparsec {

struct ModelPipelineOptions {
  int64_t batch = 0; ///< fix the leading dimension to this; 0 leaves it
  /// Of sparsec-select-format.
  std::string format = "auto", strategy = "rules", target = "host", costTable;
  std::optional<PruneOptions> prune; ///< of sparsec-prune, if it is to run
  bool quantize = false;             ///< run sparsec-quantize
  int64_t memoryBudget = -1;         ///< of sparsec-tile-windows
  int64_t windowRows = 0;            ///< of sparsec-tile-windows
  int64_t weightBudget = -1;         ///< of sparsec-tile-windows
  bool pack = true; ///< false stops when the formats are chosen
};

/// Linalg or TOSA into products with packed weights:
///   tosa to linalg, set-batch, from-linalg, prune (if told to),
///   from-convolutions (unless all is to be dense), eliminate-dead-channels,
///   quantize (if told to), fuse-epilogue, split-weights (by cost),
///   select-format, pack-weights, tile-windows.
void buildModelPipeline(mlir::OpPassManager &pm,
                        const ModelPipelineOptions &options);

struct HostPipelineOptions {
  VectorUnit unit{16, 32, true};
  bool strict = false;
  bool stream = false; ///< weights leave memory once they have been read
};

/// Products with packed weights into loops over memrefs and vectors: reference
/// lowering of what has no kernel, bufferization, kernels, linalg to loops.
void buildHostKernelPipeline(mlir::OpPassManager &pm,
                             const HostPipelineOptions &options);

/// Loops into the LLVM and OpenMP dialects, calling the runtime's ABI only.
void buildHostLLVMPipeline(mlir::OpPassManager &pm,
                           const HostPipelineOptions &options);

/// Products with packed weights into kernels for a GPU and entries that launch
/// them: the same up to bufferization, then gpu.launch, outlining, and calls of
/// the runtime.
void buildDeviceKernelPipeline(mlir::OpPassManager &pm, bool strict);

/// Everything that the pipelines need of the registry: upstream's dialects,
/// ours, and their interfaces.
void registerDialects(mlir::DialectRegistry &registry);

/// Passes and pipelines for a command line: `sparsec-model`, `sparsec-host`,
/// `sparsec-host-llvm`, `sparsec-device` and `sparsec-amdgpu`.
void registerPassesAndPipelines();

} // namespace sparsec

#endif // SPARSEC_LOWERING_PIPELINES_H
