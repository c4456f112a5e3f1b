//===- TiledProduct.cpp - Matrix products on tiles in LDS -----------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Nothing is masked but the stores of results. Beyond the edges of the product
// the loader reads what happens to be there, or zero beyond the end of an
// array: rows and columns that are not stored, and k that the last step does
// not go to.

#include "lowering/amdgpu/TiledProduct.h"

#include "lowering/amdgpu/Arithmetic.h"
#include "lowering/amdgpu/Buffers.h"
#include "lowering/common/Cursor.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace sparsec;

/// Elements that one instruction loads.
static constexpr int64_t kVector = 4;
/// So many elements are between the rows of a tile in LDS, so that lanes which
/// transpose write to more banks.
static constexpr int64_t kPadding = kVector;

/// The tile of a factor in LDS: [stage][k][row or column].
static Value addTile(gpu::LaunchOp launch, int64_t stages, const Tile &tile,
                     int64_t size) {
  MLIRContext *context = launch.getContext();
  auto space =
      gpu::AddressSpaceAttr::get(context, gpu::AddressSpace::Workgroup);
  auto type = MemRefType::get({stages, tile.depth, size + kPadding},
                              Float32Type::get(context),
                              MemRefLayoutAttrInterface(), space);
  return launch.addWorkgroupAttribution(type, launch.getLoc());
}

//===----------------------------------------------------------------------===//
// From LDS to sums
//===----------------------------------------------------------------------===//

/// How the rows (or columns) of a work item lie in a tile: in groups of
/// neighbours as long as a load, the groups as far apart as they can be, so
/// that neighbouring work items read neighbours.
static int64_t groupOf(int64_t count) { return std::min(count, kVector); }

static int64_t placeOf(int64_t index, int64_t count, int64_t tileSize) {
  int64_t group = groupOf(count);
  return index / group * (tileSize / (count / group)) + index % group;
}

SmallVector<Value> TiledProduct::readLds(OpBuilder &b, Value lds, Value stage,
                                         Value k, Value first, int64_t tileSize,
                                         int64_t count) {
  SmallVector<Value> values;
  for (int64_t i = 0; i < count; i += groupOf(count)) {
    Value at = addIndex(b, loc, first, placeOf(i, count, tileSize));
    llvm::append_range(
        values,
        loadNeighbours(b, loc, lds, ValueRange{stage, k, at}, groupOf(count)));
  }
  return values;
}

void TiledProduct::multiply(OpBuilder &b, Value k, Value stage,
                            MutableArrayRef<Value> sums) {
  Arithmetic i32(b, loc);
  SmallVector<Value> x = readLds(b, ldsA, stage, k, i32.toIndex(itemRow),
                                 tile.rows, tile.itemRows);
  SmallVector<Value> y = readLds(b, ldsB, stage, k, i32.toIndex(itemColumn),
                                 tile.columns, tile.itemColumns);
  auto flags =
      strict ? arith::FastMathFlags::none : arith::FastMathFlags::contract;
  for (int64_t r = 0; r < tile.itemRows; ++r)
    for (int64_t c = 0; c < tile.itemColumns; ++c) {
      Value &sum = sums[r * tile.itemColumns + c];
      Value product = arith::MulFOp::create(b, loc, x[r], y[c], flags);
      sum = arith::AddFOp::create(b, loc, sum, product, flags);
    }
}

//===----------------------------------------------------------------------===//
// The result
//===----------------------------------------------------------------------===//

Value TiledProduct::rowOf(OpBuilder &b, int64_t r) {
  Arithmetic i32(b, loc);
  return i32.add(i32.add(tileRow, itemRow),
                 placeOf(r, tile.itemRows, tile.rows));
}

Value TiledProduct::columnOf(OpBuilder &b, int64_t c) {
  Arithmetic i32(b, loc);
  return i32.add(i32.add(tileColumn, itemColumn),
                 placeOf(c, tile.itemColumns, tile.columns));
}

/// The columns of a work item that are stored together.
static int64_t widthOf(const TileResult &result, const Tile &tile) {
  return std::min(result.vector, groupOf(tile.itemColumns));
}

SmallVector<Value> TiledProduct::initialize(OpBuilder &b,
                                            const TileResult &result) {
  Arithmetic i32(b, loc);
  int64_t count = tile.itemRows * tile.itemColumns;
  if (!result.accumulates) {
    Value zero = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(0));
    return SmallVector<Value>(count, zero);
  }
  Value buffer = toBuffer(b, loc, result.array);
  int64_t width = widthOf(result, tile);
  SmallVector<Value> sums;
  for (int64_t i = 0; i < count; i += width) {
    Value at = result.offset(b, rowOf(b, i / tile.itemColumns),
                             columnOf(b, i % tile.itemColumns));
    llvm::append_range(sums,
                       loadNeighbours(b, loc, buffer, i32.toIndex(at), width));
  }
  return sums;
}

void TiledProduct::store(OpBuilder &b, const TileResult &result,
                         ArrayRef<Value> sums) {
  Arithmetic i32(b, loc);
  auto bound = [&](OpFoldResult size) {
    return i32.fromIndex(getValueOrCreateConstantIndexOp(b, loc, size));
  };
  Value rowCount = bound(rows), columnCount = bound(columns);
  Value buffer = toBuffer(b, loc, result.array);
  int64_t width = widthOf(result, tile);
  for (size_t i = 0; i < sums.size(); i += width) {
    Value row = rowOf(b, i / tile.itemColumns);
    Value column = columnOf(b, i % tile.itemColumns);
    Value inside =
        i32.both(i32.less(row, rowCount), i32.less(column, columnCount));
    Value sum = sums[i];
    if (width > 1)
      sum = vector::FromElementsOp::create(
          b, loc, VectorType::get({width}, b.getF32Type()),
          sums.slice(i, width));
    Value element =
        result.finish(b, sum, i32.min(row, i32.add(rowCount, -1)),
                      i32.min(column, i32.add(columnCount, -width)));
    storeInside(b, loc, buffer, result.offset(b, row, column), inside, element);
  }
}

//===----------------------------------------------------------------------===//
// The kernel
//===----------------------------------------------------------------------===//

void TiledProduct::launch(StringRef name, const TileSource &sourceA,
                          const TileSource &sourceB, const TileResult &result) {
  auto known = [](OpFoldResult size) {
    return getConstantIntValue(size).value_or(ShapedType::kDynamic);
  };
  tile = chooseTile({known(rows), known(columns), known(depth),
                     sourceA.loadClocks(), sourceB.loadClocks()})
             .tile;
  auto groups = [&](OpFoldResult size, int64_t each) {
    return b.createOrFold<arith::CeilDivUIOp>(
        loc, getValueOrCreateConstantIndexOp(b, loc, size),
        createIndex(b, loc, each));
  };
  Value one = createIndex(b, loc, 1);
  auto op = gpu::LaunchOp::create(b, loc, groups(columns, tile.columns),
                                  groups(rows, tile.rows), one,
                                  createIndex(b, loc, tile.items()), one, one);
  op.setFunctionAttr(FlatSymbolRefAttr::get(b.getContext(), name));
  // A single step has nothing to load ahead.
  bool single = getConstantIntValue(depth) && known(depth) <= tile.depth;
  int64_t stages = single ? 1 : 2;
  ldsA = addTile(op, stages, tile, tile.rows);
  ldsB = addTile(op, stages, tile, tile.columns);

  OpBuilder inside = OpBuilder::atBlockBegin(&op.getBody().front());
  Arithmetic i32(inside, loc);
  item = i32.fromIndex(op.getThreadIds().x);
  tileRow = i32.mul(i32.fromIndex(op.getBlockIds().y), tile.rows);
  tileColumn = i32.mul(i32.fromIndex(op.getBlockIds().x), tile.columns);
  int64_t across = tile.columns / tile.itemColumns;
  itemRow = i32.mul(i32.div(item, across), groupOf(tile.itemRows));
  itemColumn = i32.mul(i32.rem(item, across), groupOf(tile.itemColumns));

  SmallVector<Value> sums = initialize(inside, result);
  if (known(depth) != 0)
    sumUp(inside, sourceA, sourceB, stages, sums);
  store(inside, result, sums);
  gpu::TerminatorOp::create(inside, loc);
}

/// The tiles of a step are loaded while those of the step before are
/// multiplied, which are in the other half of LDS: one barrier a step.
void TiledProduct::sumUp(OpBuilder &b, const TileSource &sourceA,
                         const TileSource &sourceB, int64_t stages,
                         SmallVector<Value> &sums) {
  Arithmetic i32(b, loc);
  auto makeLoader = [&](const TileSource &source, int64_t size, Value first) {
    return source.makeLoader(b, loc,
                             {size, tile.depth, tile.items(), item, first});
  };
  std::unique_ptr<TileLoader> loaders[] = {
      makeLoader(sourceA, tile.rows, tileRow),
      makeLoader(sourceB, tile.columns, tileColumn)};
  Value tiles[] = {ldsA, ldsB};
  SmallVector<Value> states[] = {loaders[0]->begin(b), loaders[1]->begin(b)};
  Value zero = createIndex(b, loc, 0), one = createIndex(b, loc, 1);
  for (int i : {0, 1})
    loaders[i]->put(b, loaders[i]->load(b, i32.constant(0), states[i]),
                    tiles[i], zero);
  gpu::BarrierOp::create(b, loc);

  // All steps but the last, which may be shorter; at least one is left.
  Value total = getValueOrCreateConstantIndexOp(b, loc, depth);
  Value step = createIndex(b, loc, tile.depth);
  Value before = b.createOrFold<arith::DivUIOp>(
      loc,
      b.createOrFold<arith::SubIOp>(
          loc, b.createOrFold<arith::MaxUIOp>(loc, total, one), one),
      step);
  auto stageOf = [&](OpBuilder &b, Value index) {
    return stages == 1 ? zero : b.createOrFold<arith::AndIOp>(loc, index, one);
  };
  if (stages > 1) {
    size_t count = sums.size(), middle = count + states[0].size();
    for (const SmallVector<Value> &state : states)
      llvm::append_range(sums, state);
    sums = forLoop(
        b, loc, zero, before, one, sums,
        [&](OpBuilder &b, Location loc, Value index, ValueRange carried) {
          Arithmetic i32(b, loc);
          Value next = addIndex(b, loc, index, 1);
          Value k = i32.mul(i32.fromIndex(next), tile.depth);
          SmallVector<Value> values(carried);
          MutableArrayRef<Value> all(values);
          MutableArrayRef<Value> states[] = {all.slice(count, middle - count),
                                             all.drop_front(middle)};
          SmallVector<Value> loaded[2];
          for (int i : {0, 1})
            loaded[i] = loaders[i]->load(b, k, states[i]);
          for (int64_t i = 0; i < tile.depth; ++i)
            multiply(b, createIndex(b, loc, i), stageOf(b, index),
                     all.take_front(count));
          for (int i : {0, 1})
            loaders[i]->put(b, loaded[i], tiles[i], stageOf(b, next));
          gpu::BarrierOp::create(b, loc);
          return values;
        });
    sums.truncate(count);
  }
  Value stage = stageOf(b, before);
  if (std::optional<int64_t> k = getConstantIntValue(depth)) {
    for (int64_t i = 0; i < *k - (*k - 1) / tile.depth * tile.depth; ++i)
      multiply(b, createIndex(b, loc, i), stage, sums);
    return;
  }
  Value left = b.createOrFold<arith::SubIOp>(
      loc, total, b.createOrFold<arith::MulIOp>(loc, before, step));
  sums = forLoop(b, loc, zero, left, one, sums,
                 [&](OpBuilder &b, Location, Value k, ValueRange carried) {
                   SmallVector<Value> sums(carried);
                   multiply(b, k, stage, sums);
                   return sums;
                 });
}
