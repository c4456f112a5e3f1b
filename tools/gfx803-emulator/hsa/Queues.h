//===- Queues.h - AQL queues ------------------------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_HSA_QUEUES_H
#define GFX803_EMULATOR_HSA_QUEUES_H

#include "tools/gfx803-emulator/machine/Fault.h"
#include "tools/gfx803-emulator/machine/Machine.h"

#include "hsa/amd_hsa_queue.h"
#include "hsa/hsa.h"

#include <atomic>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

namespace gfx803::hsa {

struct Runtime;

constexpr uint32_t kMinQueuePackets = 64, kMaxQueuePackets = 131072;
constexpr uint32_t kMaxQueues = 128;

/// A ring of packets, and the thread that takes them out in order. A packet is
/// done before the next begins, with or without the barrier bit.
class Queue {
public:
  using Callback = void (*)(hsa_status_t, hsa_queue_t *, void *);

  /// Null if memory or signals have run out.
  static std::shared_ptr<Queue> create(Runtime &rt, uint32_t packets,
                                       hsa_queue_type32_t type,
                                       Callback callback, void *data);
  ~Queue();

  amd_queue_t *amd() const { return shared; }
  hsa_queue_t *handle() const { return &shared->hsa_queue; }

  /// No further packet is taken.
  void inactivate();
  /// Lets the thread end after the packet that is being processed.
  void end();
  void join();
  bool isThisThread() const {
    return thread.get_id() == std::this_thread::get_id();
  }

  std::atomic<bool> profiling{false};

private:
  Queue(Runtime &rt, Callback callback, void *data)
      : rt(rt), callback(callback), data(data) {}

  /// What went wrong with a packet. `status` is success if nothing did.
  struct Outcome {
    hsa_status_t status = HSA_STATUS_SUCCESS;
    std::string message;
  };

  void run();
  bool stopping() const { return stop || inactive; }
  hsa_kernel_dispatch_packet_t *slot(uint64_t index) const;
  void process(uint64_t index);
  Outcome dispatch(const hsa_kernel_dispatch_packet_t &packet, uint64_t address,
                   uint64_t index);
  Outcome checkDispatch(const hsa_kernel_dispatch_packet_t &packet) const;
  Outcome awaitDependencies(const hsa_barrier_and_packet_t &packet, bool all);
  Outcome awaitValue(uint64_t address);
  Outcome faulted(const Fault &fault);
  /// Frees the slot, then tells whoever waits.
  void retire(uint64_t index, uint64_t completion, double seconds,
              uint64_t start);
  void fail(const Outcome &outcome);

  Runtime &rt;
  const Callback callback;
  void *const data;
  amd_queue_t *shared = nullptr; ///< followed by the ring, a page later
  uint64_t mapped = 0;
  std::atomic<bool> stop{false}, inactive{false};
  uint64_t lastEnd = 0;
  std::thread thread;
};

class Queues {
public:
  explicit Queues(Runtime &rt) : rt(rt) {}
  ~Queues() { finish(); }

  /// Destroys all queues.
  void finish();

  hsa_status_t create(uint32_t packets, hsa_queue_type32_t type,
                      Queue::Callback callback, void *data,
                      hsa_queue_t **handle);
  hsa_status_t destroy(const hsa_queue_t *handle);
  /// Null for what is not a queue of this table.
  std::shared_ptr<Queue> find(const hsa_queue_t *handle) const;

private:
  /// Waits for the threads of queues that ended themselves.
  void reap();

  Runtime &rt;
  mutable std::shared_mutex mutex;
  std::map<const hsa_queue_t *, std::shared_ptr<Queue>> queues;
  /// Destroyed by their own error callbacks.
  std::vector<std::shared_ptr<Queue>> retired;
};

} // namespace gfx803::hsa

#endif // GFX803_EMULATOR_HSA_QUEUES_H
