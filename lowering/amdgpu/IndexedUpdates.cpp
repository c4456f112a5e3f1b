//===- IndexedUpdates.cpp - Sums over the rows of csr ---------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Lanes take the entries of a row, each for one column.

#include "lowering/amdgpu/IndexedKernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace sparsec;

bool IndexedUpdates::matches() { return isIndexed() && hasUpdates(); }

LogicalResult IndexedUpdates::run() {
  return launchUpdates(
      nameOf("update"), /*rows=*/1,
      [&](OpBuilder &b, const StoredWeight &weight, Value row,
          Accumulate accumulate) {
        Entries entries = toEntries(b, weight);
        Value offsets = weight.storage.components[2];
        Value at = addIndex(b, loc, toIndex(b, row), weight.storage.first);
        Value begin = loadEntry(b, loc, offsets, at);
        Value end = loadEntry(b, loc, offsets, addIndex(b, loc, at, 1));
        Value factor = loadFactor(b, row);
        forLoop(b, loc, add(b, begin, slot), end, i32(b, slots), {},
                [&](OpBuilder &b, Location loc, Value position, ValueRange) {
                  accumulate(b, loadInner(b, entries, position),
                             loadValue(b, entries, position), factor);
                  return SmallVector<Value>();
                });
      });
}
