//===- PacketProcessor.cpp - What a queue does with its packets -----------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/hsa/Messages.h"
#include "tools/gfx803-emulator/hsa/Runtime.h"

#include <algorithm>

using namespace gfx803;
using namespace gfx803::hsa;

static uint16_t loadHeader(const hsa_kernel_dispatch_packet_t *packet) {
  return __atomic_load_n(&packet->header, __ATOMIC_ACQUIRE);
}

static unsigned packetType(uint16_t header) {
  return header >> HSA_PACKET_HEADER_TYPE &
         ((1 << HSA_PACKET_HEADER_WIDTH_TYPE) - 1);
}

void Queue::run() {
  uint64_t doorbell = shared->hsa_queue.doorbell_signal.handle;
  for (uint64_t index = 0; !stop; ++index) {
    // As on hardware, a packet without its doorbell is not looked at, and one
    // whose header still says INVALID is waited for.
    rt.signals.wakeups.wait(
        [&] {
          return stop ||
                 (!inactive && rt.signals.load(doorbell) >= int64_t(index));
        },
        Wakeups::kForever, /*poll=*/false);
    rt.signals.wakeups.wait([&] {
      return stopping() ||
             packetType(loadHeader(slot(index))) != HSA_PACKET_TYPE_INVALID;
    });
    if (stop)
      return;
    if (!inactive)
      process(index);
  }
}

void Queue::process(uint64_t index) {
  hsa_kernel_dispatch_packet_t *packet = slot(index);
  uint64_t address = reinterpret_cast<uint64_t>(packet);
  uint64_t completion = packet->completion_signal.handle;
  unsigned type = packetType(loadHeader(packet));
  Outcome outcome;
  if (completion && !rt.signals.find(completion)) {
    outcome = {HSA_STATUS_ERROR_INVALID_PACKET_FORMAT,
               "the completion signal " + hex(completion) + " is none"};
    type = HSA_PACKET_TYPE_INVALID;
  }
  switch (type) {
  case HSA_PACKET_TYPE_INVALID:
    break;
  case HSA_PACKET_TYPE_KERNEL_DISPATCH:
    outcome = dispatch(*packet, address, index);
    break;
  case HSA_PACKET_TYPE_BARRIER_AND:
  case HSA_PACKET_TYPE_BARRIER_OR:
    outcome =
        awaitDependencies(*reinterpret_cast<hsa_barrier_and_packet_t *>(packet),
                          type == HSA_PACKET_TYPE_BARRIER_AND);
    break;
  case HSA_PACKET_TYPE_VENDOR_SPECIFIC:
    outcome = awaitValue(address);
    break;
  default:
    outcome = {HSA_STATUS_ERROR_INVALID_PACKET_FORMAT,
               "the gpu agent does not take packets of type " +
                   std::to_string(type)};
  }
  if (outcome.status) {
    outcome.message = "queue " + std::to_string(shared->hsa_queue.id) +
                      ", packet " + std::to_string(index) + ": " +
                      outcome.message;
    fail(outcome);
    return;
  }
  if (stopping())
    return;
  if (type != HSA_PACKET_TYPE_KERNEL_DISPATCH)
    retire(index, completion, 0, timestamp());
}

Queue::Outcome
Queue::checkDispatch(const hsa_kernel_dispatch_packet_t &packet) const {
  unsigned dimensions =
      packet.setup &
      ((1 << HSA_KERNEL_DISPATCH_PACKET_SETUP_WIDTH_DIMENSIONS) - 1);
  uint32_t sizes[3] = {packet.workgroup_size_x, packet.workgroup_size_y,
                       packet.workgroup_size_z};
  uint32_t grid[3] = {packet.grid_size_x, packet.grid_size_y,
                      packet.grid_size_z};
  if (dimensions == 0)
    return {HSA_STATUS_ERROR_INCOMPATIBLE_ARGUMENTS,
            "a dispatch of no dimensions"};
  uint64_t items = 1;
  for (unsigned i = 0; i < 3; ++i) {
    const char *name = i == 0 ? "x" : i == 1 ? "y" : "z";
    if (sizes[i] == 0 || grid[i] == 0)
      return {HSA_STATUS_ERROR_INCOMPATIBLE_ARGUMENTS,
              std::string(sizes[i] == 0 ? "workgroup" : "grid") + " size " +
                  name + " is 0"};
    if (i >= dimensions && (sizes[i] != 1 || grid[i] != 1))
      return {HSA_STATUS_ERROR_INCOMPATIBLE_ARGUMENTS,
              std::string("size ") + name + " is not 1 in a dispatch of " +
                  std::to_string(dimensions) + " dimensions"};
    items *= sizes[i];
  }
  if (items > kMaxWorkgroupItems)
    return {HSA_STATUS_ERROR_INVALID_ARGUMENT,
            "a workgroup of " + std::to_string(items) +
                " work items; the limit is " +
                std::to_string(kMaxWorkgroupItems)};
  if (packet.group_segment_size > kMaxLdsBytes)
    return {HSA_STATUS_ERROR_INVALID_ALLOCATION,
            std::to_string(packet.group_segment_size) +
                " bytes of LDS; a workgroup has " +
                std::to_string(kMaxLdsBytes)};
  return {};
}

Queue::Outcome Queue::faulted(const Fault &fault) {
  switch (fault.kind) {
  case FaultKind::OutOfBounds:
    rt.systemEvents.memoryFault(fault.address);
    return {hsa_status_t(HSA_STATUS_ERROR_MEMORY_FAULT), fault.message};
  case FaultKind::IllegalInstruction:
    return {hsa_status_t(HSA_STATUS_ERROR_ILLEGAL_INSTRUCTION), fault.message};
  case FaultKind::BadPacket:
    return {HSA_STATUS_ERROR_INVALID_PACKET_FORMAT, fault.message};
  default:
    return {HSA_STATUS_ERROR_EXCEPTION, fault.message};
  }
}

Queue::Outcome Queue::dispatch(const hsa_kernel_dispatch_packet_t &packet,
                               uint64_t address, uint64_t index) {
  Outcome outcome = checkDispatch(packet);
  if (outcome.status)
    return outcome;
  // Holds the code while it runs, even if its executable is destroyed.
  Executables::Kernel kernel = rt.executables.kernel(packet.kernel_object);
  if (!kernel.info)
    return {HSA_STATUS_ERROR_INVALID_CODE_OBJECT,
            "kernel object " + hex(packet.kernel_object) +
                " is no kernel of a frozen executable"};
  DispatchRequest request;
  request.dimensions = packet.setup & 3;
  request.workgroup = {packet.workgroup_size_x, packet.workgroup_size_y,
                       packet.workgroup_size_z};
  request.grid = {packet.grid_size_x, packet.grid_size_y, packet.grid_size_z};
  request.privateBytes = packet.private_segment_size;
  request.groupBytes = packet.group_segment_size;
  request.kernelObject = packet.kernel_object;
  request.kernarg = reinterpret_cast<uint64_t>(packet.kernarg_address);
  request.packet = address;
  request.queue = reinterpret_cast<uint64_t>(shared);
  request.dispatchId = index;
  uint64_t completion = packet.completion_signal.handle;
  uint64_t start = std::max(timestamp(), lastEnd);
  DispatchReport report;
  Fault fault;
  bool good;
  {
    Blocks::Busy busy(rt.blocks);
    good = rt.machine.run(request, report, fault);
  }
  if (!good)
    return faulted(fault);
  double seconds = report.time.bound;
  rt.reports.add(completion, std::move(report));
  retire(index, completion, seconds, start);
  return {};
}

Queue::Outcome Queue::awaitDependencies(const hsa_barrier_and_packet_t &packet,
                                        bool all) {
  std::vector<uint64_t> signals;
  for (hsa_signal_t signal : packet.dep_signal) {
    if (signal.handle == 0)
      continue;
    if (!rt.signals.find(signal.handle))
      return {HSA_STATUS_ERROR_INVALID_PACKET_FORMAT,
              "a barrier on " + hex(signal.handle) + ", which is no signal"};
    signals.push_back(signal.handle);
  }
  if (signals.empty())
    return {};
  auto zero = [this](uint64_t signal) { return rt.signals.load(signal) == 0; };
  rt.signals.wakeups.wait([&] {
    return stopping() ||
           (all ? std::all_of(signals.begin(), signals.end(), zero)
                : std::any_of(signals.begin(), signals.end(), zero));
  });
  return {};
}

Queue::Outcome Queue::awaitValue(uint64_t address) {
  auto &packet = *reinterpret_cast<hsa_amd_barrier_value_packet_t *>(address);
  if (packet.header.AmdFormat != HSA_AMD_PACKET_TYPE_BARRIER_VALUE)
    return {HSA_STATUS_ERROR_INVALID_PACKET_FORMAT,
            "vendor packets of format " +
                std::to_string(packet.header.AmdFormat) + " are not emulated"};
  uint64_t signal = packet.signal.handle;
  if (!rt.signals.find(signal) || packet.cond > HSA_SIGNAL_CONDITION_GTE)
    return {HSA_STATUS_ERROR_INVALID_PACKET_FORMAT,
            "a barrier on " + hex(signal) + " with condition " +
                std::to_string(packet.cond)};
  rt.signals.wakeups.wait([&] {
    return stopping() ||
           holds(hsa_signal_condition_t(packet.cond),
                 rt.signals.load(signal) & packet.mask, packet.value);
  });
  return {};
}

void Queue::retire(uint64_t index, uint64_t completion, double seconds,
                   uint64_t start) {
  lastEnd = start + std::max<uint64_t>(1, uint64_t(seconds * 1e9));
  __atomic_store_n(&slot(index)->header, HSA_PACKET_TYPE_INVALID,
                   __ATOMIC_RELEASE);
  __atomic_store_n(&shared->read_dispatch_id, index + 1, __ATOMIC_SEQ_CST);
  amd_signal_t *signal = rt.signals.find(completion);
  if (!signal) {
    rt.signals.wakeups.notify();
    return;
  }
  if (profiling) {
    __atomic_store_n(&signal->start_ts, start, __ATOMIC_RELAXED);
    __atomic_store_n(&signal->end_ts, lastEnd, __ATOMIC_RELEASE);
  }
  rt.signals.subtract(*signal, 1);
}

void Queue::fail(const Outcome &outcome) {
  complain(outcome.message);
  inactive = true;
  if (callback)
    callback(outcome.status, handle(), data);
}
