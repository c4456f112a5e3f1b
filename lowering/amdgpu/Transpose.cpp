//===- Transpose.cpp - The transpose of a matrix on the card --------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A workgroup moves a square tile through LDS, so that neighbouring lanes read
// neighbours and write neighbours: half a wave has two lines of memory of f32.
// A row of the tile has one element more in LDS, which puts the lanes that read
// a column on different banks.

#include "lowering/amdgpu/Transpose.h"

#include "lowering/amdgpu/Arithmetic.h"
#include "lowering/amdgpu/Buffers.h"
#include "lowering/common/Cursor.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace sparsec;

static constexpr int64_t kTile = 32, kItems = 256;
/// Rows of the tile that a workgroup moves at a time.
static constexpr int64_t kRows = kItems / kTile;

Value sparsec::emitTranspose(OpBuilder &b, Location loc, Value matrix) {
  auto type = cast<MemRefType>(matrix.getType());
  Value rows = b.createOrFold<memref::DimOp>(loc, matrix, 0);
  Value columns = b.createOrFold<memref::DimOp>(loc, matrix, 1);
  SmallVector<Value> dynamic;
  for (auto [d, size] : {std::pair(1, columns), std::pair(0, rows)})
    if (type.isDynamicDim(d))
      dynamic.push_back(size);
  auto resultType = MemRefType::get({type.getDimSize(1), type.getDimSize(0)},
                                    type.getElementType());
  Value result = memref::AllocOp::create(b, loc, resultType, dynamic);

  Value source = flatten(b, loc, matrix), target = flatten(b, loc, result);
  Value one = createIndex(b, loc, 1), tile = createIndex(b, loc, kTile);
  auto tilesOf = [&](Value size) {
    return b.createOrFold<arith::CeilDivUIOp>(loc, size, tile);
  };
  auto launch =
      gpu::LaunchOp::create(b, loc, tilesOf(columns), tilesOf(rows), one,
                            createIndex(b, loc, kItems), one, one);
  launch.setFunctionAttr(FlatSymbolRefAttr::get(b.getContext(), "transpose"));
  auto space =
      gpu::AddressSpaceAttr::get(b.getContext(), gpu::AddressSpace::Workgroup);
  Value lds = launch.addWorkgroupAttribution(
      MemRefType::get({kTile, kTile + 1}, type.getElementType(),
                      MemRefLayoutAttrInterface(), space),
      loc);

  auto inside = OpBuilder::atBlockBegin(&launch.getBody().front());
  Arithmetic i32(inside, loc);
  Value item = i32.fromIndex(launch.getThreadIds().x);
  Value across = i32.rem(item, kTile), along = i32.div(item, kTile);
  Value firstColumn = i32.mul(i32.fromIndex(launch.getBlockIds().x), kTile);
  Value firstRow = i32.mul(i32.fromIndex(launch.getBlockIds().y), kTile);
  Value rowCount = i32.fromIndex(rows), columnCount = i32.fromIndex(columns);
  Value from = toBuffer(inside, loc, source);
  Value to = toBuffer(inside, loc, target);
  // What is read beside the matrix is not written.
  SmallVector<Value> moved;
  for (int64_t i = 0; i < kTile; i += kRows) {
    Value row = i32.add(firstRow, i32.add(along, i));
    Value at = i32.add(i32.mul(row, columnCount), i32.add(firstColumn, across));
    moved.push_back(memref::LoadOp::create(inside, loc, from, i32.toIndex(at)));
  }
  for (auto [i, value] : llvm::enumerate(moved))
    memref::StoreOp::create(inside, loc, value, lds,
                            ValueRange{i32.toIndex(i32.add(along, i * kRows)),
                                       i32.toIndex(across)});
  gpu::BarrierOp::create(inside, loc);
  for (int64_t i = 0; i < kTile; i += kRows) {
    Value column = i32.add(along, i);
    Value value = memref::LoadOp::create(
        inside, loc, lds, ValueRange{i32.toIndex(across), i32.toIndex(column)});
    Value row = i32.add(firstRow, across);
    column = i32.add(firstColumn, column);
    Value exists =
        i32.both(i32.less(row, rowCount), i32.less(column, columnCount));
    storeInside(inside, loc, to, i32.add(i32.mul(column, rowCount), row),
                exists, value);
  }
  gpu::TerminatorOp::create(inside, loc);
  return result;
}
