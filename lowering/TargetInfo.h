//===- TargetInfo.h - What is known of each target ------------ -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_TARGETINFO_H
#define SPARSEC_LOWERING_TARGETINFO_H

#include "lowering/common/Cursor.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>

namespace llvm {
class TargetMachine;
} // namespace llvm

namespace sparsec {

/// A CPU to compile for.
struct HostTarget {
  std::string cpu;      ///< as LLVM names it, never "native"
  std::string features; ///< LLVM feature string, "" for those of the CPU
  VectorUnit unit;
  /// What the machine that runs the code must have, as /proc/cpuinfo names it,
  /// comma separated.
  std::string required;
  std::shared_ptr<llvm::TargetMachine> machine;
};

/// The host by CPU name: "native" is the CPU that this runs on.
llvm::Expected<HostTarget> getHostTarget(llvm::StringRef cpu);

/// An AMD GPU to compile for, with waves of 64 lanes. The figures are AMD's for
/// the card named, at its base clock.
struct GpuChip {
  llvm::StringRef name; ///< as LLVM names it
  llvm::StringRef card;
  unsigned computeUnits;
  double memoryBandwidth; ///< bytes a second
  unsigned simdsPerUnit = 4;
  unsigned wavesPerSimd = 10; ///< at most
  unsigned vgprs = 256;       ///< of a lane, shared by the waves of a SIMD
  unsigned vgprGranule = 4;
  unsigned sgprs = 800; ///< of a SIMD
  unsigned sgprGranule = 16;
  unsigned ldsBytes = 64 * 1024; ///< of a compute unit
  unsigned ldsGranule = 512;
};

/// Null for what is no GPU.
const GpuChip *findGpuChip(llvm::StringRef name);

/// How much of what a window of a weight is computed with caches hold; 0 where
/// weights are best expanded as a whole.
struct WindowSizes {
  int64_t windowBytes; ///< of the expanded window
  int64_t batchBytes;  ///< of other operands and results
};
WindowSizes getWindowSizes(llvm::StringRef target);

/// When a convolution is faster as a product of its filter with patches of the
/// image: of sparsec-from-convolutions.
struct ConvolutionRules {
  double maxDensity;
  int64_t patchBytes;
  int64_t imageWork;
};
ConvolutionRules getConvolutionRules(llvm::StringRef target);

/// The names that --target takes.
llvm::ArrayRef<llvm::StringRef> getTargetNames();

} // namespace sparsec

#endif // SPARSEC_LOWERING_TARGETINFO_H
