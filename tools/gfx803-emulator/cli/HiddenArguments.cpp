//===- HiddenArguments.cpp - What a runtime adds to a kernel's arguments --===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The hidden arguments, packets and queues of code objects as
// llvm.org/docs/AMDGPUUsage.html describes them.
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/cli/KernelArguments.h"

#include "llvm/ADT/StringRef.h"

#include <cstring>
#include <hsa/amd_hsa_queue.h>
#include <hsa/hsa.h>

using namespace gfx803;
using namespace gfx803::cli;

void KernelArguments::fillHidden(const KernelArgument &argument,
                                 const DispatchRequest &request) {
  llvm::StringRef kind = argument.valueKind;
  unsigned dimension = kind.ends_with("_x") ? 0 : kind.ends_with("_y") ? 1 : 2;
  uint32_t grid = request.grid[dimension];
  uint32_t workgroup = request.workgroup[dimension];
  // What is not listed is absent: printf and hostcall buffers, heaps, default
  // queues, other devices, offsets of the grid.
  uint64_t value = 0;
  if (kind.starts_with("hidden_block_count_"))
    value = grid / workgroup;
  else if (kind.starts_with("hidden_group_size_"))
    value = workgroup;
  else if (kind.starts_with("hidden_remainder_"))
    value = grid % workgroup;
  else if (kind == "hidden_grid_dims")
    value = request.dimensions;
  else if (kind == "hidden_private_base")
    value = kPrivateApertureHi;
  else if (kind == "hidden_shared_base")
    value = kSharedApertureHi;
  else if (kind == "hidden_queue_ptr")
    value = request.queue;
  else if (kind == "hidden_dynamic_lds_size")
    value = dynamicLdsBytes;
  store(argument, &value, sizeof(value));
}

bool KernelArguments::addQueue(DispatchRequest &request) {
  Memory &memory = machine.memory;
  request.queue = memory.allocate(MemoryKind::System, sizeof(amd_queue_t));
  request.packet =
      memory.allocate(MemoryKind::System, sizeof(hsa_kernel_dispatch_packet_t));
  if (!request.queue || !request.packet)
    return false;
  amd_queue_t queue = {};
  queue.group_segment_aperture_base_hi = kSharedApertureHi;
  queue.private_segment_aperture_base_hi = kPrivateApertureHi;
  std::memcpy(memory.translate(request.queue, sizeof(queue)), &queue,
              sizeof(queue));

  hsa_kernel_dispatch_packet_t packet = {};
  packet.header = HSA_PACKET_TYPE_KERNEL_DISPATCH << HSA_PACKET_HEADER_TYPE;
  packet.setup = uint16_t(request.dimensions);
  packet.workgroup_size_x = uint16_t(request.workgroup[0]);
  packet.workgroup_size_y = uint16_t(request.workgroup[1]);
  packet.workgroup_size_z = uint16_t(request.workgroup[2]);
  packet.grid_size_x = request.grid[0];
  packet.grid_size_y = request.grid[1];
  packet.grid_size_z = request.grid[2];
  packet.private_segment_size = request.privateBytes;
  packet.group_segment_size = request.groupBytes;
  packet.kernel_object = request.kernelObject;
  packet.kernarg_address = reinterpret_cast<void *>(request.kernarg);
  std::memcpy(memory.translate(request.packet, sizeof(packet)), &packet,
              sizeof(packet));
  return true;
}
