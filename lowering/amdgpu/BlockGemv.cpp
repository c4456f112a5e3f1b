//===- BlockGemv.cpp - block x vector on waves of 64 lanes ----------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A workgroup has the rows of a block, and its waves take one block after the
// other: a lane an element, or several below each other where a block has more
// than 64, or four blocks side by side where it has 16. Lanes of one row are
// added up by DPP at the end of the block row, then waves in LDS, in their
// order.

#include "lowering/amdgpu/BlockKernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace sparsec;

/// Waves that share a block row.
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
  Value groups = b.createOrFold<arith::CeilDivUIOp>(loc, weight->outerCount,
                                                    createIndex(b, loc, size));
  launchWaves(
      "gemv_block", groups, createIndex(b, loc, 1), kWaves,
      [&](OpBuilder &b, Location, Value group, Value, Value wave) {
        Value lane = emitLane(b);
        emitWave(b, group, wave, lane, *weight);
        gpu::BarrierOp::create(b, loc);
        emitTotals(b, group, wave, lane, *weight);
      },
      kWaves * size);
  op.erase();
  return success();
}

void BlockGemv::emitWave(OpBuilder &b, Value group, Value wave, Value lane,
                         const StoredWeight &weight) {
  Value row =
      arith::ShRUIOp::create(b, loc, lane, i32(b, llvm::Log2_64(lanesOfRow)));
  Value part = arith::AndIOp::create(b, loc, lane, i32(b, lanesOfRow - 1));
  SmallVector<Value> sums = emitBlocks(b, group, wave, row, part, weight);
  for (Value &sum : sums)
    sum = gpu::SubgroupReduceOp::create(
        b, loc, sum, gpu::AllReduceOperation::ADD, /*uniform=*/false,
        lanesOfRow, /*cluster_stride=*/1);
  Value last = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, part,
                                     i32(b, lanesOfRow - 1));
  scf::IfOp::create(b, loc, last, [&](OpBuilder &b, Location loc) {
    Value at = add(b, mul(b, wave, size), row);
    for (auto [t, sum] : llvm::enumerate(sums))
      memref::StoreOp::create(
          b, loc, sum, shared,
          ValueRange{toIndex(b, add(b, at, int64_t(t) * rowsAtOnce))});
    scf::YieldOp::create(b, loc);
  });
}

/// The first lanes of the first wave have a row each.
void BlockGemv::emitTotals(OpBuilder &b, Value group, Value wave, Value lane,
                           const StoredWeight &weight) {
  Value item = add(b, mul(b, wave, kLanes), lane);
  Value row = add(b, mul(b, group, size), item);
  Value stores =
      arith::AndIOp::create(b, loc, less(b, item, i32(b, size)),
                            less(b, row, toI32(b, weight.outerCount)));
  scf::IfOp::create(b, loc, stores, [&](OpBuilder &b, Location loc) {
    Value total = memref::LoadOp::create(b, loc, shared, toIndex(b, item));
    for (int64_t w = 1; w < kWaves; ++w)
      total = arith::AddFOp::create(
          b, loc, total,
          memref::LoadOp::create(b, loc, shared,
                                 toIndex(b, add(b, item, w * size))));
    storeSum(b, total, resultAt(b, toIndex(b, row), createIndex(b, loc, 0)));
    scf::YieldOp::create(b, loc);
  });
}

/// The sums of this lane: one for every rowsAtOnce rows.
SmallVector<Value> BlockGemv::emitBlocks(OpBuilder &b, Value group, Value wave,
                                         Value row, Value part,
                                         const StoredWeight &weight) {
  Value values = toValues(b, weight);
  Value indices = weight.storage.components[1];
  Value vector = toBuffer(b, x);
  auto [begin, end] = loadRange(b, weight, group);
  begin = add(b, begin, mul(b, wave, blocks));
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
      b, loc, begin, end, i32(b, kWaves * blocks), sums,
      [&](OpBuilder &b, Location loc, Value block, ValueRange carried) {
        Value at = toIndex(b, block);
        Value column = loadEntry(b, loc, indices, at);
        Value k = add(b, mul(b, column, size), inBlock);
        Value factor = toF32(
            b, loc, memref::LoadOp::create(b, loc, vector, toIndex(b, k)));
        SmallVector<Value> next;
        for (auto [t, sum] : llvm::enumerate(carried)) {
          Value value = loadElement(
              b, values, block, add(b, row, int64_t(t) * rowsAtOnce), inBlock);
          next.push_back(multiplyAdd(b, sum, value, factor));
        }
        return next;
      });
}
