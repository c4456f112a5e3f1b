//===- Buffers.h - Arrays within reach of 32 bits ------------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A buffer has offsets of 32 bits and a size that the hardware checks: what is
// read beyond it is zero, what is written there is lost.

#ifndef SPARSEC_LOWERING_AMDGPU_BUFFERS_H
#define SPARSEC_LOWERING_AMDGPU_BUFFERS_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

namespace sparsec {

/// The elements lie one after the other in row-major order, wherever the first
/// one is.
bool isContiguous(mlir::MemRefType type);

/// The memref may be a buffer: its elements lie one after the other, and those
/// of a known size are within reach.
bool canBeBuffer(mlir::Value memref);

/// Emits, outside kernels, the check that one of unknown size is.
void assertReach(mlir::OpBuilder &b, mlir::Location loc, mlir::Value memref);

/// The same elements in one dimension.
mlir::Value flatten(mlir::OpBuilder &b, mlir::Location loc, mlir::Value memref);

/// The memref as a buffer, inside a kernel.
mlir::Value toBuffer(mlir::OpBuilder &b, mlir::Location loc,
                     mlir::Value memref);

/// The number of an element that is outside every buffer of such elements, also
/// with what an instruction adds to its offset.
int64_t getOutside(mlir::MemRefType type);

/// Stores values of neighbouring elements of a buffer, if `inside`.
void storeInside(mlir::OpBuilder &b, mlir::Location loc, mlir::Value buffer,
                 mlir::Value offset, mlir::Value inside, mlir::Value values);

} // namespace sparsec

#endif // SPARSEC_LOWERING_AMDGPU_BUFFERS_H
