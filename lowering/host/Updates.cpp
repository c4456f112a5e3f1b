//===- Updates.cpp - Products that scatter along the weight's inner index -===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// y[i] += w[o, i] x[o]: each element of y is updated with o ascending, as
// strict mode wants it. Rows write to the same elements of y, so only columns
// are shared out among threads.

#include "lowering/host/Emit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace sparsec;

/// x of row `row`, a scalar or a vector; zero for rows behind the end, whose
/// weights are zero too, so that nothing there is read.
static Value loadRow(OpBuilder &b, Location loc, const KernelArgs &args,
                     Value row, function_ref<Value(Value)> load) {
  if (!args.outerBound)
    return load(row);
  Value value = load(clampIndex(b, loc, row, args.outerBound));
  Value inside = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, row,
                                       args.outerBound);
  auto vector = dyn_cast<VectorType>(value.getType());
  return arith::SelectOp::create(b, loc, inside, value,
                                 zeroSum(b, loc,
                                         getElementTypeOrSelf(value.getType()),
                                         vector ? vector.getNumElements() : 0));
}

void sparsec::emitGemvUpdate(OpBuilder &b, Location loc, const KernelArgs &args,
                             Value begin, Value end,
                             const KernelOptions &options) {
  const Cursor &cursor = args.cursor;
  int64_t group = cursor.groupSize();
  forLoop(b, loc, begin, end, createIndex(b, loc, 1), {},
          [&](OpBuilder &b, Location loc, Value index, ValueRange) {
            Value first = mulIndex(b, loc, index, group);
            SmallVector<Value> x;
            for (int64_t r = 0; r < group; ++r)
              x.push_back(loadRow(
                  b, loc, args, addIndex(b, loc, first, r), [&](Value row) {
                    return toSum(b, loc,
                                 memref::LoadOp::create(b, loc, args.x, row),
                                 options.sum);
                  }));
            cursor.forEachStep(
                b, loc, index, {}, /*lanes=*/4,
                [&](OpBuilder &b, Location loc, Value inner, ValueRange values,
                    unsigned, ValueRange) {
                  Value sum = memref::LoadOp::create(b, loc, args.y, inner);
                  for (int64_t r = 0; r < group; ++r)
                    sum = multiplyAdd(b, loc, sum,
                                      toSum(b, loc, values[r], options.sum),
                                      x[r], options);
                  memref::StoreOp::create(b, loc, sum, args.y, inner);
                  return SmallVector<Value>();
                });
            return SmallVector<Value>();
          });
}

void sparsec::emitSpmmUpdate(OpBuilder &b, Location loc, const KernelArgs &args,
                             Value begin, Value end,
                             const KernelOptions &options) {
  const Cursor &cursor = args.cursor;
  int64_t group = cursor.groupSize();
  // x of a group stays in registers.
  int64_t maxVectors =
      group == 1 ? 4 : std::max<int64_t>(1, options.unit.registers / 16);
  Value groups = arith::CeilDivUIOp::create(
      b, loc, b.createOrFold<memref::DimOp>(loc, args.x, 0),
      createIndex(b, loc, group));
  // y has whole vectors of columns, x perhaps fewer. The rows of y are read
  // soon after they have been written, which masked stores would slow down.
  Value columns = b.createOrFold<memref::DimOp>(loc, args.x, 1);
  int64_t known = cast<MemRefType>(args.x.getType()).getDimSize(1);
  bool padded = ShapedType::isDynamic(known) ||
                known != cast<MemRefType>(args.y.getType()).getDimSize(1);
  forEachWholeTile(
      b, loc, begin, end, maxVectors, options,
      [&](OpBuilder &b, Location loc, const ColumnTile &tile) {
        int64_t vectors = tile.masks.size();
        auto columnOf = [&](OpBuilder &b, Location loc, int64_t v) {
          return addIndex(b, loc, tile.begin, v * tile.lanes);
        };
        SmallVector<Value> masks(vectors);
        for (int64_t v = 0; padded && v < vectors; ++v)
          masks[v] = vector::CreateMaskOp::create(
              b, loc, VectorType::get({tile.lanes}, b.getI1Type()),
              arith::SubIOp::create(b, loc, columns, columnOf(b, loc, v))
                  .getResult());
        forLoop(
            b, loc, createIndex(b, loc, 0), groups, createIndex(b, loc, 1), {},
            [&](OpBuilder &b, Location loc, Value index, ValueRange) {
              Value first = mulIndex(b, loc, index, group);
              SmallVector<Value> x;
              for (int64_t r = 0; r < group; ++r)
                for (int64_t v = 0; v < vectors; ++v)
                  x.push_back(loadRow(
                      b, loc, args, addIndex(b, loc, first, r), [&](Value row) {
                        return loadVector(b, loc, options.sum, args.x,
                                          {row, columnOf(b, loc, v)},
                                          tile.lanes, masks[v]);
                      }));
              cursor.forEachStep(
                  b, loc, index, {}, /*lanes=*/1,
                  [&](OpBuilder &b, Location loc, Value inner,
                      ValueRange values, unsigned, ValueRange) {
                    auto type = VectorType::get({tile.lanes}, options.sum);
                    for (int64_t v = 0; v < vectors; ++v) {
                      SmallVector<Value> at{inner, columnOf(b, loc, v)};
                      Value sum = loadVector(b, loc, options.sum, args.y, at,
                                             tile.lanes, /*mask=*/Value());
                      for (int64_t r = 0; r < group; ++r) {
                        Value w = vector::BroadcastOp::create(
                            b, loc, type,
                            toSum(b, loc, values[r], options.sum));
                        sum = multiplyAdd(b, loc, sum, w, x[r * vectors + v],
                                          options);
                      }
                      storeVector(b, loc, sum, args.y, at, /*mask=*/Value());
                    }
                    return SmallVector<Value>();
                  });
              return SmallVector<Value>();
            });
      });
}
