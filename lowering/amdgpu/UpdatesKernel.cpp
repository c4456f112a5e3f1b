//===- UpdatesKernel.cpp - Sums over rows, in LDS -------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Entries of one row belong to different sums, so the lanes of a wave add them
// without a conflict; the next row comes after. Sums are in LDS, in which every
// wave of a workgroup has its own for the rows that it goes through; at the end
// they are added up in the order of the waves. Where workgroups share the rows,
// each writes what it has, and a second kernel adds that up in their order.
//
// Few columns share a wave: lanes are entries by columns. What has more sums
// than fit in LDS is gone through several times, for a range of them each.
//
// In strict mode one wave has all rows of a range of sums, and sums begin with
// what the result has at first: every sum is taken with k ascending.

#include "lowering/amdgpu/UpdatesKernel.h"

#include "lowering/common/GpuLaunch.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace sparsec;

/// f32 in LDS: 32 KiB, so that two workgroups fit a compute unit.
static constexpr int64_t kMostSums = 8192;
static constexpr int64_t kMostColumns = 16;
static constexpr int64_t kMostWaves = 8;
/// For how many columns to divide rows where it is not known.
static constexpr int64_t kAssumedColumns = 64;
/// Sums that a lane sets to zero at a time.
static constexpr int64_t kZeroed = 4;
/// Clocks of a wave: for a group of rows, for a round of its lanes, for a sum
/// of each lane at the beginning and the end. Then the bytes that memory moves
/// in a clock of the card.
static constexpr double kGroupClocks = 100;
static constexpr double kRoundClocks = 140;
static constexpr double kSumClocks = 50;
static constexpr double kBytesOfClock = 204;

bool UpdatesKernel::hasUpdates() {
  if (sumsInner || llvm::is_contained(weightType.getShape(), 0))
    return false;
  if (cast<MemRefType>(x.getType()).getRank() == 1) {
    columns = 1;
    return isVector();
  }
  return hasColumns(1);
}

void UpdatesKernel::chooseSizes(const StoredWeight &weight, int64_t rows) {
  outputs = weightType.getDimSize(1 - weight.outerDim);
  chooseSlots(kMostColumns);
  rangeSize = std::min<int64_t>(llvm::alignTo(outputs, kLanes),
                                kMostSums / lanesOfColumns);
  ranges = llvm::divideCeil(outputs, rangeSize);
  if (strict)
    return;
  while (waves < kMostWaves &&
         2 * waves * rangeSize * lanesOfColumns <= kMostSums)
    waves *= 2;

  // More chunks keep more of the card busy, and move more sums.
  int64_t most = ShapedType::isDynamic(columns) ? kAssumedColumns : columns;
  int64_t tiles = llvm::divideCeil(most, lanesOfColumns);
  double groups = double(weight.outerSize) / rows;
  double clocks =
      double(tiles * ranges) *
      (groups * kGroupClocks +
       double(weight.storedElements) / double(rows * slots) * kRoundClocks);
  double best = 0;
  for (int64_t n = 1; n <= kSimds && (n == 1 || n * waves <= groups); ++n) {
    double time =
        clocks / double(std::min(kSimds, n * waves * tiles * ranges)) +
        kSumClocks * double(rangeSize * lanesOfColumns / kLanes);
    if (n > 1)
      time += 2 * 4 * double(n * outputs * most) / kBytesOfClock;
    if (n == 1 || time < best) {
      best = time;
      chunks = n;
    }
  }
}

LogicalResult UpdatesKernel::launchUpdates(StringRef name, int64_t rows,
                                           UpdateBody body) {
  FailureOr<StoredWeight> weight = findWeight();
  if (failed(weight))
    return failure();
  checkColumns();
  chooseSizes(*weight, rows);
  Value count = columnCount(b);
  if (chunks > 1) {
    SmallVector<Value> dynamic;
    if (ShapedType::isDynamic(columns))
      dynamic.push_back(count);
    partials = memref::AllocOp::create(
        b, loc, MemRefType::get({chunks, outputs, columns}, b.getF32Type()),
        dynamic);
  }
  Value tiles = b.createOrFold<arith::CeilDivUIOp>(
      loc, count, createIndex(b, loc, lanesOfColumns));
  launchWaves(
      name, createIndex(b, loc, chunks), mulIndex(b, loc, tiles, ranges), waves,
      [&](OpBuilder &b, Location, Value chunk, Value group, Value wave) {
        emitWave(b, chunk, group, wave, rows, *weight, body);
        gpu::BarrierOp::create(b, loc);
        emitTotals(b, chunk, wave);
      },
      waves * rangeSize * lanesOfColumns, slots < kLanes ? waves * kLanes : 0);
  if (chunks > 1)
    addChunks();
  op.erase();
  return success();
}

void UpdatesKernel::fillSums(OpBuilder &b, Value base, Value wave) {
  if (strict && !op.getZeroInit()) {
    forEachSum(b, wave, [&](OpBuilder &b, Value at, Value inner) {
      Value initial = memref::LoadOp::create(
          b, loc, op.getInit(), resultAt(b, toIndex(b, inner), column));
      memref::StoreOp::create(b, loc, toF32(b, loc, initial), shared,
                              toIndex(b, at));
    });
    return;
  }
  auto zeros = DenseElementsAttr::get(
      VectorType::get({kZeroed}, b.getF32Type()), b.getF32FloatAttr(0));
  forLoop(b, loc, mul(b, lane, kZeroed), i32(b, rangeSize * lanesOfColumns),
          i32(b, kZeroed * kLanes), {},
          [&](OpBuilder &b, Location loc, Value i, ValueRange) {
            vector::StoreOp::create(
                b, loc, arith::ConstantOp::create(b, loc, zeros), shared,
                ValueRange{toIndex(b, add(b, base, i))});
            return SmallVector<Value>();
          });
}

void UpdatesKernel::emitWave(OpBuilder &b, Value chunk, Value group, Value wave,
                             int64_t rows, const StoredWeight &weight,
                             UpdateBody body) {
  Value tile = group;
  if (ranges > 1) {
    tile = arith::DivUIOp::create(b, loc, group, i32(b, ranges));
    Value range = arith::RemUIOp::create(b, loc, group, i32(b, ranges));
    rangeFirst = mul(b, range, rangeSize);
  }
  splitLanes(b, wave, tile);
  Value base = mul(b, wave, rangeSize * lanesOfColumns);
  fillSums(b, base, wave);

  auto accumulate = [&](OpBuilder &b, Value inner, Value value, Value factor) {
    auto addTo = [&](OpBuilder &b, Location) {
      Value at = mul(b, inner, lanesOfColumns);
      if (lanesOfColumns > 1)
        at = add(b, at, part);
      at = toIndex(b, add(b, base, at));
      Value sum = memref::LoadOp::create(b, loc, shared, at);
      sum = factor ? multiplyAdd(b, sum, value, factor)
                   : arith::AddFOp::create(b, loc, sum, value).getResult();
      memref::StoreOp::create(b, loc, sum, shared, at);
    };
    if (ranges == 1)
      return addTo(b, loc);
    inner = arith::SubIOp::create(b, loc, inner, rangeFirst);
    scf::IfOp::create(b, loc, less(b, inner, i32(b, rangeSize)),
                      [&](OpBuilder &b, Location loc) {
                        addTo(b, loc);
                        scf::YieldOp::create(b, loc);
                      });
  };
  // As many groups for every wave, as far as there are any.
  Value groups = arith::CeilDivUIOp::create(b, loc, toI32(b, weight.outerCount),
                                            i32(b, rows));
  Value each =
      arith::CeilDivUIOp::create(b, loc, groups, i32(b, chunks * waves));
  Value number = add(b, mul(b, chunk, waves), wave);
  Value begin = arith::MulIOp::create(b, loc, number, each);
  Value end = arith::MinUIOp::create(b, loc, add(b, begin, each), groups);
  forLoop(b, loc, begin, end, i32(b, 1), {},
          [&](OpBuilder &b, Location, Value group, ValueRange) {
            body(b, weight, group, accumulate);
            waveBarrier(b); // other lanes have the sums of the next one
            return SmallVector<Value>();
          });
}

std::pair<Value, Value>
UpdatesKernel::loadOffsets(OpBuilder &b, const StoredWeight &weight, Value at) {
  Value offsets = toBuffer(b, weight.storage.components[2]);
  Value begin = loadEntry(b, loc, offsets, at);
  Value end = loadEntry(b, loc, offsets, addIndex(b, loc, at, 1));
  return {readFirstLane(b, begin), readFirstLane(b, end)};
}

void UpdatesKernel::forEachSum(
    OpBuilder &b, Value wave,
    function_ref<void(OpBuilder &, Value at, Value inner)> body) {
  forLoop(b, loc, add(b, mul(b, wave, kLanes), lane),
          i32(b, rangeSize * lanesOfColumns), i32(b, waves * kLanes), {},
          [&](OpBuilder &b, Location loc, Value at, ValueRange) {
            Value inner = arith::ShRUIOp::create(
                b, loc, at, i32(b, llvm::Log2_64(lanesOfColumns)));
            if (rangeFirst)
              inner = add(b, inner, rangeFirst);
            Value exists = arith::AndIOp::create(
                b, loc, less(b, inner, i32(b, outputs)),
                arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, column,
                                      columnCount(b)));
            scf::IfOp::create(b, loc, exists, [&](OpBuilder &b, Location loc) {
              body(b, at, inner);
              scf::YieldOp::create(b, loc);
            });
            return SmallVector<Value>();
          });
}

void UpdatesKernel::emitTotals(OpBuilder &b, Value chunk, Value wave) {
  int64_t sums = rangeSize * lanesOfColumns;
  forEachSum(b, wave, [&](OpBuilder &b, Value at, Value inner) {
    Value total = memref::LoadOp::create(b, loc, shared, toIndex(b, at));
    for (int64_t w = 1; w < waves; ++w)
      total = arith::AddFOp::create(
          b, loc, total,
          memref::LoadOp::create(b, loc, shared,
                                 toIndex(b, add(b, at, w * sums))));
    if (partials) {
      memref::StoreOp::create(
          b, loc, total, partials,
          ValueRange{toIndex(b, chunk), toIndex(b, inner), column});
      return;
    }
    SmallVector<Value> position = resultAt(b, toIndex(b, inner), column);
    if (strict)
      storeResult(b, total, position);
    else
      storeSum(b, total, position);
  });
}

void UpdatesKernel::addChunks() {
  OpFoldResult count = b.getIndexAttr(columns);
  if (ShapedType::isDynamic(columns))
    count = columnCount(b);
  launchOver(
      b, loc, "add_chunks", {b.getIndexAttr(outputs), count},
      [&](OpBuilder &b, Location loc, ValueRange at) {
        Value sum = f32Zero(b), parts = partials;
        auto type = cast<MemRefType>(parts.getType());
        if (type.hasStaticShape() &&
            type.getNumElements() <= mostElements(type))
          parts = toBuffer(b, parts);
        SmallVector<Value> total = forLoop(
            b, loc, createIndex(b, loc, 0), createIndex(b, loc, chunks),
            createIndex(b, loc, 1), sum,
            [&](OpBuilder &b, Location loc, Value n, ValueRange carried) {
              Value part = memref::LoadOp::create(b, loc, parts,
                                                  ValueRange{n, at[0], at[1]});
              return SmallVector<Value>{
                  arith::AddFOp::create(b, loc, carried[0], part)};
            });
        storeSum(b, total[0], resultAt(b, at[0], at[1]));
      });
}
