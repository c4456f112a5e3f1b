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
// Finding what can be windowed, and the windows' size, is in this file; the
// loops are in WindowLoops.cpp.

#include "passes/Passes.h"
#include "passes/StreamPlan.h"
#include "passes/WindowLoops.h"

#include "dialect/Constants.h"
#include "lowering/common/Cursor.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

namespace sparsec {
#define GEN_PASS_DEF_TILEWINDOWS
#include "passes/Passes.h.inc"
} // namespace sparsec

using namespace mlir;
using namespace sparsec;

static int64_t getBytes(RankedTensorType type) {
  return type.getNumElements() * getElementBytes(type.getElementType());
}

/// The loop of `consumer` that walks dimension `dim` of an operand, and no
/// other dimension of it.
static std::optional<unsigned> findLoop(OpOperand &use, int64_t dim) {
  Operation *consumer = use.getOwner();
  if (auto matmul = dyn_cast<MatmulOp>(consumer))
    return matmul.isTensorForm() && use.getOperandNumber() < 2
               ? std::optional(matmul.getLoopOf(use.getOperandNumber(), dim))
               : std::nullopt;
  auto linalgOp = dyn_cast<linalg::LinalgOp>(consumer);
  if (!linalgOp || !linalgOp.hasPureTensorSemantics() ||
      !linalgOp.isDpsInput(&use))
    return {};
  AffineMap map = linalgOp.getMatchingIndexingMap(&use);
  auto expr = dyn_cast<AffineDimExpr>(map.getResult(dim));
  if (!expr)
    return {};
  for (auto [d, other] : llvm::enumerate(map.getResults()))
    if (int64_t(d) != dim && other.isFunctionOfDim(expr.getPosition()))
      return {};
  return expr.getPosition();
}

/// Whether an operand is known before the model runs: of what consists of
/// weights only, windows would come together to a dense matrix again.
static bool isWeight(Value value) {
  Operation *producer = value.getDefiningOp();
  return producer && (producer->hasTrait<OpTrait::ConstantLike>() ||
                      isa<DecompressOp, tensor::EmptyOp>(producer) ||
                      (isa<tensor::ExpandShapeOp>(producer) &&
                       isWeight(producer->getOperand(0))));
}

static bool readsMoreThanWeights(Operation *consumer) {
  return llvm::any_of(consumer->getOperands(), [](Value operand) {
    return isa<RankedTensorType>(operand.getType()) && !isWeight(operand) &&
           !operand.getDefiningOp<linalg::FillOp>();
  });
}

namespace {

/// The windows of one operation, along one of its loops.
struct Plan {
  unsigned loop = 0;
  int64_t outerSize = 0, granule = 1;
  int64_t rowBytes = 0;           ///< of one outer index, in all weights
  llvm::SetVector<Value> weights; ///< results of decompress
  SmallVector<WindowOperand> operands;

  int64_t leastRows() const { return std::min(granule, outerSize); }
};

/// What one function holds expanded.
class FunctionPlan {
public:
  explicit FunctionPlan(func::FuncOp func) { find(func); }

  /// The bytes of weights that have to be whole.
  int64_t wholeBytes() const;
  /// The least that the function can do with.
  int64_t leastBytes() const;

  llvm::MapVector<Operation *, Plan> plans;

private:
  void find(func::FuncOp func);
  bool add(DecompressOp decompress);
  bool addUse(DecompressOp decompress, OpOperand &use,
              tensor::ExpandShapeOp view);
  void drop(Value weight);

  llvm::SetVector<DecompressOp> whole;
};

} // namespace

bool FunctionPlan::addUse(DecompressOp decompress, OpOperand &use,
                          tensor::ExpandShapeOp view) {
  RankedTensorType type = decompress.getDense().getType();
  FormatAttrInterface format = getFormat(decompress.getCompressed().getType());
  int64_t outer = format.getOuterDim(), dim = outer;
  if (view) {
    SmallVector<ReassociationIndices> groups = view.getReassociationIndices();
    if (groups[outer].size() != 1 || !view.getResultType().hasStaticShape())
      return false;
    dim = groups[outer][0];
  }
  std::optional<unsigned> loop = findLoop(use, dim);
  if (!loop || !readsMoreThanWeights(use.getOwner()))
    return false;
  Plan &plan = plans[use.getOwner()];
  if (plan.operands.empty()) {
    plan.loop = *loop;
    plan.outerSize = type.getDimSize(outer);
  } else if (plan.loop != *loop) {
    return false;
  }
  plan.granule = std::max(plan.granule, format.getWindowGranule());
  if (plan.weights.insert(decompress.getDense()))
    plan.rowBytes +=
        getElementBytes(type.getElementType()) * type.getDimSize(1 - outer);
  plan.operands.push_back({use.getOperandNumber(), decompress.getCompressed(),
                           /*expanded=*/true, view});
  return true;
}

bool FunctionPlan::add(DecompressOp decompress) {
  if (!decompress.getDense().getType().hasStaticShape())
    return false;
  for (OpOperand &use : decompress->getUses()) {
    auto view = dyn_cast<tensor::ExpandShapeOp>(use.getOwner());
    if (!view && !addUse(decompress, use, {}))
      return false;
    if (view)
      for (OpOperand &behind : view->getUses())
        if (!addUse(decompress, behind, view))
          return false;
  }
  return true;
}

/// Takes a weight out of all plans.
void FunctionPlan::drop(Value weight) {
  plans.remove_if(
      [&](auto &entry) { return entry.second.weights.contains(weight); });
}

void FunctionPlan::find(func::FuncOp func) {
  SmallVector<DecompressOp> all;
  func.walk([&](DecompressOp op) {
    if (isPacked(op.getCompressed()))
      all.push_back(op);
  });
  // A weight that is whole leaves plans that it shared, which are made again
  // without it; so each round has fewer weights than the one before.
  for (bool settled = false; !settled;) {
    settled = true;
    plans.clear();
    for (DecompressOp op : all) {
      if (whole.contains(op) || add(op))
        continue;
      whole.insert(op);
      settled = false;
      break;
    }
  }
}

int64_t FunctionPlan::wholeBytes() const {
  int64_t bytes = 0;
  for (DecompressOp op : whole) {
    RankedTensorType type = op.getDense().getType();
    bytes += type.hasStaticShape() ? getBytes(type) : 0;
  }
  return bytes;
}

int64_t FunctionPlan::leastBytes() const {
  int64_t most = 0;
  for (auto &[op, plan] : plans)
    most = std::max(most, plan.leastRows() * plan.rowBytes);
  return wholeBytes() + most;
}

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
    std::vector<std::pair<func::FuncOp, FunctionPlan>> functions;
    for (auto func : getOperation().getOps<func::FuncOp>())
      functions.emplace_back(func, FunctionPlan(func));
    if (failed(checkBudget(functions)))
      return signalPassFailure();
    for (auto &[func, function] : functions) {
      int64_t room = budget - function.wholeBytes();
      for (auto &[op, plan] : function.plans)
        if (failed(tile(op, plan, room)))
          return signalPassFailure();
    }
    if (weightBudget >= 0 &&
        failed(device ? streamWeights() : windowPackedWeights()))
      return signalPassFailure();
  }

private:
  LogicalResult
  checkBudget(ArrayRef<std::pair<func::FuncOp, FunctionPlan>> functions);
  LogicalResult tile(Operation *op, const Plan &plan, int64_t room);
  void expandProducts();
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

LogicalResult TileWindowsPass::tile(Operation *op, const Plan &plan,
                                    int64_t room) {
  int64_t rows = plan.outerSize;
  if (windowRows > 0) {
    if (windowRows % plan.granule != 0)
      return op->emitError() << "window-rows=" << int64_t(windowRows)
                             << " does not suit a weight in "
                             << "blocks: use a multiple of " << plan.granule;
    rows = std::min<int64_t>(rows, windowRows);
  }
  if (budget >= 0 && plan.rowBytes > 0 && room / plan.rowBytes < rows)
    rows = std::max(room / plan.rowBytes / plan.granule * plan.granule,
                    plan.leastRows());
  if (rows >= plan.outerSize) {
    ++numWhole;
    return success();
  }
  ++numTiled;
  return tileIntoWindows(op, plan.loop, plan.outerSize, rows, plan.operands);
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

/// The bytes of all component arrays, or none where a size is not known.
static std::optional<int64_t> getPackedBytes(AssembleOp weight) {
  int64_t bytes = 0;
  for (Value component : weight.getComponents()) {
    auto type = cast<RankedTensorType>(component.getType());
    if (!type.hasStaticShape())
      return {};
    bytes += getBytes(type);
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
  return tileIntoWindows(op, op.getLoopOf(side, outer), size, rows, operand);
}
