//===- GpuLoops.cpp - linalg on memrefs into kernels ----------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A work item has one point of the parallel dimensions: it takes the elements
// of the results there into registers, goes through the reductions in ascending
// order, and stores them.

#include "lowering/Passes.h"
#include "lowering/common/Cursor.h"
#include "lowering/common/Generics.h"
#include "lowering/common/GpuLaunch.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"

namespace sparsec {
#define GEN_PASS_DEF_GPULOOPS
#include "lowering/Passes.h.inc"
} // namespace sparsec

using namespace mlir;
using namespace sparsec;

namespace {

/// Emits the code of one linalg.generic for a work item.
class GenericBody {
public:
  GenericBody(linalg::GenericOp op) : op(op), ivs(op.getNumLoops()) {}

  void emit(OpBuilder &b, Location loc, ValueRange parallel,
            ArrayRef<OpFoldResult> sizes);

private:
  SmallVector<Value> reduce(OpBuilder &b, Location loc,
                            ArrayRef<unsigned> reductions,
                            ArrayRef<OpFoldResult> sizes, ValueRange results);
  SmallVector<Value> element(OpBuilder &b, Location loc, ValueRange results);
  SmallVector<Value> indicesOf(OpBuilder &b, Location loc, OpOperand &operand);
  Value load(OpBuilder &b, Location loc, OpOperand &operand);

  linalg::GenericOp op;
  SmallVector<Value> ivs;
};

} // namespace

SmallVector<Value> GenericBody::indicesOf(OpBuilder &b, Location loc,
                                          OpOperand &operand) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  SmallVector<Value> indices;
  for (AffineExpr expression : map.getResults()) {
    // Dimensions that the expression does not use may not have a value yet.
    SmallVector<Value> used;
    SmallVector<AffineExpr> renamed(ivs.size());
    for (auto [d, iv] : llvm::enumerate(ivs)) {
      renamed[d] = b.getAffineDimExpr(used.size());
      if (expression.isFunctionOfDim(d))
        used.push_back(iv);
    }
    AffineExpr local = expression.replaceDims(renamed);
    indices.push_back(affine::expandAffineExpr(b, loc, local, used, {}));
  }
  return indices;
}

Value GenericBody::load(OpBuilder &b, Location loc, OpOperand &operand) {
  if (!isa<MemRefType>(operand.get().getType()))
    return operand.get();
  return memref::LoadOp::create(b, loc, operand.get(),
                                indicesOf(b, loc, operand));
}

SmallVector<Value> GenericBody::element(OpBuilder &b, Location loc,
                                        ValueRange results) {
  IRMapping mapping;
  Block &body = *op.getBody();
  for (OpOperand *input : op.getDpsInputOperands()) {
    BlockArgument argument = op.getMatchingBlockArgument(input);
    if (!argument.use_empty())
      mapping.map(argument, load(b, loc, *input));
  }
  for (auto [argument, value] :
       llvm::zip_equal(op.getRegionOutputArgs(), results))
    mapping.map(argument, value);
  for (Operation &nested : body.without_terminator()) {
    if (auto index = dyn_cast<linalg::IndexOp>(nested))
      mapping.map(index.getResult(), ivs[index.getDim()]);
    else
      b.clone(nested, mapping);
  }
  SmallVector<Value> yielded;
  for (Value value : body.getTerminator()->getOperands())
    yielded.push_back(mapping.lookupOrDefault(value));
  return yielded;
}

SmallVector<Value> GenericBody::reduce(OpBuilder &b, Location loc,
                                       ArrayRef<unsigned> reductions,
                                       ArrayRef<OpFoldResult> sizes,
                                       ValueRange results) {
  if (reductions.empty())
    return element(b, loc, results);
  unsigned loop = reductions.front();
  Value end = getValueOrCreateConstantIndexOp(b, loc, sizes[loop]);
  return forLoop(
      b, loc, createIndex(b, loc, 0), end, createIndex(b, loc, 1), results,
      [&](OpBuilder &b, Location loc, Value iv, ValueRange carried) {
        ivs[loop] = iv;
        return reduce(b, loc, reductions.drop_front(), sizes, carried);
      });
}

void GenericBody::emit(OpBuilder &b, Location loc, ValueRange parallel,
                       ArrayRef<OpFoldResult> sizes) {
  SmallVector<unsigned> loops, reductions;
  op.getParallelDims(loops);
  op.getReductionDims(reductions);
  for (auto [loop, iv] : llvm::zip_equal(loops, parallel))
    ivs[loop] = iv;
  SmallVector<Value> results;
  SmallVector<SmallVector<Value>> positions;
  for (OpOperand &output : op.getDpsInitsMutable()) {
    positions.push_back(indicesOf(b, loc, output));
    // An element that nothing reads may be undefined.
    Value unused;
    bool read = !op.getMatchingBlockArgument(&output).use_empty() ||
                !reductions.empty();
    if (!read) {
      Type type = cast<MemRefType>(output.get().getType()).getElementType();
      unused = arith::ConstantOp::create(b, loc, type, b.getZeroAttr(type));
    }
    results.push_back(
        read ? memref::LoadOp::create(b, loc, output.get(), positions.back())
                   .getResult()
             : unused);
  }
  results = reduce(b, loc, reductions, sizes, results);
  for (auto [output, position, value] :
       llvm::zip_equal(op.getOutputs(), positions, results))
    memref::StoreOp::create(b, loc, value, output, position);
}

/// Results are known by the parallel dimensions alone.
static bool hasParallelResults(linalg::GenericOp op) {
  SmallVector<unsigned> reductions;
  op.getReductionDims(reductions);
  return llvm::all_of(op.getDpsInitsMutable(), [&](OpOperand &output) {
    AffineMap map = op.getMatchingIndexingMap(&output);
    return llvm::none_of(
        reductions, [&](unsigned loop) { return map.isFunctionOfDim(loop); });
  });
}

namespace {

struct GpuLoopsPass : sparsec::impl::GpuLoopsBase<GpuLoopsPass> {
  using GpuLoopsBase::GpuLoopsBase;

  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    auto lowered = lowerAsGenerics(
        getOperation(), rewriter, "kernels",
        [&](linalg::GenericOp op) { return lower(rewriter, op); });
    if (failed(lowered))
      signalPassFailure();
  }

private:
  LogicalResult lower(RewriterBase &rewriter, linalg::GenericOp generic) {
    if (!generic.hasPureBufferSemantics() || !hasParallelResults(generic))
      return generic.emitError() << "cannot be lowered to kernels";
    if (!strict && generic.getNumReductionLoops() > 0)
      allowContraction(generic);
    rewriter.setInsertionPoint(generic);
    Location loc = generic.getLoc();
    auto linalgOp = cast<linalg::LinalgOp>(generic.getOperation());
    SmallVector<OpFoldResult> sizes, parallel;
    for (Range range : linalgOp.createLoopRanges(rewriter, loc))
      sizes.push_back(range.size);
    SmallVector<unsigned> loops;
    generic.getParallelDims(loops);
    for (unsigned loop : loops)
      parallel.push_back(sizes[loop]);
    StringRef name = parallel.size() == sizes.size() ? "map" : "reduce";
    launchOver(rewriter, loc, name, parallel,
               [&](OpBuilder &b, Location loc, ValueRange ivs) {
                 GenericBody(generic).emit(b, loc, ivs, sizes);
               });
    rewriter.eraseOp(generic);
    return success();
  }

  static void allowContraction(linalg::GenericOp op) {
    op->walk([&](Operation *nested) {
      if (isa<arith::AddFOp, arith::MulFOp, arith::SubFOp>(nested))
        nested->setAttr("fastmath", arith::FastMathFlagsAttr::get(
                                        nested->getContext(),
                                        arith::FastMathFlags::contract));
    });
  }
};

} // namespace
