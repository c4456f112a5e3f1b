//===- Metadata.h - What an AMDGPU code object says of itself ---*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_HSA_METADATA_H
#define SPARSEC_RUNTIME_HSA_METADATA_H

#include "runtime/core/Text.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sparsec::rt {

/// Arguments that the compiler adds and whoever launches fills in.
enum class HiddenKind : uint8_t {
  Zero, ///< services that are not offered: printf, host calls, a heap, ...
  BlockCountX,
  BlockCountY,
  BlockCountZ,
  GroupSizeX,
  GroupSizeY,
  GroupSizeZ,
  RemainderX,
  RemainderY,
  RemainderZ,
  GridDims,
  DynamicLdsSize,
  PrivateBase,
  SharedBase,
  QueuePtr
};

struct HiddenArgument {
  HiddenKind kind = HiddenKind::Zero;
  uint32_t offset = 0, bytes = 0;
};

/// One kernel. Each argument has been found to lie in the kernarg segment.
struct KernelMetadata {
  std::string name;   ///< "saxpy"
  std::string symbol; ///< of its descriptor: "saxpy.kd"
  uint32_t kernargBytes = 0;
  uint32_t explicitBytes = 0; ///< of these, from 0: what a launch gives
  uint32_t groupBytes = 0, privateBytes = 0;
  uint32_t mostItems = 1024;                 ///< in a workgroup
  uint32_t requiredWorkgroup[3] = {0, 0, 0}; ///< zeros: any
  bool dynamicStack = false;
  std::vector<HiddenArgument> hidden;
};

struct CodeMetadata {
  std::string target; ///< "amdgcn-amd-amdhsa--gfx803"
  std::vector<KernelMetadata> kernels;
};

/// Reads the note of a code object of ABI version 4 or later. Any bytes may be
/// given: false, with the reason in `why`, if they are not such a file.
bool readMetadata(const void *image, uint64_t bytes, CodeMetadata &metadata,
                  Text &why);

} // namespace sparsec::rt

#endif // SPARSEC_RUNTIME_HSA_METADATA_H
