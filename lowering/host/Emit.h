//===- Emit.h - Small pieces of kernel code ------------------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Used by the kernels of the host only.

#ifndef SPARSEC_LOWERING_HOST_EMIT_H
#define SPARSEC_LOWERING_HOST_EMIT_H

#include "lowering/host/Kernels.h"

namespace sparsec {

/// acc + a * b, contracted unless strict.
mlir::Value multiplyAdd(mlir::OpBuilder &builder, mlir::Location loc,
                        mlir::Value acc, mlir::Value a, mlir::Value b,
                        const KernelOptions &options);

/// a + b, of two sums.
mlir::Value addSums(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value a,
                    mlir::Value b);

/// A vector from a memref, widened to `sum`; lanes off in `mask` (may be null)
/// are not loaded and zero.
mlir::Value loadVector(mlir::OpBuilder &builder, mlir::Location loc,
                       mlir::Type sum, mlir::Value memref,
                       mlir::ValueRange indices, int64_t lanes,
                       mlir::Value mask);
/// Stores a vector of the memref's elements, lanes on in `mask` only.
void storeVector(mlir::OpBuilder &builder, mlir::Location loc,
                 mlir::Value vector, mlir::Value memref,
                 mlir::ValueRange indices, mlir::Value mask);

/// Emits `body` if index < bound, or always if `bound` is null.
void ifInside(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value index,
              mlir::Value bound,
              llvm::function_ref<void(mlir::OpBuilder &, mlir::Location)> body);

/// The index, or the last one before `bound` if that is less; `bound` may be
/// null.
mlir::Value clampIndex(mlir::OpBuilder &builder, mlir::Location loc,
                       mlir::Value index, mlir::Value bound);

/// One tile of columns: how many vectors of how many lanes, and the mask of
/// each (null where all lanes are in range).
struct ColumnTile {
  mlir::Value begin;
  int64_t lanes;
  llvm::SmallVector<mlir::Value> masks;
};

/// Covers the columns [begin, end) of `columns` (kDynamic if unknown) with
/// tiles of at most `maxVectors` vectors, emitting `body` for each kind of
/// tile.
void forEachColumnTile(
    mlir::OpBuilder &builder, mlir::Location loc, mlir::Value begin,
    mlir::Value end, int64_t staticColumns, int64_t maxVectors,
    const KernelOptions &options,
    llvm::function_ref<void(mlir::OpBuilder &, mlir::Location,
                            const ColumnTile &)>
        body);

/// Covers the columns [begin, end), a number of whole vectors, with as few
/// tiles of at most `maxVectors` vectors, a power of two; none is masked.
void forEachWholeTile(mlir::OpBuilder &builder, mlir::Location loc,
                      mlir::Value begin, mlir::Value end, int64_t maxVectors,
                      const KernelOptions &options,
                      llvm::function_ref<void(mlir::OpBuilder &, mlir::Location,
                                              const ColumnTile &)>
                          body);

} // namespace sparsec

#endif // SPARSEC_LOWERING_HOST_EMIT_H
