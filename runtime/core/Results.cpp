//===- Results.cpp - From the entry to the caller -------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/CallFrame.h"
#include "runtime/core/Status.h"
#include "runtime/core/Types.h"

#include <cinttypes>
#include <cstring>

using namespace sparsec;
using rt::Text;

/// Dimensions of one element may have any stride.
static bool isContiguous(const sparsec_tensor_type &type,
                         const int64_t *strides) {
  int64_t wanted[SPARSEC_MAX_RANK];
  rt::rowMajorStrides(type, wanted);
  for (uint32_t i = 0; i < type.rank; ++i)
    if (type.shape[i] != 1 && strides[i] != wanted[i])
      return false;
  return true;
}

/// Gathers dimensions [dim, rank) into `to`; returns the end of what it wrote.
static char *gather(const sparsec_tensor_type &type, const int64_t *strides,
                    uint32_t dim, const char *from, char *to) {
  int64_t bytes = int64_t(sparsec_dtype_bytes(type.dtype));
  if (dim == type.rank) {
    std::memcpy(to, from, size_t(bytes));
    return to + bytes;
  }
  if (dim + 1 == type.rank && strides[dim] == 1) {
    std::memcpy(to, from, size_t(bytes * type.shape[dim]));
    return to + bytes * type.shape[dim];
  }
  for (int64_t i = 0; i < type.shape[dim]; ++i)
    to = gather(type, strides, dim + 1, from + i * strides[dim] * bytes, to);
  return to;
}

sparsec_status rt::CallFrame::takeOne(Invocation &run, uint32_t index,
                                      const char *packedDescriptor,
                                      sparsec_tensor &result) {
  sparsec_descriptor found;
  const sparsec_tensor_type &promised = entry.results[index];
  std::memcpy(&found, packedDescriptor, 24 + 16 * size_t(promised.rank));
  const int64_t *strides = found.sizes_and_strides + promised.rank;

  result.type = promised;
  bool asPromised = true;
  for (uint32_t i = 0; i < promised.rank; ++i) {
    result.type.shape[i] = found.sizes_and_strides[i];
    asPromised &= promised.shape[i] == -1
                      ? result.type.shape[i] >= 0
                      : promised.shape[i] == result.type.shape[i];
  }
  uint64_t bytes = 0;
  asPromised = asPromised && tensorBytes(result.type, bytes);
  if (!asPromised || (bytes != 0 && !found.aligned)) {
    Text why;
    why.append("entry \"%s\" returned ", entry.name);
    appendType(why, result.type);
    why.append(found.aligned ? " as result %u, which should be "
                             : " without data as result %u, which should be ",
               index);
    appendType(why, promised);
    return fail(SPARSEC_INVALID_ARTEFACT, why);
  }

  // The usual case: a block of this run, all of it, and not a result already.
  bool whole = found.offset == 0 && isContiguous(result.type, strides);
  Block *block = run.find(found.aligned);
  if (block && whole && block->bytes < bytes)
    return fail(SPARSEC_INVALID_ARTEFACT,
                "entry \"%s\" returned %" PRIu64 " bytes for result %u, which "
                "has %" PRIu64,
                entry.name, block->bytes, index, bytes);
  if (!block || !whole || block->taken) {
    // A view, a constant, an input, or one buffer returned twice.
    block = run.allocate(kAlignment, bytes, /*counted=*/false);
    if (!block)
      return fail(SPARSEC_OUT_OF_MEMORY,
                  "not enough memory for result %u of entry \"%s\": %" PRIu64
                  " bytes",
                  index, entry.name, bytes);
    if (bytes != 0) {
      int64_t first =
          found.offset * int64_t(sparsec_dtype_bytes(promised.dtype));
      gather(result.type, strides, 0,
             static_cast<const char *>(found.aligned) + first,
             static_cast<char *>(block->data()));
    }
  }
  block->taken = true;
  result.data = block->data();
  return SPARSEC_OK;
}

sparsec_status rt::CallFrame::take(Invocation &run, sparsec_tensor *results) {
  const char *next = packed;
  for (uint32_t i = 0; i < entry.num_results; ++i) {
    if (sparsec_status status = takeOne(run, i, next, taken[i]))
      return status;
    next += 24 + 16 * size_t(entry.results[i].rank);
  }
  // Nothing can fail from here on.
  for (uint32_t i = 0; i < entry.num_results; ++i) {
    run.detach(Block::of(taken[i].data));
    results[i] = taken[i];
  }
  return SPARSEC_OK;
}
