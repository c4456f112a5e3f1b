//===- Constants.h - Constant weights and packed components --- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_DIALECT_CONSTANTS_H
#define SPARSEC_DIALECT_CONSTANTS_H

#include "dialect/Attrs.h"
#include "dialect/Ops.h"

#include "mlir/IR/BuiltinAttributes.h"

namespace sparsec {

/// The name of the discardable attribute, a dictionary, that follows a weight
/// from `compress` (or the convolution that it is the filter of) to `assemble`
/// (or to the constant, if it stays dense):
/// `name`, `reason`, and the statistics that `sparsec inspect` prints; and
/// `note`, what was done to the weight that is not without loss.
inline constexpr llvm::StringLiteral kWeightAttrName = "sparsec.weight";

/// The name of a weight; "weight" if it was given none.
llvm::StringRef getWeightName(CompressOp op);

/// Adds to the note of the weight of `op`.
void addWeightNote(mlir::Operation *op, const llvm::Twine &note);

/// The name of the discardable attribute, a unit, of an `assemble` whose weight
/// is brought to a device in windows, for each product anew.
inline constexpr llvm::StringLiteral kStreamedAttrName = "sparsec.streamed";

/// Arrays of a window begin at a multiple of this, and have as many readable
/// bytes behind them, as those of a whole weight.
inline constexpr int64_t kStreamSlack = formats::Buffer::kSlack;

/// The constant behind a value, or null.
mlir::ElementsAttr getConstantElements(mlir::Value value);

/// The bytes of a constant in row-major order: those of every element, or of
/// one element for a splat (`isSplat`). Nothing is copied.
struct ConstantBytes {
  llvm::ArrayRef<char> bytes;
  bool isSplat = false;
};

/// Fails with a diagnostic if the bytes are missing (a resource that the file
/// does not define) or do not fit the type.
mlir::FailureOr<ConstantBytes>
getConstantBytes(mlir::ElementsAttr elements,
                 llvm::function_ref<mlir::InFlightDiagnostic()> emitError);

/// The same for a matrix, as the packers want it.
mlir::FailureOr<formats::DenseView>
getConstantMatrix(mlir::ElementsAttr elements,
                  llvm::function_ref<mlir::InFlightDiagnostic()> emitError);

/// The same elements in another shape, nothing copied; null for an attribute of
/// another kind than those of upstream.
mlir::ElementsAttr reshapeElements(mlir::ElementsAttr elements,
                                   mlir::RankedTensorType type);

/// The name of a weight: the key of its resource, or empty.
llvm::StringRef getConstantName(mlir::ElementsAttr elements);

/// An attribute that holds the bytes of `buffer` and owns them. Small ones
/// become `dense<...>`, so that tests can read them, others a resource called
/// `name`.
mlir::ElementsAttr getElementsAttr(mlir::RankedTensorType type,
                                   formats::Buffer buffer,
                                   llvm::StringRef name);

/// Packs `compress` of a constant: replaces it with `assemble` of constant
/// arrays. Fails with a match failure if the operand is not a constant or the
/// format is not chosen, and with an error if the constant is broken.
/// `transposedType`, if given, is that of the transpose, which is packed
/// instead.
mlir::FailureOr<AssembleOp>
packConstant(CompressOp op, mlir::RewriterBase &rewriter,
             mlir::RankedTensorType transposedType = {});

} // namespace sparsec

#endif // SPARSEC_DIALECT_CONSTANTS_H
