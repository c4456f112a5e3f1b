//===- Transpose.cpp - Moving matrices, with an epilogue on the way -------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/host/Emit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace sparsec;

/// What is stored for `value` at `position` of the target.
static Value finish(OpBuilder &b, Location loc, Value value, Value target,
                    const Epilogue *epilogue, ValueRange position,
                    Value mask = {}) {
  if (epilogue)
    return epilogue->apply(b, loc, value, position, position.size() - 1, mask);
  return fromSum(b, loc, value,
                 cast<MemRefType>(target.getType()).getElementType());
}

/// Transposes a square of `rows.size()` vectors of as many lanes. Each stage
/// interleaves row i with row i + n/2; after log2(n) stages lane and row have
/// changed places.
static void transposeSquare(OpBuilder &b, Location loc,
                            SmallVectorImpl<Value> &rows) {
  int64_t n = rows.size();
  SmallVector<int64_t> low, high;
  for (int64_t i = 0; i < n / 2; ++i) {
    low.append({i, n + i});
    high.append({n / 2 + i, n + n / 2 + i});
  }
  for (int64_t stage = n; stage > 1; stage /= 2) {
    SmallVector<Value> next;
    for (int64_t i = 0; i < n / 2; ++i) {
      Value a = rows[i], c = rows[i + n / 2];
      next.push_back(vector::ShuffleOp::create(b, loc, a, c, low));
      next.push_back(vector::ShuffleOp::create(b, loc, a, c, high));
    }
    rows.assign(next);
  }
}

void sparsec::emitTranspose(OpBuilder &b, Location loc, Value source,
                            Value target, const Epilogue *epilogue, Value begin,
                            Value end, const KernelOptions &options) {
  int64_t tile = options.unit.lanes;
  Value columns = b.createOrFold<memref::DimOp>(loc, source, 1);
  Value zero = createIndex(b, loc, 0), one = createIndex(b, loc, 1);

  auto scalars = [&](OpBuilder &b, Location loc, Value rowBegin, Value rowEnd,
                     Value columnBegin, Value columnEnd) {
    forLoop(b, loc, rowBegin, rowEnd, one, {},
            [&](OpBuilder &b, Location loc, Value row, ValueRange) {
              forLoop(
                  b, loc, columnBegin, columnEnd, one, {},
                  [&](OpBuilder &b, Location loc, Value column, ValueRange) {
                    Value value =
                        toSum(b, loc,
                              memref::LoadOp::create(b, loc, source,
                                                     ValueRange{row, column}),
                              options.sum);
                    SmallVector<Value> at{column, row};
                    memref::StoreOp::create(
                        b, loc, finish(b, loc, value, target, epilogue, at),
                        target, at);
                    return SmallVector<Value>();
                  });
              return SmallVector<Value>();
            });
  };
  if (tile == 1)
    return scalars(b, loc, begin, end, zero, columns);

  Value step = createIndex(b, loc, tile);
  auto wholeTiles = [&](Value from, Value to) -> Value {
    Value count = arith::SubIOp::create(b, loc, to, from);
    return arith::SubIOp::create(b, loc, to,
                                 arith::RemUIOp::create(b, loc, count, step));
  };
  Value rowMiddle = wholeTiles(begin, end);
  Value columnMiddle = wholeTiles(zero, columns);
  forLoop(b, loc, begin, rowMiddle, step, {},
          [&](OpBuilder &b, Location loc, Value row, ValueRange) {
            forLoop(b, loc, zero, columnMiddle, step, {},
                    [&](OpBuilder &b, Location loc, Value column, ValueRange) {
                      SmallVector<Value> square;
                      for (int64_t r = 0; r < tile; ++r)
                        square.push_back(loadVector(
                            b, loc, options.sum, source,
                            {addIndex(b, loc, row, r), column}, tile, Value()));
                      transposeSquare(b, loc, square);
                      for (int64_t c = 0; c < tile; ++c) {
                        SmallVector<Value> at{addIndex(b, loc, column, c), row};
                        storeVector(
                            b, loc,
                            finish(b, loc, square[c], target, epilogue, at),
                            target, at, Value());
                      }
                      return SmallVector<Value>();
                    });
            scalars(b, loc, row, addIndex(b, loc, row, tile), columnMiddle,
                    columns);
            return SmallVector<Value>();
          });
  scalars(b, loc, rowMiddle, end, zero, columns);
}

void sparsec::emitWriteBack(OpBuilder &b, Location loc, Value source,
                            Value target, const Epilogue *epilogue, Value begin,
                            Value end, const KernelOptions &options) {
  Value one = createIndex(b, loc, 1);
  auto type = cast<MemRefType>(source.getType());
  if (type.getRank() == 1) {
    forLoop(b, loc, begin, end, one, {},
            [&](OpBuilder &b, Location loc, Value index, ValueRange) {
              Value value =
                  toSum(b, loc, memref::LoadOp::create(b, loc, source, index),
                        options.sum);
              memref::StoreOp::create(
                  b, loc, finish(b, loc, value, target, epilogue, index),
                  target, index);
              return SmallVector<Value>();
            });
    return;
  }
  Value columns = b.createOrFold<memref::DimOp>(loc, source, 1);
  forEachColumnTile(
      b, loc, createIndex(b, loc, 0), columns, type.getDimSize(1),
      /*maxVectors=*/1, options,
      [&](OpBuilder &b, Location loc, const ColumnTile &tile) {
        forLoop(b, loc, begin, end, one, {},
                [&](OpBuilder &b, Location loc, Value row, ValueRange) {
                  SmallVector<Value> at{row, tile.begin};
                  Value value = loadVector(b, loc, options.sum, source, at,
                                           tile.lanes, tile.masks[0]);
                  value = finish(b, loc, value, target, epilogue, at,
                                 tile.masks[0]);
                  storeVector(b, loc, value, target, at, tile.masks[0]);
                  return SmallVector<Value>();
                });
      });
}
