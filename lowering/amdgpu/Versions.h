//===- Versions.h - A kernel for each size of a batch --------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_AMDGPU_VERSIONS_H
#define SPARSEC_LOWERING_AMDGPU_VERSIONS_H

#include "dialect/Ops.h"

namespace sparsec {

/// On a product whose number of columns is not known: there are fewer than
/// kLeastColumns, or more than the lanes of a wave.
inline constexpr llvm::StringLiteral kFewColumnsAttrName =
    "sparsec.few_columns";
inline constexpr llvm::StringLiteral kManyColumnsAttrName =
    "sparsec.many_columns";

/// Replaces each product of a batch of unknown size by a choice, made when the
/// model runs: one column, where `strict` does not ask for an order of sums
/// that a wave cannot keep; a few; up to a wave of columns; more.
void versionByColumns(mlir::Operation *module, bool strict);

} // namespace sparsec

#endif // SPARSEC_LOWERING_AMDGPU_VERSIONS_H
