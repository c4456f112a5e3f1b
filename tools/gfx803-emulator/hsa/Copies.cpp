//===- Copies.cpp - Copies that overlap with kernels ----------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/hsa/Copies.h"
#include "tools/gfx803-emulator/hsa/Messages.h"

#include <algorithm>
#include <cerrno>
#include <sys/uio.h>
#include <unistd.h>

using namespace gfx803;
using namespace gfx803::hsa;

/// PCIe 3.0, 16 lanes of 8 GT/s, 128 bits of 130: what the wire carries.
static constexpr double kPcieBytesPerSecond = 16 * 8e9 / 8 * 128 / 130;

void Copies::finish() {
  {
    std::lock_guard<std::mutex> lock(mutex);
    stop = true;
  }
  signals.wakeups.notify();
  if (thread.joinable())
    thread.join();
}

void Copies::submit(Copy copy) {
  {
    std::lock_guard<std::mutex> lock(mutex);
    pending.push_back(std::move(copy));
    if (!thread.joinable())
      thread = std::thread([this] { run(); });
  }
  signals.wakeups.notify();
}

bool Copies::reachable(uint64_t address, uint64_t bytes) const {
  auto allocation = machine.memory.find(address);
  return allocation && allocation->contains(address, bytes);
}

std::list<Copy>::iterator Copies::firstReady() {
  return std::find_if(pending.begin(), pending.end(), [this](const Copy &one) {
    return std::all_of(
        one.dependencies.begin(), one.dependencies.end(),
        [this](uint64_t signal) { return signals.load(signal) == 0; });
  });
}

void Copies::run() {
  for (;;) {
    std::list<Copy> taken;
    bool polled;
    {
      std::lock_guard<std::mutex> lock(mutex);
      if (stop)
        return;
      auto ready = firstReady();
      if (ready != pending.end())
        taken.splice(taken.begin(), pending, ready);
      polled = !pending.empty();
    }
    if (!taken.empty()) {
      execute(taken.front());
      continue;
    }
    signals.wakeups.wait(
        [this, polled] {
          std::lock_guard<std::mutex> lock(mutex);
          return stop || polled != !pending.empty() ||
                 firstReady() != pending.end();
        },
        Wakeups::kForever, polled);
  }
}

/// Whether a byte of plain host memory can be read: the kernel says so without
/// a signal. Where it refuses to tell, the answer is yes.
static bool readable(uint64_t address) {
  char byte;
  iovec local{&byte, 1}, remote{reinterpret_cast<void *>(address), 1};
  return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == 1 ||
         errno != EFAULT;
}

bool Copies::copyNow(uint64_t to, uint64_t from, uint64_t bytes) {
  if (bytes == 0)
    return true;
  Blocks::Busy busy(blocks);
  for (uint64_t address : {to, from})
    if (!machine.memory.find(address) &&
        (bytes > UINT64_MAX - address || !readable(address) ||
         !readable(address + bytes - 1)))
      return false;
  return machine.memory.copy(to, from, bytes);
}

void Copies::execute(const Copy &copy) {
  uint64_t start = std::max(timestamp(), lastEnd);
  bool good = true;
  for (uint64_t slice = 0; good && slice < copy.slices; ++slice)
    for (uint64_t row = 0; good && row < copy.rows; ++row)
      good =
          copyNow(copy.to.at(row, slice), copy.from.at(row, slice), copy.bytes);
  amd_signal_t *completion = signals.find(copy.completion);
  if (!good) {
    complain("copy of " + std::to_string(copy.bytes) + " bytes from " +
             hex(copy.from.address) + " to " + hex(copy.to.address) +
             ": the memory was freed before the copy ran");
    if (completion)
      signals.store(*completion, -1);
    return;
  }
  auto isDevice = [this](uint64_t address) {
    auto allocation = machine.memory.find(address);
    return allocation && allocation->kind == MemoryKind::Device;
  };
  bool within = isDevice(copy.to.address) && isDevice(copy.from.address);
  double bytes = double(copy.bytes) * copy.rows * copy.slices;
  double seconds =
      within ? 2 * bytes / kMemoryBytesPerSecond : bytes / kPcieBytesPerSecond;
  lastEnd = start + std::max<uint64_t>(1, uint64_t(seconds * 1e9));
  if (!completion)
    return;
  if (profiling) {
    __atomic_store_n(&completion->start_ts, start, __ATOMIC_RELAXED);
    __atomic_store_n(&completion->end_ts, lastEnd, __ATOMIC_RELEASE);
  }
  signals.subtract(*completion, 1);
}
