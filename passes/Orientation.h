//===- Orientation.h - Which weights are stored transposed ---- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A format that is compressed by rows gives a sum in a register where a product
// adds up along a row (W x, x W^T); where it adds up along a column (x W, W^T
// x), each stored element updates another sum in memory. The products of a
// constant weight are all known, so a weight whose products all add up along
// its columns is stored as its transpose, and they take it transposed. No sum
// changes its order.

#ifndef SPARSEC_PASSES_ORIENTATION_H
#define SPARSEC_PASSES_ORIENTATION_H

#include "dialect/Ops.h"

#include "llvm/ADT/DenseMap.h"

namespace sparsec {

class Orientation {
public:
  /// Looks at the products of all weights of a module.
  explicit Orientation(mlir::ModuleOp module);

  /// The type to store a weight in as its transpose; null if it is better
  /// stored as it is.
  mlir::RankedTensorType getTransposedType(CompressOp op) const;

  /// Whether all uses of `op` are products that add up along its columns.
  static bool addsAlongColumns(CompressOp op);

  /// The layout of the transpose of a matrix of this shape; null if there is
  /// none.
  static formats::FormatPtr getTransposedLayout(formats::FormatPtr layout,
                                                int64_t rows, int64_t cols);

  /// Has the products of `weight` take it transposed, which it has become.
  static void transposeUses(mlir::Value weight);

private:
  /// By constant and type: equal weights are stored once.
  llvm::DenseMap<std::pair<mlir::Attribute, mlir::Type>, bool> transposed;
};

} // namespace sparsec

#endif // SPARSEC_PASSES_ORIENTATION_H
