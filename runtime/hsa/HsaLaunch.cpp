//===- HsaLaunch.cpp - Packets for a card's queue -------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Status.h"
#include "runtime/hsa/HsaStream.h"

#include <algorithm>
#include <cstring>
#include <hsa/amd_hsa_queue.h>

using namespace sparsec;
using rt::fail;
using rt::HsaStream;

/// What the hardware takes.
static constexpr uint32_t kMostItems = 1024;

/// After the copies and kernels that it follows, and before those that follow
/// it, on the card and off it.
static constexpr uint16_t kKernelHeader =
    HSA_PACKET_TYPE_KERNEL_DISPATCH << HSA_PACKET_HEADER_TYPE |
    1 << HSA_PACKET_HEADER_BARRIER |
    HSA_FENCE_SCOPE_SYSTEM << HSA_PACKET_HEADER_SCACQUIRE_FENCE_SCOPE |
    HSA_FENCE_SCOPE_SYSTEM << HSA_PACKET_HEADER_SCRELEASE_FENCE_SCOPE;
static constexpr uint16_t kBarrierHeader = HSA_PACKET_TYPE_BARRIER_AND
                                               << HSA_PACKET_HEADER_TYPE |
                                           1 << HSA_PACKET_HEADER_BARRIER;

sparsec_status HsaStream::makeQueue() {
  uint32_t packets = std::min(2 * kOperations, card.mostPackets);
  hsa_status_t status =
      api.hsa_queue_create(card.gpu, packets, HSA_QUEUE_TYPE_SINGLE,
                           onQueueError, this, UINT32_MAX, UINT32_MAX, &queue);
  if (status != HSA_STATUS_SUCCESS) {
    queue = nullptr;
    return failHsa(api, status, "cannot create a queue");
  }
  api.hsa_amd_profiling_set_profiler_enabled(queue, 1);
  auto *wide = reinterpret_cast<const amd_queue_t *>(queue);
  facts.address = reinterpret_cast<uint64_t>(queue);
  facts.sharedBaseHi = wide->group_segment_aperture_base_hi;
  facts.privateBaseHi = wide->private_segment_aperture_base_hi;
  return SPARSEC_OK;
}

sparsec_status HsaStream::nextPacket(uint64_t &index) {
  index = api.hsa_queue_add_write_index_relaxed(queue, 1);
  while (index - api.hsa_queue_load_read_index_scacquire(queue) >= queue->size)
    if (failed())
      return recover();
  return SPARSEC_OK;
}

void HsaStream::publish(uint64_t index, uint16_t header, uint16_t setup) {
  auto *packets =
      static_cast<hsa_kernel_dispatch_packet_t *>(queue->base_address);
  auto *word = reinterpret_cast<uint32_t *>(&packets[index % queue->size]);
  // The card may look at the packet as soon as its header is there.
  __atomic_store_n(word, header | uint32_t(setup) << 16, __ATOMIC_RELEASE);
  api.hsa_signal_store_screlease(queue->doorbell_signal,
                                 hsa_signal_value_t(index));
}

sparsec_status HsaStream::waitOnCard(Operation &copy) {
  uint64_t index;
  if (sparsec_status status = nextPacket(index))
    return status;
  auto *packets = static_cast<hsa_barrier_and_packet_t *>(queue->base_address);
  hsa_barrier_and_packet_t &packet = packets[index % queue->size];
  // All but the header, which says that there is no packet yet.
  constexpr size_t kHeader = sizeof(packet.header);
  std::memset(reinterpret_cast<char *>(&packet) + kHeader, 0,
              sizeof(packet) - kHeader);
  packet.dep_signal[0] = copy.signal;
  publish(index, kBarrierHeader, 0);
  return SPARSEC_OK;
}

void HsaStream::fillPacket(hsa_kernel_dispatch_packet_t &packet,
                           const HsaKernel &kernel, const LaunchSize &size,
                           const Operation &operation) {
  packet.workgroup_size_x = uint16_t(size.workgroup[0]);
  packet.workgroup_size_y = uint16_t(size.workgroup[1]);
  packet.workgroup_size_z = uint16_t(size.workgroup[2]);
  packet.reserved0 = 0;
  packet.grid_size_x = size.grid[0];
  packet.grid_size_y = size.grid[1];
  packet.grid_size_z = size.grid[2];
  packet.private_segment_size = kernel.privateBytes;
  packet.group_segment_size = kernel.groupBytes + size.groupBytes;
  packet.kernel_object = kernel.object;
  packet.kernarg_address = operation.kernarg;
  packet.reserved2 = 0;
  packet.completion_signal = operation.signal;
}

sparsec_status HsaStream::checkSize(const HsaKernel &kernel,
                                    const LaunchSize &size) {
  const KernelMetadata &metadata = kernel.metadata;
  if (sparsec_status status =
          checkLaunch(kernel, size, std::min(kMostItems, metadata.mostItems)))
    return status;
  for (int i = 0; i < 3; ++i)
    if (metadata.requiredWorkgroup[0] != 0 &&
        metadata.requiredWorkgroup[i] != size.workgroup[i])
      return fail(SPARSEC_INVALID_ARGUMENT,
                  "kernel %s launched with workgroups of %ux%ux%u, but it was "
                  "compiled for %ux%ux%u",
                  kernel.name(), size.workgroup[0], size.workgroup[1],
                  size.workgroup[2], metadata.requiredWorkgroup[0],
                  metadata.requiredWorkgroup[1], metadata.requiredWorkgroup[2]);
  if (uint64_t(kernel.groupBytes) + size.groupBytes > card.groupBytes)
    return fail(SPARSEC_INVALID_ARGUMENT,
                "kernel %s launched with %u + %u bytes of local memory, device "
                "%s has %u",
                kernel.name(), kernel.groupBytes, size.groupBytes, card.device,
                card.groupBytes);
  return SPARSEC_OK;
}

sparsec_status HsaStream::launch(Kernel &base, const LaunchSize &size,
                                 const void *arguments, uint32_t argumentBytes,
                                 Ticket after, Ticket &ticket) {
  auto &kernel = static_cast<HsaKernel &>(base);
  if (sparsec_status status = checkTicket(after, issued))
    return status;
  if (sparsec_status status = checkSize(kernel, size))
    return status;
  if (sparsec_status status = checkArgumentBytes(
          kernel, kernel.metadata.explicitBytes, argumentBytes))
    return status;
  if (failed())
    return recover();
  Operation *operation;
  if (sparsec_status status = nextOperation(operation))
    return status;
  if (!queue)
    if (sparsec_status status = makeQueue())
      return status;

  // Kernels are in order anyway.
  Operation *earlier = live(after);
  if (earlier && !earlier->kernel)
    if (sparsec_status status = waitOnCard(*earlier))
      return status;
  fillKernarg(kernel.metadata, size, facts, arguments, operation->kernarg);
  uint64_t index;
  if (sparsec_status status = nextPacket(index))
    return status;
  auto *packets =
      static_cast<hsa_kernel_dispatch_packet_t *>(queue->base_address);
  fillPacket(packets[index % queue->size], kernel, size, *operation);
  operation->kernel = &kernel;
  operation->name = kernel.name();
  operation->after = after;
  ticket = issue(*operation);
  publish(index, kKernelHeader,
          uint16_t(gridDimensions(size)
                   << HSA_KERNEL_DISPATCH_PACKET_SETUP_DIMENSIONS));
  return SPARSEC_OK;
}
