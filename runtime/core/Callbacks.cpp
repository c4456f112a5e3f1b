//===- Callbacks.cpp - What generated code calls --------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functions of abi.h. Outside a run they work but count nothing; only a
// failure has nowhere to go there.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Callbacks.h"
#include "runtime/core/Status.h"
#include "runtime/core/Visibility.h"

#include <algorithm>
#include <cinttypes>
#include <cstdlib>
#include <omp.h>

using namespace sparsec;
using rt::Block;
using rt::endRun;
using rt::Invocation;

/// Below this many multiply-adds waking another thread costs more than it
/// saves: a barrier takes some 5 to 10 microseconds, in which one core does
/// about this many of a sparse product.
static constexpr int64_t kParallelWork = 65536;

[[noreturn]] void rt::endRun(sparsec_status status) {
  if (Invocation *run = Invocation::current())
    run->escape(status);
  // A compiler error: the ABI allows this on the thread of the entry only, and
  // there is no frame to return to.
  std::fprintf(stderr, "sparsec: failure outside a run: %s\n",
               sparsec_last_error());
  std::abort();
}

SPARSEC_API void *sparsec_rt_alloc(uint64_t alignment, uint64_t bytes) {
  Invocation *run = Invocation::current();
  const char *entry = run ? run->entryName() : "";
  if ((alignment & (alignment - 1)) != 0 && alignment != 0)
    endRun(rt::fail(SPARSEC_INVALID_ARTEFACT,
                    "entry \"%s\" asked for memory aligned to %" PRIu64
                    ", which is not a power of two",
                    entry, alignment));
  if (run)
    if (sparsec_status status = run->checkWorking(bytes))
      endRun(status);
  Block *block = run ? run->allocate(alignment, bytes, /*counted=*/true)
                     : rt::allocateBlock(alignment, bytes);
  if (!block)
    endRun(rt::fail(SPARSEC_OUT_OF_MEMORY,
                    "entry \"%s\" asked for %" PRIu64
                    " bytes and there is no memory for them",
                    entry, bytes));
  return block->data();
}

SPARSEC_API void sparsec_rt_free(void *pointer) {
  if (pointer)
    Invocation::release(Block::of(pointer));
}

SPARSEC_API void sparsec_rt_fail(const char *message) {
  endRun(rt::fail(SPARSEC_INVALID_ARGUMENT, "%s",
                  message ? message : "the model gave no reason"));
}

SPARSEC_API int64_t sparsec_rt_threads(int64_t work) {
  // Inside a parallel region all threads are at work already.
  if (work < kParallelWork || omp_in_parallel())
    return 1;
  return std::min(int64_t(omp_get_max_threads()), work / (kParallelWork / 2));
}

SPARSEC_API void sparsec_rt_decompressed(int64_t bytes) {
  if (Invocation *run = Invocation::current())
    if (sparsec_status status = run->addDecompressed(bytes))
      endRun(status);
}
