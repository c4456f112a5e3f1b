//===- BlockKernel.cpp - What kernels for blocks share --------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/amdgpu/BlockKernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace sparsec;

bool BlockKernel::isBlock() {
  if (!findRoles())
    return false;
  auto format = dyn_cast<BlockAttr>(weightType.getEncoding());
  if (!format)
    return false;
  size = format.getSize();
  return true;
}

BlockKernel::Range
BlockKernel::loadRange(OpBuilder &b, const StoredWeight &weight, Value group) {
  Value at = toIndex(b, group);
  if (Value first = weight.storage.first) // a multiple of the size
    at = addIndex(
        b, loc, at,
        arith::DivUIOp::create(b, loc, first, createIndex(b, loc, size))
            .getResult());
  if (!sumsInner) {
    auto [begin, end] = loadOffsets(b, weight, at);
    return {begin, end};
  }
  Value offsets = weight.storage.components[2];
  return {loadEntry(b, loc, offsets, at),
          loadEntry(b, loc, offsets, addIndex(b, loc, at, 1))};
}

Value BlockKernel::toValues(OpBuilder &b, const StoredWeight &weight) {
  // The size of a buffer with several dimensions is computed with 64 bits in
  // vector registers, which costs a loop around each load.
  return toBuffer(b, memref::CollapseShapeOp::create(
                         b, loc, weight.storage.components[0],
                         SmallVector<ReassociationIndices>{{0, 1, 2}}));
}

Value BlockKernel::loadElement(OpBuilder &b, Value values, Value block,
                               Value row, Value column) {
  Value at = add(b, mul(b, add(b, mul(b, block, size), row), size), column);
  return toF32(b, loc, memref::LoadOp::create(b, loc, values, toIndex(b, at)));
}
