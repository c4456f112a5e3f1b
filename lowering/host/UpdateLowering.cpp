//===- UpdateLowering.cpp - The update loops of one product ---------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Every row of the weight updates the same elements of the result. With many
// columns threads share out the columns. With one column each of a fixed number
// of ranges of rows has a partial result of its own, and the partial results
// are added up in order. Ranges depend on the weight and not on the number of
// threads, so the result does not either. Strict mode wants every sum with k
// ascending and keeps to one thread.

#include "lowering/host/ProductLowering.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace sparsec;

/// Stored elements from which on the runtime gives a product threads.
static constexpr int64_t kParallelElements = 1 << 16;
/// Partial results: at most as many, and so many stored elements for each of
/// their elements, which are cleared, read and added.
static constexpr int64_t kMaxPartials = 16;
static constexpr int64_t kElementsPerPartial = 8;

int64_t ProductLowering::partialCount(int64_t outputs) const {
  if (options.strict || weight.storedElements < kParallelElements)
    return 1;
  int64_t count = kMaxPartials;
  while (count > 1 &&
         weight.storedElements < kElementsPerPartial * count * outputs)
    count /= 2;
  return count;
}

/// sums += w^T x, or w x, for a vector x.
void ProductLowering::updateVector(Value x, Value sums) {
  SmallVector<Value> captures = weight.values();
  size_t count = captures.size();
  int64_t group = weight.cursor(captures, 1, options.unit)->groupSize();
  Value groups = groupCount(group);
  int64_t outputs = cast<MemRefType>(sums.getType()).getDimSize(0);
  int64_t partials = partialCount(outputs);

  auto emit = [&](OpBuilder &b, Location loc, const Cursor &cursor, Value x,
                  Value y, Value begin, Value end) {
    Value bound;
    if (mayBePartial(cursor.groupSize()))
      bound = b.createOrFold<memref::DimOp>(loc, x, 0);
    KernelArgs kernelArgs{cursor,
                          bound,
                          x,
                          y,
                          /*readInit=*/true,
                          /*epilogue=*/nullptr};
    emitGemvUpdate(b, loc, kernelArgs, begin, end, options);
  };
  if (partials == 1) {
    captures.append({x, sums});
    func::FuncOp kernel = kernels.create(
        loc, captures,
        [&](OpBuilder &b, Location loc, ValueRange args, Value begin,
            Value end) {
          auto cursor = weight.cursor(args.take_front(count), 1, options.unit);
          emit(b, loc, *cursor, args[count], args[count + 1], begin, end);
        });
    SmallVector<Value> args{createIndex(b, loc, 0), groups};
    llvm::append_range(args, captures);
    func::CallOp::create(b, loc, kernel, args);
    return;
  }

  Value buffer = allocate({b.getIndexAttr(partials), b.getIndexAttr(outputs)});
  captures.append({x, buffer, groups});
  func::FuncOp kernel = kernels.create(
      loc, captures,
      [&](OpBuilder &b, Location loc, ValueRange args, Value begin, Value end) {
        auto cursor = weight.cursor(args.take_front(count), 1, options.unit);
        Value buffer = args[count + 1], groups = args[count + 2];
        Value total = createIndex(b, loc, partials);
        forLoop(
            b, loc, begin, end, createIndex(b, loc, 1), {},
            [&](OpBuilder &b, Location loc, Value index, ValueRange) {
              SmallVector<OpFoldResult> offsets{index, b.getIndexAttr(0)};
              SmallVector<OpFoldResult> sizes{b.getIndexAttr(1),
                                              b.getIndexAttr(outputs)};
              SmallVector<OpFoldResult> strides(2, b.getIndexAttr(1));
              MemRefType type = memref::SubViewOp::inferRankReducedResultType(
                  {outputs}, cast<MemRefType>(buffer.getType()), offsets, sizes,
                  strides);
              Value y = memref::SubViewOp::create(b, loc, type, buffer, offsets,
                                                  sizes, strides);
              linalg::FillOp::create(b, loc, zeroSum(b, loc, options.sum), y);
              Value first = balancedSplit(b, *cursor, groups, index, total);
              Value last = balancedSplit(b, *cursor, groups,
                                         addIndex(b, loc, index, 1), total);
              emit(b, loc, *cursor, args[count], y, first, last);
              return SmallVector<Value>();
            });
      });
  dispatch(kernel, captures, createIndex(b, loc, 0),
           createIndex(b, loc, partials),
           createIndex(b, loc, weight.storedElements));
  AffineMap both = b.getMultiDimIdentityMap(2);
  linalg::GenericOp::create(
      b, loc, ValueRange{buffer}, ValueRange{sums},
      ArrayRef<AffineMap>{both, both.getMinorSubMap(1)},
      ArrayRef<utils::IteratorType>{utils::IteratorType::reduction,
                                    utils::IteratorType::parallel},
      [](OpBuilder &b, Location loc, ValueRange args) {
        linalg::YieldOp::create(b, loc, addSums(b, loc, args[1], args[0]));
      });
}

/// sums += w^T x, or w x, for a matrix x; sums may have more columns than x and
/// have whole vectors of them.
void ProductLowering::updateColumns(Value x, Value sums) {
  SmallVector<Value> captures = weight.values();
  size_t count = captures.size();
  captures.append({x, sums});
  func::FuncOp kernel = kernels.create(
      loc, captures,
      [&](OpBuilder &b, Location loc, ValueRange args, Value begin, Value end) {
        auto cursor = weight.cursor(args.take_front(count), 1, options.unit);
        Value bound;
        if (mayBePartial(cursor->groupSize()))
          bound = b.createOrFold<memref::DimOp>(loc, args[count], 0);
        KernelArgs kernelArgs{*cursor,
                              bound,
                              args[count],
                              args[count + 1],
                              /*readInit=*/true,
                              /*epilogue=*/nullptr};
        // The range counts vectors of columns.
        emitSpmmUpdate(b, loc, kernelArgs,
                       mulIndex(b, loc, begin, options.unit.lanes),
                       mulIndex(b, loc, end, options.unit.lanes), options);
      });
  Value columns = dimOf(sums, 1);
  Value vectors = arith::DivUIOp::create(
      b, loc, columns, createIndex(b, loc, options.unit.lanes));
  Value work = arith::MulIOp::create(
      b, loc, columns, createIndex(b, loc, weight.storedElements));
  dispatch(kernel, captures, createIndex(b, loc, 0), vectors, work);
}

bool ProductLowering::isWhole(OpFoldResult columns) const {
  std::optional<int64_t> known = getConstantIntValue(columns);
  return known && *known % options.unit.lanes == 0;
}

/// A buffer with whole vectors of columns, and the part of it that has these
/// sizes.
std::pair<Value, Value>
ProductLowering::allocateSums(ArrayRef<OpFoldResult> sizes) {
  // There is no part of a buffer without elements.
  if (vector || isWhole(sizes[1]) || isZeroInteger(sizes[0])) {
    Value sums = allocate(sizes);
    return {sums, sums};
  }
  int64_t lanes = options.unit.lanes;
  AffineExpr padding = b.getAffineSymbolExpr(0).ceilDiv(lanes) * lanes;
  SmallVector<OpFoldResult> padded(sizes);
  padded[1] =
      affine::makeComposedFoldedAffineApply(b, loc, padding, {sizes[1]});
  Value buffer = allocate(padded);
  SmallVector<OpFoldResult> offsets(2, b.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(2, b.getIndexAttr(1));
  return {buffer,
          memref::SubViewOp::create(b, loc, buffer, offsets, sizes, strides)};
}

void ProductLowering::lowerUpdate() {
  Value x = makeOperand();
  bool readInit = !op.getZeroInit();
  Value target = vector ? asVector(y) : y;
  bool transpose = !vector && !oFirst;
  bool direct = isDirect(target, /*needSums=*/true) && !transpose &&
                (vector || isWhole(memref::getMixedSize(b, loc, target, 1)));
  Value buffer = target, sums = target;
  if (!direct) {
    SmallVector<OpFoldResult> sizes = memref::getMixedSizes(b, loc, target);
    if (transpose)
      std::swap(sizes[0], sizes[1]);
    std::tie(buffer, sums) = allocateSums(sizes);
  }
  if (!readInit || buffer != sums)
    linalg::FillOp::create(b, loc, zeroSum(b, loc, options.sum), buffer);
  if (readInit && !direct)
    move(target, sums, transpose, /*finish=*/false);

  if (vector)
    updateVector(x, sums);
  else
    updateColumns(x, buffer);
  if (!direct || op.hasEpilogue())
    move(sums, target, transpose, /*finish=*/true);
}
