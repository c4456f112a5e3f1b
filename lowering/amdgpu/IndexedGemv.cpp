//===- IndexedGemv.cpp - csr x vector on waves of 64 lanes ----------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A row has a power of two of lanes, which take every so many of its entries,
// two at a time as long as there are two, and add up what they have by DPP. How
// many lanes, and whether the rows are taken by length, is chosen for the
// weight.

#include "lowering/amdgpu/IndexedKernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace sparsec;

bool IndexedGemv::matches() {
  // Lanes are added up at the end: not with k ascending.
  return !strict && isIndexedSum() && isVector();
}

LogicalResult IndexedGemv::run() {
  FailureOr<StoredWeight> weight = findWeight();
  if (failed(weight))
    return failure();
  x = asVector();
  std::optional<std::vector<int32_t>> offsets = readOffsets(*weight, op);
  plan = offsets ? planRows(*offsets)
                 : planRows(weight->outerSize, weight->storedElements);
  Value order;
  if (!plan.order.empty())
    order = createOrder(b, loc, plan, op);

  int64_t rowsOfWave = kLanes / plan.lanes;
  int64_t waves = chooseWaves(
      ShapedType::isDynamic(weight->outerSize)
          ? weight->outerSize
          : int64_t(llvm::divideCeil(weight->outerSize, rowsOfWave)));
  Value groups = b.createOrFold<arith::CeilDivUIOp>(
      loc, weight->outerCount, createIndex(b, loc, waves * rowsOfWave));
  launchWaves(nameOf("gemv"), groups, createIndex(b, loc, 1), waves,
              [&](OpBuilder &b, Location, Value group, Value, Value wave) {
                wave = add(b, mul(b, group, waves), wave);
                Value lane = emitLane(b), slot = wave;
                if (rowsOfWave > 1)
                  slot =
                      add(b, mul(b, wave, rowsOfWave),
                          arith::ShRUIOp::create(
                              b, loc, lane, i32(b, llvm::Log2_64(plan.lanes))));
                emitRow(b, slot, lane, *weight, order);
              });
  op.erase();
  return success();
}

void IndexedGemv::emitRow(OpBuilder &b, Value slot, Value lane,
                          const StoredWeight &weight, Value order) {
  Value any = less(b, slot, toI32(b, weight.outerCount));
  auto branch = scf::IfOp::create(b, loc, any, /*withElseRegion=*/false);
  OpBuilder inside = branch.getThenBodyBuilder();
  Value offsets = weight.storage.components[2], row = toIndex(inside, slot);
  if (plan.lanes < kLanes) { // else they are scalars
    offsets = toBuffer(inside, offsets);
    if (order)
      order = toBuffer(inside, order);
  }
  if (order)
    row = loadIndex(inside, loc, order, row);
  Value at = addIndex(inside, loc, row, weight.storage.first);
  Value begin = loadEntry(inside, loc, offsets, at);
  Value end = loadEntry(inside, loc, offsets, addIndex(inside, loc, at, 1));
  Value part =
      arith::AndIOp::create(inside, loc, lane, i32(inside, plan.lanes - 1));
  Value sum = emitEntries(inside, weight, add(inside, begin, part), end);
  if (plan.lanes > 1)
    sum = gpu::SubgroupReduceOp::create(
        inside, loc, sum, gpu::AllReduceOperation::ADD, /*uniform=*/false,
        plan.lanes, /*cluster_stride=*/1);
  Value stores = arith::CmpIOp::create(inside, loc, arith::CmpIPredicate::eq,
                                       part, i32(inside, plan.lanes - 1));
  scf::IfOp::create(inside, loc, stores, [&](OpBuilder &b, Location loc) {
    storeSum(b, sum, resultAt(b, row, createIndex(b, loc, 0)));
    scf::YieldOp::create(b, loc);
  });
}

/// The sum of the entries of this lane: every so many from `begin` on.
Value IndexedGemv::emitEntries(OpBuilder &b, const StoredWeight &weight,
                               Value begin, Value end) {
  Entries entries = toEntries(b, weight);
  Value vector = toBuffer(b, x);
  auto round = [&](OpBuilder &b, Value from, int64_t count, Value sum) {
    SmallVector<Value> values, factors;
    for (int64_t i = 0; i < count; ++i) {
      Value position = add(b, from, i * plan.lanes);
      Value inner = loadInner(b, entries, position);
      values.push_back(loadValue(b, entries, position));
      factors.push_back(toF32(
          b, loc, memref::LoadOp::create(b, loc, vector, toIndex(b, inner))));
    }
    for (auto [value, factor] : llvm::zip_equal(values, factors))
      sum = multiplyAdd(b, sum, value, factor);
    return sum;
  };
  // Whole pairs of rounds, then the one that may be left. Positions are far
  // from where 32 bits end, so the sums do not wrap.
  Value pairsEnd = arith::SubIOp::create(
      b, loc, arith::MaxUIOp::create(b, loc, end, i32(b, plan.lanes)),
      i32(b, plan.lanes));
  auto loop = scf::WhileOp::create(
      b, loc, TypeRange{b.getI32Type(), b.getF32Type()},
      ValueRange{begin, f32Zero(b)},
      [&](OpBuilder &b, Location loc, ValueRange args) {
        scf::ConditionOp::create(b, loc, less(b, args[0], pairsEnd), args);
      },
      [&](OpBuilder &b, Location loc, ValueRange args) {
        Value sum = round(b, args[0], 2, args[1]);
        scf::YieldOp::create(b, loc,
                             ValueRange{add(b, args[0], 2 * plan.lanes), sum});
      });
  Value from = loop.getResult(0), sum = loop.getResult(1);
  auto last = scf::IfOp::create(
      b, loc, less(b, from, end),
      [&](OpBuilder &b, Location loc) {
        scf::YieldOp::create(b, loc, round(b, from, 1, sum));
      },
      [&](OpBuilder &b, Location loc) { scf::YieldOp::create(b, loc, sum); });
  return last.getResult(0);
}
