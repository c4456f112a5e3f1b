//===- BitmaskSpmm.cpp - bitmask x matrix on waves of 64 lanes ------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A wave has one row of the weight, and a column of x for each lane, or up to
// four. The lanes that are on in a word of the mask load its values together;
// then scalar code goes through the bits: find one, hand its value to all lanes
// by v_readlane, multiply with a row of x, which all waves of a workgroup read
// from the L1. Each sum is taken with k ascending.

#include "lowering/amdgpu/Kernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace sparsec;

bool BitmaskSpmm::matches() {
  return isBitmaskSum() && hasColumns(kLeastColumns);
}

LogicalResult BitmaskSpmm::run() {
  return launchRows("spmm_bitmask", /*rows=*/1,
                    [&](OpBuilder &b, const StoredWeight &weight, Value row,
                        ValueRange sums) {
                      return emitWords(b, weight,
                                       addIndex(b, loc, toIndex(b, row),
                                                weight.storage.first),
                                       sums);
                    });
}

SmallVector<Value> BitmaskSpmm::emitWords(OpBuilder &b,
                                          const StoredWeight &weight, Value row,
                                          ValueRange sums) {
  Value values = toBuffer(b, weight.storage.components[0]);
  int64_t words = llvm::divideCeil(weight.storage.type.getDimSize(1), kLanes);
  SmallVector<Value> state(sums);
  state.push_back(loadEntry(b, loc, weight.storage.components[2], row));
  state = forLoop(
      b, loc, createIndex(b, loc, 0), createIndex(b, loc, words),
      createIndex(b, loc, 1), state,
      [&](OpBuilder &b, Location loc, Value word, ValueRange carried) {
        Value bits =
            loadEntry(b, loc, weight.storage.components[1], {row, word});
        Value position = carried.back();
        Value held = loadValues(b, bits, position, values);
        SmallVector<Value> next = emitBits(
            b, bits, held, mul(b, toI32(b, word), kLanes), carried.drop_back());
        next.push_back(add(b, position, countBits(b, bits)));
        return next;
      });
  state.pop_back();
  return state;
}

/// Goes through the bits.
SmallVector<Value> BitmaskSpmm::emitBits(OpBuilder &b, Value bits, Value held,
                                         Value first, ValueRange sums) {
  SmallVector<Value> state{bits};
  llvm::append_range(state, sums);
  Value count = countBits(b, bits); // 32 bits: a comparison is one instruction
  state = forUnrolled(b, count, state,
                      [&](OpBuilder &b, Value, ValueRange carried) {
                        SmallVector<Value> next(carried);
                        Value bit = findLowest(b, next[0]);
                        next[0] = clearLowest(b, next[0]);
                        Value value = readLane(b, held, bit);
                        addProducts(b, value, add(b, first, bit),
                                    MutableArrayRef(next).drop_front());
                        return next;
                      });
  return SmallVector<Value>(ArrayRef(state).drop_front());
}
