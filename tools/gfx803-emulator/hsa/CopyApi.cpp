//===- CopyApi.cpp - hsa_memory_copy and its asynchronous kin -------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/hsa/Messages.h"
#include "tools/gfx803-emulator/hsa/Runtime.h"

#include <algorithm>

using namespace gfx803;
using namespace gfx803::hsa;

static uint64_t number(const void *address) {
  return reinterpret_cast<uint64_t>(address);
}

/// Refuses a range that the copy engine cannot reach: plain host memory has to
/// be locked first, on hardware too.
static hsa_status_t checkRange(Runtime &rt, const char *what, uint64_t address,
                               uint64_t bytes) {
  if (rt.copies.reachable(address, bytes))
    return HSA_STATUS_SUCCESS;
  complain(std::string("asynchronous copy ") + what + " " + hex(address) +
           ": these " + std::to_string(bytes) +
           " bytes are not inside memory that the gpu agent may access "
           "(allocate from a pool and allow access, or lock)");
  return HSA_STATUS_ERROR_INVALID_ARGUMENT;
}

static hsa_status_t checkSignals(Runtime &rt, Copy &copy, uint32_t count,
                                 const hsa_signal_t *dependencies,
                                 hsa_signal_t completion) {
  if ((count != 0) != (dependencies != nullptr))
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  for (uint32_t i = 0; i < count; ++i) {
    if (!rt.signals.find(dependencies[i].handle))
      return HSA_STATUS_ERROR_INVALID_SIGNAL;
    copy.dependencies.push_back(dependencies[i].handle);
  }
  if (!rt.signals.find(completion.handle))
    return HSA_STATUS_ERROR_INVALID_SIGNAL;
  copy.completion = completion.handle;
  return HSA_STATUS_SUCCESS;
}

/// One side of a copy of a box: its first byte, and a check of its last.
static hsa_status_t readSide(Runtime &rt, const char *what,
                             const hsa_pitched_ptr_t &base,
                             const hsa_dim3_t &offset, const hsa_dim3_t &range,
                             Copy::Side &side) {
  if (number(base.base) % 4 || base.pitch % 4 || base.slice % 4 ||
      offset.x % 4 || range.x % 4)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  uint64_t pitch = base.pitch, slice = base.slice;
  if ((range.y > 1 && pitch < uint64_t(offset.x) + range.x) ||
      pitch > uint64_t(1) << 31 || slice > uint64_t(1) << 47)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  unsigned __int128 first = offset.x + (unsigned __int128)pitch * offset.y +
                            (unsigned __int128)slice * offset.z;
  unsigned __int128 bytes = range.x + (unsigned __int128)pitch * (range.y - 1) +
                            (unsigned __int128)slice * (range.z - 1);
  if (first + bytes > uint64_t(1) << 47)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  side = {number(base.base) + uint64_t(first), pitch, slice};
  return checkRange(rt, what, side.address, uint64_t(bytes));
}

extern "C" {

hsa_status_t hsa_memory_copy(void *to, const void *from, size_t bytes) {
  HSA_RUNTIME(rt);
  if (!to || !from)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  if (rt->copies.copyNow(number(to), number(from), bytes))
    return HSA_STATUS_SUCCESS;
  complain("hsa_memory_copy of " + std::to_string(bytes) + " bytes from " +
           hex(number(from)) + " to " + hex(number(to)) +
           ": not inside one allocation");
  return HSA_STATUS_ERROR_INVALID_ARGUMENT;
}

hsa_status_t hsa_amd_memory_fill(void *address, uint32_t value, size_t count) {
  HSA_RUNTIME(rt);
  if (!address || number(address) % 4 != 0)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  if (count == 0)
    return HSA_STATUS_SUCCESS;
  std::optional<Block> block = rt->blocks.find(address);
  if (!block || count > (block->bytes - (number(address) - block->address)) / 4)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  if (!block->pool || block->pool->isSystem()) {
    std::fill_n(static_cast<uint32_t *>(address), count, value);
    return HSA_STATUS_SUCCESS;
  }
  Blocks::Busy busy(rt->blocks);
  return rt->machine.memory.fill(number(address), value, count)
             ? HSA_STATUS_SUCCESS
             : HSA_STATUS_ERROR_INVALID_ARGUMENT;
}

hsa_status_t hsa_amd_memory_async_copy(void *to, hsa_agent_t toAgent,
                                       const void *from, hsa_agent_t fromAgent,
                                       size_t bytes, uint32_t count,
                                       const hsa_signal_t *dependencies,
                                       hsa_signal_t completion) {
  HSA_RUNTIME(rt);
  if (!to || !from)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  if (!isAgent(toAgent) || !isAgent(fromAgent))
    return HSA_STATUS_ERROR_INVALID_AGENT;
  Copy copy;
  copy.to.address = number(to);
  copy.from.address = number(from);
  copy.bytes = bytes;
  if (hsa_status_t status =
          checkSignals(*rt, copy, count, dependencies, completion))
    return status;
  // Between two CPU agents the CPU copies, and reaches all it can.
  if (bytes != 0 && (isGpu(toAgent) || isGpu(fromAgent))) {
    if (hsa_status_t status = checkRange(*rt, "to", number(to), bytes))
      return status;
    if (hsa_status_t status = checkRange(*rt, "from", number(from), bytes))
      return status;
  }
  rt->copies.submit(std::move(copy));
  return HSA_STATUS_SUCCESS;
}

hsa_status_t hsa_amd_memory_async_copy_rect(
    const hsa_pitched_ptr_t *to, const hsa_dim3_t *toOffset,
    const hsa_pitched_ptr_t *from, const hsa_dim3_t *fromOffset,
    const hsa_dim3_t *range, hsa_agent_t agent, hsa_amd_copy_direction_t,
    uint32_t count, const hsa_signal_t *dependencies, hsa_signal_t completion) {
  HSA_RUNTIME(rt);
  if (!to || !toOffset || !from || !fromOffset || !range)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  if (!isGpu(agent))
    return HSA_STATUS_ERROR_INVALID_AGENT;
  Copy copy;
  if (hsa_status_t status =
          checkSignals(*rt, copy, count, dependencies, completion))
    return status;
  copy.bytes = range->x;
  copy.rows = range->y;
  copy.slices = range->z;
  if (range->x != 0 && range->y != 0 && range->z != 0) {
    if (hsa_status_t status =
            readSide(*rt, "to", *to, *toOffset, *range, copy.to))
      return status;
    if (hsa_status_t status =
            readSide(*rt, "from", *from, *fromOffset, *range, copy.from))
      return status;
  }
  rt->copies.submit(std::move(copy));
  return HSA_STATUS_SUCCESS;
}

} // extern "C"
