//===- BlockCursor.cpp - block --------------------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A group is the rows of a block, or a part of them where a block has more rows
// than the registers hold: blocks of 32 rows are gone through several times,
// each time for other rows.

#include "lowering/common/Cursors.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace sparsec;

namespace {

class BlockCursor : public Cursor {
public:
  BlockCursor(const WeightStorage &storage, const VectorUnit &unit)
      : values(storage.components[0]), indices(storage.components[1]),
        offsets(storage.components[2]), first(storage.first),
        size(cast<BlockAttr>(storage.type.getEncoding()).getSize()),
        rows(std::min<int64_t>(size, unit.registers >= 32 ? 8 : 4)),
        cols(storage.type.getDimSize(1)), vectors(unit.lanes > 1) {}

  int64_t groupSize() const override { return rows; }

  Value entryOffset(OpBuilder &b, Location loc, Value group) const override {
    return loadIndex(b, loc, offsets, blockRow(b, loc, group));
  }

  SmallVector<Value> forEachStep(OpBuilder &b, Location loc, Value group,
                                 ValueRange carried, unsigned /*lanes*/,
                                 StepBody body) const override {
    return forEachBlock(
        b, loc, group, carried,
        [&](OpBuilder &b, Location loc, Value block, Value row, Value column,
            ValueRange state) {
          Value width = createIndex(b, loc, size);
          if (cols % size != 0) // the last block may reach past the end
            width = arith::MinUIOp::create(
                b, loc, width,
                arith::SubIOp::create(b, loc, createIndex(b, loc, cols),
                                      column));
          return forLoop(
              b, loc, createIndex(b, loc, 0), width, createIndex(b, loc, 1),
              state, [&](OpBuilder &b, Location loc, Value k, ValueRange args) {
                SmallVector<Value> loaded;
                for (int64_t r = 0; r < rows; ++r)
                  loaded.push_back(loadEntry(
                      b, loc, values, {block, addIndex(b, loc, row, r), k}));
                return body(b, loc, addIndex(b, loc, column, k), loaded, 0,
                            args);
              });
        });
  }

  int64_t chunkSize() const override {
    return vectors ? std::min<int64_t>(size, 16) : 0;
  }

  SmallVector<Value> forEachChunk(OpBuilder &b, Location loc, Type sum,
                                  Value group, ValueRange carried,
                                  ChunkBody body) const override {
    return forEachBlock(b, loc, group, carried,
                        [&](OpBuilder &b, Location loc, Value block, Value row,
                            Value column, ValueRange args) {
                          SmallVector<Value> state(args);
                          for (int64_t k = 0; k < size; k += chunkSize())
                            state = chunk(b, loc, sum, block, row, column, k,
                                          state, body);
                          return state;
                        });
  }

private:
  using BlockBody = function_ref<SmallVector<Value>(
      OpBuilder &, Location, Value block, Value row, Value column, ValueRange)>;

  int64_t parts() const { return size / rows; }

  /// The block row of a group, or of the end of the last one.
  Value blockRow(OpBuilder &b, Location loc, Value group) const {
    Value row = group;
    if (parts() > 1)
      row = arith::DivUIOp::create(b, loc, group, createIndex(b, loc, parts()));
    if (first)
      row = addIndex(
          b, loc, row,
          arith::DivUIOp::create(b, loc, first, createIndex(b, loc, size))
              .getResult());
    return row;
  }

  SmallVector<Value> forEachBlock(OpBuilder &b, Location loc, Value group,
                                  ValueRange carried, BlockBody body) const {
    Value blockRow = this->blockRow(b, loc, group);
    Value begin = loadIndex(b, loc, offsets, blockRow);
    Value end = loadIndex(b, loc, offsets, addIndex(b, loc, blockRow, 1));
    Value row = createIndex(b, loc, 0); // of the group inside its blocks
    if (parts() > 1)
      row = mulIndex(
          b, loc,
          arith::RemUIOp::create(b, loc, group, createIndex(b, loc, parts())),
          rows);
    return forLoop(
        b, loc, begin, end, createIndex(b, loc, 1), carried,
        [&](OpBuilder &b, Location loc, Value block, ValueRange state) {
          Value column =
              mulIndex(b, loc, loadIndex(b, loc, indices, block), size);
          return body(b, loc, block, row, column, state);
        });
  }

  SmallVector<Value> chunk(OpBuilder &b, Location loc, Type sum, Value block,
                           Value row, Value column, int64_t k, ValueRange state,
                           ChunkBody body) const {
    auto element = cast<ShapedType>(values.getType()).getElementType();
    auto type = VectorType::get({chunkSize()}, element);
    SmallVector<Value> loaded;
    for (int64_t r = 0; r < rows; ++r)
      loaded.push_back(
          toSum(b, loc,
                vector::LoadOp::create(
                    b, loc, type, values,
                    {block, addIndex(b, loc, row, r), createIndex(b, loc, k)}),
                sum));
    Value inner = addIndex(b, loc, column, k);
    Value mask;
    if (cols % size != 0) {
      Value left =
          arith::SubIOp::create(b, loc, createIndex(b, loc, cols), inner);
      Value zero = createIndex(b, loc, 0);
      mask = vector::CreateMaskOp::create(
          b, loc, VectorType::get({chunkSize()}, b.getI1Type()),
          arith::MaxSIOp::create(b, loc, left, zero).getResult());
    }
    return body(b, loc, inner, loaded, mask, 0, state);
  }

  Value values, indices, offsets, first;
  int64_t size, rows, cols;
  bool vectors;
};

} // namespace

std::unique_ptr<Cursor> sparsec::makeBlockCursor(const WeightStorage &storage,
                                                 const VectorUnit &unit) {
  return std::make_unique<BlockCursor>(storage, unit);
}
