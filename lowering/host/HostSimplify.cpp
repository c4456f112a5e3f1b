//===- HostSimplify.cpp - Tensors, before bufferization -------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/Passes.h"

#include "dialect/Ops.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace sparsec {
#define GEN_PASS_DEF_HOSTSIMPLIFY
#include "lowering/Passes.h.inc"
} // namespace sparsec

using namespace mlir;

namespace {

struct Decompose : OpInterfaceRewritePattern<linalg::AggregatedOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;
  LogicalResult matchAndRewrite(linalg::AggregatedOpInterface op,
                                PatternRewriter &rewriter) const override {
    FailureOr<SmallVector<Value>> results = op.decomposeOperation(rewriter);
    if (failed(results))
      return rewriter.notifyMatchFailure(op, "cannot be decomposed");
    rewriter.replaceOp(op, *results);
    return success();
  }
};

/// Elementwise operations in the one form that fusion takes.
struct Generalize : OpInterfaceRewritePattern<linalg::LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;
  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (isa<linalg::GenericOp, linalg::FillOp, linalg::CopyOp>(op) ||
        op.getNumReductionLoops() > 0 || !op.hasPureTensorSemantics())
      return rewriter.notifyMatchFailure(op,
                                         "not a named elementwise operation");
    return linalg::generalizeNamedOp(rewriter, op);
  }
};

/// Whether `value` is a weight that is expanded for its reader.
bool isExpanded(Value value) {
  if (auto view = value.getDefiningOp<tensor::ExpandShapeOp>())
    value = view.getSrc();
  return value.getDefiningOp<sparsec::DecompressOp>() != nullptr;
}

/// Whether fusion would keep a weight that the producer reads expanded while
/// another one is: they come one after the other in what a memory budget is
/// promised for.
bool keepsExpanded(Operation *producer, Operation *consumer) {
  if (llvm::none_of(producer->getOperands(), isExpanded))
    return false;
  if (producer->getBlock() != consumer->getBlock() ||
      llvm::any_of(consumer->getOperands(), isExpanded))
    return true;
  auto between = llvm::make_range(std::next(producer->getIterator()),
                                  consumer->getIterator());
  return llvm::any_of(between, [](Operation &op) {
    return op
        .walk([](sparsec::DecompressOp) { return WalkResult::interrupt(); })
        .wasInterrupted();
  });
}

struct HostSimplifyPass : sparsec::impl::HostSimplifyBase<HostSimplifyPass> {
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    patterns.add<Decompose, Generalize>(context);
    tensor::populateDecomposeTensorConcatPatterns(patterns);
    linalg::populateElementwiseToLinalgConversionPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();

    // An intermediate with one reader need not exist.
    RewritePatternSet fusion(context);
    linalg::populateElementwiseOpsFusionPatterns(
        fusion, [](OpOperand *operand) {
          Operation *producer = operand->get().getDefiningOp();
          return producer && producer->hasOneUse() &&
                 !keepsExpanded(producer, operand->getOwner());
        });
    if (failed(applyPatternsGreedily(getOperation(), std::move(fusion))))
      signalPassFailure();
  }
};

} // namespace
