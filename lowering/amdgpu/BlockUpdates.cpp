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
#include "mlir/Dialect/SCF/IR/SCF.h"

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

Value BlockUpdates::addUp(OpBuilder &b, ValueRange elements,
                          ValueRange factors) {
  Value sum = f32Zero(b);
  for (auto [element, factor] : llvm::zip_equal(elements, factors))
    sum = multiplyAdd(b, sum, element, factor);
  return sum;
}

void BlockUpdates::addInOrder(OpBuilder &b, const StoredWeight &weight,
                              Value group, ValueRange elements,
                              ValueRange factors, Value inner,
                              Accumulate accumulate) {
  Value first = mul(b, group, size), rows = toI32(b, weight.outerCount);
  bool padded = weight.outerSize % size != 0;
  for (int64_t r = 0; r < size; ++r) {
    if (r == 0 || !padded) {
      accumulate(b, inner, elements[r], factors[r]);
      continue;
    }
    scf::IfOp::create(b, loc, less(b, add(b, first, r), rows),
                      [&](OpBuilder &b, Location loc) {
                        accumulate(b, inner, elements[r], factors[r]);
                        scf::YieldOp::create(b, loc);
                      });
  }
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
        forLoop(b, loc, add(b, mul(b, begin, size), slot), mul(b, end, size),
                i32(b, slots), {},
                [&](OpBuilder &b, Location loc, Value at, ValueRange) {
                  Value block = arith::ShRUIOp::create(
                      b, loc, at, i32(b, llvm::Log2_64(size)));
                  Value column =
                      arith::AndIOp::create(b, loc, at, i32(b, size - 1));
                  Value inner =
                      add(b,
                          mul(b, loadEntry(b, loc, indices, toIndex(b, block)),
                              size),
                          column);
                  SmallVector<Value> elements;
                  for (int64_t r = 0; r < size; ++r)
                    elements.push_back(
                        loadElement(b, values, block, i32(b, r), column));
                  if (strict)
                    addInOrder(b, weight, group, elements, factors, inner,
                               accumulate);
                  else
                    accumulate(b, inner, addUp(b, elements, factors), Value());
                  return SmallVector<Value>();
                });
      });
}
