//===- RowPlan.h - Lanes for rows of known length ------------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_AMDGPU_ROWPLAN_H
#define SPARSEC_LOWERING_AMDGPU_ROWPLAN_H

#include "lowering/common/StoredWeight.h"

namespace sparsec {

/// How the rows of a weight are spread over waves.
struct RowPlan {
  int64_t lanes = 64; ///< for a row: a power of two
  /// The rows in the order of the lanes that take them; empty if it is theirs.
  std::vector<int32_t> order;
};

/// The offsets of a weight whose rows are all there, where they are known.
std::optional<std::vector<int32_t>> readOffsets(const StoredWeight &weight,
                                                mlir::Operation *from);

/// The plan that takes the least time, of `entries` entries a row on average
/// where nothing more is known.
RowPlan planRows(llvm::ArrayRef<int32_t> offsets);
RowPlan planRows(int64_t rows, int64_t entries);

/// A constant of the module with the order of the plan.
mlir::Value createOrder(mlir::OpBuilder &b, mlir::Location loc,
                        const RowPlan &plan, mlir::Operation *from);

} // namespace sparsec

#endif // SPARSEC_LOWERING_AMDGPU_ROWPLAN_H
