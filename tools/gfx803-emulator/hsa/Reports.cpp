//===- Reports.cpp - What finished dispatches did -------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/hsa/Reports.h"
#include "tools/gfx803-emulator/hsa/Messages.h"
#include "tools/gfx803-emulator/hsa/Runtime.h"
#include "tools/gfx803-emulator/hsa/gfx803_emulator.h"

#include <cinttypes>
#include <cstdio>

using namespace gfx803;
using namespace gfx803::hsa;

void Reports::add(uint64_t signal, DispatchReport report) {
  auto record = std::make_shared<Record>();
  record->signal = signal;
  record->report = std::move(report);
  std::lock_guard<std::mutex> lock(mutex);
  record->index = first + records.size();
  if (signal)
    latest[signal] = record->index;
  records.push_back(std::move(record));
  if (records.size() <= kKept)
    return;
  auto old = latest.find(records.front()->signal);
  if (old != latest.end() && old->second == first)
    latest.erase(old);
  records.pop_front();
  ++first;
}

uint64_t Reports::count() {
  std::lock_guard<std::mutex> lock(mutex);
  return first + records.size();
}

std::shared_ptr<const Reports::Record> Reports::find(uint64_t index) {
  std::lock_guard<std::mutex> lock(mutex);
  if (index < first || index - first >= records.size())
    return nullptr;
  return records[index - first];
}

std::shared_ptr<const Reports::Record> Reports::ofSignal(uint64_t signal) {
  std::lock_guard<std::mutex> lock(mutex);
  auto found = latest.find(signal);
  return found == latest.end() ? nullptr : records[found->second - first];
}

//===----------------------------------------------------------------------===//
// Messages
//===----------------------------------------------------------------------===//

namespace {
struct Messages {
  std::mutex mutex;
  std::string last;
  bool print = true;
};
} // namespace

/// Never destroyed: a queue's thread may still have something to say while the
/// process ends.
static Messages &messages() {
  static auto *instance = new Messages;
  return *instance;
}

void hsa::complain(const std::string &sentence) {
  std::lock_guard<std::mutex> lock(messages().mutex);
  messages().last = sentence;
  if (messages().print)
    std::fprintf(stderr, "gfx803 emulator: %s\n", sentence.c_str());
}

std::string hsa::hex(uint64_t value) {
  char text[32];
  std::snprintf(text, sizeof(text), "0x%" PRIx64, value);
  return text;
}

//===----------------------------------------------------------------------===//
// gfx803_emulator_*
//===----------------------------------------------------------------------===//

static int describe(std::shared_ptr<const Reports::Record> record,
                    gfx803_emulator_dispatch_info *out) {
  // Keeps what `out` points to until this thread's next call.
  static thread_local std::shared_ptr<const Reports::Record> kept;
  static thread_local std::string json;
  if (!record || !out)
    return 0;
  kept = std::move(record);
  const DispatchReport &report = kept->report;
  const Counters &counters = report.counters;
  json = report.json();
  *out = {};
  out->index = kept->index;
  out->completion_signal = kept->signal;
  out->kernel = report.kernel.c_str();
  out->workgroups = counters.workgroups;
  out->waves = counters.waves;
  out->instructions = counters.total();
  out->bytes = counters.loadBytes + counters.storeBytes + counters.smemBytes;
  out->memory_bytes =
      64 * (counters.memoryReadLines + counters.memoryWriteLines);
  out->modelled_seconds = report.time.bound;
  out->json = json.c_str();
  return 1;
}

extern "C" {

uint64_t gfx803_emulator_dispatch_count(void) {
  Runtime *rt = runtime();
  return rt ? rt->reports.count() : 0;
}

int gfx803_emulator_dispatch(uint64_t index,
                             gfx803_emulator_dispatch_info *out) {
  Runtime *rt = runtime();
  return rt ? describe(rt->reports.find(index), out) : 0;
}

int gfx803_emulator_dispatch_of_signal(uint64_t signal,
                                       gfx803_emulator_dispatch_info *out) {
  Runtime *rt = runtime();
  return rt ? describe(rt->reports.ofSignal(signal), out) : 0;
}

const char *gfx803_emulator_last_fault(void) {
  static thread_local std::string text;
  std::lock_guard<std::mutex> lock(messages().mutex);
  text = messages().last;
  return text.empty() ? nullptr : text.c_str();
}

void gfx803_emulator_print_faults(int print) {
  std::lock_guard<std::mutex> lock(messages().mutex);
  messages().print = print != 0;
}

} // extern "C"
