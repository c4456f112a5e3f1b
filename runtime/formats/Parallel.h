//===- Parallel.h - Loops over chunks of a range ----------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_FORMATS_PARALLEL_H
#define SPARSEC_RUNTIME_FORMATS_PARALLEL_H

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace sparsec::formats {

/// Calls fn(begin, end) for the chunks of [0, n), each `grain` long but the
/// last. Where the chunks lie never depends on the number of threads, so a
/// chunk may keep state of its own and results stay the same on any machine.
template <typename Fn> void parallelFor(int64_t n, int64_t grain, Fn fn) {
  int64_t chunks = n / grain + (n % grain != 0);
  // Dynamic: rows differ in their nonzeros, and cores in what else they run.
#pragma omp parallel for schedule(dynamic) if (chunks > 1)
  for (int64_t i = 0; i < chunks; ++i)
    fn(i * grain, std::min(n, i * grain + grain));
}

/// The lowest i of [0, n) for which ok(i) is false, or n. Every thread count
/// finds the same one, so messages are reproducible.
template <typename Fn> int64_t firstFailure(int64_t n, int64_t grain, Fn ok) {
  std::atomic<int64_t> first(n);
  parallelFor(n, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      if (i >= first.load(std::memory_order_relaxed))
        return;
      if (ok(i))
        continue;
      int64_t seen = first.load();
      while (i < seen && !first.compare_exchange_weak(seen, i)) {
      }
      return;
    }
  });
  return first.load();
}

} // namespace sparsec::formats

#endif // SPARSEC_RUNTIME_FORMATS_PARALLEL_H
