//===- ProductEnds.h - Before and after the sums of a product - -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_PASSES_PRODUCTENDS_H
#define SPARSEC_PASSES_PRODUCTENDS_H

#include "dialect/Ops.h"

namespace sparsec {

/// What the sums of a product begin with, in f32: zeros, or `init`, its outs
/// operand.
mlir::Value createFirstSums(mlir::OpBuilder &b, MatmulOp op, mlir::Value init);

/// The result from its sums: the epilogue, on operands that stand for its own,
/// or the rounding to the element type. Sums that are the result stay as they
/// are.
mlir::Value createResult(mlir::OpBuilder &b, MatmulOp op, mlir::Value sums,
                         mlir::ValueRange epilogueOperands);

} // namespace sparsec

#endif // SPARSEC_PASSES_PRODUCTENDS_H
