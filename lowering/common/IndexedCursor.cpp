//===- IndexedCursor.cpp - csr and csc ------------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// An outer index owns the entries offsets[i] to offsets[i + 1]; each has its
// inner index beside it.

#include "lowering/common/Cursors.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace sparsec;

namespace {

class IndexedCursor : public Cursor {
public:
  explicit IndexedCursor(const WeightStorage &storage)
      : values(storage.components[0]), indices(storage.components[1]),
        offsets(storage.components[2]), first(storage.first) {}

  Value entryOffset(OpBuilder &b, Location loc, Value group) const override {
    return loadIndex(b, loc, offsets, addIndex(b, loc, group, first));
  }

  int64_t groupOverhead() const override { return 4; }

  SmallVector<Value> forEachStep(OpBuilder &b, Location loc, Value group,
                                 ValueRange carried, unsigned lanes,
                                 StepBody body) const override {
    Value begin = entryOffset(b, loc, group);
    Value end = entryOffset(b, loc, addIndex(b, loc, group, 1));
    Value one = createIndex(b, loc, 1);
    auto step = [&](OpBuilder &b, Location loc, Value position, unsigned lane,
                    ValueRange state) {
      Value inner = loadIndex(b, loc, indices, position);
      Value value = loadEntry(b, loc, values, position);
      return body(b, loc, inner, value, lane, state);
    };
    SmallVector<Value> state(carried);
    if (lanes > 1) {
      // Whole rounds, one step for each lane, then what is left.
      Value size = createIndex(b, loc, lanes);
      Value count = arith::SubIOp::create(b, loc, end, begin);
      Value rest = arith::RemUIOp::create(b, loc, count, size);
      Value middle = arith::SubIOp::create(b, loc, end, rest);
      state = forLoop(
          b, loc, begin, middle, size, state,
          [&](OpBuilder &b, Location loc, Value position, ValueRange args) {
            SmallVector<Value> next(args);
            for (unsigned lane = 0; lane < lanes; ++lane)
              next = step(b, loc, addIndex(b, loc, position, lane), lane, next);
            return next;
          });
      begin = middle;
    }
    return forLoop(
        b, loc, begin, end, one, state,
        [&](OpBuilder &b, Location loc, Value position, ValueRange args) {
          return step(b, loc, position, 0, args);
        });
  }

private:
  Value values, indices, offsets, first;
};

} // namespace

std::unique_ptr<Cursor>
sparsec::makeIndexedCursor(const WeightStorage &storage) {
  return std::make_unique<IndexedCursor>(storage);
}
