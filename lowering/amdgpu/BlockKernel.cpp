//===- BlockKernel.cpp - What kernels for blocks share --------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/amdgpu/BlockKernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

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
  Value at = toIndex(b, group), offsets = weight.storage.components[2];
  if (Value first = weight.storage.first) // a multiple of the size
    at = addIndex(
        b, loc, at,
        arith::DivUIOp::create(b, loc, first, createIndex(b, loc, size))
            .getResult());
  return {loadEntry(b, loc, offsets, at),
          loadEntry(b, loc, offsets, addIndex(b, loc, at, 1))};
}
