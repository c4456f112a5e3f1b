//===- Signals.h - Signals, and waiting for them ----------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// A signal's handle is the address of its amd_signal_t, as in ROCR: compiled
// kernels rely on that. All signals lie in one mapping that kernels can reach,
// so a handle is checked by its range and its slot's kind.
//
// Every waiter in the process (API waits, queues, copies, handlers) sleeps on
// one condition variable; there are few of them. What the API changes wakes
// them at once. What a kernel, or the host through
// hsa_amd_signal_value_pointer, changes is seen at the next poll.
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_HSA_SIGNALS_H
#define GFX803_EMULATOR_HSA_SIGNALS_H

#include "tools/gfx803-emulator/machine/Memory.h"

#include "hsa/amd_hsa_signal.h"
#include "hsa/hsa.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>

namespace gfx803::hsa {

/// Nanoseconds of the clock that HSA_SYSTEM_INFO_TIMESTAMP shows.
uint64_t timestamp();

/// Wakes sleeping threads when something they may wait for has changed.
class Wakeups {
public:
  using Clock = std::chrono::steady_clock;
  static constexpr Clock::time_point kForever = Clock::time_point::max();
  static constexpr std::chrono::microseconds kPoll{500};

  void notify() {
    if (waiters.load() == 0)
      return;
    {
      std::lock_guard<std::mutex> lock(mutex);
    }
    changed.notify_all();
  }

  /// Sleeps until `done()` holds; false if it does not at `deadline`. `done`
  /// is also tried every `kPoll` if `poll` says that it may come true without
  /// `notify`.
  template <typename Done>
  bool wait(Done done, Clock::time_point deadline = kForever,
            bool poll = true) {
    if (done())
      return true;
    std::unique_lock<std::mutex> lock(mutex);
    ++waiters;
    bool held = done();
    while (!held) {
      Clock::time_point now = Clock::now();
      if (now >= deadline)
        break;
      if (poll)
        changed.wait_until(lock, std::min(deadline, now + kPoll));
      else if (deadline == kForever)
        changed.wait(lock);
      else
        changed.wait_until(lock, deadline);
      held = done();
    }
    --waiters;
    return held;
  }

private:
  std::mutex mutex;
  std::condition_variable changed;
  std::atomic<unsigned> waiters{0};
};

/// When a timeout of so many nanoseconds, counted from now, is over.
Wakeups::Clock::time_point deadline(uint64_t timeout);

bool holds(hsa_signal_condition_t condition, int64_t value, int64_t compare);

class Signals {
public:
  explicit Signals(Memory &memory);
  ~Signals();

  bool usable() const { return slots != nullptr; }

  /// A handle, or 0 if there are no more.
  uint64_t create(int64_t value,
                  amd_signal_kind64_t kind = AMD_SIGNAL_KIND_USER);
  /// False if it is not a live signal of that kind.
  bool destroy(uint64_t handle,
               amd_signal_kind64_t kind = AMD_SIGNAL_KIND_USER);
  /// Null if the handle is not a live signal's.
  amd_signal_t *find(uint64_t handle) const;

  /// The value of a live signal; 0 for another handle.
  int64_t load(uint64_t handle) const;
  void store(amd_signal_t &signal, int64_t value);
  void subtract(amd_signal_t &signal, int64_t value);

  Wakeups wakeups;

private:
  static constexpr size_t kSlots = size_t(1) << 20;
  /// A destroyed signal's slot waits for this many others before it is used
  /// again, so that a stale handle stays recognisable for a while.
  static constexpr size_t kQuarantine = 1024;

  Memory &memory;
  amd_signal_t *slots = nullptr;
  std::mutex mutex;
  size_t used = 0;
  std::deque<uint64_t> freed;
};

} // namespace gfx803::hsa

#endif // GFX803_EMULATOR_HSA_SIGNALS_H
