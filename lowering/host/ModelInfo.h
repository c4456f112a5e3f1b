//===- ModelInfo.h - What an artefact says of itself ---------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_HOST_MODELINFO_H
#define SPARSEC_LOWERING_HOST_MODELINFO_H

#include "sparsec/abi.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>
#include <vector>

namespace sparsec {

/// A public function of the model.
struct EntryInfo {
  std::string name;
  std::vector<sparsec_tensor_type> inputs, results;
  int64_t boundDecompressed = 0; ///< bytes; -1 if not known before a run
  int64_t boundWorking = 0;      ///< bytes; -1 if not known before a run
};

/// A format that a weight could have.
struct CandidateInfo {
  std::string format;
  int64_t bytes = 0;
  std::optional<double> seconds; ///< predicted, where the cost table says
};

/// One weight and why it is stored as it is.
struct WeightInfo {
  std::string name;
  sparsec_tensor_type type;
  std::string format, reason;
  int64_t nnz = 0, denseBytes = 0, compressedBytes = 0;
  int64_t negativeZeros = 0, removedRows = 0, removedCols = 0;
  std::vector<CandidateInfo> candidates;

  double sparsity() const;
  double ratio() const;
};

/// A kernel of a model for a device, and what it takes of the device.
struct KernelInfo {
  std::string name;
  int64_t launches = 0; ///< places in the model's entries that launch it
  /// The buffers that these give it, each once: no run can be faster than
  /// memory moves them. -1 where they depend on the batch.
  int64_t bytes = -1;
  unsigned items = 0; ///< work items of a workgroup
  unsigned vgprs = 0, sgprs = 0;
  unsigned ldsBytes = 0;     ///< of a workgroup
  unsigned scratchBytes = 0; ///< of a work item
  unsigned spills = 0;       ///< registers that are kept in scratch
  unsigned occupancy = 0;    ///< waves that a SIMD holds at a time
};

/// The kernels of a model for a device.
struct DeviceImage {
  std::vector<KernelInfo> kernels; ///< in the order of their numbers
  std::string code;                ///< a code object
  uint64_t weightsBytes = 0;       ///< that stay on the device
  uint64_t streamedBytes = 0;      ///< that come in windows
};

struct ModelInfo {
  std::string target, cpu, features;
  bool strict = false;
  std::vector<EntryInfo> entries;
  std::vector<WeightInfo> weights;
  std::optional<DeviceImage> image; ///< of a model for a device
};

/// The ABI's number for an element type; 0 if it has none.
uint32_t getDtype(mlir::Type elementType);

/// Describes the public functions of a model, after the model pipeline. Fails
/// with a diagnostic where one takes or gives something else than tensors, and
/// where there is none.
mlir::FailureOr<std::vector<EntryInfo>> describeEntries(mlir::ModuleOp module);

/// What sparsec-select-format recorded.
std::vector<WeightInfo> describeWeights(mlir::ModuleOp module);

/// Fills in the bounds of each entry, after the kernel pipeline: an upper bound
/// on what is allocated at one time, from the static sizes of allocations.
void computeBounds(mlir::ModuleOp module, std::vector<EntryInfo> &entries);

} // namespace sparsec

#endif // SPARSEC_LOWERING_HOST_MODELINFO_H
