//===- Expand.h - A packed weight into a dense buffer -------- -*- C++ -*--===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_COMMON_EXPAND_H
#define SPARSEC_LOWERING_COMMON_EXPAND_H

#include "lowering/common/StoredWeight.h"

namespace sparsec {

/// Emits the stores of one group of a weight into a buffer of its size, which
/// holds zeros. Groups do not touch each other's elements.
void emitExpandGroup(mlir::OpBuilder &builder, mlir::Location loc,
                     const StoredWeight &weight, mlir::Value group,
                     mlir::Value target);

/// The number of groups.
mlir::OpFoldResult getGroupCount(mlir::OpBuilder &builder, mlir::Location loc,
                                 const StoredWeight &weight);

/// Emits the zeros that emitExpandGroup starts from.
void emitExpandZeros(mlir::OpBuilder &builder, mlir::Location loc,
                     mlir::Value target);

} // namespace sparsec

#endif // SPARSEC_LOWERING_COMMON_EXPAND_H
