//===- HostTrace.cpp - When a run on the host read and computed -----------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/HostTrace.h"

#include <algorithm>
#include <chrono>
#include <sys/mman.h>
#include <unistd.h>

using namespace sparsec;
using rt::HostTrace;

/// Between two looks.
static constexpr useconds_t kMicroseconds = 100;

double HostTrace::now() const {
  using Clock = std::chrono::steady_clock;
  return std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
}

HostTrace::HostTrace(Trace &trace) : trace(trace), computing(now()) {
  watched = ::pthread_create(&watcher, nullptr, watch, this) == 0;
}

HostTrace::~HostTrace() {
  {
    std::lock_guard<std::mutex> guard(mutex);
    add("compute", false, computing, 0);
    over = true;
  }
  if (watched)
    ::pthread_join(watcher, nullptr);
  trace.addRun(std::move(events), /*modelled=*/false);
}

void HostTrace::add(const char *name, bool isCopy, double start,
                    uint64_t bytes) {
  Ticket ticket = events.size() + 1;
  events.push_back(
      {name, isCopy, ticket, 0, ticket, start, now() - start, bytes});
}

void HostTrace::asked(int64_t begin, uintptr_t from, uintptr_t to) {
  std::lock_guard<std::mutex> guard(mutex);
  // A window has several arrays, one after the other.
  if (begin != window) {
    add("compute", false, computing, 0);
    computing = now();
    window = begin;
  }
  if (watched && from < to)
    pending.push_back({from, to, now()});
}

void *HostTrace::watch(void *self) {
  HostTrace &trace = *static_cast<HostTrace *>(self);
  for (bool more = true; more;) {
    ::usleep(kMicroseconds);
    std::lock_guard<std::mutex> guard(trace.mutex);
    more = !trace.over;
    trace.look();
  }
  return nullptr;
}

void HostTrace::look() {
  const uintptr_t page = uintptr_t(::sysconf(_SC_PAGESIZE));
  auto isHere = [&](const Pages &pages) {
    size_t bytes = pages.to - pages.from;
    present.assign(bytes / page + 1, 0);
    // What cannot be looked at is not there any more either.
    if (::mincore(reinterpret_cast<void *>(pages.from), bytes,
                  present.data()) == 0 &&
        !std::all_of(present.begin(), present.begin() + bytes / page,
                     [](unsigned char one) { return one & 1; }))
      return false;
    add("read ahead", true, pages.since, bytes);
    return true;
  };
  pending.erase(std::remove_if(pending.begin(), pending.end(), isHere),
                pending.end());
}
