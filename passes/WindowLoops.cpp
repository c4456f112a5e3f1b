//===- WindowLoops.cpp - Loops over windows of a weight -------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/WindowLoops.h"

#include "lowering/common/Cursor.h"
#include "passes/ProductEnds.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace sparsec;

/// A window of the weight, in the shape that the operand has.
static Value makeWindow(OpBuilder &b, Location loc,
                        const WindowOperand &operand, OpFoldResult offset,
                        int64_t rows) {
  Value weight = operand.weight;
  auto type = cast<RankedTensorType>(weight.getType());
  int64_t outer = getFormat(type).getOuterDim();
  SmallVector<int64_t> shape(type.getShape());
  shape[outer] = rows;
  auto windowType =
      RankedTensorType::get(shape, type.getElementType(), type.getEncoding());
  Value window = WindowOp::create(
      b, loc, windowType, weight,
      getValueOrCreateConstantIndexOp(b, loc, offset), Value());
  if (!operand.expanded)
    return window;
  Value dense = DecompressOp::create(b, loc, getDenseType(windowType), window);
  tensor::ExpandShapeOp view = operand.view;
  if (!view)
    return dense;
  SmallVector<ReassociationIndices> groups = view.getReassociationIndices();
  SmallVector<int64_t> viewShape(view.getResultType().getShape());
  viewShape[groups[outer][0]] = rows;
  return tensor::ExpandShapeOp::create(
      b, loc, RankedTensorType::get(viewShape, type.getElementType()), dense,
      groups);
}

namespace {

/// What replaces the operands of a tile [offset, offset + rows) that are
/// weights.
using SetWeights = llvm::function_ref<void(OpBuilder &, Operation *tile,
                                           OpFoldResult offset, int64_t rows)>;

class LoopTiling {
public:
  LoopTiling(Operation *op, LoopTiles tiles, SetWeights setWeights)
      : op(op), tiles(tiles), setWeights(setWeights) {}

  /// Replaces the operation; returns it for a tile and for the rest.
  FailureOr<SmallVector<Operation *>> run();

private:
  /// Rows [offset, offset + rows) of the work; returns the results.
  FailureOr<SmallVector<Value>> emitTile(OpBuilder &b, OpFoldResult offset,
                                         int64_t rows, ValueRange inits);

  Operation *op;
  LoopTiles tiles;
  SetWeights setWeights;
  SmallVector<Operation *> tiled;
};

} // namespace

FailureOr<SmallVector<Value>> LoopTiling::emitTile(OpBuilder &b,
                                                   OpFoldResult offset,
                                                   int64_t rows,
                                                   ValueRange inits) {
  Location loc = op->getLoc();
  // The same operation on what the tiles before have left.
  Operation *whole = b.clone(*op);
  cast<DestinationStyleOpInterface>(whole).getDpsInitsMutable().assign(inits);
  auto tiling = cast<TilingInterface>(whole);
  SmallVector<OpFoldResult> offsets, sizes;
  for (Range range : tiling.getIterationDomain(b)) {
    offsets.push_back(range.offset);
    sizes.push_back(range.size);
  }
  offsets[tiles.loop] = offset;
  sizes[tiles.loop] = b.getIndexAttr(rows);
  FailureOr<TilingResult> tile =
      tiling.getTiledImplementation(b, offsets, sizes);
  if (failed(tile))
    return op->emitError() << "cannot be tiled into windows of its weight";

  // Before the tile, whose slice of the whole weight is dead then.
  tiled.push_back(tile->tiledOps.front());
  OpBuilder before(tiled.back());
  setWeights(before, tiled.back(), offset, rows);

  SmallVector<Value> results;
  for (auto [index, value] : llvm::enumerate(tile->tiledValues)) {
    SmallVector<OpFoldResult> at, extent;
    if (failed(
            tiling.getResultTilePosition(b, index, offsets, sizes, at, extent)))
      return op->emitError() << "cannot be tiled into windows of its weight";
    SmallVector<OpFoldResult> strides(at.size(), b.getIndexAttr(1));
    results.push_back(tensor::InsertSliceOp::create(b, loc, value, inits[index],
                                                    at, extent, strides));
  }
  for (Operation *slice : tile->generatedSlices)
    if (slice->use_empty())
      slice->erase();
  whole->erase();
  return results;
}

FailureOr<SmallVector<Operation *>> LoopTiling::run() {
  Location loc = op->getLoc();
  OpBuilder b(op);
  auto [loop, total, rows] = tiles;
  int64_t whole = total / rows * rows;
  auto inits = cast<DestinationStyleOpInterface>(op).getDpsInits();
  auto windows = scf::ForOp::create(
      b, loc, createIndex(b, loc, 0), createIndex(b, loc, whole),
      createIndex(b, loc, rows), ValueRange(inits));
  b.setInsertionPointToStart(windows.getBody());
  FailureOr<SmallVector<Value>> results =
      emitTile(b, windows.getInductionVar(), rows, windows.getRegionIterArgs());
  if (failed(results))
    return failure();
  scf::YieldOp::create(b, loc, *results);
  b.setInsertionPointAfter(windows);
  results = llvm::to_vector(ValueRange(windows.getResults()));
  if (whole < total)
    results = emitTile(b, b.getIndexAttr(whole), total - whole, *results);
  if (failed(results))
    return failure();
  op->replaceAllUsesWith(*results);
  op->erase();
  return tiled;
}

/// Sums over windows are sums in f32 or i32 that the windows carry on: what is
/// done with the sum, if only rounding, comes after the last. Returns the
/// product that is left.
static MatmulOp splitFinish(MatmulOp op) {
  Location loc = op.getLoc();
  OpBuilder b(op);
  Value sum = createFirstSums(b, op, op.getInit());
  auto product = MatmulOp::create(b, loc, op.getLhs(), op.getRhs(), sum,
                                  op.getTransposeLhs(), op.getTransposeRhs());
  op.getResult().replaceAllUsesWith(
      createResult(b, op, product.getResult(), op.getEpilogueOperands()));
  op.erase();
  return product;
}

LogicalResult sparsec::tileIntoWindows(Operation *op, LoopTiles windows,
                                       ArrayRef<WindowOperand> operands,
                                       std::optional<LoopTiles> outer) {
  if (auto matmul = dyn_cast<MatmulOp>(op)) {
    auto kinds = matmul.getLoopIteratorTypes();
    if (kinds[windows.loop] == utils::IteratorType::reduction)
      op = splitFinish(matmul);
  }
  auto setWindows = [&](OpBuilder &b, Operation *tile, OpFoldResult offset,
                        int64_t rows) {
    for (const WindowOperand &operand : operands)
      tile->setOperand(operand.number,
                       makeWindow(b, tile->getLoc(), operand, offset, rows));
  };
  SmallVector<Operation *> parts{op};
  if (outer) {
    // They have all of the weights.
    SmallVector<Value> weights(op->getOperands());
    auto keepWeights = [&](OpBuilder &, Operation *tile, OpFoldResult,
                           int64_t) {
      for (const WindowOperand &operand : operands)
        tile->setOperand(operand.number, weights[operand.number]);
    };
    FailureOr<SmallVector<Operation *>> tiles =
        LoopTiling(op, *outer, keepWeights).run();
    if (failed(tiles))
      return failure();
    parts = std::move(*tiles);
  }
  for (Operation *part : parts)
    if (failed(LoopTiling(part, windows, setWindows).run()))
      return failure();
  return success();
}
