//===- Attrs.h - Formats as encodings of tensor types --------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_DIALECT_ATTRS_H
#define SPARSEC_DIALECT_ATTRS_H

#include "runtime/formats/Format.h"

#include "mlir/IR/Attributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/TensorEncoding.h"

#include "dialect/AttrInterfaces.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialect/Attrs.h.inc"

namespace sparsec {

/// The format of a compressed tensor type, or null for any other type.
FormatAttrInterface getFormat(mlir::Type type);

/// The type without its format.
mlir::RankedTensorType getDenseType(mlir::RankedTensorType type);

/// The type with `format` as its encoding.
mlir::RankedTensorType getCompressedType(mlir::RankedTensorType type,
                                         mlir::Attribute format);

/// The types of the component arrays of a compressed type, for `stored` entries
/// (blocks for `block`), or with that dimension dynamic. The format is
/// concrete. Dynamic dimensions of the matrix stay dynamic.
llvm::SmallVector<mlir::RankedTensorType>
getComponentTypes(mlir::RankedTensorType type,
                  int64_t stored = mlir::ShapedType::kDynamic);

/// Bytes of one element as `runtime/formats` counts them.
unsigned getElementBytes(mlir::Type elementType);

/// The attribute for a layout of `runtime/formats`: the inverse of
/// FormatAttrInterface::getLayout.
mlir::Attribute getFormatAttr(mlir::MLIRContext *context,
                              const formats::Format &layout);

} // namespace sparsec

#endif // SPARSEC_DIALECT_ATTRS_H
