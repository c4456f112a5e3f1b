//===- BitmaskSpmm.cpp - bitmask x matrix on waves of 64 lanes ------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A wave has one row of the weight, and a column of x for each lane, or up to
// four. The lanes that are on in a word of the mask load its values together;
// then scalar code goes through the bits: find one, hand its value to all lanes
// by v_readlane, multiply with a row of x, which all waves of a workgroup read
// from the L1. Each sum is taken with k ascending.

#include "lowering/amdgpu/Kernels.h"
#include "lowering/amdgpu/Transpose.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace sparsec;

/// Fewer columns leave most lanes idle.
static constexpr int64_t kLeastColumns = 16;
static constexpr int64_t kMostTiles = 4;
/// Waves in a workgroup: the more there are, the more rows share what the L1
/// holds of x, as long as all 36 compute units have some.
static constexpr int64_t kMostWaves = 16;
/// Bits that are gone through without a branch between.
static constexpr int64_t kUnroll = 4;

bool BitmaskSpmm::matches() {
  if (!isBitmaskSum())
    return false;
  auto type = cast<MemRefType>(x.getType());
  if (type.getRank() != 2 || !type.getLayout().isIdentity() ||
      type.isDynamicDim(xSwapped ? 1 : 0))
    return false;
  int64_t depth = type.getDimSize(xSwapped ? 1 : 0);
  mostColumns = mostElements(type) / std::max<int64_t>(depth, 1);
  columns = type.getDimSize(xSwapped ? 0 : 1);
  return ShapedType::isDynamic(columns) ||
         (columns >= kLeastColumns && columns <= mostColumns);
}

LogicalResult BitmaskSpmm::run() {
  FailureOr<StoredWeight> weight = findWeight();
  if (failed(weight))
    return failure();
  if (ShapedType::isDynamic(columns)) {
    Value count = memref::DimOp::create(b, loc, x, xSwapped ? 0 : 1);
    Value fits = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ule, count,
                                       createIndex(b, loc, mostColumns));
    cf::AssertOp::create(b, loc, fits,
                         "a product has more columns than offsets of 32 bits "
                         "reach: use a smaller batch");
  }
  if (xSwapped)
    // The columns last: neighbouring lanes read neighbours.
    x = emitTranspose(b, loc, x);
  while (!ShapedType::isDynamic(columns) && tiles < kMostTiles &&
         columns > tiles * kLanes)
    tiles *= 2;
  int64_t waves = kMostWaves;
  while (waves > 1 && !ShapedType::isDynamic(weight->outerSize) &&
         weight->outerSize < waves * (kComputeUnits - 4))
    waves /= 2;

  Value count = b.createOrFold<memref::DimOp>(loc, x, 1);
  auto groupsOf = [&](Value total, int64_t each) {
    return b.createOrFold<arith::CeilDivUIOp>(loc, total,
                                              createIndex(b, loc, each));
  };
  launchWaves(
      "spmm_bitmask", groupsOf(count, tiles * kLanes),
      groupsOf(weight->outerCount, waves), waves,
      [&](OpBuilder &b, Location, Value groupX, Value groupY, Value wave) {
        Value row = add(b, mul(b, groupY, waves), wave);
        Value column = add(b, mul(b, groupX, tiles * kLanes), emitLane(b));
        emitWave(b, row, column, *weight);
      });
  op.erase();
  return success();
}

void BitmaskSpmm::emitWave(OpBuilder &b, Value row, Value column,
                           const StoredWeight &weight) {
  Value any = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, row,
                                    toI32(b, weight.outerCount));
  auto branch = scf::IfOp::create(b, loc, any, /*withElseRegion=*/false);
  OpBuilder inside = branch.getThenBodyBuilder();
  Value o = toIndex(inside, row);
  SmallVector<Value> at, sums;
  for (int64_t t = 0; t < tiles; ++t) {
    at.push_back(
        toIndex(inside, arith::AddIOp::create(inside, loc, column,
                                              i32(inside, t * kLanes))));
    sums.push_back(
        arith::ConstantOp::create(inside, loc, inside.getF32FloatAttr(0)));
  }
  Value end = inside.createOrFold<memref::DimOp>(loc, x, 1);
  auto forEachColumn = [&](function_ref<void(OpBuilder &, int64_t)> body) {
    for (int64_t t = 0; t < tiles; ++t) {
      Value exists = arith::CmpIOp::create(
          inside, loc, arith::CmpIPredicate::ult, at[t], end);
      scf::IfOp::create(inside, loc, exists, [&](OpBuilder &b, Location loc) {
        body(b, t);
        scf::YieldOp::create(b, loc);
      });
    }
  };
  if (!op.getZeroInit())
    for (int64_t t = 0; t < tiles; ++t) {
      // A column that is not there is the last one, and not stored.
      Value last =
          arith::SubIOp::create(inside, loc, end, createIndex(inside, loc, 1));
      Value c = arith::MinUIOp::create(inside, loc, at[t], last);
      sums[t] = toF32(inside, loc,
                      memref::LoadOp::create(inside, loc, op.getInit(),
                                             resultAt(inside, o, c)));
    }
  sums =
      emitWords(inside, weight, addIndex(inside, loc, o, weight.storage.first),
                column, sums);
  forEachColumn([&](OpBuilder &b, int64_t t) {
    storeResult(b, sums[t], resultAt(b, o, at[t]));
  });
}

SmallVector<Value> BitmaskSpmm::emitWords(OpBuilder &b,
                                          const StoredWeight &weight, Value row,
                                          Value column, ValueRange sums) {
  Value values = toBuffer(b, weight.storage.components[0]);
  Value matrix = toBuffer(b, x);
  int64_t words = llvm::divideCeil(weight.storage.type.getDimSize(1), kLanes);
  SmallVector<Value> state(sums);
  state.push_back(loadEntry(b, loc, weight.storage.components[2], row));
  state = forLoop(
      b, loc, createIndex(b, loc, 0), createIndex(b, loc, words),
      createIndex(b, loc, 1), state,
      [&](OpBuilder &b, Location loc, Value word, ValueRange carried) {
        Value bits =
            loadEntry(b, loc, weight.storage.components[1], {row, word});
        Value position = carried.back();
        Value held = loadValues(b, bits, position, values);
        Value first =
            arith::MulIOp::create(b, loc, toI32(b, word), i32(b, kLanes));
        SmallVector<Value> next =
            emitBits(b, bits, held, first, column, matrix, carried.drop_back());
        next.push_back(
            arith::AddIOp::create(b, loc, position, countBits(b, bits)));
        return next;
      });
  state.pop_back();
  return state;
}

/// Goes through the bits, kUnroll at a time and then one by one.
SmallVector<Value> BitmaskSpmm::emitBits(OpBuilder &b, Value bits, Value held,
                                         Value first, Value column,
                                         Value matrix, ValueRange sums) {
  SmallVector<Value> state{bits};
  llvm::append_range(state, sums);
  Value count = countBits(b, bits); // 32 bits: a comparison is one instruction
  auto steps = [&](Value begin, Value end, int64_t step) {
    state = forLoop(
        b, loc, begin, end, i32(b, step), state,
        [&](OpBuilder &b, Location loc, Value, ValueRange carried) {
          SmallVector<Value> next(carried);
          for (int64_t i = 0; i < step; ++i) {
            Value bit = findLowest(b, next[0]);
            next[0] = clearLowest(b, next[0]);
            Value value =
                intrinsic(b, b.getF32Type(), "llvm.amdgcn.readlane.f32",
                          ValueRange{held, bit});
            Value k = toIndex(b, arith::AddIOp::create(b, loc, first, bit));
            for (int64_t t = 0; t < tiles; ++t) {
              Value at = toIndex(
                  b, arith::AddIOp::create(b, loc, column, i32(b, t * kLanes)));
              Value factor = toF32(
                  b, loc,
                  memref::LoadOp::create(b, loc, matrix, ValueRange{k, at}));
              next[1 + t] = multiplyAdd(b, next[1 + t], value, factor);
            }
          }
          return next;
        });
  };
  Value rest = arith::RemUIOp::create(b, loc, count, i32(b, kUnroll));
  Value middle = arith::SubIOp::create(b, loc, count, rest);
  steps(i32(b, 0), middle, kUnroll);
  steps(middle, count, 1);
  return SmallVector<Value>(ArrayRef(state).drop_front());
}
