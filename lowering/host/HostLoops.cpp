//===- HostLoops.cpp - linalg on memrefs into loops -----------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/Passes.h"
#include "lowering/common/Generics.h"
#include "lowering/host/VectorLoops.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/PatternMatch.h"

namespace sparsec {
#define GEN_PASS_DEF_HOSTLOOPS
#include "lowering/Passes.h.inc"
} // namespace sparsec

using namespace mlir;
using namespace sparsec;

/// Element operations from which on threads pay. A loop of unknown length
/// counts as a small batch.
static constexpr int64_t kParallelWork = 1 << 18;
static constexpr int64_t kUnknownSize = 8;

/// Parallel loops, then reductions, then the vector loop, if there is one. The
/// outermost loop is the one that threads share, so it is none of one step.
static SmallVector<unsigned> loopOrder(linalg::GenericOp op,
                                       std::optional<unsigned> inner) {
  SmallVector<unsigned> order;
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  auto add = [&](llvm::function_ref<bool(unsigned, bool)> suits) {
    for (auto [loop, type] : llvm::enumerate(op.getIteratorTypesArray()))
      if (inner != loop && suits(loop, type == utils::IteratorType::parallel))
        order.push_back(loop);
  };
  add([&](unsigned loop, bool parallel) {
    return parallel && sizes[loop] != 1;
  });
  add([&](unsigned loop, bool parallel) {
    return parallel && sizes[loop] == 1;
  });
  add([&](unsigned, bool parallel) { return !parallel; });
  if (inner)
    order.push_back(*inner);
  return order;
}

/// A loop without results, as one that runs in parallel.
static void parallelize(RewriterBase &rewriter, scf::ForOp loop) {
  rewriter.setInsertionPoint(loop);
  auto parallel = scf::ParallelOp::create(
      rewriter, loop.getLoc(), ValueRange{loop.getLowerBound()},
      ValueRange{loop.getUpperBound()}, ValueRange{loop.getStep()});
  rewriter.eraseOp(loop.getBody()->getTerminator());
  rewriter.inlineBlockBefore(loop.getBody(),
                             parallel.getBody()->getTerminator(),
                             parallel.getInductionVars());
  rewriter.eraseOp(loop);
}

static int64_t estimateWork(linalg::LinalgOp op) {
  int64_t work = 1;
  for (int64_t size : op.getStaticLoopRanges())
    work *= ShapedType::isDynamic(size) ? kUnknownSize : size;
  return work;
}

namespace {

struct HostLoopsPass : sparsec::impl::HostLoopsBase<HostLoopsPass> {
  using HostLoopsBase::HostLoopsBase;

  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    auto lowered = lowerAsGenerics(
        getOperation(), rewriter, "loops",
        [&](linalg::GenericOp op) { return lower(rewriter, op); });
    if (failed(lowered))
      signalPassFailure();
  }

private:
  LogicalResult lower(RewriterBase &rewriter, linalg::GenericOp generic) {
    if (!strict)
      allowReassociation(generic);
    std::optional<unsigned> vectorLoop;
    if (generic.getNumLoops() > 0 && generic.getNumDpsInits() == 1) {
      vectorLoop = getVectorLoop(generic);
      FailureOr<linalg::GenericOp> ordered = linalg::interchangeGenericOp(
          rewriter, generic, loopOrder(generic, vectorLoop));
      if (succeeded(ordered))
        generic = *ordered;
    }
    bool outerParallel =
        generic.getNumLoops() > 1 &&
        generic.getIteratorTypesArray()[0] == utils::IteratorType::parallel &&
        !generic->getParentOfType<scf::ParallelOp>();
    bool large = estimateWork(generic) >= kParallelWork;
    rewriter.setInsertionPoint(generic);
    if (vectorLoop) {
      KernelOptions options;
      options.unit.lanes = lanes;
      options.unit.registers = registers;
      emitVectorLoops(rewriter, generic, outerParallel && large, options);
      rewriter.eraseOp(generic);
      return success();
    }
    FailureOr<linalg::LinalgLoops> loops =
        linalg::linalgOpToLoops(rewriter, generic);
    if (failed(loops))
      return generic.emitError() << "cannot be lowered to loops";
    rewriter.eraseOp(generic);
    if (outerParallel && large && !loops->empty())
      if (auto outer = dyn_cast<scf::ForOp>(loops->front()))
        parallelize(rewriter, outer);
    return success();
  }

  /// Sums of a reduction may be taken in any order, products contracted.
  void allowReassociation(linalg::GenericOp op) {
    bool reduces = op.getNumReductionLoops() > 0;
    auto flags = arith::FastMathFlags::contract;
    if (reduces)
      flags = flags | arith::FastMathFlags::reassoc;
    op->walk([&](Operation *nested) {
      if (isa<arith::AddFOp, arith::MulFOp, arith::SubFOp>(nested))
        nested->setAttr("fastmath", arith::FastMathFlagsAttr::get(
                                        nested->getContext(), flags));
    });
  }
};

} // namespace
