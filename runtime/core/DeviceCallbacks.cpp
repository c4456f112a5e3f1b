//===- DeviceCallbacks.cpp - How generated code drives a device -----------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Thin: each function finds the stream of the current run, issues to it, and
// ends the run if that fails.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Callbacks.h"
#include "runtime/core/Status.h"
#include "runtime/core/Streaming.h"
#include "runtime/core/Visibility.h"

#include <algorithm>
#include <cstring>

using namespace sparsec;
using rt::endRun;
using rt::Invocation;

static Invocation &currentRun() {
  if (Invocation *run = Invocation::current())
    return *run;
  endRun(rt::fail(SPARSEC_INVALID_ARTEFACT, "a device used outside a run"));
}

static rt::Stream &currentStream() {
  rt::Stream *stream = nullptr;
  if (sparsec_status status = currentRun().findStream(stream))
    endRun(status);
  return *stream;
}

SPARSEC_API uint64_t sparsec_rt_device_weights(void) {
  currentStream();
  return currentRun().deviceModel()->weights();
}

SPARSEC_API uint64_t sparsec_rt_device_alloc(uint64_t bytes) {
  currentStream();
  rt::DeviceAddress memory = 0;
  if (sparsec_status status = currentRun().allocateOnDevice(bytes, memory))
    endRun(status);
  return memory;
}

SPARSEC_API void sparsec_rt_device_free(uint64_t memory) {
  if (memory == 0)
    return;
  currentStream();
  if (sparsec_status status = currentRun().releaseOnDevice(memory))
    endRun(status);
}

SPARSEC_API uint64_t sparsec_rt_copy_in(uint64_t to, const void *from,
                                        uint64_t bytes, uint64_t after) {
  rt::Ticket ticket = 0;
  if (sparsec_status status =
          currentStream().copyIn(to, from, bytes, after, ticket))
    endRun(status);
  return ticket;
}

SPARSEC_API uint64_t sparsec_rt_copy_out(void *to, uint64_t from,
                                         uint64_t bytes, uint64_t after) {
  rt::Ticket ticket = 0;
  if (sparsec_status status =
          currentStream().copyOut(to, from, bytes, after, ticket))
    endRun(status);
  return ticket;
}

SPARSEC_API uint64_t sparsec_rt_copy_within(uint64_t to, uint64_t from,
                                            uint64_t bytes, uint64_t after) {
  rt::Ticket ticket = 0;
  if (sparsec_status status =
          currentStream().copyWithin(to, from, bytes, after, ticket))
    endRun(status);
  return ticket;
}

SPARSEC_API void sparsec_rt_stream(uint64_t to, const void *from,
                                   uint64_t bytes) {
  currentStream();
  if (sparsec_status status = currentRun().streamWindow(to, from, bytes))
    endRun(status);
  rt::forgetPages(from, bytes);
}

SPARSEC_API uint64_t sparsec_rt_launch(uint32_t kernel, const uint32_t grid[3],
                                       const uint32_t workgroup[3],
                                       uint32_t localBytes,
                                       const void *arguments,
                                       uint32_t argumentBytes, uint64_t after) {
  rt::Stream &stream = currentStream();
  rt::Kernel *function = currentRun().deviceModel()->kernel(kernel);
  if (!function)
    endRun(rt::fail(SPARSEC_INVALID_ARTEFACT,
                    "entry \"%s\" launches kernel %u, which the model has not",
                    currentRun().entryName(), kernel));
  rt::LaunchSize size;
  std::memcpy(size.grid, grid, sizeof(size.grid));
  std::memcpy(size.workgroup, workgroup, sizeof(size.workgroup));
  size.groupBytes = localBytes;
  rt::Ticket ticket = 0;
  // Copies are in order: the later ticket stands for both.
  after = std::max(after, currentRun().streamed());
  if (sparsec_status status = stream.launch(*function, size, arguments,
                                            argumentBytes, after, ticket))
    endRun(status);
  currentRun().launched(ticket);
  return ticket;
}

SPARSEC_API void sparsec_rt_wait(uint64_t ticket) {
  if (sparsec_status status = currentStream().wait(ticket))
    endRun(status);
}
