//===- StoredWeight.h - The arrays behind a compressed operand - -*- C++
//-*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_COMMON_STOREDWEIGHT_H
#define SPARSEC_LOWERING_COMMON_STOREDWEIGHT_H

#include "dialect/Ops.h"
#include "lowering/common/Cursor.h"

namespace sparsec {

/// The name of the discardable attribute of an `assemble` that stands for
/// windows of a weight: the offsets of all of it, by which kernels are chosen.
inline constexpr llvm::StringLiteral kWholeOffsetsAttrName =
    "sparsec.whole_offsets";

/// The compressed operand of a product, after bufferization.
struct StoredWeight {
  WeightStorage storage;
  unsigned outerDim = 0;
  int64_t outerSize = 0;  ///< or kDynamic
  mlir::Value outerCount; ///< the same, as an index
  int64_t storedElements = 0;
  mlir::ElementsAttr wholeOffsets; ///< of a streamed window's weight, or null
};

/// Walks from the handle `tensor`, an operand of `op`, through windows to the
/// memrefs that hold the weight. Their leading dimensions are dynamic, so that
/// kernels for weights with different numbers of entries are equal. Fails with
/// a diagnostic where there are none.
mlir::FailureOr<StoredWeight> findStoredWeight(mlir::OpBuilder &builder,
                                               mlir::Operation *op,
                                               mlir::Value tensor);

/// Erases the handles of weights, once products have no use for them.
void eraseWeightHandles(mlir::Operation *module);

} // namespace sparsec

#endif // SPARSEC_LOWERING_COMMON_STOREDWEIGHT_H
