//===- FuseEpilogue.cpp - Elementwise work into the product ---------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Walks from each product to its user. A user is fused if it is a linalg
// operation over parallel loops only, reads the product element by element in
// the order in which it writes its own result, and nobody else reads the
// product.

#include "passes/Passes.h"

#include "dialect/Ops.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace sparsec {
#define GEN_PASS_DEF_FUSEEPILOGUE
#include "passes/Passes.h.inc"
} // namespace sparsec

using namespace mlir;
using namespace sparsec;

/// Why `user` cannot become part of the epilogue of `matmul`, or null.
static const char *whyNotFusable(MatmulOp matmul, linalg::LinalgOp user) {
  if (!user.hasPureTensorSemantics() || user->getNumResults() != 1 ||
      user.getNumDpsInits() != 1)
    return "is not one result on tensors";
  if (user->getBlock() != matmul->getBlock())
    return "is in another block, perhaps a loop";
  if (user.getNumParallelLoops() != user.getNumLoops())
    return "has a reduction";
  if (user.hasIndexSemantics())
    return "reads the position of an element";
  OpOperand *init = user.getDpsInitOperand(0);
  if (user.payloadUsesValueFromOperand(init))
    return "reads its result before writing it";
  if (user->getResult(0).getType() != matmul.getInit().getType())
    return "changes the type of the result";
  AffineMap result = user.getMatchingIndexingMap(init);
  if (!result.isPermutation())
    return "does not write its result element by element";
  for (OpOperand *input : user.getDpsInputOperands()) {
    AffineMap map = user.getMatchingIndexingMap(input);
    if (input->get() == matmul.getResult()) {
      if (map != result)
        return "reads the product in another order";
      continue;
    }
    if (!user.isScalar(input) &&
        (!map.isProjectedPermutation(/*allowZeroInResults=*/true) ||
         !isa<RankedTensorType>(input->get().getType())))
      return "reads an operand through a map that is not a broadcast";
    for (auto [d, expr] : llvm::enumerate(map.getResults()))
      if (isa<AffineConstantExpr>(expr) &&
          cast<ShapedType>(input->get().getType()).getDimSize(d) != 1)
        return "reads one row of an operand that has several";
  }
  for (Operation &nested : user.getBlock()->without_terminator())
    if (!isMemoryEffectFree(&nested))
      return "has side effects";
  return nullptr;
}

/// Fuses `user`, for which whyNotFusable is null.
static void fuse(RewriterBase &rewriter, MatmulOp matmul,
                 linalg::LinalgOp user) {
  Location loc = rewriter.getFusedLoc({matmul.getLoc(), user.getLoc()});
  Type element = matmul.getInit().getType().getElementType();
  // From the dimensions of the result to the loops of the user.
  AffineMap loops = inversePermutation(
      user.getMatchingIndexingMap(user.getDpsInitOperand(0)));

  SmallVector<Value> operands(matmul.getEpilogueOperands());
  SmallVector<Attribute> maps;
  if (ArrayAttr known = matmul.getEpilogueMapsAttr())
    llvm::append_range(maps, known);
  SmallVector<OpOperand *> extra;
  for (OpOperand *input : user.getDpsInputOperands()) {
    if (input->get() == matmul.getResult() || user.isScalar(input))
      continue;
    extra.push_back(input);
    operands.push_back(input->get());
    maps.push_back(
        AffineMapAttr::get(user.getMatchingIndexingMap(input).compose(loops)));
  }

  rewriter.setInsertionPoint(user);
  auto fused = MatmulOp::create(
      rewriter, loc, matmul.getInit().getType(), matmul.getLhs(),
      matmul.getRhs(), matmul.getInit(), operands, matmul.getTransposeLhs(),
      matmul.getTransposeRhs(), matmul.getZeroInit(),
      maps.empty() ? ArrayAttr() : rewriter.getArrayAttr(maps));
  fused->setDiscardableAttrs(matmul->getDiscardableAttrDictionary());

  Block *body = rewriter.createBlock(&fused.getEpilogue());
  body->addArgument(matmul.getSumType(), loc);
  for (Value operand : operands)
    body->addArgument(getElementTypeOrSelf(operand.getType()), loc);

  // What the user saw of the product: the old epilogue, or the rounded sum.
  Value product = body->getArgument(0);
  if (matmul.hasEpilogue()) {
    Block &old = matmul.getEpilogue().front();
    IRMapping mapping;
    for (BlockArgument argument : old.getArguments())
      mapping.map(argument, body->getArgument(argument.getArgNumber()));
    for (Operation &op : old.without_terminator())
      rewriter.clone(op, mapping);
    product =
        mapping.lookupOrDefault(cast<YieldOp>(old.getTerminator()).getValue());
  } else if (product.getType() != element) {
    product = arith::TruncFOp::create(rewriter, loc, element, product);
  }

  IRMapping mapping;
  for (OpOperand *input : user.getDpsInputOperands()) {
    BlockArgument argument = user.getMatchingBlockArgument(input);
    if (input->get() == matmul.getResult())
      mapping.map(argument, product);
    else if (user.isScalar(input))
      mapping.map(argument, input->get());
    else
      mapping.map(argument, body->getArgument(
                                body->getNumArguments() - extra.size() +
                                (llvm::find(extra, input) - extra.begin())));
  }
  for (Operation &op : user.getBlock()->without_terminator())
    rewriter.clone(op, mapping);
  YieldOp::create(
      rewriter, loc,
      mapping.lookupOrDefault(user.getBlock()->getTerminator()->getOperand(0)));
  rewriter.replaceOp(user, fused.getResult());
  rewriter.eraseOp(matmul);
}

namespace {

struct FuseUser : OpRewritePattern<MatmulOp> {
  FuseUser(MLIRContext *context, Pass::Statistic &fused)
      : OpRewritePattern(context), fused(fused) {}

  LogicalResult matchAndRewrite(MatmulOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.isTensorForm())
      return rewriter.notifyMatchFailure(op, "not on tensors");
    Operation *only = nullptr;
    for (Operation *user : op->getUsers()) {
      if (only && user != only)
        return rewriter.notifyMatchFailure(op, "product has several users");
      only = user;
    }
    auto user = dyn_cast_if_present<linalg::LinalgOp>(only);
    if (!user)
      return rewriter.notifyMatchFailure(op, "user is not a linalg operation");
    if (const char *reason = whyNotFusable(op, user))
      return rewriter.notifyMatchFailure(op, Twine("user ") + reason);
    fuse(rewriter, op, user);
    ++fused;
    return success();
  }

  Pass::Statistic &fused;
};

/// A named elementwise operation behind an unfolded batch, in the form that
/// moves in front of it.
struct GeneralizeBehindReshape : OpInterfaceRewritePattern<linalg::LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;
  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (isa<linalg::GenericOp>(op) || op.getNumReductionLoops() > 0 ||
        !llvm::any_of(op->getOperands(), [](Value operand) {
          auto expand = operand.getDefiningOp<tensor::ExpandShapeOp>();
          return expand && expand.getSrc().getDefiningOp<MatmulOp>();
        }))
      return rewriter.notifyMatchFailure(op, "not behind a reshaped product");
    return linalg::generalizeNamedOp(rewriter, op);
  }
};

struct FuseEpiloguePass : sparsec::impl::FuseEpilogueBase<FuseEpiloguePass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FuseUser>(&getContext(), numFused);
    patterns.add<GeneralizeBehindReshape>(&getContext());
    tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns,
                                                         &getContext());
    // A batch that was folded into the rows is unfolded again behind the
    // product; elementwise work moves in front of that.
    linalg::populateFoldReshapeOpsByCollapsingPatterns(
        patterns, [](OpOperand *operand) {
          auto expand = operand->get().getDefiningOp<tensor::ExpandShapeOp>();
          return expand && expand.getSrc().getDefiningOp<MatmulOp>() &&
                 expand->hasOneUse();
        });
    GreedyRewriteConfig config;
    config.enableFolding(false).enableConstantCSE(false);
    if (failed(
            applyPatternsGreedily(getOperation(), std::move(patterns), config)))
      return signalPassFailure();
    getOperation()->walk([&](linalg::LinalgOp op) {
      if (op.getNumReductionLoops() == 0 &&
          llvm::any_of(op->getOperands(), [](Value operand) {
            return operand.getDefiningOp<MatmulOp>() != nullptr;
          }))
        ++numLeft;
    });
  }
};

} // namespace
