//===- BitmaskFew.cpp - bitmask x few columns -----------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/amdgpu/Kernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace sparsec;

bool BitmaskFew::matches() {
  return findRoles() && isa<BitmaskAttr>(weightType.getEncoding()) &&
         hasFewColumns();
}

LogicalResult BitmaskFew::run() {
  return launchFew("few_bitmask", [&](OpBuilder &b, const StoredWeight &weight,
                                      Value row) {
    Value values = toBuffer(b, weight.storage.components[0]);
    Value begin = loadEntry(b, loc, weight.storage.components[2], row);
    int64_t words = llvm::divideCeil(weightType.getDimSize(1), kLanes);
    SmallVector<Value> state = forLoop(
        b, loc, createIndex(b, loc, 0), createIndex(b, loc, words),
        createIndex(b, loc, 1), ValueRange{f32Zero(b), begin},
        [&](OpBuilder &b, Location loc, Value word, ValueRange carried) {
          Value bits = loadEntry(b, loc, weight.storage.components[1],
                                 ValueRange{row, word});
          Value position = carried[1];
          SmallVector<Value> next = forEachEntry(
              b, bits, toI32(b, word), position, values, carried[0],
              [&](OpBuilder &b, Value inner, Value value, ValueRange carried) {
                return SmallVector<Value>{
                    multiplyAdd(b, carried[0], value, loadFactor(b, inner))};
              });
          next.push_back(add(b, position, countBits(b, bits)));
          return next;
        });
    return state[0];
  });
}
