//===- Passes.h - Finding, choosing and packing weights ------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_PASSES_PASSES_H
#define SPARSEC_PASSES_PASSES_H

#include "mlir/Pass/Pass.h"

namespace sparsec {

/// The module attribute in which sparsec-select-format records each weight: an
/// array of dictionaries with `name`, `shape`, `dtype`, `nnz`,
/// `negative_zeros`, `removed_rows`, `removed_cols`, `format`, `dense_bytes`,
/// `compressed_bytes`, `reason` and `candidates`, which have `format`, `bytes`
/// and, where it is predicted, `seconds`.
inline constexpr llvm::StringLiteral kWeightsAttrName = "sparsec.weights";

/// The name of the discardable attribute, an index, by which
/// sparsec-tile-windows tells the `decompress` operations of a function under
/// a memory budget apart.
inline constexpr llvm::StringLiteral kExpansionAttrName = "sparsec.expansion";

#define GEN_PASS_DECL
#include "passes/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "passes/Passes.h.inc"

} // namespace sparsec

#endif // SPARSEC_PASSES_PASSES_H
