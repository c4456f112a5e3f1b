//===- BlockUpdates.cpp - Sums over the rows of blocks --------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A lane takes a column of a block, or of several, for one column of x, and
// adds what it gets from all rows of the block.

#include "lowering/amdgpu/BlockKernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace sparsec;

bool BlockUpdates::matches() { return isBlock() && hasUpdates(); }

/// x in the rows of a group; zero beyond the last one.
SmallVector<Value> BlockUpdates::loadFactors(OpBuilder &b, Value group,
                                             Value rows) {
  SmallVector<Value> factors;
  Value first = mul(b, group, size);
  Value last = arith::SubIOp::create(b, loc, rows, i32(b, 1));
  for (int64_t r = 0; r < size; ++r) {
    Value row = add(b, first, r);
    Value factor =
        loadFactor(b, arith::MinUIOp::create(b, loc, row, last).getResult());
    if (r > 0) // a group has one
      factor = arith::SelectOp::create(b, loc, less(b, row, rows), factor,
                                       f32Zero(b));
    factors.push_back(factor);
  }
  return factors;
}

LogicalResult BlockUpdates::run() {
  return launchUpdates(
      "update_block", size,
      [&](OpBuilder &b, const StoredWeight &weight, Value group,
          Accumulate accumulate) {
        Value values = toValues(b, weight);
        Value indices = toBuffer(b, weight.storage.components[1]);
        auto [begin, end] = loadRange(b, weight, group);
        SmallVector<Value> factors =
            loadFactors(b, group, toI32(b, weight.outerCount));
        // Columns of blocks, one after the other.
        forLoop(
            b, loc, add(b, mul(b, begin, size), slot), mul(b, end, size),
            i32(b, slots), {},
            [&](OpBuilder &b, Location loc, Value at, ValueRange) {
              Value block = arith::ShRUIOp::create(b, loc, at,
                                                   i32(b, llvm::Log2_64(size)));
              Value column =
                  arith::AndIOp::create(b, loc, at, i32(b, size - 1));
              Value sum = f32Zero(b);
              for (int64_t r = 0; r < size; ++r) {
                Value value = loadElement(b, values, block, i32(b, r), column);
                sum = multiplyAdd(b, sum, value, factors[r]);
              }
              Value inner = add(
                  b,
                  mul(b, loadEntry(b, loc, indices, toIndex(b, block)), size),
                  column);
              accumulate(b, inner, sum, Value());
              return SmallVector<Value>();
            });
      });
}
