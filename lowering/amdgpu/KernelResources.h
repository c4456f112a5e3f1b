//===- KernelResources.h - What kernels take of a GPU --------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_AMDGPU_KERNELRESOURCES_H
#define SPARSEC_LOWERING_AMDGPU_KERNELRESOURCES_H

#include "lowering/TargetInfo.h"
#include "lowering/host/ModelInfo.h"

namespace sparsec {

/// The kernels of a model in the order of their numbers: names, launches and
/// bytes. Between the device pipeline and the amdgpu pipeline.
std::vector<KernelInfo> describeKernels(mlir::ModuleOp module);

/// Fills in registers, LDS, scratch, spills and occupancy, from the metadata of
/// a code object.
llvm::Error readResources(llvm::StringRef code, const GpuChip &chip,
                          llvm::MutableArrayRef<KernelInfo> kernels);

} // namespace sparsec

#endif // SPARSEC_LOWERING_AMDGPU_KERNELRESOURCES_H
