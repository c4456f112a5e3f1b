//===- Queues.cpp - AQL queues: making and finding them -------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/hsa/Runtime.h"

#include <cstring>
#include <sys/mman.h>

using namespace gfx803;
using namespace gfx803::hsa;

static constexpr uint64_t kPacketBytes = sizeof(hsa_kernel_dispatch_packet_t);
static_assert(kPacketBytes == 64, "packets of the AQL ring");
static constexpr uint64_t kRingOffset = 4096;

std::shared_ptr<Queue> Queue::create(Runtime &rt, uint32_t packets,
                                     hsa_queue_type32_t type, Callback callback,
                                     void *data) {
  static std::atomic<uint64_t> nextId{0};
  std::shared_ptr<Queue> queue(new Queue(rt, callback, data));
  uint64_t bytes = kRingOffset + packets * kPacketBytes;
  void *mapping = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED)
    return nullptr;
  auto *shared = static_cast<amd_queue_t *>(mapping);
  uint64_t doorbell = rt.signals.create(-1, AMD_SIGNAL_KIND_DOORBELL);
  // Kernels read the queue, and their packet in the ring.
  if (!doorbell || !rt.machine.memory.registerHost(mapping, bytes)) {
    rt.signals.destroy(doorbell, AMD_SIGNAL_KIND_DOORBELL);
    munmap(mapping, bytes);
    return nullptr;
  }
  queue->shared = shared;
  queue->mapped = bytes;

  hsa_queue_t &head = shared->hsa_queue;
  head.type = type;
  head.features = HSA_QUEUE_FEATURE_KERNEL_DISPATCH;
  head.base_address = static_cast<std::byte *>(mapping) + kRingOffset;
  head.doorbell_signal.handle = doorbell;
  head.size = packets;
  head.id = nextId++;
  shared->group_segment_aperture_base_hi = kSharedApertureHi;
  shared->private_segment_aperture_base_hi = kPrivateApertureHi;
  shared->max_cu_id = kComputeUnits - 1;
  shared->max_wave_id = kMaxWavesPerSimd * kSimdsPerUnit - 1;
  shared->read_dispatch_id_field_base_byte_offset =
      offsetof(amd_queue_t, read_dispatch_id);
  shared->queue_properties = AMD_QUEUE_PROPERTIES_IS_PTR64;
  rt.signals.find(doorbell)->queue_ptr = shared;
  for (uint32_t i = 0; i < packets; ++i)
    queue->slot(i)->header = HSA_PACKET_TYPE_INVALID;
  queue->thread = std::thread([raw = queue.get()] { raw->run(); });
  return queue;
}

Queue::~Queue() {
  if (!shared)
    return;
  rt.signals.destroy(shared->hsa_queue.doorbell_signal.handle,
                     AMD_SIGNAL_KIND_DOORBELL);
  rt.machine.memory.release(reinterpret_cast<uint64_t>(shared));
  munmap(shared, mapped);
}

hsa_kernel_dispatch_packet_t *Queue::slot(uint64_t index) const {
  auto *ring = reinterpret_cast<hsa_kernel_dispatch_packet_t *>(
      reinterpret_cast<std::byte *>(shared) + kRingOffset);
  return ring + index % shared->hsa_queue.size;
}

void Queue::inactivate() {
  inactive = true;
  rt.signals.wakeups.notify();
}

void Queue::end() {
  stop = true;
  rt.signals.wakeups.notify();
}

void Queue::join() {
  if (thread.joinable())
    thread.join();
}

void Queues::finish() {
  std::map<const hsa_queue_t *, std::shared_ptr<Queue>> last;
  {
    std::unique_lock<std::shared_mutex> lock(mutex);
    last.swap(queues);
  }
  for (auto &[handle, queue] : last) {
    queue->end();
    queue->join();
  }
  reap();
}

void Queues::reap() {
  std::vector<std::shared_ptr<Queue>> joined;
  std::unique_lock<std::shared_mutex> lock(mutex);
  for (auto it = retired.begin(); it != retired.end();) {
    if ((*it)->isThisThread()) {
      ++it;
      continue;
    }
    joined.push_back(std::move(*it));
    it = retired.erase(it);
  }
  lock.unlock();
  for (auto &queue : joined)
    queue->join();
}

hsa_status_t Queues::create(uint32_t packets, hsa_queue_type32_t type,
                            Queue::Callback callback, void *data,
                            hsa_queue_t **handle) {
  reap();
  std::unique_lock<std::shared_mutex> lock(mutex);
  if (queues.size() == kMaxQueues)
    return HSA_STATUS_ERROR_OUT_OF_RESOURCES;
  std::shared_ptr<Queue> queue =
      Queue::create(rt, packets, type, callback, data);
  if (!queue)
    return HSA_STATUS_ERROR_OUT_OF_RESOURCES;
  *handle = queue->handle();
  queues[*handle] = std::move(queue);
  return HSA_STATUS_SUCCESS;
}

hsa_status_t Queues::destroy(const hsa_queue_t *handle) {
  std::shared_ptr<Queue> queue;
  {
    std::unique_lock<std::shared_mutex> lock(mutex);
    auto found = queues.find(handle);
    if (found == queues.end())
      return HSA_STATUS_ERROR_INVALID_QUEUE;
    queue = std::move(found->second);
    queues.erase(found);
    // In its own error callback its thread cannot be waited for.
    if (queue->isThisThread())
      retired.push_back(queue);
  }
  queue->end();
  if (!queue->isThisThread())
    queue->join();
  return HSA_STATUS_SUCCESS;
}

std::shared_ptr<Queue> Queues::find(const hsa_queue_t *handle) const {
  std::shared_lock<std::shared_mutex> lock(mutex);
  auto found = queues.find(handle);
  return found == queues.end() ? nullptr : found->second;
}
