//===- BitmaskUpdates.cpp - Sums over the rows of a bitmask weight --------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// For one column, lanes are the bits of a word. For more, the columns of bits
// that are set are written to LDS side by side first, so that lanes can be
// entries by columns.

#include "lowering/amdgpu/Kernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace sparsec;

bool BitmaskUpdates::matches() {
  return findRoles() && isa<BitmaskAttr>(weightType.getEncoding()) &&
         hasUpdates();
}

LogicalResult BitmaskUpdates::run() {
  return launchUpdates(
      "update_bitmask", /*rows=*/1,
      [&](OpBuilder &b, const StoredWeight &weight, Value row,
          Accumulate accumulate) {
        Value values = toBuffer(b, weight.storage.components[0]);
        Value at = addIndex(b, loc, toIndex(b, row), weight.storage.first);
        Value factor = loadFactor(b, row);
        forEachWord(b, weight, at, {},
                    [&](OpBuilder &b, Value word, Value bits, Value position,
                        ValueRange) {
                      emitWord(b, bits, word, position, values, factor,
                               accumulate);
                      return SmallVector<Value>();
                    });
      });
}

void BitmaskUpdates::emitWord(OpBuilder &b, Value bits, Value word,
                              Value position, Value values, Value factor,
                              Accumulate accumulate) {
  if (slots < kLanes) {
    forEachEntry(b, bits, word, position, values, {},
                 [&](OpBuilder &b, Value inner, Value value, ValueRange) {
                   accumulate(b, inner, value, factor);
                   return SmallVector<Value>();
                 });
    return;
  }
  scf::IfOp::create(b, loc, isOn(b, bits), [&](OpBuilder &b, Location loc) {
    accumulate(b, add(b, mul(b, word, kLanes), lane),
               loadValue(b, bits, position, values), factor);
    scf::YieldOp::create(b, loc);
  });
}
