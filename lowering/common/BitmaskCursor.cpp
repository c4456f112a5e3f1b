//===- BitmaskCursor.cpp - bitmask ----------------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Steps take the set bits of a word one by one, lowest first: count trailing
// zeros, clear the lowest bit. Chunks take a word in parts of 16 bits (AVX-512)
// or 8 (AVX2): each is the mask that spreads the next values over their columns
// in a register. The population counts of a word are independent, so that the
// running offset is one addition a part.

#include "lowering/common/Cursors.h"
#include "lowering/common/Spread.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace sparsec;

namespace {

constexpr int64_t kWordBits = 64;
/// Sums of a row that do not wait for each other.
constexpr unsigned kChunkLanes = 4;
/// Below this density visiting bits is cheaper than spreading values, which
/// costs the same at any density (measured on Zen 4).
double leastDensity(Spread spread) {
  return spread == Spread::Expand ? 0.08 : 0.1;
}

class BitmaskCursor : public Cursor {
public:
  BitmaskCursor(const WeightStorage &storage, const VectorUnit &unit)
      : values(storage.components[0]), mask(storage.components[1]),
        offsets(storage.components[2]), first(storage.first),
        words((storage.type.getDimSize(1) + kWordBits - 1) / kWordBits),
        spread(getSpread(unit)) {
    if (storage.density < leastDensity(spread))
      spread = Spread::None;
  }

  Value entryOffset(OpBuilder &b, Location loc, Value group) const override {
    return loadIndex(b, loc, offsets, addIndex(b, loc, group, first));
  }

  int64_t groupOverhead() const override { return 4 + 4 * words; }

  SmallVector<Value> forEachStep(OpBuilder &b, Location loc, Value group,
                                 ValueRange carried, unsigned lanes,
                                 StepBody body) const override {
    SmallVector<Value> state{entryOffset(b, loc, group)};
    llvm::append_range(state, carried);
    state = forEachWord(b, loc, group, state,
                        [&](OpBuilder &b, Location loc, Value word,
                            Value column, ValueRange args) {
                          return forEachBit(b, loc, word, column, args, body);
                        });
    return SmallVector<Value>(ArrayRef(state).drop_front());
  }

  int64_t chunkSize() const override { return getSpreadLanes(spread); }
  unsigned chunkLanes() const override { return kChunkLanes; }

  SmallVector<Value> forEachChunk(OpBuilder &b, Location loc, Type sum,
                                  Value group, ValueRange carried,
                                  ChunkBody body) const override {
    SmallVector<Value> state{entryOffset(b, loc, group)};
    llvm::append_range(state, carried);
    state =
        forEachWord(b, loc, group, state,
                    [&](OpBuilder &b, Location loc, Value word, Value column,
                        ValueRange args) {
                      return expandWord(b, loc, sum, word, column, args, body);
                    });
    return SmallVector<Value>(ArrayRef(state).drop_front());
  }

private:
  using WordBody = function_ref<SmallVector<Value>(
      OpBuilder &, Location, Value word, Value column, ValueRange)>;

  SmallVector<Value> forEachWord(OpBuilder &b, Location loc, Value group,
                                 ValueRange state, WordBody body) const {
    Value row = addIndex(b, loc, group, first);
    return forLoop(b, loc, createIndex(b, loc, 0), createIndex(b, loc, words),
                   createIndex(b, loc, 1), state,
                   [&](OpBuilder &b, Location loc, Value w, ValueRange args) {
                     Value word = loadEntry(b, loc, mask, {row, w});
                     return body(b, loc, word, mulIndex(b, loc, w, kWordBits),
                                 args);
                   });
  }

  /// While the word has bits: `args` is the position of the next value and what
  /// the caller carries.
  SmallVector<Value> forEachBit(OpBuilder &b, Location loc, Value word,
                                Value column, ValueRange args,
                                StepBody body) const {
    SmallVector<Value> inits{word};
    llvm::append_range(inits, args);
    auto loop = scf::WhileOp::create(
        b, loc, ValueRange(inits).getTypes(), inits,
        [&](OpBuilder &b, Location loc, ValueRange state) {
          Value zero = arith::ConstantIntOp::create(b, loc, b.getI64Type(), 0);
          Value more = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne,
                                             state[0], zero);
          scf::ConditionOp::create(b, loc, more, state);
        },
        [&](OpBuilder &b, Location loc, ValueRange state) {
          Value bits = state[0], position = state[1];
          Value bit = math::CountTrailingZerosOp::create(b, loc, bits);
          Value inner = addIndex(
              b, loc, column,
              arith::IndexCastUIOp::create(b, loc, b.getIndexType(), bit)
                  .getResult());
          Value value = loadEntry(b, loc, values, position);
          SmallVector<Value> next =
              body(b, loc, inner, value, 0, state.drop_front(2));
          Value one = arith::ConstantIntOp::create(b, loc, b.getI64Type(), 1);
          Value below = arith::SubIOp::create(b, loc, bits, one);
          SmallVector<Value> yielded{arith::AndIOp::create(b, loc, bits, below),
                                     addIndex(b, loc, position, 1)};
          llvm::append_range(yielded, next);
          scf::YieldOp::create(b, loc, yielded);
        });
    return SmallVector<Value>(loop.getResults().drop_front());
  }

  SmallVector<Value> expandWord(OpBuilder &b, Location loc, Type sum,
                                Value word, Value column, ValueRange args,
                                ChunkBody body) const {
    // An empty word costs a test.
    Value zero = arith::ConstantIntOp::create(b, loc, b.getI64Type(), 0);
    Value any =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, word, zero);
    auto branch = scf::IfOp::create(
        b, loc, any,
        [&](OpBuilder &b, Location loc) {
          Value position = args[0];
          SmallVector<Value> state(args.drop_front());
          for (unsigned part = 0; part < kWordBits / chunkSize(); ++part) {
            auto [next, bits] = expandPart(b, loc, sum, word, column, part,
                                           position, state, body);
            state = next;
            position = addIndex(b, loc, position, bits);
          }
          state.insert(state.begin(), position);
          scf::YieldOp::create(b, loc, state);
        },
        [&](OpBuilder &b, Location loc) {
          scf::YieldOp::create(b, loc, args);
        });
    return branch.getResults();
  }

  /// Returns the new state and the number of values taken.
  std::pair<SmallVector<Value>, Value>
  expandPart(OpBuilder &b, Location loc, Type sum, Value word, Value column,
             unsigned part, Value position, ValueRange state,
             ChunkBody body) const {
    int64_t lanes = chunkSize();
    Value shift =
        arith::ConstantIntOp::create(b, loc, b.getI64Type(), part * lanes);
    Value bits =
        arith::TruncIOp::create(b, loc, b.getIntegerType(lanes),
                                arith::ShRUIOp::create(b, loc, word, shift));
    SpreadValues chunk =
        spreadValues(b, loc, spread, sum, values, position, bits);
    SmallVector<Value> next =
        body(b, loc, addIndex(b, loc, column, part * lanes), chunk.values,
             chunk.mask, part % chunkLanes(), state);
    Value count = arith::IndexCastUIOp::create(
        b, loc, b.getIndexType(), math::CtPopOp::create(b, loc, bits));
    return {next, count};
  }

  Value values, mask, offsets, first;
  int64_t words;
  Spread spread;
};

} // namespace

std::unique_ptr<Cursor> sparsec::makeBitmaskCursor(const WeightStorage &storage,
                                                   const VectorUnit &unit) {
  return std::make_unique<BitmaskCursor>(storage, unit);
}
