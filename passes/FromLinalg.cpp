//===- FromLinalg.cpp - Contractions with a constant weight ---------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A linalg operation is a product with a weight W if
//   - it multiplies two operands and adds into a third, in floating point or,
//     for two of i8, in i32;
//   - one operand is a constant matrix, seen through transposes, broadcasts and
//     unit dimensions, whose dimensions follow one reduction loop, k, and one
//     parallel loop, o;
//   - the other operand, X, follows k and all the other loops, F.
// Then it is either  Y[F, o] = X[F, k] W  or  Y[o, F] = W X[k, F], after the
// loops F have been collapsed into one and, where the order of dimensions asks
// for it, X and Y transposed.

#include "passes/Passes.h"

#include "dialect/Constants.h"
#include "dialect/Ops.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace sparsec {
#define GEN_PASS_DEF_FROMLINALG
#include "passes/Passes.h.inc"
} // namespace sparsec

using namespace mlir;
using namespace sparsec;

namespace {

/// Loop numbers, one for each dimension of an operand.
using Loops = SmallVector<unsigned>;

/// A constant matrix and the loops that its dimensions follow.
struct Weight {
  Value constant;
  Loops loops;
};

/// The parts of Y = X W or Y = W X.
struct Product {
  Weight weight;
  unsigned weightOperand; // 0 or 1
  unsigned k, o;          // loops
  Loops x, y;             // loops of the other operand and the result
};

} // namespace

//===----------------------------------------------------------------------===//
// Matching
//===----------------------------------------------------------------------===//

/// The loops of a map that is a list of different loops.
static std::optional<Loops> getLoops(AffineMap map) {
  if (!map.isProjectedPermutation())
    return std::nullopt;
  return llvm::map_to_vector(map.getResults(), [](AffineExpr expr) {
    return cast<AffineDimExpr>(expr).getPosition();
  });
}

/// Whether the body is out + a * b, with a and b extended at most: signed,
/// where they are integers.
static bool isMultiplyAdd(Block &body) {
  auto skipExtension = [](Value value) {
    Operation *extend = value.getDefiningOp();
    return isa_and_nonnull<arith::ExtFOp, arith::ExtSIOp, arith::SIToFPOp>(
               extend)
               ? extend->getOperand(0)
               : value;
  };
  auto yield = cast<linalg::YieldOp>(body.getTerminator());
  Operation *add = yield.getOperand(0).getDefiningOp();
  if (!isa_and_nonnull<arith::AddFOp, arith::AddIOp>(add) ||
      body.getNumArguments() != 3)
    return false;
  for (unsigned first : {0u, 1u}) {
    Operation *mul = add->getOperand(1 - first).getDefiningOp();
    if (!isa_and_nonnull<arith::MulFOp, arith::MulIOp>(mul) ||
        add->getOperand(first) != body.getArgument(2))
      continue;
    Value a = skipExtension(mul->getOperand(0));
    Value b = skipExtension(mul->getOperand(1));
    if (a == body.getArgument(1))
      std::swap(a, b);
    if (a == body.getArgument(0) && b == body.getArgument(1))
      return true;
  }
  return false;
}

/// Whether sparsec.matmul multiplies elements of these types.
static bool hasProductTypes(linalg::LinalgOp op) {
  Type result = getElementTypeOrSelf(op->getOperand(2).getType());
  bool integers = result.isSignlessInteger(32);
  return (integers || (isWeightType(result) && isa<FloatType>(result))) &&
         llvm::all_of(op->getOperands().take_front(2), [&](Value operand) {
           Type type = getElementTypeOrSelf(operand.getType());
           return isWeightType(type) && !(integers && isa<FloatType>(type));
         });
}

/// If `op` only moves elements of its single input, the loops of input and
/// output.
static std::optional<std::pair<Loops, Loops>> getCopyLoops(Operation *op) {
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp || linalgOp.getNumDpsInputs() != 1 ||
      linalgOp.getNumDpsInits() != 1 || linalgOp.getNumReductionLoops() != 0)
    return std::nullopt;
  Block *body = linalgOp.getBlock();
  if (body->getTerminator()->getOperand(0) != body->getArgument(0))
    return std::nullopt;
  auto maps = linalgOp.getIndexingMapsArray();
  std::optional<Loops> in = getLoops(maps[0]), out = getLoops(maps[1]);
  if (!in || !out || out->size() != linalgOp.getNumLoops())
    return std::nullopt;
  return std::pair(*in, *out);
}

/// Follows `value`, whose dimensions follow `loops`, to a constant matrix. Unit
/// dimensions that follow loops of the other operand, other than the reduction
/// `k`, are a batch of one and no part of the matrix.
static std::optional<Weight> findWeight(Value value, Loops loops,
                                        const Loops &other, unsigned k,
                                        OpBuilder &builder) {
  while (Operation *producer = value.getDefiningOp()) {
    if (auto cast = dyn_cast<tensor::CastOp>(producer)) {
      value = cast.getSource();
      continue;
    }
    auto copy = getCopyLoops(producer);
    if (!copy)
      break;
    // Dimension d of the input is the dimension of the output that follows the
    // same loop of the copy.
    loops = llvm::map_to_vector(copy->first, [&](unsigned loop) {
      return loops[llvm::find(copy->second, loop) - copy->second.begin()];
    });
    value = cast<linalg::LinalgOp>(producer).getDpsInputOperand(0)->get();
  }
  ElementsAttr elements = getConstantElements(value);
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!elements || !type || !isWeightType(type.getElementType()) ||
      type.getEncoding())
    return std::nullopt;
  if (type.getRank() == 2)
    return Weight{value, loops};

  SmallVector<int64_t> shape;
  Loops kept;
  for (auto [size, loop] : llvm::zip_equal(type.getShape(), loops)) {
    if (size == 1 && loop != k && llvm::is_contained(other, loop))
      continue;
    shape.push_back(size);
    kept.push_back(loop);
  }
  if (shape.size() != 2)
    return std::nullopt;
  auto matrix = RankedTensorType::get(shape, type.getElementType());
  ElementsAttr reshaped = reshapeElements(elements, matrix);
  if (!reshaped)
    return std::nullopt;
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointAfterValue(value);
  return Weight{arith::ConstantOp::create(builder, value.getLoc(), matrix,
                                          cast<TypedAttr>(reshaped)),
                kept};
}

static std::optional<Product> matchProduct(linalg::LinalgOp op,
                                           PatternRewriter &rewriter) {
  auto fail = [&](const char *why) {
    (void)rewriter.notifyMatchFailure(op, why);
    return std::nullopt;
  };
  if (!op.hasPureTensorSemantics() || op.getNumDpsInputs() != 2 ||
      op.getNumDpsInits() != 1 || op.getNumReductionLoops() != 1)
    return fail("not two tensors contracted over one dimension");
  if (!isMultiplyAdd(*op.getBlock()))
    return fail("body is not a multiply and add");
  if (!hasProductTypes(op))
    return fail("element types other than f32, f16, bf16 and i8, or i8, i8 and "
                "i32");

  auto maps = op.getIndexingMapsArray();
  std::optional<Loops> y = getLoops(maps[2]);
  if (!y || y->size() + 1 != op.getNumLoops())
    return fail("result map is not a permutation of the parallel loops");
  SmallVector<unsigned> reductions;
  op.getReductionDims(reductions);
  unsigned k = reductions.front();

  // A weight on the right wins if both sides are constant.
  for (unsigned operand : {1u, 0u}) {
    std::optional<Loops> x = getLoops(maps[1 - operand]);
    std::optional<Loops> w = getLoops(maps[operand]);
    if (!x || !w)
      continue;
    std::optional<Weight> weight =
        findWeight(op.getDpsInputOperand(operand)->get(), *w, *x, k, rewriter);
    if (!weight)
      continue;
    const Loops &loops = weight->loops;
    if (!llvm::is_contained(loops, k) || loops[0] == loops[1])
      continue;
    unsigned o = loops[loops[0] == k ? 1 : 0];
    // X has every loop but o.
    if (!llvm::is_contained(*x, k) || llvm::is_contained(*x, o) ||
        x->size() + 1 != op.getNumLoops())
      continue;
    return Product{*weight, operand, k, o, *x, *y};
  }
  return fail("no operand is a constant matrix used in one way");
}

//===----------------------------------------------------------------------===//
// Rewriting
//===----------------------------------------------------------------------===//

/// `value`, whose dimensions follow `from`, with dimensions that follow `to`.
static Value transposeTo(OpBuilder &builder, Location loc, Value value,
                         const Loops &from, const Loops &to) {
  if (from == to)
    return value;
  SmallVector<int64_t> permutation =
      llvm::map_to_vector(to, [&](unsigned loop) {
        return int64_t(llvm::find(from, loop) - from.begin());
      });
  SmallVector<OpFoldResult> sizes;
  for (int64_t dim : permutation)
    sizes.push_back(tensor::getMixedSize(builder, loc, value, dim));
  Value empty = tensor::EmptyOp::create(builder, loc, sizes,
                                        getElementTypeOrSelf(value.getType()));
  return linalg::TransposeOp::create(builder, loc, value, empty, permutation)
      ->getResult(0);
}

/// The reassociation that makes one of the `count` dimensions from `first` on,
/// in a tensor of `rank` dimensions.
static SmallVector<ReassociationIndices> collapsing(int64_t rank, int64_t first,
                                                    int64_t count) {
  SmallVector<ReassociationIndices> groups;
  for (int64_t d = 0; d < rank; ++d) {
    if (d > first && d < first + count)
      groups.back().push_back(d);
    else
      groups.push_back({d});
  }
  return groups;
}

static Value createProduct(PatternRewriter &rewriter, linalg::LinalgOp op,
                           const Product &product) {
  Location loc = op.getLoc();
  Value x = op.getDpsInputOperand(1 - product.weightOperand)->get();
  Value init = op.getDpsInitOperand(0)->get();

  Loops free = product.y;
  llvm::erase(free, product.o);
  Loops xFree = product.x;
  llvm::erase(xFree, product.k);
  bool oFirst = product.y.front() == product.o;
  bool oLast = product.y.back() == product.o;
  // With several free loops X must have them in the order of the result, beside
  // each other, and so must the result; else both are transposed.
  bool kOutside =
      product.x.front() == product.k || product.x.back() == product.k;
  bool inOrder = xFree == free && kOutside && (oFirst || oLast);
  // A vector multiplies on the side that needs no transpose: W[o, k] x, x W[k,
  // o].
  bool weightLeft =
      free.empty() ? product.weight.loops[0] == product.o : inOrder && oFirst;

  Loops xLoops = product.x, yLoops = product.y;
  if (!inOrder) {
    xLoops = free;
    xLoops.push_back(product.k);
    yLoops = free;
    yLoops.push_back(product.o);
    x = transposeTo(rewriter, loc, x, product.x, xLoops);
    init = transposeTo(rewriter, loc, init, product.y, yLoops);
  }

  Value uncollapsedInit = init;
  bool kFirst = xLoops.front() == product.k;
  int64_t rank = free.size() + 1;
  auto yGroups = collapsing(rank, weightLeft ? 1 : 0, free.size());
  if (free.size() > 1) {
    x = tensor::CollapseShapeOp::create(
        rewriter, loc, x, collapsing(rank, kFirst ? 1 : 0, free.size()));
    init = tensor::CollapseShapeOp::create(rewriter, loc, init, yGroups);
  }

  auto type = cast<RankedTensorType>(product.weight.constant.getType());
  auto compress = CompressOp::create(
      rewriter, loc,
      getCompressedType(type, AutoAttr::get(rewriter.getContext())),
      product.weight.constant);
  bool vector = free.empty();
  bool weightTransposed = (product.weight.loops[0] == product.k) == weightLeft;
  bool xTransposed = !vector && kFirst != weightLeft;
  Value result = weightLeft ? MatmulOp::create(rewriter, loc, compress, x, init,
                                               weightTransposed, xTransposed)
                                  .getResult()
                            : MatmulOp::create(rewriter, loc, x, compress, init,
                                               xTransposed, weightTransposed)
                                  .getResult();

  if (free.size() > 1) {
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(rewriter, loc, uncollapsedInit);
    result = tensor::ExpandShapeOp::create(
        rewriter, loc, cast<RankedTensorType>(uncollapsedInit.getType()),
        result, yGroups, sizes);
  }
  return transposeTo(rewriter, loc, result, yLoops, product.y);
}

namespace {

struct ConvertProduct : OpInterfaceRewritePattern<linalg::LinalgOp> {
  ConvertProduct(MLIRContext *context, Pass::Statistic &converted)
      : OpInterfaceRewritePattern(context), converted(converted) {}

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<Product> product = matchProduct(op, rewriter);
    if (!product)
      return failure();
    Value result = createProduct(rewriter, op, *product);
    rewriter.replaceOp(op, result);
    ++converted;
    return success();
  }

  Pass::Statistic &converted;
};

struct FromLinalgPass : sparsec::impl::FromLinalgBase<FromLinalgPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ConvertProduct>(&getContext(), numConverted);
    // Constants are not folded through here: a transposed weight stays what it
    // is in the file, and nothing of its size is copied.
    GreedyRewriteConfig config;
    config.enableFolding(false).enableConstantCSE(false);
    if (failed(
            applyPatternsGreedily(getOperation(), std::move(patterns), config)))
      return signalPassFailure();
    getOperation()->walk([&](linalg::LinalgOp op) {
      if (linalg::isaContractionOpInterface(op))
        ++numLeft;
    });
    nameWeights();
  }

  /// Gives each weight the name of its resource, or a number in the order of
  /// the file. Equal constants are one weight.
  void nameWeights() {
    Builder builder(&getContext());
    DenseMap<Attribute, StringAttr> names;
    unsigned count = 0;
    getOperation()->walk([&](CompressOp op) {
      if (op->hasAttr(kWeightAttrName))
        return;
      ElementsAttr elements = getConstantElements(op.getDense());
      if (!elements)
        return;
      StringAttr &name = names[elements];
      if (!name) {
        StringRef key = getConstantName(elements);
        name = builder.getStringAttr(key.empty() ? "w" + Twine(count)
                                                 : Twine(key));
        ++count;
      }
      op->setAttr(kWeightAttrName, builder.getDictionaryAttr(
                                       builder.getNamedAttr("name", name)));
    });
  }
};

} // namespace
