//===- Counters.cpp - What a dispatch did, and a bound of its time --------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/Counters.h"

#include "tools/gfx803-emulator/machine/Machine.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>

using namespace gfx803;

const char *gfx803::instClassName(InstClass value) {
  static const char *const names[kInstClasses] = {
      "valu",      "valu_quarter", "valu_slow", "salu", "smem",
      "vmem_load", "vmem_store",   "flat",      "lds",  "atomic",
      "branch",    "wait",         "other"};
  return names[unsigned(value)];
}

void Counters::add(const Counters &other) {
  for (unsigned i = 0; i < kInstClasses; ++i)
    instructions[i] += other.instructions[i];
  for (auto member : {&Counters::workgroups,       &Counters::waves,
                      &Counters::lanesActive,      &Counters::lanesPossible,
                      &Counters::valuClocks,       &Counters::saluClocks,
                      &Counters::vmemClocks,       &Counters::ldsClocks,
                      &Counters::branchClocks,     &Counters::loadBytes,
                      &Counters::storeBytes,       &Counters::smemBytes,
                      &Counters::l1Lines,          &Counters::l2ReadLines,
                      &Counters::l2WriteLines,     &Counters::memoryReadLines,
                      &Counters::memoryWriteLines, &Counters::ldsBytes,
                      &Counters::ldsBankConflicts, &Counters::atomics,
                      &Counters::barriers})
    this->*member += other.*member;
  longestWaveClocks = std::max(longestWaveClocks, other.longestWaveClocks);
}

ModelledTime gfx803::modelTime(const Counters &counters,
                               const Resources &resources) {
  // Few workgroups leave units idle, few waves leave SIMDs idle.
  double units =
      double(std::clamp<uint64_t>(counters.workgroups, 1, kComputeUnits));
  double simds = double(
      std::clamp<uint64_t>(counters.waves, 1, kComputeUnits * kSimdsPerUnit));
  auto seconds = [](double clocks) { return clocks / kClockHz; };
  double issueClocks = double(std::max(
      {counters.valuClocks, counters.saluClocks, counters.vmemClocks}));

  ModelledTime time;
  time.issue = seconds(
      std::max(issueClocks / simds, double(counters.longestWaveClocks)));
  time.lds = seconds(double(counters.ldsClocks) / units);
  time.l1 = seconds(double(counters.l1Lines) / units);
  time.l2 = seconds(double(counters.l2ReadLines + counters.l2WriteLines) *
                    kLineBytes / kL2BytesPerClock);
  time.memory = double(counters.memoryReadLines + counters.memoryWriteLines) *
                kLineBytes / kMemoryBytesPerSecond;
  struct Limit {
    double value;
    const char *name;
  };
  for (Limit limit : {Limit{time.issue, "issue"}, Limit{time.lds, "lds"},
                      Limit{time.l1, "l1"}, Limit{time.l2, "l2"},
                      Limit{time.memory, "memory"}})
    if (limit.value > time.bound) {
      time.bound = limit.value;
      time.limiter = limit.name;
    }
  return time;
}

std::string DispatchReport::json() const {
  using llvm::json::Array;
  using llvm::json::Object;
  Object instructions;
  for (unsigned i = 0; i < kInstClasses; ++i)
    instructions[instClassName(InstClass(i))] =
        int64_t(counters.instructions[i]);
  auto triple = [](const std::array<uint32_t, 3> &values) {
    return Array{int64_t(values[0]), int64_t(values[1]), int64_t(values[2])};
  };
  auto count = [](uint64_t value) { return int64_t(value); };
  Object object{
      {"kernel", llvm::json::fixUTF8(kernel)},
      {"grid", triple(grid)},
      {"workgroup", triple(workgroup)},
      {"workgroups", count(counters.workgroups)},
      {"waves", count(counters.waves)},
      {"instructions", count(counters.total())},
      {"instructions_by_class", std::move(instructions)},
      {"lanes_active", count(counters.lanesActive)},
      {"lanes_possible", count(counters.lanesPossible)},
      {"clocks", Object{{"valu", count(counters.valuClocks)},
                        {"salu", count(counters.saluClocks)},
                        {"vmem", count(counters.vmemClocks)},
                        {"lds", count(counters.ldsClocks)},
                        {"branch", count(counters.branchClocks)},
                        {"longest_wave", count(counters.longestWaveClocks)}}},
      {"bytes", Object{{"load", count(counters.loadBytes)},
                       {"store", count(counters.storeBytes)},
                       {"smem", count(counters.smemBytes)},
                       {"lds", count(counters.ldsBytes)}}},
      {"lines", Object{{"l1", count(counters.l1Lines)},
                       {"l2_read", count(counters.l2ReadLines)},
                       {"l2_write", count(counters.l2WriteLines)},
                       {"memory_read", count(counters.memoryReadLines)},
                       {"memory_write", count(counters.memoryWriteLines)}}},
      {"lds_bank_conflicts", count(counters.ldsBankConflicts)},
      {"atomics", count(counters.atomics)},
      {"barriers", count(counters.barriers)},
      {"resources",
       Object{{"vgprs", int64_t(resources.vgprs)},
              {"sgprs", int64_t(resources.sgprs)},
              {"lds_bytes", int64_t(resources.ldsBytes)},
              {"scratch_bytes", int64_t(resources.scratchBytes)},
              {"waves_per_workgroup", int64_t(resources.wavesPerWorkgroup)},
              {"waves_per_simd", int64_t(resources.wavesPerSimd)}}},
      {"modelled_seconds", Object{{"issue", time.issue},
                                  {"lds", time.lds},
                                  {"l1", time.l1},
                                  {"l2", time.l2},
                                  {"memory", time.memory},
                                  {"bound", time.bound}}},
      {"limiter", time.limiter}};
  std::string text;
  llvm::raw_string_ostream(text) << llvm::json::Value(std::move(object));
  return text;
}

std::string DispatchReport::table() const {
  std::string text;
  llvm::raw_string_ostream out(text);
  auto row = [&](const char *name, uint64_t value, const char *unit = "") {
    out << llvm::format("  %-22s %16llu %s\n", name,
                        static_cast<unsigned long long>(value), unit);
  };
  out << "kernel " << kernel << ", grid " << grid[0] << "x" << grid[1] << "x"
      << grid[2] << ", workgroup " << workgroup[0] << "x" << workgroup[1] << "x"
      << workgroup[2] << "\n";
  row("workgroups", counters.workgroups);
  row("waves", counters.waves);
  row("wave instructions", counters.total());
  for (unsigned i = 0; i < kInstClasses; ++i)
    if (counters.instructions[i])
      row((std::string("  ") + instClassName(InstClass(i))).c_str(),
          counters.instructions[i]);
  if (counters.lanesPossible)
    out << llvm::format("  %-22s %15.1f%%\n", "lanes active",
                        100.0 * double(counters.lanesActive) /
                            double(counters.lanesPossible));
  row("loaded", counters.loadBytes, "bytes");
  row("stored", counters.storeBytes, "bytes");
  row("scalar loads", counters.smemBytes, "bytes");
  row("lines asked of L1", counters.l1Lines, "of 64 bytes");
  row("lines asked of L2", counters.l2ReadLines + counters.l2WriteLines,
      "of 64 bytes");
  row("lines of memory", counters.memoryReadLines + counters.memoryWriteLines,
      "of 64 bytes");
  row("LDS", counters.ldsBytes, "bytes");
  row("LDS bank conflicts", counters.ldsBankConflicts, "extra passes");
  out << "  " << resources.vgprs << " VGPRs, " << resources.sgprs << " SGPRs, "
      << resources.ldsBytes << " bytes of LDS, " << resources.scratchBytes
      << " bytes of scratch a work item: " << resources.wavesPerSimd
      << " waves a SIMD\n";
  out << llvm::format("  modelled, at least %.3f us (%s); issue %.3f, LDS "
                      "%.3f, L1 %.3f, L2 %.3f, memory %.3f us\n",
                      time.bound * 1e6, time.limiter, time.issue * 1e6,
                      time.lds * 1e6, time.l1 * 1e6, time.l2 * 1e6,
                      time.memory * 1e6);
  return text;
}
