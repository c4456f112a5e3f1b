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

/// The plan that takes the least time, for the rows as they are or, where they
/// are not known, for equal ones. A window gets the lanes of its whole weight,
/// whose sums have the same bits then.
RowPlan planRows(const StoredWeight &weight, mlir::Operation *from);

/// A constant of the module with the order of the plan.
mlir::Value createOrder(mlir::OpBuilder &b, mlir::Location loc,
                        const RowPlan &plan, mlir::Operation *from);

} // namespace sparsec

#endif // SPARSEC_LOWERING_AMDGPU_ROWPLAN_H
