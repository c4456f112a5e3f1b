//===- Canonicalize.cpp - Canonical forms of the sparsec operations -------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Constants.h"
#include "dialect/Ops.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace sparsec;

namespace {

/// compress(decompress(c)) is c, in another format perhaps.
struct CompressOfDecompress : OpRewritePattern<CompressOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(CompressOp op,
                                PatternRewriter &rewriter) const override {
    auto decompress = op.getDense().getDefiningOp<DecompressOp>();
    if (!decompress)
      return rewriter.notifyMatchFailure(op, "operand is not decompressed");
    // The folder of convert drops it where the formats are equal.
    rewriter.replaceOpWithNewOp<ConvertOp>(op, op.getType(),
                                           decompress.getCompressed());
    return success();
  }
};

/// compress(constant) becomes assemble(constant arrays).
struct PackConstant : OpRewritePattern<CompressOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(CompressOp op,
                                PatternRewriter &rewriter) const override {
    return packConstant(op, rewriter);
  }
};

/// decompress(convert(c)) is decompress(c).
struct DecompressOfConvert : OpRewritePattern<DecompressOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(DecompressOp op,
                                PatternRewriter &rewriter) const override {
    auto convert = op.getCompressed().getDefiningOp<ConvertOp>();
    if (!convert)
      return rewriter.notifyMatchFailure(op, "operand is not converted");
    rewriter.replaceOpWithNewOp<DecompressOp>(op, op.getType(),
                                              convert.getSource());
    return success();
  }
};

/// convert(convert(c)) is one convert.
struct ConvertOfConvert : OpRewritePattern<ConvertOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConvertOp op,
                                PatternRewriter &rewriter) const override {
    auto source = op.getSource().getDefiningOp<ConvertOp>();
    if (!source)
      return rewriter.notifyMatchFailure(op, "operand is not converted");
    rewriter.replaceOpWithNewOp<ConvertOp>(op, op.getType(),
                                           source.getSource());
    return success();
  }
};

/// convert(compress(d)) is compress(d) in the last format.
struct ConvertOfCompress : OpRewritePattern<ConvertOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConvertOp op,
                                PatternRewriter &rewriter) const override {
    auto source = op.getSource().getDefiningOp<CompressOp>();
    if (!source)
      return rewriter.notifyMatchFailure(op, "operand is not compressed here");
    rewriter.replaceOpWithNewOp<CompressOp>(op, op.getType(),
                                            source.getDense());
    return success();
  }
};

/// outs(fill(+0.0)), or of integers fill(0), is not read. A fill with -0.0
/// stays: it keeps the sign of a sum of negative zeros.
struct ZeroInit : OpRewritePattern<MatmulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MatmulOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getZeroInit() || !op.isTensorForm())
      return rewriter.notifyMatchFailure(op, "already zero_init, or memrefs");
    auto fill = op.getInit().getDefiningOp<linalg::FillOp>();
    if (!fill || (!matchPattern(fill.value(), m_PosZeroFloat()) &&
                  !matchPattern(fill.value(), m_Zero())))
      return rewriter.notifyMatchFailure(op, "outs is not filled with +0.0");
    rewriter.modifyOpInPlace(op, [&] {
      op.getInitMutable().assign(fill.output());
      op.setZeroInit(true);
    });
    return success();
  }
};

/// Removes epilogue operands that the epilogue does not read, and an epilogue
/// that only yields the sum.
struct SimplifyEpilogue : OpRewritePattern<MatmulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MatmulOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasEpilogue())
      return rewriter.notifyMatchFailure(op, "no epilogue");
    Block &body = op.getEpilogue().front();
    auto yield = cast<YieldOp>(body.getTerminator());
    bool identity = yield.getValue() == body.getArgument(0);

    SmallVector<Value> operands;
    SmallVector<Attribute> maps;
    llvm::BitVector dead(body.getNumArguments());
    for (auto [index, operand] : llvm::enumerate(op.getEpilogueOperands())) {
      if (identity || body.getArgument(index + 1).use_empty()) {
        dead.set(index + 1);
        continue;
      }
      operands.push_back(operand);
      maps.push_back(op.getEpilogueMapsAttr()[index]);
    }
    if (!identity && dead.none())
      return rewriter.notifyMatchFailure(op, "epilogue reads every operand");
    rewriter.modifyOpInPlace(op, [&] {
      op.getEpilogueOperandsMutable().assign(operands);
      op.setEpilogueMapsAttr(maps.empty() ? ArrayAttr()
                                          : rewriter.getArrayAttr(maps));
      if (!identity) {
        body.eraseArguments(dead);
        return;
      }
      body.dropAllReferences();
      op.getEpilogue().getBlocks().clear();
    });
    return success();
  }
};

} // namespace

void CompressOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                             MLIRContext *context) {
  patterns.add<CompressOfDecompress, PackConstant>(context);
}

void DecompressOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                               MLIRContext *context) {
  patterns.add<DecompressOfConvert>(context);
}

void ConvertOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                            MLIRContext *context) {
  patterns.add<ConvertOfConvert, ConvertOfCompress>(context);
}

void MatmulOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *context) {
  patterns.add<SimplifyEpilogue, ZeroInit>(context);
}
