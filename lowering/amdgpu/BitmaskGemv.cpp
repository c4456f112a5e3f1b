//===- BitmaskGemv.cpp - bitmask x vector on waves of 64 lanes ------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A word of the mask has a bit for each lane of a wave, so it is loaded into
// scalar registers and becomes EXEC: the lanes that are left take the next
// values, each at its rank among them, times x at the lane's column. A wave has
// one row, or several, for which it loads x once; the sums of its lanes are
// added up at the end.
//
// A word costs a row two v_mbcnt, a shift and a v_mac of vector arithmetic.

#include "lowering/amdgpu/Kernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace sparsec;

/// Rows that have a wave of their own as long as there are fewer waves than
/// this: enough to hide the latency of loads on 144 SIMDs.
static constexpr int64_t kWantedWaves = 1024;
static constexpr int64_t kMostRows = 4;
static constexpr int64_t kMostWords = 4;

bool BitmaskGemv::matches() {
  // Lanes are added up at the end: not with k ascending.
  return !strict && isBitmaskSum() && isVector();
}

LogicalResult BitmaskGemv::run() {
  FailureOr<StoredWeight> weight = findWeight();
  if (failed(weight))
    return failure();
  x = asVector();
  while (rowsPerWave < kMostRows &&
         weight->outerSize >= 2 * rowsPerWave * kWantedWaves)
    rowsPerWave *= 2;

  int64_t waves = chooseWaves(
      ShapedType::isDynamic(weight->outerSize)
          ? weight->outerSize
          : int64_t(llvm::divideCeil(weight->outerSize, rowsPerWave)));
  Value groups = b.createOrFold<arith::CeilDivUIOp>(
      loc, weight->outerCount, createIndex(b, loc, waves * rowsPerWave));
  launchWaves("gemv_bitmask", groups, createIndex(b, loc, 1), waves,
              [&](OpBuilder &b, Location, Value group, Value, Value wave) {
                emitWave(b, add(b, mul(b, group, waves), wave), *weight);
              });
  op.erase();
  return success();
}

void BitmaskGemv::emitWave(OpBuilder &b, Value wave,
                           const StoredWeight &weight) {
  Value lane = emitLane(b);
  Value end = toI32(b, weight.outerCount);
  Value first = arith::MulIOp::create(b, loc, wave, i32(b, rowsPerWave));
  Value any =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, first, end);
  auto branch = scf::IfOp::create(b, loc, any, /*withElseRegion=*/false);
  OpBuilder inside = branch.getThenBodyBuilder();
  SmallVector<Value> rows;
  for (int64_t r = 0; r < rowsPerWave; ++r) {
    Value row = arith::AddIOp::create(inside, loc, first, i32(inside, r));
    if (r > 0) // a row that is not there is one that is, and not stored
      row = arith::MinUIOp::create(
          inside, loc, row,
          arith::SubIOp::create(inside, loc, end, i32(inside, 1)));
    rows.push_back(
        addIndex(inside, loc, toIndex(inside, row), weight.storage.first));
  }
  SmallVector<Value> sums = emitWords(inside, weight, lane, rows);
  for (Value &sum : sums)
    sum = gpu::SubgroupReduceOp::create(
        inside, loc, sum, gpu::AllReduceOperation::ADD, /*uniform=*/true);
  emitResult(inside, lane, first, end, sums);
}

SmallVector<Value> BitmaskGemv::emitWords(OpBuilder &b,
                                          const StoredWeight &weight,
                                          Value lane, ArrayRef<Value> rows) {
  Value values = toBuffer(b, weight.storage.components[0]);
  Value mask = weight.storage.components[1];
  Value vector = toBuffer(b, x);
  // Sums, then the positions of the next values.
  SmallVector<Value> state(rows.size(), f32Zero(b));
  for (Value row : rows)
    state.push_back(loadEntry(b, loc, weight.storage.components[2], row));
  int64_t words = llvm::divideCeil(weight.storage.type.getDimSize(1), kLanes);
  // One scalar load for as many words as divide a row.
  int64_t step = kMostWords;
  while (words % step != 0)
    step /= 2;
  state = forLoop(
      b, loc, createIndex(b, loc, 0), createIndex(b, loc, words),
      createIndex(b, loc, step), state,
      [&](OpBuilder &b, Location loc, Value word, ValueRange carried) {
        SmallVector<Value> masks, next(carried);
        for (Value row : rows)
          masks.push_back(vector::LoadOp::create(
              b, loc, VectorType::get({step}, b.getI64Type()), mask,
              ValueRange{row, word}));
        Value column =
            arith::MulIOp::create(b, loc, toI32(b, word), i32(b, kLanes));
        column = arith::AddIOp::create(b, loc, column, lane);
        for (int64_t w = 0; w < step; ++w) {
          Value at = arith::AddIOp::create(b, loc, column, i32(b, w * kLanes));
          Value factor = toF32(
              b, loc, memref::LoadOp::create(b, loc, vector, toIndex(b, at)));
          for (size_t r = 0; r < rows.size(); ++r) {
            Value bits = vector::ExtractOp::create(b, loc, masks[r], w);
            Value &sum = next[r], &position = next[rows.size() + r];
            sum = emitWord(b, bits, position, values, factor, sum);
            position =
                arith::AddIOp::create(b, loc, position, countBits(b, bits));
          }
        }
        return next;
      });
  return SmallVector<Value>(ArrayRef(state).take_front(rows.size()));
}

/// The sum, and the product of `factor` with the next values from `position`
/// on, in the lanes whose bits are set.
Value BitmaskGemv::emitWord(OpBuilder &b, Value bits, Value position,
                            Value values, Value factor, Value sum) {
  auto active = scf::IfOp::create(
      b, loc, isOn(b, bits),
      [&](OpBuilder &b, Location loc) {
        Value value = loadValue(b, bits, position, values);
        scf::YieldOp::create(b, loc, multiplyAdd(b, sum, value, factor));
      },
      [&](OpBuilder &b, Location loc) { scf::YieldOp::create(b, loc, sum); });
  return active.getResult(0);
}

/// Lane r stores the result of row r.
void BitmaskGemv::emitResult(OpBuilder &b, Value lane, Value firstRow,
                             Value end, ArrayRef<Value> sums) {
  Value row = arith::AddIOp::create(b, loc, firstRow, lane);
  Value stores = arith::AndIOp::create(
      b, loc, less(b, lane, i32(b, sums.size())), less(b, row, end));
  scf::IfOp::create(b, loc, stores, [&](OpBuilder &b, Location loc) {
    Value sum = sums.back();
    for (size_t r = sums.size() - 1; r-- > 0;)
      sum = arith::SelectOp::create(b, loc, less(b, lane, i32(b, r + 1)),
                                    sums[r], sum);
    SmallVector<Value> position =
        resultAt(b, toIndex(b, row), createIndex(b, loc, 0));
    storeSum(b, sum, position);
    scf::YieldOp::create(b, loc);
  });
}
