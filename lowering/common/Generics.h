//===- Generics.h - Everything on buffers as linalg.generic --- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_COMMON_GENERICS_H
#define SPARSEC_LOWERING_COMMON_GENERICS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"

namespace sparsec {

/// Runs `lower` on each linalg operation below `root`, and on each copy, made a
/// linalg.generic first; stops where that or `lower` fails. `target` is what
/// they are lowered to, for the diagnostic: "loops".
mlir::LogicalResult lowerAsGenerics(
    mlir::Operation *root, mlir::RewriterBase &rewriter, llvm::StringRef target,
    llvm::function_ref<mlir::LogicalResult(mlir::linalg::GenericOp)> lower);

} // namespace sparsec

#endif // SPARSEC_LOWERING_COMMON_GENERICS_H
