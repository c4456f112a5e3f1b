//===- DevicePlan.cpp - Where the buffers of an entry lie -----------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// First fit, largest buffer first: within a few percent of the optimum for the
// lifetimes of layers, which overlap in chains.

#include "lowering/common/DevicePlan.h"

#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sparsec;

/// As of sparsec_rt_device_alloc.
static constexpr int64_t kAlignment = 256;

int64_t sparsec::getByteSize(MemRefType type) {
  Type element = type.getElementType();
  int64_t bits = element.isIndex() ? 64 : element.getIntOrFloatBitWidth();
  return type.getNumElements() * int64_t(llvm::divideCeil(bits, 8));
}

Operation *sparsec::findLastUse(memref::AllocOp allocation) {
  Block *block = allocation->getBlock();
  Operation *last = allocation;
  llvm::SetVector<Value> names;
  names.insert(allocation.getMemref());
  for (size_t i = 0; i < names.size(); ++i)
    for (Operation *user : names[i].getUsers()) {
      Operation *here = block->findAncestorOpInBlock(*user);
      if (here && last->isBeforeInBlock(here))
        last = here;
      if (isa<ViewLikeOpInterface>(user))
        names.insert(user->result_begin(), user->result_end());
      else if (user->hasTrait<OpTrait::IsTerminator>() ||
               isa_and_nonnull<RegionBranchOpInterface>(user) ||
               llvm::any_of(user->getResultTypes(), llvm::IsaPred<MemRefType>))
        return block->getTerminator();
    }
  return last;
}

DevicePlan sparsec::planBuffers(ArrayRef<memref::AllocOp> allocations) {
  struct Buffer {
    size_t index;
    memref::AllocOp first;
    Operation *last;
    int64_t bytes, offset;
  };
  SmallVector<Buffer> buffers;
  for (auto [index, op] : llvm::enumerate(allocations)) {
    memref::AllocOp allocation = op;
    buffers.push_back(
        {index, allocation, findLastUse(allocation),
         int64_t(llvm::alignTo(
             std::max<int64_t>(getByteSize(allocation.getType()), 1),
             kAlignment)),
         0});
  }
  SmallVector<Buffer *> order;
  for (Buffer &buffer : buffers)
    order.push_back(&buffer);
  llvm::sort(order, [](Buffer *a, Buffer *b) {
    return std::pair(-a->bytes, a->index) < std::pair(-b->bytes, b->index);
  });

  DevicePlan plan;
  plan.offsets.resize(buffers.size());
  SmallVector<Buffer *> placed;
  for (Buffer *buffer : order) {
    SmallVector<Buffer *> rivals;
    for (Buffer *other : placed)
      if (!other->last->isBeforeInBlock(buffer->first) &&
          !buffer->last->isBeforeInBlock(other->first))
        rivals.push_back(other);
    llvm::sort(rivals,
               [](Buffer *a, Buffer *b) { return a->offset < b->offset; });
    for (Buffer *rival : rivals) {
      if (buffer->offset + buffer->bytes <= rival->offset)
        break;
      buffer->offset = std::max(buffer->offset, rival->offset + rival->bytes);
    }
    placed.push_back(buffer);
    plan.offsets[buffer->index] = buffer->offset;
    plan.bytes = std::max(plan.bytes, buffer->offset + buffer->bytes);
  }
  return plan;
}
