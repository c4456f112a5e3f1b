//===- Kernarg.h - The arguments of a launch --------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_HSA_KERNARG_H
#define SPARSEC_RUNTIME_HSA_KERNARG_H

#include "runtime/core/Device.h"
#include "runtime/hsa/Metadata.h"

namespace sparsec::rt {

/// What hidden arguments tell of the queue.
struct QueueFacts {
  uint64_t address = 0; ///< of its amd_queue_t
  /// High halves of the flat addresses of LDS and scratch.
  uint32_t sharedBaseHi = 0, privateBaseHi = 0;
};

/// Dimensions of the launch: 1 if y and z are 1 in grid and workgroup.
unsigned gridDimensions(const LaunchSize &size);

/// Writes all `kernel.kernargBytes` of the segment; `arguments` has at least
/// `kernel.explicitBytes`.
void fillKernarg(const KernelMetadata &kernel, const LaunchSize &size,
                 const QueueFacts &queue, const void *arguments, void *segment);

} // namespace sparsec::rt

#endif // SPARSEC_RUNTIME_HSA_KERNARG_H
