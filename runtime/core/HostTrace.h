//===- HostTrace.h - When a run on the host read and computed ---*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_CORE_HOSTTRACE_H
#define SPARSEC_RUNTIME_CORE_HOSTTRACE_H

#include "runtime/core/Trace.h"

#include <pthread.h>

namespace sparsec::rt {

/// Records a run of a model that streams its weights on the host: each window
/// that was computed with, and each that was asked for until its pages are in
/// memory. The system says nothing of the latter, so a thread looks.
class HostTrace {
public:
  explicit HostTrace(Trace &trace);
  /// Gives the trace what was recorded.
  ~HostTrace();
  HostTrace(const HostTrace &) = delete;
  HostTrace &operator=(const HostTrace &) = delete;

  /// The window that begins at row `begin` has been computed with, and the
  /// pages [from, to) were asked for.
  void asked(int64_t begin, uintptr_t from, uintptr_t to);

private:
  struct Pages {
    uintptr_t from, to;
    double since;
  };
  static void *watch(void *self);
  void look();
  double now() const;
  void add(const char *name, bool isCopy, double start, uint64_t bytes);

  Trace &trace;
  std::mutex mutex; // of what follows
  std::vector<TraceEvent> events;
  std::vector<Pages> pending;
  std::vector<unsigned char> present; // a byte a page
  int64_t window = -1;
  double computing;
  bool over = false;
  bool watched = false;
  pthread_t watcher;
};

} // namespace sparsec::rt

#endif // SPARSEC_RUNTIME_CORE_HOSTTRACE_H
