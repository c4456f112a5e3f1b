//===- Kernels.h - The loops of a product on the host --------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_HOST_KERNELS_H
#define SPARSEC_LOWERING_HOST_KERNELS_H

#include "lowering/common/Cursor.h"
#include "lowering/common/Epilogue.h"

namespace sparsec {

/// How code is emitted: for which vector unit, and by which rules of
/// arithmetic.
struct KernelOptions {
  VectorUnit unit;
  bool strict = false;
  mlir::Type sum; ///< what products are summed in: f32 or i32
};

/// What every kernel works on. `o` is the outer index of the weight, `i` its
/// inner one; x and y are memrefs whose last dimension is contiguous, vectors
/// or matrices with the columns of the product last.
struct KernelArgs {
  const Cursor &cursor;
  /// The number of outer indices, where the last group may reach past them;
  /// null where all groups are whole.
  mlir::Value outerBound;
  mlir::Value x;
  mlir::Value y;
  bool readInit; ///< sums start from y
  /// Applied where y is written; null if that happens elsewhere.
  const Epilogue *epilogue;
};

/// y[o] = sum over i of w[o, i] x[i], for groups [begin, end).
void emitGemv(mlir::OpBuilder &builder, mlir::Location loc,
              const KernelArgs &args, mlir::Value begin, mlir::Value end,
              const KernelOptions &options);

/// y[o, :] = sum over i of w[o, i] x[i, :], for groups [begin, end).
void emitSpmm(mlir::OpBuilder &builder, mlir::Location loc,
              const KernelArgs &args, mlir::Value begin, mlir::Value end,
              const KernelOptions &options);

/// y[i] += w[o, i] x[o], for groups [begin, end). y is of sums.
void emitGemvUpdate(mlir::OpBuilder &builder, mlir::Location loc,
                    const KernelArgs &args, mlir::Value begin, mlir::Value end,
                    const KernelOptions &options);

/// y[i, c] += w[o, i] x[o, c] for all groups and the columns [begin, end),
/// whose bounds are multiples of the vector length. y is of sums and has whole
/// vectors of columns, perhaps more than x.
void emitSpmmUpdate(mlir::OpBuilder &builder, mlir::Location loc,
                    const KernelArgs &args, mlir::Value begin, mlir::Value end,
                    const KernelOptions &options);

/// target[b, a] = epilogue(source[a, b]) for rows a in [begin, end) of
/// `source`; a null epilogue converts to or from sums. Moves square tiles
/// through registers.
void emitTranspose(mlir::OpBuilder &builder, mlir::Location loc,
                   mlir::Value source, mlir::Value target,
                   const Epilogue *epilogue, mlir::Value begin, mlir::Value end,
                   const KernelOptions &options);

/// target = epilogue(source) for rows [begin, end), or elements of a vector.
void emitWriteBack(mlir::OpBuilder &builder, mlir::Location loc,
                   mlir::Value source, mlir::Value target,
                   const Epilogue *epilogue, mlir::Value begin, mlir::Value end,
                   const KernelOptions &options);

} // namespace sparsec

#endif // SPARSEC_LOWERING_HOST_KERNELS_H
