//===- GpuLaunch.h - One work item for each element ----------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_COMMON_GPULAUNCH_H
#define SPARSEC_LOWERING_COMMON_GPULAUNCH_H

#include "mlir/IR/Builders.h"

namespace sparsec {

/// On a kernel: in how many places of the model it is launched, and the bytes
/// of the buffers that these give it, if all are of known size.
inline constexpr llvm::StringLiteral kLaunchesAttrName = "sparsec.launches";
inline constexpr llvm::StringLiteral kBytesAttrName = "sparsec.bytes";

/// Emits a gpu.launch with a work item for each point of a box; `body` gets its
/// indices. `name` is what the kernel's name begins with. The last dimension is
/// that of neighbouring lanes. The launch has whole workgroups of one wave;
/// what is beyond the box does nothing.
void launchOver(mlir::OpBuilder &builder, mlir::Location loc,
                llvm::StringRef name, llvm::ArrayRef<mlir::OpFoldResult> sizes,
                llvm::function_ref<void(mlir::OpBuilder &, mlir::Location,
                                        mlir::ValueRange)>
                    body);

} // namespace sparsec

#endif // SPARSEC_LOWERING_COMMON_GPULAUNCH_H
