//===- Transpose.h - The transpose of a matrix on the card ---- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_AMDGPU_TRANSPOSE_H
#define SPARSEC_LOWERING_AMDGPU_TRANSPOSE_H

#include "mlir/IR/Builders.h"

namespace sparsec {

/// Emits a launch that writes the transpose of a contiguous matrix, whose
/// elements are within reach of 32 bits, to a new one. Returns that.
mlir::Value emitTranspose(mlir::OpBuilder &b, mlir::Location loc,
                          mlir::Value matrix);

} // namespace sparsec

#endif // SPARSEC_LOWERING_AMDGPU_TRANSPOSE_H
