//===- ColumnsKernel.cpp - Columns of x over lanes ------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/amdgpu/ColumnsKernel.h"

#include "lowering/amdgpu/Buffers.h"
#include "lowering/amdgpu/Transpose.h"
#include "lowering/amdgpu/Versions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace sparsec;

static constexpr int64_t kMostTiles = 4;
/// What is gone through without a branch between.
static constexpr int64_t kUnroll = 4;

bool ColumnsKernel::hasColumns(int64_t least) {
  auto type = cast<MemRefType>(x.getType());
  if (type.getRank() != 2 || !isContiguous(type) ||
      type.isDynamicDim(xSwapped ? 1 : 0))
    return false;
  int64_t depth = type.getDimSize(xSwapped ? 1 : 0);
  mostColumns = mostElements(type) / std::max<int64_t>(depth, 1);
  columns = type.getDimSize(xSwapped ? 0 : 1);
  return ShapedType::isDynamic(columns) ||
         (columns >= least && columns <= mostColumns);
}

void ColumnsKernel::checkColumns() {
  if (!ShapedType::isDynamic(columns))
    return;
  Value count = memref::DimOp::create(b, loc, x, xSwapped ? 0 : 1);
  Value fits = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ule, count,
                                     createIndex(b, loc, mostColumns));
  cf::AssertOp::create(b, loc, fits,
                       "a product has more columns than offsets of 32 bits "
                       "reach: use a smaller batch");
}

/// Whether there are columns for that many tiles of a lane.
bool ColumnsKernel::fillsTiles(int64_t count) {
  return ShapedType::isDynamic(columns) ? op->hasAttr(kManyColumnsAttrName)
                                        : columns > count / 2 * kLanes;
}

/// How many waves there are, at least.
int64_t ColumnsKernel::countWaves(const StoredWeight &weight, int64_t rows,
                                  int64_t count) {
  if (ShapedType::isDynamic(weight.outerSize))
    return std::numeric_limits<int64_t>::max();
  int64_t across = ShapedType::isDynamic(columns)
                       ? 1
                       : llvm::divideCeil(columns, count * kLanes);
  return llvm::divideCeil(weight.outerSize, rows) * across;
}

LogicalResult ColumnsKernel::launchRows(StringRef name, int64_t rows,
                                        GroupBody body) {
  FailureOr<StoredWeight> weight = findWeight();
  if (failed(weight))
    return failure();
  checkColumns();
  if (xSwapped)
    x = emitTranspose(b, loc, x); // neighbouring lanes read neighbours
  while (tiles * rows < kMostTiles && fillsTiles(2 * tiles) &&
         countWaves(*weight, rows, 2 * tiles) >= kSimds)
    tiles *= 2;
  auto groupsOf = [&](Value total, int64_t each) {
    return b.createOrFold<arith::CeilDivUIOp>(loc, total,
                                              createIndex(b, loc, each));
  };
  int64_t waves = chooseWaves(ShapedType::isDynamic(weight->outerSize)
                                  ? weight->outerSize
                                  : weight->outerSize / rows);

  Value count = b.createOrFold<memref::DimOp>(loc, x, 1);
  launchWaves(
      name, groupsOf(count, tiles * kLanes),
      groupsOf(weight->outerCount, rows * waves), waves,
      [&](OpBuilder &b, Location, Value groupX, Value groupY, Value wave) {
        firstColumn = add(b, mul(b, groupX, tiles * kLanes), emitLane(b));
        emitGroup(b, add(b, mul(b, groupY, waves), wave), rows, *weight, body);
      });
  op.erase();
  return success();
}

void ColumnsKernel::emitGroup(OpBuilder &b, Value group, int64_t rows,
                              const StoredWeight &weight, GroupBody body) {
  Value first = mul(b, group, rows), end = toI32(b, weight.outerCount);
  auto branch =
      scf::IfOp::create(b, loc, less(b, first, end), /*withElseRegion=*/false);
  OpBuilder inside = branch.getThenBodyBuilder();
  Value columnsEnd = inside.createOrFold<memref::DimOp>(loc, x, 1);
  Value lastColumn = arith::SubIOp::create(inside, loc, columnsEnd,
                                           createIndex(inside, loc, 1));
  Value lastRow = arith::SubIOp::create(inside, loc, end, i32(inside, 1));
  SmallVector<Value> rowsAt, columnsAt, sums;
  for (int64_t t = 0; t < tiles; ++t)
    columnsAt.push_back(toIndex(inside, add(inside, firstColumn, t * kLanes)));
  for (int64_t r = 0; r < rows; ++r)
    rowsAt.push_back(add(inside, first, r));
  for (Value row : rowsAt)
    for (Value at : columnsAt) {
      if (op.getZeroInit()) {
        sums.push_back(f32Zero(inside));
        continue;
      }
      // What is not there is the last one, and not stored.
      Value r =
          toIndex(inside, arith::MinUIOp::create(inside, loc, row, lastRow));
      Value c = arith::MinUIOp::create(inside, loc, at, lastColumn);
      sums.push_back(toF32(inside, loc,
                           memref::LoadOp::create(inside, loc, op.getInit(),
                                                  resultAt(inside, r, c))));
    }
  matrix = toBuffer(inside, x);
  sums = body(inside, weight, group, sums);
  for (int64_t t = 0; t < tiles; ++t) {
    Value exists = less(inside, columnsAt[t], columnsEnd);
    scf::IfOp::create(inside, loc, exists, [&](OpBuilder &b, Location loc) {
      for (int64_t r = 0; r < rows; ++r) {
        auto store = [&](OpBuilder &b, Location) {
          storeResult(b, sums[r * tiles + t],
                      resultAt(b, toIndex(b, rowsAt[r]), columnsAt[t]));
        };
        if (r == 0) { // a group has one
          store(b, loc);
          continue;
        }
        scf::IfOp::create(b, loc, less(b, rowsAt[r], end),
                          [&](OpBuilder &b, Location loc) {
                            store(b, loc);
                            scf::YieldOp::create(b, loc);
                          });
      }
      scf::YieldOp::create(b, loc);
    });
  }
}

void ColumnsKernel::addProducts(OpBuilder &b, ValueRange values, Value k,
                                MutableArrayRef<Value> sums) {
  for (int64_t t = 0; t < tiles; ++t) {
    Value at = toIndex(b, add(b, firstColumn, t * kLanes));
    Value factor = toF32(
        b, loc,
        memref::LoadOp::create(b, loc, matrix, ValueRange{toIndex(b, k), at}));
    for (size_t r = 0; r < values.size(); ++r) {
      Value &sum = sums[r * tiles + t];
      sum = multiplyAdd(b, sum, values[r], factor);
    }
  }
}

SmallVector<Value> ColumnsKernel::forUnrolled(OpBuilder &b, Value count,
                                              ValueRange initial,
                                              StepBody body) {
  SmallVector<Value> state(initial);
  auto steps = [&](Value begin, Value end, int64_t step) {
    state = forLoop(b, loc, begin, end, i32(b, step), state,
                    [&](OpBuilder &b, Location, Value i, ValueRange carried) {
                      SmallVector<Value> next(carried);
                      for (int64_t u = 0; u < step; ++u)
                        next = body(b, add(b, i, u), next);
                      return next;
                    });
  };
  Value rest = arith::RemUIOp::create(b, loc, count, i32(b, kUnroll));
  Value middle = arith::SubIOp::create(b, loc, count, rest);
  steps(i32(b, 0), middle, kUnroll);
  steps(middle, count, 1);
  return state;
}
