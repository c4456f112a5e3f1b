//===- Tiling.cpp - sparsec.matmul: tiling --------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The loops of a product are its rows, its columns and the reduction, without
// those that a vector operand does not have. A tile of a compressed weight is a
// `window`, so it can be cut along the outer dimension of its format only, at
// multiples of the window granule: other tile sizes fail, they never fall back.

#include "dialect/Ops.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

using namespace mlir;
using namespace sparsec;

namespace {
/// Which loop, counted as (m, n, k), each dimension of the operands follows.
struct LoopDims {
  SmallVector<unsigned> lhs, rhs, init;
  /// The loops that exist, in order.
  SmallVector<unsigned> loops;

  explicit LoopDims(MatmulOp op) {
    constexpr unsigned m = 0, n = 1, k = 2;
    lhs = op.getLhs().getType().getRank() == 1 ? SmallVector<unsigned>{k}
          : op.getTransposeLhs()               ? SmallVector<unsigned>{k, m}
                                               : SmallVector<unsigned>{m, k};
    rhs = op.getRhs().getType().getRank() == 1 ? SmallVector<unsigned>{k}
          : op.getTransposeRhs()               ? SmallVector<unsigned>{n, k}
                                               : SmallVector<unsigned>{k, n};
    if (op.getLhs().getType().getRank() == 2)
      init.push_back(m);
    if (op.getRhs().getType().getRank() == 2)
      init.push_back(n);
    loops = init;
    loops.push_back(k);
  }

  /// The position of loop `name` among the loops that exist.
  unsigned position(unsigned name) const {
    return llvm::find(loops, name) - loops.begin();
  }

  SmallVector<OpFoldResult> pick(ArrayRef<unsigned> dims,
                                 ArrayRef<OpFoldResult> ofLoops) const {
    return llvm::map_to_vector(
        dims, [&](unsigned name) { return ofLoops[position(name)]; });
  }
};
} // namespace

unsigned MatmulOp::getLoopOf(unsigned operand, int64_t dim) {
  LoopDims dims(*this);
  return dims.position((operand == 0 ? dims.lhs : dims.rhs)[dim]);
}

SmallVector<utils::IteratorType> MatmulOp::getLoopIteratorTypes() {
  SmallVector<utils::IteratorType> types(getInit().getType().getRank(),
                                         utils::IteratorType::parallel);
  types.push_back(utils::IteratorType::reduction);
  return types;
}

SmallVector<Range> MatmulOp::getIterationDomain(OpBuilder &builder) {
  LoopDims dims(*this);
  SmallVector<Range> domain;
  for (unsigned name : dims.loops) {
    // A size is read off a compressed operand if possible: it is static there.
    OpFoldResult size;
    for (auto [operand, names] :
         {std::pair<Value, ArrayRef<unsigned>>(getInit(), dims.init),
          std::pair<Value, ArrayRef<unsigned>>(getLhs(), dims.lhs),
          std::pair<Value, ArrayRef<unsigned>>(getRhs(), dims.rhs)}) {
      auto it = llvm::find(names, name);
      if (it == names.end())
        continue;
      int64_t dim = it - names.begin();
      auto type = cast<ShapedType>(operand.getType());
      if (!type.isDynamicDim(dim))
        size = builder.getIndexAttr(type.getDimSize(dim));
      else if (!size)
        size = tensor::getMixedSize(builder, getLoc(), operand, dim);
    }
    domain.push_back(
        Range{builder.getIndexAttr(0), size, builder.getIndexAttr(1)});
  }
  return domain;
}

/// A tile of a dense operand.
static Value sliceDense(OpBuilder &builder, Location loc, Value value,
                        ArrayRef<OpFoldResult> offsets,
                        ArrayRef<OpFoldResult> sizes) {
  SmallVector<OpFoldResult> strides(offsets.size(), builder.getIndexAttr(1));
  return tensor::ExtractSliceOp::create(builder, loc, value, offsets, sizes,
                                        strides);
}

static bool covers(OpFoldResult offset, OpFoldResult size, int64_t whole) {
  return isConstantIntValue(offset, 0) && !ShapedType::isDynamic(whole) &&
         isConstantIntValue(size, whole);
}

/// Whether an offset is a multiple of `granule` for certain: a constant, or the
/// index of a loop whose bounds are.
static bool isMultipleOf(OpFoldResult offset, int64_t granule) {
  if (granule == 1)
    return true;
  if (std::optional<int64_t> value = getConstantIntValue(offset))
    return *value % granule == 0;
  auto iv = dyn_cast<BlockArgument>(cast<Value>(offset));
  auto loop = iv ? dyn_cast<LoopLikeOpInterface>(iv.getOwner()->getParentOp())
                 : LoopLikeOpInterface();
  if (!loop)
    return false;
  std::optional<SmallVector<Value>> ivs = loop.getLoopInductionVars();
  std::optional<SmallVector<OpFoldResult>> begins = loop.getLoopLowerBounds();
  std::optional<SmallVector<OpFoldResult>> steps = loop.getLoopSteps();
  if (!ivs || !begins || !steps)
    return false;
  for (auto [one, begin, step] : llvm::zip_equal(*ivs, *begins, *steps))
    if (one == iv)
      return isMultipleOf(begin, granule) && isMultipleOf(step, granule);
  return false;
}

/// A tile of a compressed operand, or null if its format cannot be cut so.
static Value sliceCompressed(OpBuilder &builder, MatmulOp op, Value value,
                             ArrayRef<OpFoldResult> offsets,
                             ArrayRef<OpFoldResult> sizes) {
  auto type = cast<RankedTensorType>(value.getType());
  FormatAttrInterface format = getFormat(type);
  unsigned outer = format.getOuterDim(), inner = 1 - outer;
  if (!covers(offsets[inner], sizes[inner], type.getDimSize(inner))) {
    op.emitRemark() << "cannot tile dimension " << inner << " of " << type
                    << ": the format has windows along dimension " << outer;
    return {};
  }
  if (covers(offsets[outer], sizes[outer], type.getDimSize(outer)))
    return value;
  if (!format.isConcrete()) {
    op.emitRemark() << "cannot tile " << type
                    << ": run sparsec-select-format first";
    return {};
  }
  if (!isMultipleOf(offsets[outer], format.getWindowGranule())) {
    op.emitRemark() << "cannot tile " << type
                    << ": its windows start at multiples of "
                    << format.getWindowGranule();
    return {};
  }
  SmallVector<int64_t> shape(type.getShape());
  std::optional<int64_t> size = getConstantIntValue(sizes[outer]);
  shape[outer] = size.value_or(ShapedType::kDynamic);
  auto windowType =
      RankedTensorType::get(shape, type.getElementType(), type.getEncoding());
  Value offset =
      getValueOrCreateConstantIndexOp(builder, op.getLoc(), offsets[outer]);
  Value dynamicSize;
  if (!size)
    dynamicSize =
        getValueOrCreateConstantIndexOp(builder, op.getLoc(), sizes[outer]);
  return WindowOp::create(builder, op.getLoc(), windowType, value, offset,
                          dynamicSize);
}

FailureOr<TilingResult>
MatmulOp::getTiledImplementation(OpBuilder &builder,
                                 ArrayRef<OpFoldResult> offsets,
                                 ArrayRef<OpFoldResult> sizes) {
  if (!isTensorForm())
    return emitRemark() << "is tiled on tensors only";
  LoopDims dims(*this);
  unsigned k = dims.loops.size() - 1;
  if (hasEpilogue() && !covers(offsets[k], sizes[k], getK()))
    return emitRemark() << "cannot tile the reduction of a product that has an "
                           "epilogue";
  if (getZeroInit() && !covers(offsets[k], sizes[k], getK()))
    return emitRemark() << "cannot tile the reduction of a product with "
                           "zero_init: fill outs with zeros instead";

  auto slice = [&](Value value, ArrayRef<unsigned> names) {
    SmallVector<OpFoldResult> o = dims.pick(names, offsets);
    SmallVector<OpFoldResult> s = dims.pick(names, sizes);
    return getFormat(value.getType())
               ? sliceCompressed(builder, *this, value, o, s)
               : sliceDense(builder, getLoc(), value, o, s);
  };
  Value lhs = slice(getLhs(), dims.lhs);
  Value rhs = slice(getRhs(), dims.rhs);
  if (!lhs || !rhs)
    return failure();
  Value init = slice(getInit(), dims.init);

  SmallVector<Value> operands{lhs, rhs, init};
  for (auto [index, operand] : llvm::enumerate(getEpilogueOperands())) {
    AffineMap map = cast<AffineMapAttr>((*getEpilogueMaps())[index]).getValue();
    SmallVector<OpFoldResult> o, s;
    for (AffineExpr expr : map.getResults()) {
      auto dim = dyn_cast<AffineDimExpr>(expr);
      o.push_back(dim ? offsets[dim.getPosition()]
                      : OpFoldResult(builder.getIndexAttr(0)));
      s.push_back(dim ? sizes[dim.getPosition()]
                      : OpFoldResult(builder.getIndexAttr(1)));
    }
    operands.push_back(sliceDense(builder, getLoc(), operand, o, s));
  }
  MatmulOp tiled = cloneWith(builder, operands);
  return TilingResult{{tiled}, {tiled.getResult()}, {}};
}

LogicalResult MatmulOp::getResultTilePosition(
    OpBuilder &, unsigned, ArrayRef<OpFoldResult> offsets,
    ArrayRef<OpFoldResult> sizes, SmallVector<OpFoldResult> &resultOffsets,
    SmallVector<OpFoldResult> &resultSizes) {
  resultOffsets.assign(offsets.begin(), offsets.end() - 1);
  resultSizes.assign(sizes.begin(), sizes.end() - 1);
  return success();
}

FailureOr<TilingResult>
MatmulOp::generateResultTileValue(OpBuilder &builder, unsigned,
                                  ArrayRef<OpFoldResult> offsets,
                                  ArrayRef<OpFoldResult> sizes) {
  // The tile of the result, over the whole reduction.
  SmallVector<OpFoldResult> loopOffsets(offsets), loopSizes(sizes);
  Range k = getIterationDomain(builder).back();
  loopOffsets.push_back(k.offset);
  loopSizes.push_back(k.size);
  return getTiledImplementation(builder, loopOffsets, loopSizes);
}
