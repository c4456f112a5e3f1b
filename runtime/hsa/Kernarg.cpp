//===- Kernarg.cpp - The arguments of a launch ----------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/hsa/Kernarg.h"

#include <algorithm>
#include <cstring>

using namespace sparsec;
using rt::HiddenKind;

unsigned rt::gridDimensions(const LaunchSize &size) {
  for (unsigned d = 3; d > 1; --d)
    if (size.grid[d - 1] != 1 || size.workgroup[d - 1] != 1)
      return d;
  return 1;
}

static uint64_t hiddenValue(HiddenKind kind, const rt::LaunchSize &size,
                            const rt::QueueFacts &queue) {
  auto dimension = [kind](HiddenKind x) { return int(kind) - int(x); };
  switch (kind) {
  case HiddenKind::Zero:
    return 0;
  case HiddenKind::BlockCountX: // of whole workgroups
  case HiddenKind::BlockCountY:
  case HiddenKind::BlockCountZ: {
    int d = dimension(HiddenKind::BlockCountX);
    return size.grid[d] / size.workgroup[d];
  }
  case HiddenKind::GroupSizeX:
  case HiddenKind::GroupSizeY:
  case HiddenKind::GroupSizeZ:
    return size.workgroup[dimension(HiddenKind::GroupSizeX)];
  case HiddenKind::RemainderX: // items of the partial workgroup
  case HiddenKind::RemainderY:
  case HiddenKind::RemainderZ: {
    int d = dimension(HiddenKind::RemainderX);
    return size.grid[d] % size.workgroup[d];
  }
  case HiddenKind::GridDims:
    return rt::gridDimensions(size);
  case HiddenKind::DynamicLdsSize:
    return size.groupBytes;
  case HiddenKind::PrivateBase:
    return queue.privateBaseHi;
  case HiddenKind::SharedBase:
    return queue.sharedBaseHi;
  case HiddenKind::QueuePtr:
    return queue.address;
  }
  return 0;
}

void rt::fillKernarg(const KernelMetadata &kernel, const LaunchSize &size,
                     const QueueFacts &queue, const void *arguments,
                     void *segment) {
  char *to = static_cast<char *>(segment);
  std::memset(to, 0, kernel.kernargBytes);
  if (kernel.explicitBytes != 0)
    std::memcpy(to, arguments, kernel.explicitBytes);
  for (const HiddenArgument &hidden : kernel.hidden) {
    uint64_t value = hiddenValue(hidden.kind, size, queue);
    // Little-endian, as the host is.
    std::memcpy(to + hidden.offset, &value,
                std::min<size_t>(hidden.bytes, sizeof(value)));
  }
}
