//===- Sums.cpp - Products that sum over the weight's inner index ---------===//
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

/// Independent sums of one row: as many as hide the latency of an addition,
/// where order is free.
static constexpr unsigned kLanes = 4;

/// Adds up the accumulators of each output, [lane][output] -> [output].
static SmallVector<Value> addLanes(OpBuilder &b, Location loc,
                                   ArrayRef<Value> sums, unsigned lanes) {
  SmallVector<Value> result(sums);
  for (unsigned half = lanes / 2; half >= 1; half /= 2) {
    size_t keep = result.size() / 2;
    for (size_t i = 0; i < keep; ++i)
      result[i] = addSums(b, loc, result[i], result[i + keep]);
    result.resize(keep);
  }
  return result;
}

/// A scalar that belongs to row `row`, loaded if the row exists.
static Value initialSum(OpBuilder &b, Location loc, Type sum,
                        const KernelArgs &args, Value row) {
  if (!args.readInit)
    return zeroSum(b, loc, sum);
  // Rows behind the end (block only) read the last one and are not stored.
  row = clampIndex(b, loc, row, args.outerBound);
  return toSum(b, loc, memref::LoadOp::create(b, loc, args.y, row), sum);
}

void sparsec::emitGemv(OpBuilder &b, Location loc, const KernelArgs &args,
                       Value begin, Value end, const KernelOptions &options) {
  const Cursor &cursor = args.cursor;
  int64_t group = cursor.groupSize();
  int64_t chunk = options.strict ? 0 : cursor.chunkSize();
  unsigned lanes = options.strict ? 1
                   : chunk        ? cursor.chunkLanes()
                   : group == 1   ? kLanes
                                  : 1;
  forLoop(
      b, loc, begin, end, createIndex(b, loc, 1), {},
      [&](OpBuilder &b, Location loc, Value index, ValueRange) {
        Value first = mulIndex(b, loc, index, group);
        SmallVector<Value> initial;
        for (int64_t r = 0; r < group; ++r)
          initial.push_back(initialSum(b, loc, options.sum, args,
                                       addIndex(b, loc, first, r)));

        SmallVector<Value> sums;
        if (chunk) {
          SmallVector<Value> zeros(lanes * group,
                                   zeroSum(b, loc, options.sum, chunk));
          sums = cursor.forEachChunk(
              b, loc, options.sum, index, zeros,
              [&](OpBuilder &b, Location loc, Value inner, ValueRange vectors,
                  Value mask, unsigned lane, ValueRange carried) {
                Value x =
                    loadVector(b, loc, options.sum, args.x, inner, chunk, mask);
                SmallVector<Value> next(carried);
                for (int64_t r = 0; r < group; ++r)
                  next[lane * group + r] = multiplyAdd(
                      b, loc, next[lane * group + r], vectors[r], x, options);
                return next;
              });
          sums = addLanes(b, loc, sums, lanes);
          for (auto [sum, start] : llvm::zip_equal(sums, initial))
            sum = vector::ReductionOp::create(
                b, loc, vector::CombiningKind::ADD, sum, start,
                isa<FloatType>(options.sum) ? arith::FastMathFlags::reassoc
                                            : arith::FastMathFlags::none);
        } else {
          SmallVector<Value> starts(initial);
          starts.resize(lanes * group, zeroSum(b, loc, options.sum));
          sums = cursor.forEachStep(
              b, loc, index, starts, lanes,
              [&](OpBuilder &b, Location loc, Value inner, ValueRange values,
                  unsigned lane, ValueRange carried) {
                Value x =
                    toSum(b, loc, memref::LoadOp::create(b, loc, args.x, inner),
                          options.sum);
                SmallVector<Value> next(carried);
                for (int64_t r = 0; r < group; ++r)
                  next[lane * group + r] = multiplyAdd(
                      b, loc, next[lane * group + r],
                      toSum(b, loc, values[r], options.sum), x, options);
                return next;
              });
          sums = addLanes(b, loc, sums, lanes);
        }

        for (int64_t r = 0; r < group; ++r) {
          Value row = addIndex(b, loc, first, r);
          ifInside(b, loc, row, args.outerBound,
                   [&](OpBuilder &b, Location loc) {
                     Value result = sums[r];
                     if (args.epilogue)
                       result = args.epilogue->apply(b, loc, result, row);
                     memref::StoreOp::create(b, loc, result, args.y, row);
                   });
        }
        return SmallVector<Value>();
      });
}

void sparsec::emitSpmm(OpBuilder &b, Location loc, const KernelArgs &args,
                       Value begin, Value end, const KernelOptions &options) {
  const Cursor &cursor = args.cursor;
  int64_t group = cursor.groupSize();
  auto yType = cast<MemRefType>(args.y.getType());
  int64_t columns = yType.getDimSize(1);
  Value columnCount = b.createOrFold<memref::DimOp>(loc, args.y, 1);
  // Accumulators for a group and a tile stay in registers, with room for the
  // vectors of x.
  int64_t maxVectors =
      group == 1 ? 4 : std::max<int64_t>(1, options.unit.registers / 16);

  auto tileBody = [&](OpBuilder &b, Location loc, const ColumnTile &tile) {
    int64_t vectors = tile.masks.size();
    unsigned lanes = 1;
    if (!options.strict && group == 1)
      lanes = vectors >= 3 ? 1 : vectors == 2 ? 2 : kLanes;
    auto columnOf = [&](OpBuilder &b, Location loc, int64_t v) {
      return addIndex(b, loc, tile.begin, v * tile.lanes);
    };
    forLoop(
        b, loc, begin, end, createIndex(b, loc, 1), {},
        [&](OpBuilder &b, Location loc, Value index, ValueRange) {
          Value first = mulIndex(b, loc, index, group);
          SmallVector<Value> starts;
          for (int64_t r = 0; r < group; ++r) {
            Value row = addIndex(b, loc, first, r);
            if (args.readInit)
              row = clampIndex(b, loc, row, args.outerBound);
            for (int64_t v = 0; v < vectors; ++v)
              starts.push_back(args.readInit
                                   ? loadVector(b, loc, options.sum, args.y,
                                                {row, columnOf(b, loc, v)},
                                                tile.lanes, tile.masks[v])
                                   : zeroSum(b, loc, options.sum, tile.lanes));
          }
          int64_t outputs = group * vectors;
          starts.resize(lanes * outputs,
                        zeroSum(b, loc, options.sum, tile.lanes));

          SmallVector<Value> sums = cursor.forEachStep(
              b, loc, index, starts, lanes,
              [&](OpBuilder &b, Location loc, Value inner, ValueRange values,
                  unsigned lane, ValueRange carried) {
                SmallVector<Value> next(carried), x;
                for (int64_t v = 0; v < vectors; ++v)
                  x.push_back(loadVector(b, loc, options.sum, args.x,
                                         {inner, columnOf(b, loc, v)},
                                         tile.lanes, tile.masks[v]));
                auto type = VectorType::get({tile.lanes}, options.sum);
                for (int64_t r = 0; r < group; ++r) {
                  Value w = vector::BroadcastOp::create(
                      b, loc, type, toSum(b, loc, values[r], options.sum));
                  for (int64_t v = 0; v < vectors; ++v) {
                    Value &sum = next[lane * outputs + r * vectors + v];
                    sum = multiplyAdd(b, loc, sum, w, x[v], options);
                  }
                }
                return next;
              });
          sums = addLanes(b, loc, sums, lanes);

          for (int64_t r = 0; r < group; ++r) {
            Value row = addIndex(b, loc, first, r);
            ifInside(b, loc, row, args.outerBound,
                     [&](OpBuilder &b, Location loc) {
                       for (int64_t v = 0; v < vectors; ++v) {
                         Value result = sums[r * vectors + v];
                         SmallVector<Value> at{row, columnOf(b, loc, v)};
                         if (args.epilogue)
                           result = args.epilogue->apply(b, loc, result, at, 1,
                                                         tile.masks[v]);
                         storeVector(b, loc, result, args.y, at, tile.masks[v]);
                       }
                     });
          }
          return SmallVector<Value>();
        });
  };
  forEachColumnTile(b, loc, createIndex(b, loc, 0), columnCount, columns,
                    maxVectors, options, tileBody);
}
