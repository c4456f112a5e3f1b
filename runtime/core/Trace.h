//===- Trace.h - What runs of a model did, and when -------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_CORE_TRACE_H
#define SPARSEC_RUNTIME_CORE_TRACE_H

#include "runtime/core/Device.h"

#include <vector>

namespace sparsec::rt {

/// A kernel, or a copy or a piece of one.
struct TraceEvent {
  const char *name; ///< lives as long as the model
  bool isCopy;
  Ticket ticket, after;
  Ticket call; ///< the first piece of the same copy
  double start, seconds;
  uint64_t bytes; ///< of a copy
};

/// Gets the events of one run after the other.
class Trace {
public:
  /// What a stream has done in a run, in any order. With `modelled`, only how
  /// long each took is known: each begins as soon as those that it follows are
  /// over, which is when a card would if the host took no time.
  void addRun(std::vector<TraceEvent> run, bool modelled);

  std::vector<TraceEvent> events() const;
  bool isModelled() const { return modelled; }

private:
  mutable std::mutex mutex;
  std::vector<TraceEvent> all;
  double end = 0; ///< of the last run
  bool modelled = false;
};

} // namespace sparsec::rt

#endif // SPARSEC_RUNTIME_CORE_TRACE_H
