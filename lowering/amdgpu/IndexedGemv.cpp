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
  plan = planRows(*weight, op);
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
  Value sum =
      sumEntries(inside, weight, add(inside, begin, part), end, plan.lanes);
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
