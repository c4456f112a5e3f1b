//===- HsaStream.cpp - Operations, and what becomes of them ---------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/hsa/HsaStream.h"

#include "runtime/core/Status.h"

#include <cinttypes>
#include <cstring>
#include <new>

using namespace sparsec;
using rt::fail;
using rt::HsaStream;

sparsec_status HsaStream::create(HsaCard &card,
                                 std::unique_ptr<Stream> &result) {
  std::unique_ptr<HsaStream> stream(new (std::nothrow) HsaStream(card));
  if (!stream)
    return fail(SPARSEC_OUT_OF_MEMORY, "not enough memory for a stream");
  if (sparsec_status status = stream->prepare())
    return status;
  result = std::move(stream);
  return SPARSEC_OK;
}

sparsec_status HsaStream::prepare() {
  seenFaults = card.memoryFaults.load();
  kernargMemory = card.allocateHost(card.kernarg, kOperations * kMostKernarg);
  stagingMemory = card.allocateHost(card.staging, kChunks * kChunkBytes);
  if (!kernargMemory || !stagingMemory)
    return fail(SPARSEC_OUT_OF_MEMORY,
                "device %s has no pinned memory for another stream",
                card.device);
  for (unsigned i = 0; i < kOperations; ++i) {
    operations[i].kernarg =
        static_cast<char *>(kernargMemory) + i * kMostKernarg;
    hsa_status_t status =
        api.hsa_signal_create(0, 0, nullptr, &operations[i].signal);
    if (status != HSA_STATUS_SUCCESS) {
      operations[i].signal = {};
      return failHsa(api, status, "cannot create a signal");
    }
  }
  for (unsigned i = 0; i < kChunks; ++i)
    chunks[i].memory = static_cast<char *>(stagingMemory) + i * kChunkBytes;
  return SPARSEC_OK;
}

HsaStream::~HsaStream() {
  (void)finish();
  if (queue)
    api.hsa_queue_destroy(queue);
  for (Operation &operation : operations)
    if (operation.signal.handle != 0)
      api.hsa_signal_destroy(operation.signal);
  if (kernargMemory)
    api.hsa_amd_memory_pool_free(kernargMemory);
  if (stagingMemory)
    api.hsa_amd_memory_pool_free(stagingMemory);
}

HsaStream::Operation *HsaStream::live(Ticket ticket) {
  Operation &operation = operations[ticket % kOperations];
  return operation.ticket == ticket && !operation.over ? &operation : nullptr;
}

sparsec_status HsaStream::nextOperation(Operation *&operation) {
  // Whoever waits for an operation was issued before it was retired, half a
  // ring later, and is over when its signal is used again, a whole ring later.
  operation = &operations[(issued + 1) % kOperations];
  Operation &older = operations[(issued + 1 + kOperations / 2) % kOperations];
  if (sparsec_status status = retire(older))
    return status;
  api.hsa_signal_store_relaxed(operation->signal, 1);
  operation->kernel = nullptr;
  operation->to = nullptr;
  return SPARSEC_OK;
}

rt::Ticket HsaStream::issue(Operation &operation) {
  operation.ticket = ++issued;
  operation.over = false;
  return issued;
}

sparsec_status HsaStream::retire(Operation &operation) {
  if (operation.over)
    return SPARSEC_OK;
  // Most are short: look for a while before sleeping. In between, look for
  // failures, after which signals may keep their values for ever.
  const uint64_t spin = card.ticksPerSecond / 20000;
  const uint64_t sleep = card.ticksPerSecond / 200;
  hsa_signal_value_t value =
      api.hsa_signal_wait_scacquire(operation.signal, HSA_SIGNAL_CONDITION_LT,
                                    1, spin, HSA_WAIT_STATE_ACTIVE);
  while (value >= 1 && !failed())
    value =
        api.hsa_signal_wait_scacquire(operation.signal, HSA_SIGNAL_CONDITION_LT,
                                      1, sleep, HSA_WAIT_STATE_BLOCKED);
  if (value != 0 || failed())
    return recover();

  operation.over = true;
  if (trace)
    recordTime(operation);
  if (operation.kernel)
    countLaunch(operation);
  else if (operation.to)
    std::memcpy(operation.to, operation.staged, operation.bytes);
  return SPARSEC_OK;
}

void HsaStream::countLaunch(const Operation &operation) {
  KernelCounts counts;
  counts.launches = 1;
  hsa_amd_profiling_dispatch_time_t time = {};
  if (api.hsa_amd_profiling_get_dispatch_time(card.gpu, operation.signal,
                                              &time) == HSA_STATUS_SUCCESS &&
      time.end > time.start)
    counts.seconds =
        double(time.end - time.start) / double(card.ticksPerSecond);
  gfx803_emulator_dispatch_info info;
  if (api.gfx803_emulator_dispatch_of_signal &&
      api.gfx803_emulator_dispatch_of_signal(operation.signal.handle, &info)) {
    counts.counted = 1;
    counts.waves = info.waves;
    counts.instructions = info.instructions;
    counts.bytes = info.bytes;
    counts.modelledSeconds = info.modelled_seconds;
  }
  operation.kernel->count(counts);
}

void HsaStream::record(Trace *next) {
  if (trace)
    trace->addRun(std::move(events), api.gfx803_emulator_dispatch_of_signal);
  events.clear();
  trace = next;
  if (trace)
    api.hsa_amd_profiling_async_copy_enable(true);
}

void HsaStream::recordTime(const Operation &operation) {
  uint64_t start = 0, end = 0;
  if (operation.kernel) {
    hsa_amd_profiling_dispatch_time_t time = {};
    if (api.hsa_amd_profiling_get_dispatch_time(card.gpu, operation.signal,
                                                &time) == HSA_STATUS_SUCCESS)
      start = time.start, end = time.end;
  } else {
    hsa_amd_profiling_async_copy_time_t time = {};
    if (api.hsa_amd_profiling_get_async_copy_time(operation.signal, &time) ==
        HSA_STATUS_SUCCESS)
      start = time.start, end = time.end;
  }
  double tick = 1 / double(card.ticksPerSecond);
  events.push_back({operation.name, !operation.kernel, operation.ticket,
                    operation.after, operation.call, double(start) * tick,
                    double(end - start) * tick, operation.bytes});
}

sparsec_status HsaStream::wait(Ticket ticket) {
  if (sparsec_status status = checkTicket(ticket, issued))
    return status;
  Operation *operation = live(ticket);
  if (!operation)
    return SPARSEC_OK;
  if (operation->kernel)
    return retire(*operation);
  // A copy may have been made in pieces.
  Ticket first = issued > kOperations ? issued - kOperations + 1 : 1;
  for (Ticket earlier = first; earlier <= ticket; ++earlier) {
    Operation *piece = live(earlier);
    if (!piece || piece->kernel)
      continue;
    if (sparsec_status status = retire(*piece))
      return status;
  }
  return SPARSEC_OK;
}

sparsec_status HsaStream::finish() {
  Ticket first = issued > kOperations ? issued - kOperations + 1 : 1;
  for (Ticket ticket = first; ticket <= issued; ++ticket)
    if (Operation *operation = live(ticket))
      if (sparsec_status status = retire(*operation))
        return status;
  return SPARSEC_OK;
}

//===----------------------------------------------------------------------===//
// Failures
//===----------------------------------------------------------------------===//

void HsaStream::onQueueError(hsa_status_t status, hsa_queue_t *queue,
                             void *data) {
  HsaStream &stream = *static_cast<HsaStream *>(data);
  if (status == HSA_STATUS_SUCCESS ||
      stream.queueStatus.load() != HSA_STATUS_SUCCESS)
    return;
  const HsaApi &api = stream.api;
  const char *detail = api.gfx803_emulator_last_fault
                           ? api.gfx803_emulator_last_fault()
                           : nullptr;
  std::snprintf(stream.queueReason, sizeof(stream.queueReason), "%s",
                detail ? detail : api.describe(status));
  stream.queueStatus.store(status, std::memory_order_release);
}

bool HsaStream::failed() {
  if (queueStatus.load(std::memory_order_acquire) != HSA_STATUS_SUCCESS ||
      card.memoryFaults.load() != seenFaults)
    return true;
  // What follows a failed copy waits for ever.
  Operation *copy = live(lastCopy);
  if (!copy)
    return false;
  for (Operation &operation : operations)
    if (!operation.over && !operation.kernel &&
        api.hsa_signal_load_scacquire(operation.signal) < 0)
      return true;
  return false;
}

void HsaStream::appendReason(Text &text) {
  // Kernels run in order: the first that is not over is the one.
  Ticket first = issued > kOperations ? issued - kOperations + 1 : 1;
  const char *kernel = nullptr;
  for (Ticket ticket = first; ticket <= issued && !kernel; ++ticket)
    if (Operation *operation = live(ticket))
      if (operation->kernel &&
          api.hsa_signal_load_scacquire(operation->signal) >= 1)
        kernel = operation->kernel->name();

  bool ofQueue =
      queueStatus.load(std::memory_order_acquire) != HSA_STATUS_SUCCESS;
  bool ofCard = card.memoryFaults.load() != seenFaults;
  if (!ofQueue && !ofCard) {
    text.append("a copy failed on device %s", card.device);
    return;
  }
  if (kernel)
    text.append("kernel %s failed on device %s: ", kernel, card.device);
  else
    text.append("device %s failed: ", card.device);
  if (ofQueue)
    text.append("%s", queueReason);
  else
    text.append("access to address 0x%" PRIx64 ", where there is no memory",
                card.faultAddress.load());
}

sparsec_status HsaStream::recover() {
  Text why;
  appendReason(why);
  sparsec_status status =
      queueStatus.load() == HSA_STATUS_ERROR_OUT_OF_RESOURCES
          ? SPARSEC_OUT_OF_MEMORY
          : SPARSEC_FAULT;
  giveUp();
  return fail(status, why);
}

void HsaStream::giveUp() {
  // Nothing writes to signals and memory of kernels once the queue is gone.
  if (queue)
    api.hsa_queue_destroy(queue);
  queue = nullptr;
  // Copies that wait for what will not come must end before the chunks can be
  // used again: let them run.
  for (Operation &operation : operations)
    if (!operation.over && (operation.kernel || api.hsa_signal_load_scacquire(
                                                    operation.signal) < 0))
      api.hsa_signal_store_screlease(operation.signal, 0);
  for (Operation &operation : operations) {
    if (operation.over)
      continue;
    // One that never ends is a card that hangs; the next use will tell.
    api.hsa_signal_wait_scacquire(operation.signal, HSA_SIGNAL_CONDITION_LT, 1,
                                  card.ticksPerSecond, HSA_WAIT_STATE_BLOCKED);
    operation.over = true;
  }
  seenFaults = card.memoryFaults.load();
  queueStatus.store(HSA_STATUS_SUCCESS);
}
