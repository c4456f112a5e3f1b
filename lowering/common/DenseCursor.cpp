//===- DenseCursor.cpp - a dense matrix as a weight -----------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/common/Cursor.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace sparsec;

namespace {

class DenseCursor : public Cursor {
public:
  DenseCursor(Value matrix, unsigned outerDim, int64_t group,
              const VectorUnit &unit)
      : matrix(matrix), outerDim(outerDim), group(group), unit(unit) {}

  int64_t groupSize() const override { return group; }

  Value entryOffset(OpBuilder &, Location, Value) const override { return {}; }

  SmallVector<Value> forEachStep(OpBuilder &b, Location loc, Value index,
                                 ValueRange carried, unsigned /*lanes*/,
                                 StepBody body) const override {
    Value row = mulIndex(b, loc, index, group);
    return forLoop(b, loc, createIndex(b, loc, 0), innerSize(b, loc),
                   createIndex(b, loc, 1), carried,
                   [&](OpBuilder &b, Location loc, Value k, ValueRange args) {
                     SmallVector<Value> values;
                     for (int64_t r = 0; r < group; ++r)
                       values.push_back(
                           loadEntry(b, loc, matrix, at(b, loc, row, r, k)));
                     return body(b, loc, k, values, 0, args);
                   });
  }

  int64_t chunkSize() const override {
    // Only where neighbours along the inner dimension are neighbours in memory.
    return outerDim == 0 && unit.lanes > 1 ? unit.lanes : 0;
  }

  SmallVector<Value> forEachChunk(OpBuilder &b, Location loc, Type sum,
                                  Value index, ValueRange carried,
                                  ChunkBody body) const override {
    Value row = mulIndex(b, loc, index, group);
    Value end = innerSize(b, loc), step = createIndex(b, loc, unit.lanes);
    Value rest = arith::RemUIOp::create(b, loc, end, step);
    Value middle = arith::SubIOp::create(b, loc, end, rest);
    SmallVector<Value> state =
        forLoop(b, loc, createIndex(b, loc, 0), middle, step, carried,
                [&](OpBuilder &b, Location loc, Value k, ValueRange args) {
                  return chunk(b, loc, sum, row, k, Value(), args, body);
                });
    return forLoop(b, loc, middle, end, step, state,
                   [&](OpBuilder &b, Location loc, Value k, ValueRange args) {
                     auto type = VectorType::get({unit.lanes}, b.getI1Type());
                     Value mask =
                         vector::CreateMaskOp::create(b, loc, type, rest);
                     return chunk(b, loc, sum, row, k, mask, args, body);
                   });
  }

private:
  Value innerSize(OpBuilder &b, Location loc) const {
    return b.createOrFold<memref::DimOp>(loc, matrix, 1 - outerDim);
  }

  SmallVector<Value> at(OpBuilder &b, Location loc, Value row, int64_t r,
                        Value k) const {
    SmallVector<Value> indices{addIndex(b, loc, row, r), k};
    if (outerDim == 1)
      std::swap(indices[0], indices[1]);
    return indices;
  }

  SmallVector<Value> chunk(OpBuilder &b, Location loc, Type sum, Value row,
                           Value k, Value mask, ValueRange state,
                           ChunkBody body) const {
    auto element = cast<MemRefType>(matrix.getType()).getElementType();
    auto type = VectorType::get({unit.lanes}, element);
    SmallVector<Value> vectors;
    for (int64_t r = 0; r < group; ++r) {
      SmallVector<Value> indices = at(b, loc, row, r, k);
      Value loaded;
      if (mask) {
        Value zeros =
            arith::ConstantOp::create(b, loc, type, b.getZeroAttr(type));
        loaded = vector::MaskedLoadOp::create(b, loc, type, matrix, indices,
                                              mask, zeros);
      } else {
        loaded = vector::LoadOp::create(b, loc, type, matrix, indices);
      }
      vectors.push_back(toSum(b, loc, loaded, sum));
    }
    return body(b, loc, k, vectors, mask, 0, state);
  }

  Value matrix;
  unsigned outerDim;
  int64_t group;
  VectorUnit unit;
};

} // namespace

std::unique_ptr<Cursor> sparsec::makeDenseCursor(Value matrix,
                                                 unsigned outerDim,
                                                 int64_t group,
                                                 const VectorUnit &unit) {
  return std::make_unique<DenseCursor>(matrix, outerDim, group, unit);
}
