//===- Types.h - Tensor types at run time -----------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_CORE_TYPES_H
#define SPARSEC_RUNTIME_CORE_TYPES_H

#include "runtime/core/Text.h"
#include "sparsec/runtime.h"

namespace sparsec::rt {

/// Appends "f32[?x64]"; a dimension of -1 is a question mark.
void appendType(Text &text, const sparsec_tensor_type &type);
/// The same for a shape that is not in a sparsec_tensor_type.
void appendType(Text &text, uint32_t dtype, uint32_t rank,
                const int64_t *shape);

/// Stores the bytes of a tensor all of whose dimensions are known. False if
/// they, or the strides, do not fit into 63 bits. The product leaves zero
/// dimensions out for that test: their strides are computed all the same.
bool tensorBytes(const sparsec_tensor_type &type, uint64_t &bytes);

/// Row-major strides in elements.
void rowMajorStrides(const sparsec_tensor_type &type, int64_t *strides);

} // namespace sparsec::rt

#endif // SPARSEC_RUNTIME_CORE_TYPES_H
