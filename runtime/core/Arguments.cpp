//===- Arguments.cpp - From the caller to the entry -----------------------===//
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
#include <cstdlib>
#include <cstring>

using namespace sparsec;
using rt::fail;
using rt::Text;

static bool accepts(const sparsec_tensor_type &wanted,
                    const sparsec_tensor_type &got) {
  if (wanted.dtype != got.dtype || wanted.rank != got.rank)
    return false;
  for (uint32_t i = 0; i < wanted.rank; ++i)
    if (wanted.shape[i] != -1 && wanted.shape[i] != got.shape[i])
      return false;
  return true;
}

static sparsec_status checkInput(const sparsec_entry &entry, size_t index,
                                 const sparsec_tensor &input) {
  const sparsec_tensor_type &type = input.type;
  if (sparsec_dtype_bytes(type.dtype) == 0)
    return fail(SPARSEC_INVALID_ARGUMENT,
                "input %zu has the unknown element type %u", index, type.dtype);
  if (type.rank > SPARSEC_MAX_RANK)
    return fail(SPARSEC_INVALID_ARGUMENT, "input %zu has rank %u, at most %d",
                index, type.rank, SPARSEC_MAX_RANK);
  for (uint32_t i = 0; i < type.rank; ++i)
    if (type.shape[i] < 0)
      return fail(SPARSEC_INVALID_ARGUMENT,
                  "dimension %u of input %zu is negative: %" PRId64, i, index,
                  type.shape[i]);
  if (!accepts(entry.inputs[index], type)) {
    Text why;
    why.append("input %zu has type ", index);
    rt::appendType(why, type);
    why.append(", entry \"%s\" wants ", entry.name);
    rt::appendType(why, entry.inputs[index]);
    return fail(SPARSEC_INVALID_ARGUMENT, why);
  }
  uint64_t bytes;
  if (!rt::tensorBytes(type, bytes))
    return fail(SPARSEC_INVALID_ARGUMENT,
                "input %zu is larger than the address space", index);
  if (!input.data && bytes != 0)
    return fail(SPARSEC_INVALID_ARGUMENT, "input %zu has no data", index);
  return SPARSEC_OK;
}

sparsec_status rt::checkArguments(const sparsec_entry &entry,
                                  const sparsec_tensor *inputs,
                                  size_t numInputs,
                                  const sparsec_tensor *results,
                                  size_t numResults) {
  if (numInputs != entry.num_inputs)
    return fail(SPARSEC_INVALID_ARGUMENT,
                "entry \"%s\" wants %u input%s, got %zu", entry.name,
                entry.num_inputs, entry.num_inputs == 1 ? "" : "s", numInputs);
  if (numResults != entry.num_results)
    return fail(SPARSEC_INVALID_ARGUMENT,
                "entry \"%s\" gives %u result%s, there is room for %zu",
                entry.name, entry.num_results,
                entry.num_results == 1 ? "" : "s", numResults);
  if ((!inputs && numInputs != 0) || (!results && numResults != 0))
    return fail(SPARSEC_INVALID_ARGUMENT, "no %s passed to entry \"%s\"",
                !inputs && numInputs != 0 ? "inputs" : "room for results",
                entry.name);
  for (size_t i = 0; i < numInputs; ++i)
    if (sparsec_status status = checkInput(entry, i, inputs[i]))
      return status;
  return SPARSEC_OK;
}

rt::CallFrame::~CallFrame() { std::free(storage); }

sparsec_status rt::CallFrame::bind(Invocation &run,
                                   const sparsec_tensor *inputs) {
  // One allocation, largest alignment first (all are multiples of 8). At least
  // a byte: calloc(0) may give null.
  size_t descriptorBytes = entry.num_inputs * sizeof(sparsec_descriptor);
  size_t takenBytes = entry.num_results * sizeof(sparsec_tensor);
  size_t pointerBytes = entry.num_inputs * sizeof(void *);
  size_t packedBytes = 0;
  for (uint32_t i = 0; i < entry.num_results; ++i)
    packedBytes += 24 + 16 * size_t(entry.results[i].rank);
  storage = std::calloc(
      descriptorBytes + takenBytes + pointerBytes + packedBytes + 1, 1);
  if (!storage)
    return fail(SPARSEC_OUT_OF_MEMORY,
                "not enough memory for the arguments of entry \"%s\"",
                entry.name);
  char *next = static_cast<char *>(storage);
  descriptors = reinterpret_cast<sparsec_descriptor *>(next);
  taken = reinterpret_cast<sparsec_tensor *>(next += descriptorBytes);
  pointers = reinterpret_cast<const void **>(next += takenBytes);
  packed = next + pointerBytes;

  for (uint32_t i = 0; i < entry.num_inputs; ++i) {
    const sparsec_tensor &input = inputs[i];
    void *data = input.data;
    // Null is allowed for no elements; generated code gets an address even so.
    if (!data || reinterpret_cast<uintptr_t>(data) % kAlignment != 0) {
      uint64_t bytes = 0;
      tensorBytes(input.type, bytes);
      Block *copy = run.allocate(kAlignment, bytes, /*counted=*/false);
      if (!copy)
        return fail(SPARSEC_OUT_OF_MEMORY,
                    "not enough memory to align input %u: %" PRIu64 " bytes", i,
                    bytes);
      if (bytes != 0)
        std::memcpy(copy->data(), data, bytes);
      data = copy->data();
    }
    sparsec_descriptor &descriptor = descriptors[i];
    descriptor.allocated = descriptor.aligned = data;
    std::memcpy(descriptor.sizes_and_strides, input.type.shape,
                input.type.rank * sizeof(int64_t));
    rowMajorStrides(input.type, descriptor.sizes_and_strides + input.type.rank);
    pointers[i] = &descriptor;
  }
  return SPARSEC_OK;
}
