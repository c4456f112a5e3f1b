//===- PackLoops.h - Compression at run time, as loops -------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_PASSES_PACKLOOPS_H
#define SPARSEC_PASSES_PACKLOOPS_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

namespace sparsec {

/// Emits loops over the tensor `dense` that give the component arrays of the
/// matrix in the format of `compressed`, with dynamic numbers of stored
/// entries; nothing for a format that has none. Part of the reference lowering.
llvm::SmallVector<mlir::Value> emitPack(mlir::OpBuilder &builder,
                                        mlir::Location loc,
                                        mlir::RankedTensorType compressed,
                                        mlir::Value dense);

} // namespace sparsec

#endif // SPARSEC_PASSES_PACKLOOPS_H
