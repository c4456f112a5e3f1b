//===- StreamPlan.h - What a device holds of the weights ------ -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Used by the pass sparsec-tile-windows.

#ifndef SPARSEC_PASSES_STREAMPLAN_H
#define SPARSEC_PASSES_STREAMPLAN_H

#include "dialect/Ops.h"

#include "mlir/IR/BuiltinOps.h"

namespace sparsec {

/// A product with a packed weight that is brought to the device for it.
struct StreamedProduct {
  MatmulOp product;
  int64_t outer, outerSize; ///< the dimension that is cut, and its size
  int64_t window;           ///< outer indices in a window
};

/// Decides which weights stay in the memory of a device and which come and go
/// in windows, two at a time, so that all constants of the model take `budget`
/// bytes there. Marks the latter with kStreamedAttrName. Fails with a
/// diagnostic if the budget is too small.
mlir::FailureOr<llvm::SmallVector<StreamedProduct>>
planStreams(mlir::ModuleOp module, int64_t budget);

} // namespace sparsec

#endif // SPARSEC_PASSES_STREAMPLAN_H
