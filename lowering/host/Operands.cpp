//===- Operands.cpp - What is multiplied, and in which layout -------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/host/ProductLowering.h"

#include "lowering/common/StoredWeight.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace sparsec;

LogicalResult ProductLowering::findWeight() {
  std::optional<unsigned> side = op.getCompressedOperand();
  if (!side) {
    findDenseRoles();
    return success();
  }
  bool left = *side == 0;
  Value tensor = left ? op.getLhs() : op.getRhs();
  FailureOr<StoredWeight> stored = findStoredWeight(b, op, tensor);
  if (failed(stored))
    return failure();
  weight.storage = stored->storage;
  weight.outerDim = stored->outerDim;
  weight.outerSize = stored->outerSize;
  weight.outerCount = stored->outerCount;
  weight.storedElements = stored->storedElements;

  bool transposed = left ? op.getTransposeLhs() : op.getTransposeRhs();
  // The dimension of the weight that is the reduction.
  unsigned kDim = left != transposed ? 1 : 0;
  sums = kDim != weight.outerDim;
  x = left ? op.getRhs() : op.getLhs();
  kFirst = left ? !op.getTransposeRhs() : op.getTransposeLhs();
  oFirst = left;
  y = op.getInit();
  return success();
}

/// Two dense operands: the one that is read row by row plays the weight.
void ProductLowering::findDenseRoles() {
  Value lhs = op.getLhs(), rhs = op.getRhs();
  y = op.getInit();
  auto expand = [&](Value vector) -> Value { // [k] as [1, k]
    auto type = cast<MemRefType>(vector.getType());
    SmallVector<ReassociationIndices> groups{{0, 1}};
    SmallVector<int64_t> shape{1, type.getDimSize(0)};
    return memref::ExpandShapeOp::create(b, loc, shape, vector, groups);
  };
  bool lhsVector = op.getLhs().getType().getRank() == 1;
  bool rhsVector = op.getRhs().getType().getRank() == 1;
  if (rhsVector && op.getTransposeLhs()) {
    // y[m] = sum over k of x[k] W[k, m]: the vector is a weight of one row.
    weight.dense = expand(rhs);
    x = lhs;
    y = expand(y);
  } else if (lhsVector && !op.getTransposeRhs()) {
    weight.dense = expand(lhs);
    x = rhs;
    y = expand(y);
  } else if (lhsVector || op.getTransposeRhs()) {
    // y[m, n] = sum over k of W[n, k] x[m, k]
    weight.dense = rhs;
    weight.outerDim = op.getTransposeRhs() ? 0 : 1;
    x = lhs;
    kFirst = op.getTransposeLhs();
    oFirst = false;
  } else {
    weight.dense = lhs;
    weight.outerDim = op.getTransposeLhs() ? 1 : 0;
    x = rhs;
  }
  auto type = cast<MemRefType>(weight.dense.getType());
  weight.outerSize = type.getDimSize(weight.outerDim);
  int64_t elements = 1;
  for (int64_t size : type.getShape())
    elements *= ShapedType::isDynamic(size) ? 16 : size;
  weight.storedElements = elements;
}

void ProductLowering::findCaptures() {
  if (!op.hasEpilogue())
    return;
  llvm::append_range(epilogueValues, op.getEpilogueOperands());
  llvm::SetVector<Value> above;
  getUsedValuesDefinedAbove(op.getEpilogue(), above);
  // Constants go into the kernel, so that they stay constants.
  OpBuilder inside = OpBuilder::atBlockBegin(&op.getEpilogue().front());
  for (Value value : above) {
    Operation *producer = value.getDefiningOp();
    if (producer && producer->hasTrait<OpTrait::ConstantLike>()) {
      Operation *copy = inside.clone(*producer);
      replaceAllUsesInRegionWith(value, copy->getResult(0), op.getEpilogue());
    } else {
      captured.push_back(value);
    }
  }
  llvm::append_range(epilogueValues, captured);
}

Epilogue ProductLowering::makeEpilogue(ValueRange inside,
                                       ArrayRef<int> dims) const {
  size_t operands = epilogueValues.size() - captured.size();
  SmallVector<std::pair<Value, Value>> pairs;
  for (auto [outer, inner] :
       llvm::zip_equal(captured, inside.drop_front(operands)))
    pairs.emplace_back(outer, inner);
  return Epilogue(op, inside.take_front(operands), pairs, dims);
}

/// For each dimension of the product's result, which one it is of a kernel's
/// result of rank `kernelRank`.
SmallVector<int> ProductLowering::resultDims(int64_t kernelRank) {
  int64_t rank = op.getInit().getType().getRank();
  if (rank == kernelRank)
    return rank == 1 ? SmallVector<int>{0} : SmallVector<int>{0, 1};
  if (rank == 1) // a vector as the weight has a result of one row
    return {1};
  if (oFirst)
    return {0, Epilogue::kUnitDim};
  return {Epilogue::kUnitDim, 0};
}

Value ProductLowering::dimOf(Value memref, int64_t dim) {
  return b.createOrFold<memref::DimOp>(loc, memref, dim);
}

Value ProductLowering::groupCount(int64_t group) {
  return b.createOrFold<arith::CeilDivUIOp>(loc, weight.outerCount,
                                            createIndex(b, loc, group));
}

/// A matrix with one row or one column, as a vector.
Value ProductLowering::asVector(Value matrix) {
  auto type = cast<MemRefType>(matrix.getType());
  if (type.getRank() == 1)
    return matrix;
  if (type.getLayout().isIdentity()) {
    SmallVector<ReassociationIndices> whole{{0, 1}};
    return memref::CollapseShapeOp::create(b, loc, matrix, whole);
  }
  unsigned kept = type.getDimSize(0) == 1 ? 1 : 0;
  SmallVector<OpFoldResult> offsets(2, b.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(2, b.getIndexAttr(1));
  SmallVector<OpFoldResult> sizes = memref::getMixedSizes(b, loc, matrix);
  MemRefType reduced = memref::SubViewOp::inferRankReducedResultType(
      {type.getDimSize(kept)}, type, offsets, sizes, strides);
  return memref::SubViewOp::create(b, loc, reduced, matrix, offsets, sizes,
                                   strides);
}

Value ProductLowering::allocate(ArrayRef<OpFoldResult> sizes) {
  SmallVector<int64_t> shape;
  SmallVector<Value> dynamic;
  dispatchIndexOpFoldResults(sizes, dynamic, shape);
  Value memref =
      memref::AllocOp::create(b, loc, MemRefType::get(shape, options.sum),
                              dynamic, b.getI64IntegerAttr(64));
  temporaries.push_back(memref);
  return memref;
}

bool ProductLowering::isDirect(Value memref, bool needSums) {
  auto type = cast<MemRefType>(memref.getType());
  int64_t offset;
  SmallVector<int64_t> strides;
  return (!needSums || type.getElementType() == options.sum) &&
         succeeded(type.getStridesAndOffset(strides, offset)) &&
         strides.back() == 1;
}

void ProductLowering::move(Value source, Value target, bool transpose,
                           bool finish) {
  SmallVector<Value> captures{source, target};
  if (finish)
    llvm::append_range(captures, epilogueValues);
  SmallVector<int> dims =
      resultDims(cast<MemRefType>(target.getType()).getRank());
  func::FuncOp kernel = kernels.create(
      loc, captures,
      [&](OpBuilder &b, Location loc, ValueRange args, Value begin, Value end) {
        std::optional<Epilogue> epilogue;
        if (finish)
          epilogue.emplace(makeEpilogue(args.drop_front(2), dims));
        auto emit = transpose ? emitTranspose : emitWriteBack;
        emit(b, loc, args[0], args[1], epilogue ? &*epilogue : nullptr, begin,
             end, options);
      });
  Value rows = dimOf(source, 0), work = rows;
  if (cast<MemRefType>(source.getType()).getRank() == 2)
    work = arith::MulIOp::create(b, loc, rows, dimOf(source, 1));
  dispatch(kernel, captures, createIndex(b, loc, 0), rows, work);
}

/// x as the kernel wants it: columns last, contiguous; a matrix of sums.
Value ProductLowering::makeOperand() {
  if (vector) {
    Value x = asVector(this->x);
    if (isDirect(x, /*needSums=*/false))
      return x;
    Value copy = allocate(memref::getMixedSizes(b, loc, x));
    move(x, copy, /*transpose=*/false, /*finish=*/false);
    return copy;
  }
  if (kFirst && isDirect(x, /*needSums=*/true))
    return x;
  SmallVector<OpFoldResult> sizes = memref::getMixedSizes(b, loc, x);
  Value source = x;
  if (!isDirect(x,
                /*needSums=*/false)) { // any strides, as upstream copies them
    auto type = cast<MemRefType>(x.getType());
    SmallVector<int64_t> shape;
    SmallVector<Value> dynamic;
    dispatchIndexOpFoldResults(sizes, dynamic, shape);
    source = memref::AllocOp::create(
        b, loc, MemRefType::get(shape, type.getElementType()), dynamic,
        b.getI64IntegerAttr(64));
    temporaries.push_back(source);
    memref::CopyOp::create(b, loc, x, source);
  }
  if (!kFirst)
    std::swap(sizes[0], sizes[1]);
  else if (cast<MemRefType>(source.getType()).getElementType() == options.sum)
    return source;
  Value target = allocate(sizes);
  move(source, target, /*transpose=*/!kFirst, /*finish=*/false);
  return target;
}
