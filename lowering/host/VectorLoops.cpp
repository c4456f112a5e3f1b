//===- VectorLoops.cpp - linalg as loops over vectors ---------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/host/VectorLoops.h"

#include "lowering/host/Emit.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace sparsec;

/// How many elements an index moves when `loop` moves by one; none if the
/// expression is not linear in it.
static std::optional<int64_t> getStep(AffineExpr expr, unsigned loop) {
  if (!expr.isFunctionOfDim(loop))
    return 0;
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return 1;
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return std::nullopt;
  if (expr.getKind() == AffineExprKind::Add) {
    std::optional<int64_t> a = getStep(binary.getLHS(), loop);
    std::optional<int64_t> b = getStep(binary.getRHS(), loop);
    if (a && b)
      return *a + *b;
  } else if (expr.getKind() == AffineExprKind::Mul) {
    auto factor = dyn_cast<AffineConstantExpr>(binary.getRHS());
    std::optional<int64_t> a = getStep(binary.getLHS(), loop);
    if (a && factor)
      return *a * factor.getValue();
  }
  return std::nullopt;
}

/// The step of an operand along `loop`: 0 for none, otherwise in its last
/// dimension and no other.
static std::optional<int64_t> getOperandStep(AffineMap map, MemRefType type,
                                             unsigned loop) {
  for (auto [d, expr] : llvm::enumerate(map.getResults())) {
    std::optional<int64_t> step = getStep(expr, loop);
    if (!step || *step < 0)
      return std::nullopt;
    if (*step == 0)
      continue;
    int64_t offset;
    SmallVector<int64_t> strides;
    if (d + 1 != map.getNumResults() ||
        failed(type.getStridesAndOffset(strides, offset)) ||
        strides.back() != 1)
      return std::nullopt;
    return step;
  }
  return 0;
}

/// A float or an integer of whole bytes.
static bool isVectorElement(Type type) {
  return type.isIntOrFloat() && type.getIntOrFloatBitWidth() % 8 == 0;
}

/// Whether an operation of a body does the same on vectors, also in lanes that
/// are off and hold zeros.
static bool isVectorizable(Operation &op) {
  if (isa<arith::ConstantOp>(op))
    return isVectorElement(op.getResult(0).getType()) ||
           op.getResult(0).getType().isInteger(1);
  if (isa<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp,
          arith::FloorDivSIOp, arith::CeilDivSIOp, arith::CeilDivUIOp>(op))
    return false; // zero lanes would trap
  return OpTrait::hasElementwiseMappableTraits(&op) &&
         llvm::all_of(op.getOperandTypes(),
                      [](Type type) { return type.isIntOrFloat(); }) &&
         llvm::all_of(op.getResultTypes(),
                      [](Type type) { return type.isIntOrFloat(); });
}

std::optional<unsigned> sparsec::getVectorLoop(linalg::GenericOp op) {
  if (op.getNumDpsInits() != 1 || op.hasIndexSemantics())
    return std::nullopt;
  AffineMap result = op.getIndexingMapsArray().back();
  if (result.getNumResults() == 0)
    return std::nullopt;
  auto last = dyn_cast<AffineDimExpr>(result.getResults().back());
  if (!last)
    return std::nullopt;
  unsigned loop = last.getPosition();
  if (op.getIteratorTypesArray()[loop] != utils::IteratorType::parallel)
    return std::nullopt;
  for (auto [operand, map] :
       llvm::zip_equal(op->getOperands(), op.getIndexingMapsArray())) {
    auto type = dyn_cast<MemRefType>(operand.getType());
    if (!type) {
      if (!isVectorElement(operand.getType()))
        return std::nullopt;
      continue;
    }
    std::optional<int64_t> step = getOperandStep(map, type, loop);
    if (!isVectorElement(type.getElementType()) || !step)
      return std::nullopt;
    if (operand == op.getDpsInits().front() && *step != 1)
      return std::nullopt;
  }
  for (Operation &nested : op.getBody()->without_terminator())
    if (!isVectorizable(nested))
      return std::nullopt;
  return loop;
}

/// Vectors of a row in registers.
static constexpr int64_t kMaxVectors = 4;

namespace {

class VectorLoops {
public:
  VectorLoops(linalg::GenericOp op, const KernelOptions &options)
      : op(op), options(options), vectorLoop(op.getNumLoops() - 1),
        reductions(op.getNumReductionLoops()),
        // The sums take half of the registers.
        rowTile(std::max<int64_t>(1, options.unit.registers / 2 / kMaxVectors)),
        rowLoop(findRowLoop()) {}

  void emit(OpBuilder &b, bool parallel);

private:
  std::optional<unsigned> findRowLoop();
  void emitParallel(OpBuilder &b, Location loc, bool parallel);
  void emitLoop(OpBuilder &b, Location loc, Value begin, Value end,
                int64_t step, bool parallel);
  void emitTiles(OpBuilder &b, Location loc);
  void emitTile(OpBuilder &b, Location loc, const ColumnTile &tile);
  SmallVector<Value> emitReduction(OpBuilder &b, Location loc, unsigned loop,
                                   const ColumnTile &tile, ValueRange carried);
  Value emitBody(OpBuilder &b, Location loc, const ColumnTile &tile, int64_t v,
                 Value accumulator);
  void forEachRow(OpBuilder &b, Location loc, llvm::function_ref<void()> body);
  SmallVector<Value> indicesOf(OpBuilder &b, Location loc, AffineMap map,
                               Value column);
  Value load(OpBuilder &b, Location loc, unsigned operand,
             const ColumnTile &tile, int64_t v);

  linalg::GenericOp op;
  const KernelOptions &options;
  unsigned vectorLoop;
  unsigned reductions;
  /// The loop of which `rowTile` indices are computed together, if there is
  /// one, and how many are in the code that is being emitted.
  int64_t rowTile;
  std::optional<unsigned> rowLoop;
  int64_t rows = 1;
  SmallVector<Value> sizes;
  /// The loop indices around the code that is being emitted.
  SmallVector<Value> ivs;
};

} // namespace

/// A vector that an operand has for several indices of a loop is loaded once
/// for all of them: of the loops of which some vector is independent, and that
/// are long enough, the innermost one.
std::optional<unsigned> VectorLoops::findRowLoop() {
  if (reductions == 0)
    return std::nullopt;
  for (unsigned loop = vectorLoop - reductions; loop-- > 0;) {
    if (op.getStaticLoopRanges()[loop] < rowTile)
      continue; // or not known
    for (OpOperand *operand : op.getDpsInputOperands()) {
      AffineMap map = op.getMatchingIndexingMap(operand);
      if (map.isFunctionOfDim(vectorLoop) && !map.isFunctionOfDim(loop))
        return loop;
    }
  }
  return std::nullopt;
}

/// What is emitted for one index of the row loop, for each that goes together.
void VectorLoops::forEachRow(OpBuilder &b, Location loc,
                             llvm::function_ref<void()> body) {
  if (rows == 1)
    return body();
  Value first = ivs[*rowLoop];
  for (int64_t row = 0; row < rows; ++row) {
    ivs[*rowLoop] = addIndex(b, loc, first, row);
    body();
  }
  ivs[*rowLoop] = first;
}

SmallVector<Value> VectorLoops::indicesOf(OpBuilder &b, Location loc,
                                          AffineMap map, Value column) {
  SmallVector<OpFoldResult> dims;
  for (Value iv : ivs)
    dims.push_back(iv);
  dims.push_back(column);
  SmallVector<Value> indices;
  for (AffineExpr expr : map.getResults()) {
    AffineMap one = AffineMap::get(map.getNumDims(), 0, expr);
    indices.push_back(getValueOrCreateConstantIndexOp(
        b, loc, affine::makeComposedFoldedAffineApply(b, loc, one, dims)));
  }
  return indices;
}

Value VectorLoops::load(OpBuilder &b, Location loc, unsigned index,
                        const ColumnTile &tile, int64_t v) {
  Value operand = op->getOperand(index);
  auto broadcast = [&](Value scalar) -> Value {
    return vector::BroadcastOp::create(
        b, loc, VectorType::get({tile.lanes}, scalar.getType()), scalar);
  };
  auto type = dyn_cast<MemRefType>(operand.getType());
  if (!type)
    return broadcast(operand);
  AffineMap map = op.getIndexingMapsArray()[index];
  int64_t step = *getOperandStep(map, type, vectorLoop);
  Value column = addIndex(b, loc, tile.begin, v * tile.lanes);
  SmallVector<Value> at = indicesOf(b, loc, map, column);
  if (step == 0)
    return broadcast(memref::LoadOp::create(b, loc, operand, at));

  auto vector = VectorType::get({tile.lanes}, type.getElementType());
  Value mask = tile.masks[v];
  Value zeros =
      arith::ConstantOp::create(b, loc, vector, b.getZeroAttr(vector));
  if (step == 1) {
    if (!mask)
      return vector::LoadOp::create(b, loc, vector, operand, at);
    return vector::MaskedLoadOp::create(b, loc, vector, operand, at, mask,
                                        zeros);
  }
  // Elements apart, as in a strided convolution: one by one; lanes that are off
  // read the first.
  Value result = zeros;
  for (int64_t lane = 0; lane < tile.lanes; ++lane) {
    SmallVector<Value> shifted(at);
    shifted.back() = addIndex(b, loc, at.back(), lane * step);
    if (mask)
      shifted.back() = arith::SelectOp::create(
          b, loc, vector::ExtractOp::create(b, loc, mask, lane), shifted.back(),
          at.back());
    result = vector::InsertOp::create(
        b, loc, memref::LoadOp::create(b, loc, operand, shifted), result, lane);
  }
  return result;
}

Value VectorLoops::emitBody(OpBuilder &b, Location loc, const ColumnTile &tile,
                            int64_t v, Value accumulator) {
  Block *body = op.getBody();
  IRMapping mapping;
  unsigned inputs = op.getNumDpsInputs();
  for (unsigned i = 0; i < inputs; ++i)
    if (!body->getArgument(i).use_empty())
      mapping.map(body->getArgument(i), load(b, loc, i, tile, v));
  if (!body->getArgument(inputs).use_empty())
    mapping.map(body->getArgument(inputs),
                accumulator ? accumulator : load(b, loc, inputs, tile, v));

  auto splat = [&](Value value) -> Value {
    if (isa<VectorType>(value.getType()))
      return value;
    return vector::BroadcastOp::create(
        b, loc, VectorType::get({tile.lanes}, value.getType()), value);
  };
  for (Operation &nested : body->without_terminator()) {
    for (Value operand : nested.getOperands())
      if (!mapping.contains(operand)) // from outside the body
        mapping.map(operand, splat(operand));
    Operation *clone = b.clone(nested, mapping);
    if (isa<arith::ConstantOp>(nested)) {
      mapping.map(nested.getResult(0), splat(clone->getResult(0)));
      continue;
    }
    for (Value result : clone->getResults())
      result.setType(VectorType::get({tile.lanes}, result.getType()));
  }
  return splat(mapping.lookupOrDefault(body->getTerminator()->getOperand(0)));
}

SmallVector<Value> VectorLoops::emitReduction(OpBuilder &b, Location loc,
                                              unsigned loop,
                                              const ColumnTile &tile,
                                              ValueRange carried) {
  if (loop == vectorLoop) {
    SmallVector<Value> next;
    forEachRow(b, loc, [&] {
      for (int64_t v = 0; v < int64_t(tile.masks.size()); ++v)
        next.push_back(emitBody(b, loc, tile, v, carried[next.size()]));
    });
    return next;
  }
  return forLoop(
      b, loc, createIndex(b, loc, 0), sizes[loop], createIndex(b, loc, 1),
      carried, [&](OpBuilder &b, Location loc, Value iv, ValueRange args) {
        ivs.push_back(iv);
        SmallVector<Value> next = emitReduction(b, loc, loop + 1, tile, args);
        ivs.pop_back();
        return next;
      });
}

void VectorLoops::emitTile(OpBuilder &b, Location loc, const ColumnTile &tile) {
  Value target = op.getDpsInits().front();
  AffineMap map = op.getIndexingMapsArray().back();
  unsigned result = op.getNumDpsInputs();
  int64_t vectors = tile.masks.size();
  // The result does not depend on the reductions, whose indices are not there.
  auto withoutReductions = [&](auto body) {
    SmallVector<Value> outer(ivs);
    ivs.resize(vectorLoop, createIndex(b, loc, 0));
    body();
    ivs = outer;
  };
  SmallVector<Value> values;
  forEachRow(b, loc, [&] {
    for (int64_t v = 0; v < vectors; ++v) {
      if (reductions == 0)
        values.push_back(emitBody(b, loc, tile, v, Value()));
      else
        withoutReductions(
            [&] { values.push_back(load(b, loc, result, tile, v)); });
    }
  });
  if (reductions > 0)
    values = emitReduction(b, loc, vectorLoop - reductions, tile, values);
  ArrayRef<Value> left(values);
  forEachRow(b, loc, [&] {
    withoutReductions([&] {
      for (int64_t v = 0; v < vectors; ++v) {
        Value column = addIndex(b, loc, tile.begin, v * tile.lanes);
        storeVector(b, loc, left[v], target, indicesOf(b, loc, map, column),
                    tile.masks[v]);
      }
    });
    left = left.drop_front(vectors);
  });
}

void VectorLoops::emitTiles(OpBuilder &b, Location loc) {
  forEachColumnTile(b, loc, createIndex(b, loc, 0), sizes[vectorLoop],
                    op.getStaticLoopRanges()[vectorLoop],
                    reductions > 0 ? kMaxVectors : 1, options,
                    [&](OpBuilder &b, Location loc, const ColumnTile &tile) {
                      emitTile(b, loc, tile);
                    });
}

void VectorLoops::emitParallel(OpBuilder &b, Location loc, bool parallel) {
  unsigned loop = ivs.size();
  if (loop == vectorLoop - reductions)
    return emitTiles(b, loc);
  Value zero = createIndex(b, loc, 0), end = sizes[loop];
  if (loop != rowLoop)
    return emitLoop(b, loc, zero, end, 1, parallel);
  int64_t size = op.getStaticLoopRanges()[loop],
          whole = size / rowTile * rowTile;
  Value middle = createIndex(b, loc, whole);
  rows = rowTile;
  emitLoop(b, loc, zero, middle, rowTile, parallel);
  rows = size - whole;
  if (rows > 0) {
    ivs.push_back(middle);
    emitParallel(b, loc, /*parallel=*/false);
    ivs.pop_back();
  }
  rows = 1;
}

void VectorLoops::emitLoop(OpBuilder &b, Location loc, Value begin, Value end,
                           int64_t step, bool parallel) {
  Value by = createIndex(b, loc, step);
  if (parallel) {
    scf::ParallelOp::create(b, loc, ValueRange{begin}, ValueRange{end},
                            ValueRange{by},
                            [&](OpBuilder &b, Location loc, ValueRange iv) {
                              ivs.push_back(iv.front());
                              emitParallel(b, loc, /*parallel=*/false);
                              ivs.pop_back();
                            });
    return;
  }
  forLoop(b, loc, begin, end, by, {},
          [&](OpBuilder &b, Location loc, Value iv, ValueRange) {
            ivs.push_back(iv);
            emitParallel(b, loc, /*parallel=*/false);
            ivs.pop_back();
            return SmallVector<Value>();
          });
}

void VectorLoops::emit(OpBuilder &b, bool parallel) {
  Location loc = op.getLoc();
  auto linalgOp = cast<linalg::LinalgOp>(op.getOperation());
  for (const Range &range : linalgOp.createLoopRanges(b, loc))
    sizes.push_back(getValueOrCreateConstantIndexOp(b, loc, range.size));
  emitParallel(b, loc, parallel && vectorLoop > reductions);
}

void sparsec::emitVectorLoops(OpBuilder &builder, linalg::GenericOp op,
                              bool parallel, const KernelOptions &options) {
  VectorLoops(op, options).emit(builder, parallel);
}
