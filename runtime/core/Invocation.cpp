//===- Invocation.cpp - One run of an entry -------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Invocation.h"

#include "runtime/core/Status.h"

#include <algorithm>
#include <cinttypes>
#include <xmmintrin.h>

using namespace sparsec;
using rt::Block;
using rt::Invocation;

static thread_local Invocation *currentRun;

Invocation *Invocation::current() { return currentRun; }

Invocation::~Invocation() {
  if (work) {
    // Whoever wanted to know of a failure has been told.
    (void)work->finish();
    work->record(nullptr);
    for (const DeviceModel::Buffer &buffer : buffers)
      onDevice->giveBuffer(buffer);
    onDevice->giveStream(std::move(work));
  }
  while (Block *block = blocks) {
    blocks = block->next;
    freeBlock(block);
  }
}

sparsec_status Invocation::launch(void *results, const void *const *inputs) {
  // Compiled code is promised denormals and rounding to nearest, whatever the
  // caller's thread is set to. OpenMP hands the setting to its workers.
  constexpr unsigned kDefaultControl = 0x1f80;
  // Neither of the two changes after setjmp, so both survive a longjmp.
  const unsigned control = _mm_getcsr();
  Invocation *const outer = currentRun;

  if (trace && !onDevice)
    hostRecord.emplace(*trace);
  currentRun = this;
  _mm_setcsr(kDefaultControl);
  if (setjmp(landing) == 0)
    entry.run(results, inputs);
  _mm_setcsr(control);
  currentRun = outer;
  hostRecord.reset();
  if (status == SPARSEC_OK && work)
    status = work->finish();
  return status;
}

void Invocation::escape(sparsec_status reason) {
  status = reason;
  // Generated code has no destructors to run.
  std::longjmp(landing, 1);
}

Block *Invocation::allocate(uint64_t alignment, uint64_t bytes, bool counted) {
  Block *block = allocateBlock(alignment, bytes);
  if (!block)
    return nullptr;
  block->owner = this;
  block->next = blocks;
  if (blocks)
    blocks->previous = block;
  blocks = block;
  block->counted = counted;
  if (counted)
    addWorking(int64_t(bytes));
  return block;
}

void Invocation::detach(Block *block) {
  if (block->next)
    block->next->previous = block->previous;
  (block->previous ? block->previous->next : blocks) = block->next;
  if (block->counted)
    working -= int64_t(block->bytes);
  block->previous = block->next = nullptr;
  block->owner = nullptr;
}

void Invocation::release(Block *block) {
  if (block->owner)
    block->owner->detach(block);
  freeBlock(block);
}

Block *Invocation::find(const void *data) {
  // Only pointers of the list are followed: `data` may be anything.
  for (Block *block = blocks; block; block = block->next)
    if (block->data() == data)
      return block;
  return nullptr;
}

void Invocation::addWorking(int64_t bytes) {
  working += bytes;
  workingPeak = std::max(workingPeak, working);
}

static sparsec_status exceeds(const sparsec_entry &entry, const char *what,
                              int64_t held, int64_t bound) {
  return rt::fail(SPARSEC_INVALID_ARTEFACT,
                  "entry \"%s\" would hold %" PRId64
                  " bytes of %s, and states %" PRId64
                  " as the most; compile the model again",
                  entry.name, held, what, bound);
}

sparsec_status Invocation::checkWorking(uint64_t bytes) const {
  int64_t bound = entry.bound_working_bytes;
  if (bound < 0 || bytes <= uint64_t(std::max<int64_t>(bound - working, 0)))
    return SPARSEC_OK;
  return exceeds(entry, "working memory",
                 working + int64_t(std::min<uint64_t>(bytes, INT64_MAX / 2)),
                 bound);
}

sparsec_status Invocation::addDecompressed(int64_t bytes) {
  int64_t bound = entry.bound_decompressed_bytes;
  if (bytes > 0 && bound >= 0 && bytes > bound - decompressed)
    return exceeds(entry, "decompressed weights", decompressed + bytes, bound);
  decompressed += bytes;
  decompressedPeak = std::max(decompressedPeak, decompressed);
  return SPARSEC_OK;
}

sparsec_status Invocation::findStream(Stream *&stream) {
  if (!onDevice)
    return fail(SPARSEC_INVALID_ARTEFACT,
                "entry \"%s\" uses a device, but the model has no %s",
                entry.name, SPARSEC_DEVICE_IMAGE_SYMBOL);
  if (!work) {
    if (sparsec_status status = onDevice->takeStream(work))
      return status;
    work->record(trace);
  }
  stream = work.get();
  return SPARSEC_OK;
}

sparsec_status Invocation::allocateOnDevice(uint64_t bytes,
                                            DeviceAddress &memory) {
  DeviceModel::Buffer buffer = {0, bytes};
  if (sparsec_status status = checkWorking(bytes))
    return status;
  if (sparsec_status status = onDevice->takeBuffer(buffer))
    return status != SPARSEC_OUT_OF_MEMORY
               ? status
               : fail(status,
                      "the tensors of entry \"%s\" do not fit beside the "
                      "weights: %s; use a smaller batch or --weight-budget",
                      entryName(), sparsec_last_error());
  addWorking(int64_t(bytes));
  deviceBytes += int64_t(bytes);
  devicePeak = std::max(devicePeak, deviceBytes);
  buffers.push_back(buffer);
  memory = buffer.memory;
  return SPARSEC_OK;
}

sparsec_status Invocation::releaseOnDevice(DeviceAddress memory) {
  for (DeviceModel::Buffer &buffer : buffers) {
    if (buffer.memory != memory)
      continue;
    sparsec_status status = work->finish();
    working -= int64_t(buffer.bytes);
    deviceBytes -= int64_t(buffer.bytes);
    onDevice->giveBuffer(buffer);
    buffer = buffers.back();
    buffers.pop_back();
    return status;
  }
  return fail(SPARSEC_INVALID_ARTEFACT,
              "entry \"%s\" frees device memory at 0x%" PRIx64
              ", which it has not allocated",
              entry.name, memory);
}

sparsec_status Invocation::streamWindow(DeviceAddress to, const void *from,
                                        uint64_t bytes) {
  // Copies are in order, so the last one stands for all.
  Ticket after = launchedBeforeWindow;
  launchedBeforeWindow = lastLaunch;
  return work->copyIn(to, from, bytes, after, lastWindow);
}
