//===- HsaCopy.cpp - Copies to, from and within a card --------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Status.h"
#include "runtime/hsa/HsaStream.h"

#include <algorithm>
#include <cstring>

using namespace sparsec;
using rt::HsaStream;

sparsec_status HsaStream::nextChunk(Chunk *&chunk) {
  chunk = &chunks[chunkTurn++ % kChunks];
  Operation *user = live(chunk->user);
  return user ? retire(*user) : SPARSEC_OK;
}

sparsec_status HsaStream::issueCopy(const char *name, Ticket call, void *to,
                                    hsa_agent_t toAgent, const void *from,
                                    hsa_agent_t fromAgent, uint64_t bytes,
                                    Ticket after, Operation *&operation) {
  // First of all: it may wait for what would else be a dependency.
  if (sparsec_status status = nextOperation(operation))
    return status;
  hsa_signal_t signals[2];
  unsigned count = 0;
  if (Operation *previous = live(lastCopy))
    signals[count++] = previous->signal;
  if (Operation *earlier = live(after))
    if (after != lastCopy)
      signals[count++] = earlier->signal;
  hsa_status_t status = api.hsa_amd_memory_async_copy(
      to, toAgent, from, fromAgent, size_t(bytes), count,
      count ? signals : nullptr, operation->signal);
  if (status != HSA_STATUS_SUCCESS)
    return failHsa(api, status, "cannot copy");
  lastCopy = issue(*operation);
  operation->name = name;
  operation->after = after;
  operation->call = call ? call : lastCopy;
  operation->bytes = bytes;
  return SPARSEC_OK;
}

sparsec_status HsaStream::copyIn(DeviceAddress to, const void *from,
                                 uint64_t bytes, Ticket after, Ticket &ticket) {
  if (sparsec_status status = checkTicket(after, issued))
    return status;
  if (sparsec_status status = card.allocations.check(card.device, to, bytes))
    return status;
  ticket = after;
  Ticket first = 0;
  for (uint64_t done = 0; done != bytes;) {
    uint64_t piece = std::min(bytes - done, kChunkBytes);
    Chunk *chunk;
    if (sparsec_status status = nextChunk(chunk))
      return status;
    std::memcpy(chunk->memory, static_cast<const char *>(from) + done, piece);
    Operation *operation;
    if (sparsec_status status = issueCopy(
            "copy in", first, reinterpret_cast<void *>(to + done), card.gpu,
            chunk->memory, card.cpu, piece, after, operation))
      return status;
    ticket = chunk->user = operation->ticket;
    first = operation->call;
    done += piece;
  }
  return SPARSEC_OK;
}

sparsec_status HsaStream::copyOut(void *to, DeviceAddress from, uint64_t bytes,
                                  Ticket after, Ticket &ticket) {
  if (sparsec_status status = checkTicket(after, issued))
    return status;
  if (sparsec_status status = card.allocations.check(card.device, from, bytes))
    return status;
  ticket = after;
  Ticket first = 0;
  for (uint64_t done = 0; done != bytes;) {
    uint64_t piece = std::min(bytes - done, kChunkBytes);
    Chunk *chunk;
    if (sparsec_status status = nextChunk(chunk))
      return status;
    Operation *operation;
    if (sparsec_status status =
            issueCopy("copy out", first, chunk->memory, card.cpu,
                      reinterpret_cast<const void *>(from + done), card.gpu,
                      piece, after, operation))
      return status;
    operation->to = static_cast<char *>(to) + done;
    operation->staged = chunk->memory;
    ticket = chunk->user = operation->ticket;
    first = operation->call;
    done += piece;
  }
  return SPARSEC_OK;
}

sparsec_status HsaStream::copyWithin(DeviceAddress to, DeviceAddress from,
                                     uint64_t bytes, Ticket after,
                                     Ticket &ticket) {
  if (sparsec_status status = checkTicket(after, issued))
    return status;
  if (sparsec_status status = card.allocations.check(card.device, to, bytes))
    return status;
  if (sparsec_status status = card.allocations.check(card.device, from, bytes))
    return status;
  ticket = after;
  if (bytes == 0)
    return SPARSEC_OK;
  Operation *operation;
  if (sparsec_status status =
          issueCopy("copy within", 0, reinterpret_cast<void *>(to), card.gpu,
                    reinterpret_cast<const void *>(from), card.gpu, bytes,
                    after, operation))
    return status;
  ticket = operation->ticket;
  return SPARSEC_OK;
}
