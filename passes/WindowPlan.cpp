//===- WindowPlan.cpp - What can be expanded in windows -------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/WindowPlan.h"

#include "dialect/Constants.h"
#include "lowering/common/Cursor.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

using namespace mlir;
using namespace sparsec;

int64_t sparsec::getTensorBytes(RankedTensorType type) {
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
  // Windows are outermost: of several sums that has to be the first, or the
  // order of additions changes.
  unsigned loop = expr.getPosition();
  auto kinds = linalgOp.getIteratorTypesArray();
  SmallVector<int64_t> sizes = linalgOp.getStaticLoopRanges();
  if (kinds[loop] == utils::IteratorType::reduction)
    for (unsigned before = 0; before < loop; ++before)
      if (kinds[before] == utils::IteratorType::reduction && sizes[before] != 1)
        return {};
  return loop;
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
  WindowPlan &plan = plans[use.getOwner()];
  if (plan.operands.empty()) {
    plan.loop = *loop;
    plan.inLoop =
        use.getOwner()->getParentOfType<LoopLikeOpInterface>() != nullptr;
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
    bytes += type.hasStaticShape() ? getTensorBytes(type) : 0;
  }
  return bytes;
}

int64_t FunctionPlan::allBytes() const {
  llvm::SetVector<Value> weights;
  for (auto &[op, plan] : plans)
    weights.insert(plan.weights.begin(), plan.weights.end());
  int64_t bytes = wholeBytes();
  for (Value weight : weights)
    bytes += getTensorBytes(cast<RankedTensorType>(weight.getType()));
  return bytes;
}

int64_t FunctionPlan::countInLoops() const {
  return llvm::count_if(plans,
                        [](const auto &entry) { return entry.second.inLoop; });
}

int64_t FunctionPlan::leastBytes() const {
  int64_t most = 0;
  for (auto &[op, plan] : plans) {
    int64_t bytes = plan.heldBytes(plan.leastRows());
    most = std::max(most, plan.inLoop ? countInLoops() * bytes : bytes);
  }
  return wholeBytes() + most;
}

int64_t FunctionPlan::roomFor(const WindowPlan &plan, int64_t budget) const {
  int64_t room = budget - wholeBytes();
  return plan.inLoop ? room / countInLoops() : room;
}

/// Whether a loop is parallel, walks along dimensions of operands as it is, and
/// not along those of the weights.
static bool isBatchLoop(linalg::LinalgOp op, unsigned loop,
                        const WindowPlan &plan) {
  if (op.getIteratorTypesArray()[loop] != utils::IteratorType::parallel)
    return false;
  for (OpOperand &operand : op->getOpOperands()) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    for (AffineExpr expr : map.getResults())
      if (expr.isFunctionOfDim(loop) && !isa<AffineDimExpr>(expr))
        return false;
    for (const WindowOperand &weight : plan.operands)
      if (weight.number == operand.getOperandNumber() &&
          map.isFunctionOfDim(loop))
        return false;
  }
  return true;
}

std::optional<Loop> sparsec::findBatchLoop(Operation *op,
                                           const WindowPlan &plan) {
  std::optional<Loop> found;
  auto add = [&](unsigned number, int64_t size) {
    if (!found && size > 1)
      found = Loop{number, size};
  };
  if (auto matmul = dyn_cast<MatmulOp>(op)) {
    ArrayRef<int64_t> sizes = matmul.getInit().getType().getShape();
    for (unsigned loop = 0; loop < sizes.size(); ++loop)
      if (llvm::none_of(plan.operands, [&](const WindowOperand &weight) {
            return matmul.getLoopOf(weight.number, 0) == loop ||
                   matmul.getLoopOf(weight.number, 1) == loop;
          }))
        add(loop, sizes[loop]);
  } else if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
    for (auto [loop, size] : llvm::enumerate(linalgOp.getStaticLoopRanges()))
      if (isBatchLoop(linalgOp, loop, plan))
        add(loop, size);
  }
  return found;
}
