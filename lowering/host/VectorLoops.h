//===- VectorLoops.h - linalg as loops over vectors ----------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_HOST_VECTORLOOPS_H
#define SPARSEC_LOWERING_HOST_VECTORLOOPS_H

#include "lowering/host/Kernels.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace sparsec {

/// The loop that walks along the last dimension of the result, if the operation
/// can be computed on vectors along it.
std::optional<unsigned> getVectorLoop(mlir::linalg::GenericOp op);

/// Emits an operation on memrefs whose last loop is its vector loop and whose
/// reductions come right before it:
///
///   for each parallel index
///     for each tile of the vector loop
///       registers = elements of the result
///       for each reduction index, ascending
///         registers = body(vectors of the operands, registers)
///       elements of the result = registers
///
/// With registers to spare, some indices of the innermost parallel loop along
/// which an operand has the same vectors are computed together. The outermost
/// loop is an scf.parallel if `parallel`.
void emitVectorLoops(mlir::OpBuilder &builder, mlir::linalg::GenericOp op,
                     bool parallel, const KernelOptions &options);

} // namespace sparsec

#endif // SPARSEC_LOWERING_HOST_VECTORLOOPS_H
