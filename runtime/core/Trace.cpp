//===- Trace.cpp - What runs of a model did, and when ---------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Trace.h"

#include "runtime/core/Model.h"
#include "runtime/core/Status.h"
#include "runtime/core/Visibility.h"

#include <algorithm>
#include <new>

using namespace sparsec;
using rt::Ticket;
using rt::Trace;
using rt::TraceEvent;

/// By the rules of a stream: kernels in order, copies in order, and each after
/// what it names.
static void schedule(std::vector<TraceEvent> &run) {
  double free[2] = {0, 0}; // kernels, copies
  auto endOf = [&](Ticket ticket) {
    auto found = std::lower_bound(run.begin(), run.end(), ticket,
                                  [](const TraceEvent &event, Ticket ticket) {
                                    return event.ticket < ticket;
                                  });
    if (found == run.end() || found->ticket != ticket)
      return 0.0;
    return found->start + found->seconds;
  };
  for (TraceEvent &event : run) {
    event.start = std::max(free[event.isCopy], endOf(event.after));
    free[event.isCopy] = event.start + event.seconds;
  }
}

/// Pieces of one copy as one event.
static std::vector<TraceEvent> join(const std::vector<TraceEvent> &run) {
  std::vector<TraceEvent> joined;
  for (const TraceEvent &event : run) {
    if (event.isCopy && event.call != event.ticket && !joined.empty() &&
        joined.back().call == event.call) {
      TraceEvent &copy = joined.back();
      copy.seconds = event.start + event.seconds - copy.start;
      copy.bytes += event.bytes;
      continue;
    }
    joined.push_back(event);
  }
  return joined;
}

void Trace::addRun(std::vector<TraceEvent> run, bool isModelled) {
  if (run.empty())
    return;
  std::sort(run.begin(), run.end(),
            [](const TraceEvent &a, const TraceEvent &b) {
              return a.ticket < b.ticket;
            });
  if (isModelled)
    schedule(run);
  double first = run.front().start;
  for (const TraceEvent &event : run)
    first = std::min(first, event.start);

  std::lock_guard<std::mutex> guard(mutex);
  modelled = isModelled;
  // One run after the other, whatever was between them.
  double origin = end;
  for (TraceEvent &event : join(run)) {
    event.start += origin - first;
    end = std::max(end, event.start + event.seconds);
    all.push_back(event);
  }
}

std::vector<TraceEvent> Trace::events() const {
  std::lock_guard<std::mutex> guard(mutex);
  return all;
}

SPARSEC_API sparsec_status sparsec_trace(sparsec_model *model) {
  if (!model->trace)
    model->trace.reset(new (std::nothrow) Trace);
  return model->trace
             ? SPARSEC_OK
             : rt::fail(SPARSEC_OUT_OF_MEMORY, "not enough memory for a trace");
}

SPARSEC_API size_t sparsec_trace_events(const sparsec_model *model,
                                        sparsec_trace_event *rows,
                                        size_t room) {
  if (!model->trace)
    return 0;
  std::vector<TraceEvent> events = model->trace->events();
  for (size_t i = 0; rows && i < std::min(room, events.size()); ++i)
    rows[i] = {
        events[i].name,    events[i].start,
        events[i].seconds, events[i].isCopy ? int64_t(events[i].bytes) : -1,
        events[i].isCopy,  model->trace->isModelled()};
  return events.size();
}
