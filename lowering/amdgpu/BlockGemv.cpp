//===- BlockGemv.cpp - block x vector on waves of 64 lanes ----------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A wave has the rows of a block, and takes one block after the other: a lane
// an element, or several below each other where a block has more than 64, or
// four blocks side by side where it has 16. Lanes of one row are added up by
// DPP at the end of the block row.

#include "lowering/amdgpu/BlockKernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace sparsec;

/// Waves in a workgroup, which share what they load of x in the L1.
static constexpr int64_t kWaves = 4;

bool BlockGemv::matches() {
  // Lanes are added up at the end: not with k ascending.
  return !strict && isBlock() && sumsInner && isVector();
}

LogicalResult BlockGemv::run() {
  FailureOr<StoredWeight> weight = findWeight();
  if (failed(weight))
    return failure();
  x = asVector();
  blocks = std::max<int64_t>(1, kLanes / (size * size));
  lanesOfRow = size * blocks;
  rowsAtOnce = kLanes / lanesOfRow;
  Value groups = b.createOrFold<arith::CeilDivUIOp>(
      loc, weight->outerCount, createIndex(b, loc, kWaves * size));
  launchWaves("gemv_block", groups, createIndex(b, loc, 1), kWaves,
              [&](OpBuilder &b, Location, Value group, Value, Value wave) {
                emitGroup(b, add(b, mul(b, group, kWaves), wave), *weight);
              });
  op.erase();
  return success();
}

void BlockGemv::emitGroup(OpBuilder &b, Value group,
                          const StoredWeight &weight) {
  Value first = mul(b, group, size), end = toI32(b, weight.outerCount);
  auto branch =
      scf::IfOp::create(b, loc, less(b, first, end), /*withElseRegion=*/false);
  OpBuilder inside = branch.getThenBodyBuilder();
  Value lane = emitLane(inside);
  Value row = arith::ShRUIOp::create(inside, loc, lane,
                                     i32(inside, llvm::Log2_64(lanesOfRow)));
  Value part =
      arith::AndIOp::create(inside, loc, lane, i32(inside, lanesOfRow - 1));
  SmallVector<Value> sums = emitBlocks(inside, group, row, part, weight);
  for (Value &sum : sums)
    sum = gpu::SubgroupReduceOp::create(
        inside, loc, sum, gpu::AllReduceOperation::ADD, /*uniform=*/false,
        lanesOfRow, /*cluster_stride=*/1);
  Value last = arith::CmpIOp::create(inside, loc, arith::CmpIPredicate::eq,
                                     part, i32(inside, lanesOfRow - 1));
  row = add(inside, row, first);
  for (auto [t, sum] : llvm::enumerate(sums)) {
    Value at = add(inside, row, int64_t(t) * rowsAtOnce);
    Value stores =
        arith::AndIOp::create(inside, loc, last, less(inside, at, end));
    scf::IfOp::create(
        inside, loc, stores, [&, sum = sum](OpBuilder &b, Location loc) {
          storeSum(b, sum, resultAt(b, toIndex(b, at), createIndex(b, loc, 0)));
          scf::YieldOp::create(b, loc);
        });
  }
}

/// The sums of this lane: one for every rowsAtOnce rows.
SmallVector<Value> BlockGemv::emitBlocks(OpBuilder &b, Value group, Value row,
                                         Value part,
                                         const StoredWeight &weight) {
  Value values = toBuffer(b, weight.storage.components[0]);
  Value indices = weight.storage.components[1];
  Value vector = toBuffer(b, x);
  auto [begin, end] = loadRange(b, weight, group);
  Value inBlock = part;
  if (blocks > 1) { // otherwise they are scalars
    indices = toBuffer(b, indices);
    inBlock = arith::AndIOp::create(b, loc, part, i32(b, size - 1));
    begin =
        add(b, begin,
            arith::ShRUIOp::create(b, loc, part, i32(b, llvm::Log2_64(size))));
  }
  SmallVector<Value> sums(size / rowsAtOnce, f32Zero(b));
  return forLoop(
      b, loc, begin, end, i32(b, blocks), sums,
      [&](OpBuilder &b, Location loc, Value block, ValueRange carried) {
        Value at = toIndex(b, block);
        Value column = loadEntry(b, loc, indices, at);
        Value k = add(b, mul(b, column, size), inBlock);
        Value factor = toF32(
            b, loc, memref::LoadOp::create(b, loc, vector, toIndex(b, k)));
        SmallVector<Value> next;
        for (auto [t, sum] : llvm::enumerate(carried)) {
          Value r = toIndex(b, add(b, row, int64_t(t) * rowsAtOnce));
          Value value = toF32(
              b, loc,
              memref::LoadOp::create(b, loc, values,
                                     ValueRange{at, r, toIndex(b, inBlock)}));
          next.push_back(multiplyAdd(b, sum, value, factor));
        }
        return next;
      });
}
