//===- BitmaskGemm.cpp - Bitmask x matrix with tiles of all elements ------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Where few elements are zero it is faster to multiply all of them on tiles
// than to go through those that are not. A tile of the weight is expanded on
// its way to LDS: a lane has an element of a row, looks at its bit in the row's
// mask, and loads the value whose number is the set bits before it; a lane
// whose bit is clear reads outside the values, which gives zero. What is
// decompressed at any time is two tiles a workgroup.

#include "lowering/amdgpu/Arithmetic.h"
#include "lowering/amdgpu/Buffers.h"
#include "lowering/amdgpu/DenseKernels.h"
#include "lowering/amdgpu/Versions.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace sparsec;

static constexpr int64_t kWordBits = 64;
/// Clocks of expanding 64 elements.
static constexpr int64_t kExpandClocks = 84;

namespace {

/// The arrays of a bitmask weight in a kernel.
struct BitmaskArrays {
  Value values, masks, offsets; ///< of one dimension
  Value first;                  ///< row, or null for 0
  Value count;                  ///< of rows, as an index
  int64_t words;                ///< of a row
};

class BitmaskLoader : public TileLoader {
public:
  BitmaskLoader(OpBuilder &b, Location loc, const TilePart &part,
                const BitmaskArrays &arrays)
      : TileLoader(loc, part), arrays(arrays),
        values(toBuffer(b, loc, arrays.values)),
        masks(toBuffer(b, loc, arrays.masks)),
        offsets(toBuffer(b, loc, arrays.offsets)) {
    arrange(b, /*alongDepth=*/true, /*vector=*/1);
  }

  SmallVector<Value> begin(OpBuilder &b) override;
  SmallVector<Value> load(OpBuilder &b, Value k,
                          MutableArrayRef<Value> state) override;

private:
  Value loadWord(OpBuilder &b, size_t index, Value k);
  Value loadAt(OpBuilder &b, Value array, Value index) {
    return memref::LoadOp::create(b, loc, array,
                                  Arithmetic(b, loc).toIndex(index));
  }

  BitmaskArrays arrays;
  Value values, masks, offsets;
  SmallVector<Value> rows;
};

class BitmaskSource : public TileSource {
public:
  explicit BitmaskSource(const BitmaskArrays &arrays) : arrays(arrays) {}

  int64_t loadClocks() const override { return kExpandClocks; }
  std::unique_ptr<TileLoader> makeLoader(OpBuilder &b, Location loc,
                                         const TilePart &part) const override {
    return std::make_unique<BitmaskLoader>(b, loc, part, arrays);
  }

private:
  BitmaskArrays arrays;
};

} // namespace

/// The word of the mask that has the bits from k on.
Value BitmaskLoader::loadWord(OpBuilder &b, size_t index, Value k) {
  Arithmetic i32(b, loc);
  return loadAt(
      b, masks,
      i32.add(i32.mul(rows[index], arrays.words), i32.div(k, kWordBits)));
}

/// The state is, for each load, the number of the row's next value, then the
/// word of its mask for the next step.
SmallVector<Value> BitmaskLoader::begin(OpBuilder &b) {
  Arithmetic i32(b, loc);
  SmallVector<Value> state;
  Value last = i32.add(i32.fromIndex(arrays.count), -1);
  for (Value position : positions) {
    // A row that is not there is one that is, and not stored.
    Value row = i32.min(i32.add(part.first, position), last);
    if (arrays.first)
      row = i32.add(row, i32.fromIndex(arrays.first));
    rows.push_back(row);
    state.push_back(loadAt(b, offsets, row));
  }
  for (size_t i = 0; i < rows.size(); ++i)
    state.push_back(loadWord(b, i, i32.constant(0)));
  return state;
}

SmallVector<Value> BitmaskLoader::load(OpBuilder &b, Value k,
                                       MutableArrayRef<Value> state) {
  Arithmetic i32(b, loc);
  MutableArrayRef<Value> next = state.take_front(rows.size());
  MutableArrayRef<Value> words = state.drop_front(rows.size());
  auto shiftRight = [&](Value x, Value y) -> Value {
    return arith::ShRUIOp::create(b, loc, x, y);
  };
  auto count = [&](Value bits) -> Value {
    return math::CtPopOp::create(b, loc, bits);
  };
  Value one = i32.constant(1), all = i32.constant((1 << part.depth) - 1);
  Value outside = i32.constant(getOutside(cast<MemRefType>(values.getType())));
  Value high = i32.less(i32.constant(kWordBits / 2 - 1), i32.rem(k, kWordBits));
  Value shift = i32.rem(k, kWordBits / 2);
  SmallVector<Value> loaded;
  for (size_t i = 0; i < rows.size(); ++i) {
    Value halves = vector::BitCastOp::create(
        b, loc, VectorType::get({2}, b.getI32Type()),
        vector::FromElementsOp::create(
            b, loc, VectorType::get({1}, b.getI64Type()), words[i]));
    Value half = i32.select(high, vector::ExtractOp::create(b, loc, halves, 1),
                            vector::ExtractOp::create(b, loc, halves, 0));
    Value bits = i32.both(shiftRight(half, shift), all);
    Value below = i32.add(arith::ShLIOp::create(b, loc, one, depths[i]), -1);
    Value rank = i32.add(count(i32.both(bits, below)), next[i]);
    Value isStored = arith::TruncIOp::create(b, loc, b.getI1Type(),
                                             shiftRight(bits, depths[i]));
    Value at = i32.select(isStored, rank, outside);
    llvm::append_range(loaded,
                       loadNeighbours(b, loc, values, i32.toIndex(at), 1));
    next[i] = i32.add(count(bits), next[i]);
    words[i] = loadWord(b, i, i32.add(k, part.depth));
  }
  return loaded;
}

/// The modelled clocks of going through the bits instead, a row a wave, as
/// BitmaskSpmm does; calibrated on runs of it.
static double estimateBits(int64_t rows, int64_t words, double stored,
                           int64_t columns) {
  constexpr double kClocksOfWord = 115, kClocksOfValue = 22;
  double passes = llvm::divideCeil(columns, 256);
  // A value has 22 clocks of scalar code, or a row of x through the L1.
  double value = std::max(passes * kClocksOfValue, double(columns) / 4);
  return (stored * value + passes * rows * words * kClocksOfWord) / kSimds;
}

bool BitmaskGemm::matches() {
  if (!isBitmaskSum() || cast<MemRefType>(x.getType()).getRank() != 2)
    return false;
  for (Value operand : op->getOperands())
    if (isa<MemRefType>(operand.getType()) && !canBeBuffer(operand))
      return false;
  int64_t columns = cast<MemRefType>(x.getType()).getDimSize(xSwapped ? 0 : 1);
  if (ShapedType::isDynamic(columns))
    columns = op->hasAttr(kManyColumnsAttrName) ? kUnknownSize : kLanes;
  if (columns < kLeastColumns)
    return false;
  FailureOr<StoredWeight> found = findWeight();
  if (failed(found))
    return false; // said once more, and then returned, by the kernel to come
  weight = *found;
  // Values take four bytes, a row's masks eight for 64 columns.
  int64_t rows = weightType.getDimSize(0), depth = weightType.getDimSize(1);
  if (ShapedType::isDynamic(weight.outerSize) || rows == 0 || depth == 0 ||
      rows > getOutside(MemRefType::get({1}, b.getF32Type())) /
                 int64_t(llvm::alignTo(depth, kWordBits)))
    return false;
  TileProblem problem{weightFirst ? rows : columns,
                      weightFirst ? columns : rows, depth};
  (weightFirst ? problem.loadClocksA : problem.loadClocksB) = kExpandClocks;
  double bits = estimateBits(rows, llvm::divideCeil(depth, kWordBits),
                             weight.storedElements, columns);
  return chooseTile(problem).clocks < bits;
}

LogicalResult BitmaskGemm::run() {
  for (Value operand : op->getOperands())
    if (isa<MemRefType>(operand.getType()))
      assertReach(b, loc, operand);
  int64_t depth = weightType.getDimSize(1);
  BitmaskArrays arrays{flatten(b, loc, weight.storage.components[0]),
                       flatten(b, loc, weight.storage.components[1]),
                       flatten(b, loc, weight.storage.components[2]),
                       weight.storage.first,
                       weight.outerCount,
                       int64_t(llvm::divideCeil(depth, kWordBits))};
  BitmaskSource source(arrays);
  TileFactor other = makeMatrix(b, loc, x, !xSwapped);
  TileResult result = makeResult(b, op);
  OpFoldResult outer = getAsOpFoldResult(weight.outerCount);
  OpFoldResult columns = memref::getMixedSize(b, loc, x, xSwapped ? 0 : 1);
  OpFoldResult inner = b.getIndexAttr(depth);
  if (weightFirst)
    TiledProduct(b, loc, strict, outer, columns, inner)
        .launch("gemm_bitmask", source, other, result);
  else
    TiledProduct(b, loc, strict, columns, outer, inner)
        .launch("gemm_bitmask", other, source, result);
  op.erase();
  return success();
}
