//===- Pipeline.h - Kernels of a GPU model into ROCDL --------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_AMDGPU_PIPELINE_H
#define SPARSEC_LOWERING_AMDGPU_PIPELINE_H

#include "llvm/ADT/StringRef.h"

namespace mlir {
class DialectRegistry;
class OpPassManager;
} // namespace mlir

namespace sparsec {

/// The gpu.module of a model into the LLVM dialect with ROCDL intrinsics, for
/// a chip such as gfx803.
void buildAmdgpuPipeline(mlir::OpPassManager &pm, llvm::StringRef chip);

/// What translating that to LLVM IR needs.
void registerAmdgpuTranslations(mlir::DialectRegistry &registry);

} // namespace sparsec

#endif // SPARSEC_LOWERING_AMDGPU_PIPELINE_H
