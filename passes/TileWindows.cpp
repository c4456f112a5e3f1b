//===- TileWindows.cpp - Loops over windows of a weight -------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A weight that is expanded for one operation is expanded a window at a time
// instead: the operation is tiled along the loop that walks the weight's outer
// dimension, and each tile gets a `decompress` of a `window`. All window sizes
// are static, the last one's too, so that the peak can be read off the types.
//
// What can be windowed is found in WindowPlan.cpp; the windows' size is in this
// file, and the loops are in WindowLoops.cpp.

#include "passes/Passes.h"
#include "passes/StreamPlan.h"
#include "passes/WindowPlan.h"

#include "dialect/Constants.h"
#include "lowering/common/Cursor.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

namespace sparsec {
#define GEN_PASS_DEF_TILEWINDOWS
#include "passes/Passes.h.inc"
} // namespace sparsec

using namespace mlir;
using namespace sparsec;

/// A sum over windows reads and writes the result with each of them, so they
/// have some rows even of long ones, unless a budget forbids it.
static constexpr int64_t kFewRows = 8;

/// Parts of a batch are whole groups of rows that kernels compute together.
static constexpr int64_t kBatchGranule = 16;

namespace {

struct TileWindowsPass : sparsec::impl::TileWindowsBase<TileWindowsPass> {
  using TileWindowsBase::TileWindowsBase;

  void runOnOperation() override {
    if (windowRows < 0) {
      getOperation().emitError()
          << "window-rows takes a number of rows, got " << int64_t(windowRows);
      return signalPassFailure();
    }
    if (windowRows > 0)
      expandProducts();
    freeDestinations();
    std::vector<std::pair<func::FuncOp, FunctionPlan>> functions;
    for (auto func : getOperation().getOps<func::FuncOp>())
      functions.emplace_back(func, FunctionPlan(func));
    if (failed(checkBudget(functions)))
      return signalPassFailure();
    for (auto &[func, function] : functions) {
      bool apart = budget >= 0 && function.allBytes() > budget;
      for (auto &[op, plan] : function.plans)
        if (failed(tile(op, plan, function.roomFor(plan, budget), apart)))
          return signalPassFailure();
      if (apart)
        keepApart(func);
    }
    if (weightBudget >= 0 &&
        failed(device ? streamWeights() : windowPackedWeights()))
      return signalPassFailure();
  }

private:
  LogicalResult
  checkBudget(ArrayRef<std::pair<func::FuncOp, FunctionPlan>> functions);
  LogicalResult tile(Operation *op, const WindowPlan &plan, int64_t room,
                     bool apart);
  std::optional<LoopTiles> tileBatch(Operation *op, const WindowPlan &plan);
  void keepApart(func::FuncOp func);
  void expandProducts();
  void freeDestinations();
  LogicalResult windowPackedWeights();
  LogicalResult streamWeights();
  LogicalResult tilePacked(MatmulOp op, int64_t outer, int64_t size,
                           int64_t rows);
};

} // namespace

LogicalResult TileWindowsPass::checkBudget(
    ArrayRef<std::pair<func::FuncOp, FunctionPlan>> functions) {
  if (budget < 0)
    return success();
  const std::pair<func::FuncOp, FunctionPlan> *worst = nullptr;
  for (const auto &one : functions)
    if (!worst || one.second.leastBytes() > worst->second.leastBytes())
      worst = &one;
  if (!worst || worst->second.leastBytes() <= budget)
    return success();
  func::FuncOp func = worst->first;
  return func.emitError() << "a memory budget of " << int64_t(budget)
                          << " bytes is too small: the smallest that works is "
                          << worst->second.leastBytes()
                          << ", for what function '" << func.getName()
                          << "' holds of decompressed weights";
}

/// Expands whole weights where they are used, so that no two operations' are
/// there at one time.
static void expandBeside(Operation *op, const WindowPlan &plan) {
  OpBuilder b(op);
  IRMapping copies;
  for (Value weight : plan.weights)
    b.clone(*weight.getDefiningOp(), copies);
  for (const WindowOperand &operand : plan.operands) {
    tensor::ExpandShapeOp view = operand.view;
    if (view && !copies.contains(view.getResult()))
      b.clone(*view, copies);
    OpOperand &use = op->getOpOperand(operand.number);
    use.set(copies.lookup(use.get()));
  }
}

/// Where the other operands and the result would leave the cache between one
/// window and the next, the windows are gone over for parts of a batch: of the
/// outermost loop that no weight depends on. Weights are expanded again for
/// each part.
std::optional<LoopTiles> TileWindowsPass::tileBatch(Operation *op,
                                                    const WindowPlan &plan) {
  if (batchBytes <= 0)
    return std::nullopt;
  int64_t bytes = 0;
  for (OpOperand &operand : op->getOpOperands()) {
    auto type = dyn_cast<RankedTensorType>(operand.get().getType());
    bool isWeight = llvm::any_of(plan.operands, [&](const WindowOperand &one) {
      return one.number == operand.getOperandNumber();
    });
    if (!type || isWeight)
      continue;
    if (!type.hasStaticShape())
      return std::nullopt;
    bytes += getTensorBytes(type);
  }
  std::optional<Loop> batch = findBatchLoop(op, plan);
  int64_t parts = llvm::divideCeil(bytes, int64_t(batchBytes));
  if (!batch || parts <= 1)
    return std::nullopt;
  int64_t rows =
      llvm::alignTo(llvm::divideCeil(batch->size, parts), kBatchGranule);
  if (rows >= batch->size)
    return std::nullopt;
  return LoopTiles{batch->number, batch->size, rows};
}

LogicalResult TileWindowsPass::tile(Operation *op, const WindowPlan &plan,
                                    int64_t room, bool apart) {
  int64_t rows = plan.outerSize;
  if (windowRows > 0) {
    if (windowRows % plan.granule != 0)
      return op->emitError() << "window-rows=" << int64_t(windowRows)
                             << " does not suit a weight in "
                             << "blocks: use a multiple of " << plan.granule;
    rows = std::min<int64_t>(rows, windowRows);
  }
  auto limit = [&](int64_t bytes, int64_t least) {
    if (plan.rowBytes > 0 && plan.heldBytes(rows) > bytes)
      rows = std::min(
          rows, std::max(bytes / plan.rowBytes / plan.granule * plan.granule,
                         int64_t(llvm::alignTo(least, plan.granule))));
  };
  if (windowRows == 0 && windowBytes > 0) {
    auto kinds = cast<TilingInterface>(op).getLoopIteratorTypes();
    bool isSum = kinds[plan.loop] == utils::IteratorType::reduction;
    limit(windowBytes, isSum ? kFewRows : plan.leastRows());
  }
  if (budget >= 0) {
    limit(room, plan.leastRows());
    while (rows > plan.leastRows() && plan.heldBytes(rows) > room)
      rows -= plan.granule;
  }
  if (rows >= plan.outerSize) {
    ++numWhole;
    if (apart)
      expandBeside(op, plan);
    return success();
  }
  ++numTiled;
  std::optional<LoopTiles> batch = tileBatch(op, plan);
  // The parts are a loop around the windows.
  WindowPlan inner = plan;
  inner.inLoop = true;
  if (budget >= 0 && inner.heldBytes(rows) > room)
    batch.reset();
  return tileIntoWindows(op, {plan.loop, plan.outerSize, rows}, plan.operands,
                         batch);
}

/// Numbers what expands a weight: of two operations that expand the same rows
/// at different times, CSE would make one whose result is held all the time.
void TileWindowsPass::keepApart(func::FuncOp func) {
  int64_t number = 0;
  func.walk([&](DecompressOp op) {
    op->setAttr(kExpansionAttrName,
                IntegerAttr::get(IndexType::get(op.getContext()), number++));
  });
}

/// Lets products expand their weights, which their kernels would not do.
void TileWindowsPass::expandProducts() {
  SmallVector<MatmulOp> products;
  getOperation()->walk([&](MatmulOp op) {
    std::optional<unsigned> side = op.getCompressedOperand();
    if (!side || !op.isTensorForm() || !isPacked(op->getOperand(*side)))
      return;
    auto type = cast<RankedTensorType>(op->getOperand(*side).getType());
    int64_t outer = getFormat(type).getOuterDim();
    if (type.hasStaticShape() && type.getDimSize(outer) > windowRows)
      products.push_back(op);
  });
  for (MatmulOp op : products) {
    OpBuilder b(op);
    OpOperand &weight = op->getOpOperand(*op.getCompressedOperand());
    auto type = cast<RankedTensorType>(weight.get().getType());
    weight.set(
        DecompressOp::create(b, op.getLoc(), getDenseType(type), weight.get()));
  }
}

/// An operation that has an expanded weight for its destination, but does not
/// read that, as upstream makes of `arith.addf %weight, %x`, gets another one.
void TileWindowsPass::freeDestinations() {
  getOperation()->walk([&](linalg::LinalgOp op) {
    for (OpOperand &init : op.getDpsInitsMutable()) {
      auto weight = init.get().getDefiningOp<DecompressOp>();
      if (!weight || op.payloadUsesValueFromOperand(&init) ||
          !weight.getDense().getType().hasStaticShape())
        continue;
      OpBuilder b(op);
      RankedTensorType type = weight.getDense().getType();
      init.set(tensor::EmptyOp::create(b, op.getLoc(), type.getShape(),
                                       type.getElementType()));
    }
  });
}

/// The bytes of all component arrays, or none where a size is not known.
static std::optional<int64_t> getPackedBytes(AssembleOp weight) {
  int64_t bytes = 0;
  for (Value component : weight.getComponents()) {
    auto type = cast<RankedTensorType>(component.getType());
    if (!type.hasStaticShape())
      return {};
    bytes += getTensorBytes(type);
  }
  return bytes;
}

LogicalResult TileWindowsPass::windowPackedWeights() {
  struct Window {
    MatmulOp product;
    int64_t outer, outerSize, rows;
  };
  SmallVector<Window> windows;
  int64_t least = 0;
  getOperation()->walk([&](MatmulOp op) {
    std::optional<unsigned> side = op.getCompressedOperand();
    auto weight =
        side ? op->getOperand(*side).getDefiningOp<AssembleOp>() : AssembleOp();
    std::optional<int64_t> bytes;
    if (weight && op.isTensorForm())
      bytes = getPackedBytes(weight);
    // Two of a kind that fits are in memory at one time.
    if (!bytes || *bytes <= weightBudget / 2)
      return;
    auto type = cast<RankedTensorType>(op->getOperand(*side).getType());
    FormatAttrInterface format = getFormat(type);
    int64_t outer = format.getOuterDim(), size = type.getDimSize(outer);
    int64_t granule = std::min(format.getWindowGranule(), size);
    int64_t granules = llvm::divideCeil(size, granule);
    int64_t granuleBytes = llvm::divideCeil(*bytes, granules);
    int64_t fit = weightBudget / 2 / granuleBytes;
    least = std::max(least, 2 * granuleBytes);
    windows.push_back({op, outer, size, fit * granule});
  });
  if (least > weightBudget)
    return getOperation().emitError()
           << "a weight budget of " << int64_t(weightBudget)
           << " bytes is too small: the smallest that works is " << least
           << ", for two rows of a weight";
  for (const Window &window : windows)
    if (failed(tilePacked(window.product, window.outer, window.outerSize,
                          window.rows)))
      return failure();
  return success();
}

LogicalResult TileWindowsPass::streamWeights() {
  auto products = planStreams(getOperation(), weightBudget);
  if (failed(products))
    return failure();
  for (const StreamedProduct &one : *products)
    if (one.window < one.outerSize &&
        failed(tilePacked(one.product, one.outer, one.outerSize, one.window)))
      return failure();
  return success();
}

/// A loop over windows of `rows` outer indices that are not expanded.
LogicalResult TileWindowsPass::tilePacked(MatmulOp op, int64_t outer,
                                          int64_t size, int64_t rows) {
  unsigned side = *op.getCompressedOperand();
  WindowOperand operand{side, op->getOperand(side), /*expanded=*/false, {}};
  ++numTiled;
  return tileIntoWindows(op, {op.getLoopOf(side, outer), size, rows}, operand);
}
