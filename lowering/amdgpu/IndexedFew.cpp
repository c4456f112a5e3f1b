//===- IndexedFew.cpp - csr x few columns ---------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/amdgpu/IndexedKernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace sparsec;

bool IndexedFew::matches() { return isIndexed() && hasFewColumns(); }

LogicalResult IndexedFew::run() {
  return launchFew(
      nameOf("few"), [&](OpBuilder &b, const StoredWeight &weight, Value row) {
        Value offsets = weight.storage.components[2];
        Value begin = loadEntry(b, loc, offsets, row);
        Value end = loadEntry(b, loc, offsets, addIndex(b, loc, row, 1));
        return sumEntries(b, weight, add(b, begin, slot), end, slots);
      });
}
