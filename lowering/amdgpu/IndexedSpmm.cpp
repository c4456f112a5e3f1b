//===- IndexedSpmm.cpp - csr x matrix on waves of 64 lanes ----------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A wave has one row of the weight, and a column of x for each lane, or up to
// four. Lanes load 64 entries of the row together; then each is handed to all
// lanes by v_readlane and multiplied with a row of x, which all waves of a
// workgroup read from the L1. Each sum is taken with k ascending.

#include "lowering/amdgpu/IndexedKernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace sparsec;

bool IndexedSpmm::matches() {
  return isIndexedSum() && hasColumns(kLeastColumns);
}

LogicalResult IndexedSpmm::run() {
  return launchRows(nameOf("spmm"), /*rows=*/1,
                    [&](OpBuilder &b, const StoredWeight &weight, Value row,
                        ValueRange sums) {
                      return emitEntries(b, weight,
                                         addIndex(b, loc, toIndex(b, row),
                                                  weight.storage.first),
                                         sums);
                    });
}

SmallVector<Value> IndexedSpmm::emitEntries(OpBuilder &b,
                                            const StoredWeight &weight,
                                            Value row, ValueRange sums) {
  Entries entries = toEntries(b, weight);
  Value offsets = weight.storage.components[2];
  Value begin = loadEntry(b, loc, offsets, row);
  Value end = loadEntry(b, loc, offsets, addIndex(b, loc, row, 1));
  Value lane = emitLane(b);
  return forLoop(
      b, loc, begin, end, i32(b, kLanes), sums,
      [&](OpBuilder &b, Location loc, Value from, ValueRange carried) {
        // What is beyond the row belongs to another one, and is not used.
        Value position = add(b, from, lane);
        Value inners = loadInner(b, entries, position);
        Value values = loadValue(b, entries, position);
        Value count = arith::MinUIOp::create(
            b, loc, arith::SubIOp::create(b, loc, end, from), i32(b, kLanes));
        return forUnrolled(b, count, carried,
                           [&](OpBuilder &b, Value i, ValueRange carried) {
                             SmallVector<Value> next(carried);
                             addProducts(b, readLane(b, values, i),
                                         readLane(b, inners, i), next);
                             return next;
                           });
      });
}
