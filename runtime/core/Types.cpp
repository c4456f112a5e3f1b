//===- Types.cpp - Tensor types at run time -------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Types.h"

#include "runtime/core/Visibility.h"

#include <cinttypes>

using namespace sparsec;

// Generated code lays these out by hand.
static_assert(sizeof(sparsec_tensor_type) == 72);
static_assert(sizeof(sparsec_descriptor) == 24 + 16 * SPARSEC_MAX_RANK);
static_assert(sizeof(sparsec_entry) == 56);
static_assert(sizeof(sparsec_candidate) == 24);
static_assert(sizeof(sparsec_weight) == 160);
static_assert(sizeof(sparsec_module_desc) == 72);

namespace {
struct DType {
  const char *name;
  size_t bytes;
};
} // namespace

static DType lookUp(uint32_t dtype) {
  switch (dtype) {
  case SPARSEC_F32:
    return {"f32", 4};
  case SPARSEC_F16:
    return {"f16", 2};
  case SPARSEC_BF16:
    return {"bf16", 2};
  case SPARSEC_I8:
    return {"i8", 1};
  case SPARSEC_I32:
    return {"i32", 4};
  case SPARSEC_I64:
    return {"i64", 8};
  case SPARSEC_I1:
    return {"i1", 1};
  case SPARSEC_F64:
    return {"f64", 8};
  default:
    return {"unknown", 0};
  }
}

SPARSEC_API size_t sparsec_dtype_bytes(uint32_t dtype) {
  return lookUp(dtype).bytes;
}

SPARSEC_API const char *sparsec_dtype_name(uint32_t dtype) {
  return lookUp(dtype).name;
}

void rt::appendType(Text &text, uint32_t dtype, uint32_t rank,
                    const int64_t *shape) {
  text.append("%s[", lookUp(dtype).name);
  for (uint32_t i = 0; i < rank; ++i) {
    if (i != 0)
      text.append("x");
    if (shape[i] == -1)
      text.append("?");
    else
      text.append("%" PRId64, shape[i]);
  }
  text.append("]");
}

void rt::appendType(Text &text, const sparsec_tensor_type &type) {
  appendType(text, type.dtype, type.rank, type.shape);
}

bool rt::tensorBytes(const sparsec_tensor_type &type, uint64_t &bytes) {
  int64_t product = int64_t(lookUp(type.dtype).bytes);
  bool empty = false;
  for (uint32_t i = 0; i < type.rank; ++i) {
    if (type.shape[i] == 0)
      empty = true;
    else if (__builtin_mul_overflow(product, type.shape[i], &product))
      return false;
  }
  bytes = empty ? 0 : uint64_t(product);
  return true;
}

void rt::rowMajorStrides(const sparsec_tensor_type &type, int64_t *strides) {
  int64_t stride = 1;
  for (uint32_t i = type.rank; i-- > 0;) {
    strides[i] = stride;
    stride *= type.shape[i];
  }
}
