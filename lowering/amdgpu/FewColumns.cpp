//===- FewColumns.cpp - Entries by columns over lanes ---------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// With few columns, the lanes of a wave are slots by columns: they take as many
// entries as there are slots at a time, each for all columns, so the weight is
// read once. The slots of a column are added up at the end.

#include "lowering/amdgpu/ColumnsKernel.h"
#include "lowering/amdgpu/Transpose.h"
#include "lowering/amdgpu/Versions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace sparsec;

static constexpr int64_t kWaves = 4;

bool ColumnsKernel::hasFewColumns() {
  // Slots are added up at the end: not with k ascending.
  return !strict && sumsInner && hasColumns(2) &&
         (ShapedType::isDynamic(columns) ? op->hasAttr(kFewColumnsAttrName)
                                         : columns < kLeastColumns);
}

Value ColumnsKernel::columnCount(OpBuilder &b) {
  if (!ShapedType::isDynamic(columns))
    return createIndex(b, loc, columns);
  return memref::DimOp::create(b, loc, x, xSwapped ? 0 : 1);
}

void ColumnsKernel::chooseSlots(int64_t mostColumns) {
  while (lanesOfColumns < mostColumns &&
         (ShapedType::isDynamic(columns) || lanesOfColumns < columns))
    lanesOfColumns *= 2;
  slots = kLanes / lanesOfColumns;
}

void ColumnsKernel::splitLanes(OpBuilder &b, Value wave, Value tile) {
  lane = slot = emitLane(b);
  part = i32(b, 0);
  if (lanesOfColumns > 1) {
    slot = arith::ShRUIOp::create(b, loc, lane,
                                  i32(b, llvm::Log2_64(lanesOfColumns)));
    part = arith::AndIOp::create(b, loc, lane, i32(b, lanesOfColumns - 1));
  }
  column = toIndex(b, add(b, mul(b, tile, lanesOfColumns), part));
  // Lanes beyond the last column do the same as its lanes, and store nothing.
  existingColumn = arith::MinUIOp::create(
      b, loc, column,
      arith::SubIOp::create(b, loc, columnCount(b), createIndex(b, loc, 1)));
  scratch = sharedNumbers;
  scratchFirst = mul(b, wave, kLanes);
}

Value ColumnsKernel::loadFactor(OpBuilder &b, Value row) {
  SmallVector<Value> at{toIndex(b, row)};
  if (cast<MemRefType>(x.getType()).getRank() == 2)
    at.insert(xSwapped ? at.begin() : at.end(), existingColumn);
  return toF32(b, loc, memref::LoadOp::create(b, loc, toBuffer(b, x), at));
}

LogicalResult ColumnsKernel::launchFew(StringRef name, FewBody body) {
  FailureOr<StoredWeight> weight = findWeight();
  if (failed(weight))
    return failure();
  checkColumns();
  if (xSwapped) {
    x = emitTranspose(b, loc, x);
    xSwapped = false;
  }
  chooseSlots(kLeastColumns);
  Value groups = b.createOrFold<arith::CeilDivUIOp>(
      loc, weight->outerCount, createIndex(b, loc, kWaves));
  auto emitRow = [&](OpBuilder &b, Value row) {
    Value at = addIndex(b, loc, toIndex(b, row), weight->storage.first);
    Value sum = body(b, *weight, at);
    for (int64_t stride = lanesOfColumns; stride < kLanes; stride *= 2)
      sum = arith::AddFOp::create(
          b, loc, sum,
          gpu::ShuffleOp::create(b, loc, sum, int32_t(stride), int32_t(kLanes),
                                 gpu::ShuffleMode::XOR)
              .getShuffleResult());
    Value stores = less(b, lane, toI32(b, columnCount(b)));
    scf::IfOp::create(b, loc, stores, [&](OpBuilder &b, Location loc) {
      storeSum(b, sum, resultAt(b, toIndex(b, row), column));
      scf::YieldOp::create(b, loc);
    });
  };
  launchWaves(
      name, groups, createIndex(b, loc, 1), kWaves,
      [&](OpBuilder &b, Location, Value group, Value, Value wave) {
        splitLanes(b, wave, i32(b, 0));
        Value row = add(b, mul(b, group, kWaves), wave);
        Value any = less(b, row, toI32(b, weight->outerCount));
        scf::IfOp::create(b, loc, any, [&](OpBuilder &b, Location loc) {
          emitRow(b, row);
          scf::YieldOp::create(b, loc);
        });
      },
      /*floats=*/0, /*numbers=*/kWaves * kLanes);
  op.erase();
  return success();
}
