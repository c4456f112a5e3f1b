//===- ToLinalg.cpp - The reference lowering ------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A type conversion that drops the formats: a compressed tensor is the dense
// one that it stands for. Component arrays appear and vanish in `storage` and
// `assemble` only, which become loops.

#include "passes/Passes.h"

#include "dialect/Ops.h"
#include "lowering/common/Cursor.h"
#include "passes/PackLoops.h"
#include "passes/ProductEnds.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Func/Transforms/FuncConversions.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Patterns.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/DialectConversion.h"

namespace sparsec {
#define GEN_PASS_DEF_TOLINALG
#include "passes/Passes.h.inc"
} // namespace sparsec

using namespace mlir;
using namespace sparsec;

static Value createZeros(OpBuilder &b, Location loc, RankedTensorType type) {
  Value empty =
      tensor::EmptyOp::create(b, loc, type.getShape(), type.getElementType());
  Value zero = arith::ConstantOp::create(b, loc, type.getElementType(),
                                         b.getZeroAttr(type.getElementType()));
  return linalg::FillOp::create(b, loc, zero, empty).getResult(0);
}

//===----------------------------------------------------------------------===//
// assemble: visit the stored entries and insert them into zeros
//===----------------------------------------------------------------------===//

static Value expand(OpBuilder &b, Location loc, RankedTensorType type,
                    ValueRange components) {
  WeightStorage storage{type, SmallVector<Value>(components), Value()};
  std::unique_ptr<Cursor> cursor = makeCursor(storage, VectorUnit());
  unsigned outer = getFormat(type).getOuterDim();
  int64_t outerSize = type.getDimSize(outer), group = cursor->groupSize();
  Value groups = createIndex(b, loc, (outerSize + group - 1) / group);
  Value zeros = createZeros(b, loc, getDenseType(type));

  auto insert = [&](OpBuilder &b, Location loc, Value value, Value row,
                    Value inner, Value into) -> Value {
    SmallVector<Value> at{row, inner};
    if (outer == 1)
      std::swap(at[0], at[1]);
    return tensor::InsertOp::create(b, loc, value, into, at);
  };
  return forLoop(
      b, loc, createIndex(b, loc, 0), groups, createIndex(b, loc, 1), zeros,
      [&](OpBuilder &b, Location loc, Value index, ValueRange tensors) {
        return cursor->forEachStep(
            b, loc, index, tensors, /*lanes=*/1,
            [&](OpBuilder &b, Location loc, Value inner, ValueRange values,
                unsigned, ValueRange carried) {
              Value dense = carried.front();
              for (size_t r = 0; r < values.size(); ++r) {
                Value value = values[r];
                Value row = addIndex(b, loc, mulIndex(b, loc, index, group), r);
                if (outerSize % group == 0) {
                  dense = insert(b, loc, value, row, inner, dense);
                  continue;
                }
                // Rows of the last block may lie behind the end.
                Value inside =
                    arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult,
                                          row, createIndex(b, loc, outerSize));
                auto branch = scf::IfOp::create(
                    b, loc, inside,
                    [&](OpBuilder &b, Location loc) {
                      scf::YieldOp::create(
                          b, loc, insert(b, loc, value, row, inner, dense));
                    },
                    [&](OpBuilder &b, Location loc) {
                      scf::YieldOp::create(b, loc, dense);
                    });
                dense = branch.getResult(0);
              }
              return SmallVector<Value>{dense};
            });
      })[0];
}

//===----------------------------------------------------------------------===//
// matmul
//===----------------------------------------------------------------------===//

static Value lowerMatmul(OpBuilder &b, MatmulOp op, Value lhs, Value rhs,
                         Value init, ValueRange epilogueOperands) {
  Location loc = op.getLoc();
  MLIRContext *context = op.getContext();
  int64_t rank = cast<RankedTensorType>(init.getType()).getRank();
  Value sum = createFirstSums(b, op, init);

  // The loops: rows and columns as far as they exist, then the reduction.
  SmallVector<AffineExpr> dims;
  for (int64_t d = 0; d <= rank; ++d)
    dims.push_back(b.getAffineDimExpr(d));
  AffineExpr k = dims.back();
  auto mapFor = [&](ShapedType type, AffineExpr free, bool freeFirst) {
    SmallVector<AffineExpr> results{k};
    if (type.getRank() == 2)
      results.insert(freeFirst ? results.begin() : results.end(), free);
    return AffineMap::get(rank + 1, 0, results, context);
  };
  AffineMap lhsMap = mapFor(op.getLhs().getType(), dims.front(),
                            /*freeFirst=*/!op.getTransposeLhs());
  AffineMap rhsMap =
      mapFor(op.getRhs().getType(), dims[std::max<int64_t>(rank - 1, 0)],
             /*freeFirst=*/op.getTransposeRhs());
  AffineMap outMap =
      AffineMap::getMultiDimIdentityMap(rank + 1, context).getMajorSubMap(rank);
  SmallVector<utils::IteratorType> loops(rank, utils::IteratorType::parallel);
  loops.push_back(utils::IteratorType::reduction);
  sum = linalg::GenericOp::create(
            b, loc, sum.getType(), ValueRange{lhs, rhs}, sum,
            ArrayRef<AffineMap>{lhsMap, rhsMap, outMap}, loops,
            [&](OpBuilder &b, Location loc, ValueRange args) {
              Type type = op.getSumType();
              linalg::YieldOp::create(b, loc,
                                      addProduct(b, loc, args[2],
                                                 toSum(b, loc, args[0], type),
                                                 toSum(b, loc, args[1], type),
                                                 arith::FastMathFlags::none));
            })
            .getResult(0);
  return createResult(b, op, sum, epilogueOperands);
}

namespace {

/// compress, decompress and convert: the same dense tensor.
template <typename OpT> struct ForwardOperand : OpConversionPattern<OpT> {
  using OpConversionPattern<OpT>::OpConversionPattern;
  LogicalResult
  matchAndRewrite(OpT op, typename OpT::Adaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, adaptor.getOperands().front());
    return success();
  }
};

struct LowerAssemble : OpConversionPattern<AssembleOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(AssembleOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (!op.getCompressed().getType().hasStaticShape())
      return op.emitError() << "cannot expand " << op.getCompressed().getType()
                            << ": its shape is not static";
    rewriter.replaceOp(op, expand(rewriter, op.getLoc(),
                                  op.getCompressed().getType(),
                                  adaptor.getComponents()));
    return success();
  }
};

/// The arrays that the tensor was assembled from, or packing at run time.
struct LowerStorage : OpConversionPattern<StorageOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(StorageOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    RankedTensorType type = op.getCompressed().getType();
    SmallVector<Value> components;
    if (auto assemble = op.getCompressed().getDefiningOp<AssembleOp>())
      components = llvm::to_vector(assemble.getComponents());
    else
      components = emitPack(rewriter, loc, type, adaptor.getCompressed());
    if (components.empty())
      return op.emitError()
             << "cannot pack a tensor of type " << type << " at run time";
    for (auto [component, result] :
         llvm::zip_equal(components, op.getComponents()))
      component = castTo(rewriter, loc, component,
                         cast<RankedTensorType>(result.getType()));
    rewriter.replaceOp(op, components);
    return success();
  }

private:
  /// The component as a tensor of the type that the operation promises, or a
  /// failure at run time.
  static Value castTo(OpBuilder &b, Location loc, Value component,
                      RankedTensorType type) {
    auto from = cast<RankedTensorType>(component.getType());
    if (from == type)
      return component;
    for (int64_t d = 0; d < type.getRank(); ++d) {
      if (!from.isDynamicDim(d) || type.isDynamicDim(d))
        continue;
      int64_t promised = type.getDimSize(d);
      Value size = b.createOrFold<tensor::DimOp>(loc, component, d);
      Value same = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, size,
                                         createIndex(b, loc, promised));
      cf::AssertOp::create(b, loc, same,
                           ("storage promises " + Twine(promised) +
                            " stored entries, and there are not as many")
                               .str());
    }
    return tensor::CastOp::create(b, loc, type, component);
  }
};

struct LowerWindow : OpConversionPattern<WindowOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(WindowOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = op.getResult().getType();
    unsigned outer = getFormat(type).getOuterDim();
    SmallVector<OpFoldResult> offsets(2, rewriter.getIndexAttr(0));
    SmallVector<OpFoldResult> strides(2, rewriter.getIndexAttr(1));
    SmallVector<OpFoldResult> sizes;
    for (int64_t d = 0; d < 2; ++d) {
      if (type.isDynamicDim(d) && d != outer)
        sizes.push_back(tensor::getMixedSize(rewriter, op.getLoc(),
                                             adaptor.getSource(), d));
      else
        sizes.push_back(
            type.isDynamicDim(d)
                ? OpFoldResult(adaptor.getSize())
                : OpFoldResult(rewriter.getIndexAttr(type.getDimSize(d))));
    }
    offsets[outer] = adaptor.getOffset();
    rewriter.replaceOpWithNewOp<tensor::ExtractSliceOp>(
        op, adaptor.getSource(), offsets, sizes, strides);
    return success();
  }
};

struct LowerMatmul : OpConversionPattern<MatmulOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(MatmulOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (!op.isTensorForm())
      return op.emitError() << "is lowered to linalg on tensors only";
    rewriter.replaceOp(op, lowerMatmul(rewriter, op, adaptor.getLhs(),
                                       adaptor.getRhs(), adaptor.getInit(),
                                       adaptor.getEpilogueOperands()));
    return success();
  }
};

/// The weight that a kernel of a target reads in its packed form: that of a
/// product, or what `decompress` expands. Null for other operations.
OpOperand *getPackedOperand(Operation *op) {
  OpOperand *weight = nullptr;
  if (auto matmul = dyn_cast<MatmulOp>(op)) {
    if (std::optional<unsigned> side = matmul.getCompressedOperand())
      weight = &op->getOpOperand(*side);
  } else if (auto decompress = dyn_cast<DecompressOp>(op)) {
    weight = &decompress.getCompressedMutable();
  }
  return weight && isPacked(weight->get()) ? weight : nullptr;
}

bool isKernel(Operation *op) {
  auto matmul = dyn_cast<MatmulOp>(op);
  return getPackedOperand(op) || (matmul && !matmul.getCompressedOperand());
}

/// Gives each kernel a chain of windows and `assemble` of its own, so that what
/// is left of a chain can be expanded.
void separateWeights(ModuleOp module) {
  SmallVector<OpOperand *> weights;
  module.walk([&](Operation *op) {
    if (OpOperand *weight = getPackedOperand(op))
      weights.push_back(weight);
  });
  for (OpOperand *weight : weights) {
    OpOperand *use = weight;
    while (Operation *producer = use->get().getDefiningOp()) {
      if (!isa<WindowOp, AssembleOp>(producer))
        break;
      OpBuilder b(producer);
      Operation *copy = b.clone(*producer);
      use->set(copy->getResult(0));
      if (isa<AssembleOp>(copy))
        break;
      use = &copy->getOpOperand(0);
    }
  }
  // What only kernels used is dead.
  SmallVector<Operation *> chain;
  module.walk([&](Operation *op) {
    if (isa<WindowOp, AssembleOp>(op))
      chain.push_back(op);
  });
  for (Operation *op : llvm::reverse(chain))
    if (op->use_empty())
      op->erase();
}

/// What no kernel reads packed is expanded by one, as a whole.
void expandOthers(ModuleOp module) {
  auto isOther = [](Operation *user) {
    return !isKernel(user) && !isa<WindowOp, StorageOp>(user);
  };
  SmallVector<Value> weights;
  module.walk([&](Operation *op) {
    if (isa<AssembleOp, WindowOp>(op) && isPacked(op->getResult(0)) &&
        llvm::any_of(op->getUsers(), isOther))
      weights.push_back(op->getResult(0));
  });
  for (Value weight : weights) {
    auto type = cast<RankedTensorType>(weight.getType());
    OpBuilder b(weight.getContext());
    b.setInsertionPointAfterValue(weight);
    Location loc = weight.getLoc();
    auto dense = DecompressOp::create(b, loc, getDenseType(type), weight);
    auto again = CompressOp::create(b, loc, type, dense);
    weight.replaceUsesWithIf(
        again, [&](OpOperand &use) { return isOther(use.getOwner()); });
  }
}

struct ToLinalgPass : sparsec::impl::ToLinalgBase<ToLinalgPass> {
  using ToLinalgBase::ToLinalgBase;

  void runOnOperation() override {
    MLIRContext *context = &getContext();
    DenseSet<Operation *> kept;
    if (keepKernels) {
      expandOthers(getOperation());
      separateWeights(getOperation());
      getOperation()->walk([&](Operation *op) {
        if (!isKernel(op))
          return;
        kept.insert(op);
        OpOperand *use = getPackedOperand(op);
        Value weight = use ? use->get() : Value();
        while (weight) {
          Operation *producer = weight.getDefiningOp();
          kept.insert(producer);
          weight = isa<WindowOp>(producer) ? producer->getOperand(0) : Value();
        }
      });
    }
    TypeConverter converter;
    converter.addConversion([](Type type) -> Type {
      auto tensor = dyn_cast<RankedTensorType>(type);
      return tensor && getFormat(tensor) ? getDenseType(tensor) : type;
    });

    ConversionTarget target(*context);
    target.markUnknownOpDynamicallyLegal([&](Operation *op) {
      if (auto func = dyn_cast<func::FuncOp>(op))
        return converter.isSignatureLegal(func.getFunctionType());
      return converter.isLegal(op);
    });
    target.addDynamicallyLegalDialect<SparsecDialect>(
        [&](Operation *op) { return kept.contains(op); });
    // A yield goes with its matmul.
    target.addLegalOp<YieldOp>();

    RewritePatternSet patterns(context);
    patterns.add<ForwardOperand<CompressOp>, ForwardOperand<DecompressOp>,
                 ForwardOperand<ConvertOp>, LowerAssemble, LowerStorage,
                 LowerWindow, LowerMatmul>(converter, context);
    populateFunctionOpInterfaceTypeConversionPattern<func::FuncOp>(patterns,
                                                                   converter);
    populateReturnOpTypeConversionPattern(patterns, converter);
    populateCallOpTypeConversionPattern(patterns, converter);
    scf::populateSCFStructuralTypeConversionsAndLegality(converter, patterns,
                                                         target);
    if (failed(
            applyFullConversion(getOperation(), target, std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
