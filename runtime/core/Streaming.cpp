//===- Streaming.cpp - Weights that leave memory again --------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// A model's weights are a mapped, read-only part of its file: pages that leave
// memory come back when they are read, and never by way of swap. So this is
// about what stays, not about what is right: where rows are not equally long a
// page may leave early, and comes back.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Streaming.h"

#include "runtime/core/Invocation.h"
#include "runtime/core/Visibility.h"
#include "sparsec/abi.h"

#include <algorithm>
#include <sys/mman.h>
#include <unistd.h>

/// Makes of [begin, end) whole pages, from the one that `begin` is in.
static void toPages(uintptr_t &begin, uintptr_t &end) {
  static const uintptr_t page = uintptr_t(sysconf(_SC_PAGESIZE));
  begin = begin / page * page;
  end = end / page * page;
}

static void advise(uintptr_t begin, uintptr_t end, int advice) {
  toPages(begin, end);
  if (begin < end)
    (void)madvise(reinterpret_cast<void *>(begin), end - begin, advice);
}

void sparsec::rt::forgetPages(const void *begin, uint64_t bytes) {
  uintptr_t start = reinterpret_cast<uintptr_t>(begin), end = start + bytes;
  advise(start, end, MADV_DONTNEED);
  advise(end, end + bytes, MADV_WILLNEED);
}

SPARSEC_API void sparsec_rt_streamed(const void *array, int64_t bytes,
                                     int64_t begin, int64_t end,
                                     int64_t total) {
  if (bytes <= 0 || total <= 0)
    return;
  uintptr_t start = reinterpret_cast<uintptr_t>(array);
  auto at = [&](int64_t row) {
    double part = double(std::clamp<int64_t>(row, 0, total)) / double(total);
    return start + uintptr_t(double(bytes) * part);
  };
  // From the start of the array: what was guessed too short is behind.
  advise(start, at(end), MADV_DONTNEED);
  uintptr_t next = at(end), behind = at(end + (end - begin));
  sparsec::rt::Invocation *run = sparsec::rt::Invocation::current();
  if (sparsec::rt::HostTrace *trace = run ? run->hostTrace() : nullptr) {
    toPages(next, behind);
    trace->asked(begin, next, behind);
  }
  advise(next, behind, MADV_WILLNEED);
}
