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
        Value at = addIndex(b, loc, toIndex(b, row), weight.storage.first);
        auto [begin, end] = loadOffsets(b, weight, at);
        Value factor = loadFactor(b, row);
        forLoop(b, loc, add(b, begin, slot), end, i32(b, slots), {},
                [&](OpBuilder &b, Location loc, Value position, ValueRange) {
                  accumulate(b, loadInner(b, entries, position),
                             loadValue(b, entries, position), factor);
                  return SmallVector<Value>();
                });
      });
}
