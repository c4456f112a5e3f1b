//===- ProductLowering.cpp - The loops of one product ---------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/host/ProductLowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace sparsec;

/// One kernel over `groups` groups of the weight, `firstGroup` the first.
void ProductLowering::sumOver(int64_t denseGroup, Value firstGroup,
                              Value groups, Value x, Value y, bool readInit,
                              bool finish) {
  SmallVector<Value> weightValues = weight.values();
  SmallVector<Value> captures(weightValues);
  captures.append({x, y});
  if (finish)
    llvm::append_range(captures, epilogueValues);
  size_t count = weightValues.size();

  SmallVector<int> dims = resultDims(cast<MemRefType>(y.getType()).getRank());
  func::FuncOp kernel = kernels.create(
      loc, captures,
      [&](OpBuilder &b, Location loc, ValueRange args, Value begin, Value end) {
        auto cursor =
            weight.cursor(args.take_front(count), denseGroup, options.unit);
        std::optional<Epilogue> epilogue;
        if (finish)
          epilogue.emplace(makeEpilogue(args.drop_front(count + 2), dims));
        // Groups of a dense weight are whole.
        Value bound;
        if (weight.storage && mayBePartial(cursor->groupSize()))
          bound = b.createOrFold<memref::DimOp>(loc, args[count + 1], 0);
        KernelArgs kernelArgs{*cursor,     bound,
                              args[count], args[count + 1],
                              readInit,    epilogue ? &*epilogue : nullptr};
        auto emit = vector ? emitGemv : emitSpmm;
        emit(b, loc, kernelArgs, begin, end, options);
      });

  Value columns = vector ? createIndex(b, loc, 1) : dimOf(y, 1);
  if (!weight.storage) {
    Value work = arith::MulIOp::create(
        b, loc, columns, createIndex(b, loc, weight.storedElements));
    Value end = arith::AddIOp::create(b, loc, firstGroup, groups);
    dispatch(kernel, captures, firstGroup, end, work);
    return;
  }
  Value work = arith::MulIOp::create(
      b, loc, columns, createIndex(b, loc, weight.storedElements));
  auto cursor = weight.cursor(weightValues, denseGroup, options.unit);
  dispatch(kernel, captures, firstGroup, groups, work,
           [&](OpBuilder &b, Value t, Value threads) {
             return balancedSplit(b, *cursor, groups, t, threads);
           });
}

void ProductLowering::lowerSum() {
  Value x = makeOperand();
  bool readInit = !op.getZeroInit();
  Value target = vector ? asVector(y) : y;
  bool direct = isDirect(target, /*needF32=*/false) && (vector || oFirst);
  if (vector)
    direct = true; // scalars are stored with any stride
  Value result = target;
  if (!direct) {
    SmallVector<OpFoldResult> sizes = memref::getMixedSizes(b, loc, y);
    if (!oFirst)
      std::swap(sizes[0], sizes[1]);
    result = allocate(sizes);
    if (readInit)
      move(y, result, /*transpose=*/!oFirst, /*finish=*/false);
  }

  if (weight.storage) {
    int64_t group =
        weight.cursor(weight.values(), 1, options.unit)->groupSize();
    Value groups = groupCount(group);
    sumOver(1, createIndex(b, loc, 0), groups, x, result, readInit, direct);
  } else {
    int64_t group = options.unit.registers >= 32 ? 8 : 4;
    Value rows = dimOf(weight.dense, weight.outerDim);
    Value size = createIndex(b, loc, group);
    Value whole = b.createOrFold<arith::DivUIOp>(loc, rows, size);
    Value rest = b.createOrFold<arith::RemUIOp>(loc, rows, size);
    int64_t known = weight.outerSize;
    if (ShapedType::isDynamic(known) || known >= group)
      sumOver(group, createIndex(b, loc, 0), whole, x, result, readInit,
              direct);
    if (ShapedType::isDynamic(known) || known % group != 0)
      sumOver(1, b.createOrFold<arith::SubIOp>(loc, rows, rest), rest, x,
              result, readInit, direct);
  }
  if (!direct)
    move(result, y, /*transpose=*/!oFirst, /*finish=*/true);
}

void ProductLowering::lowerUpdate() {
  Value x = makeOperand();
  bool readInit = !op.getZeroInit();
  Value target = vector ? asVector(y) : y;
  bool direct = isDirect(target, /*needF32=*/true) && (vector || oFirst);
  bool transpose = !vector && !oFirst;
  Value sums = target;
  if (!direct) {
    SmallVector<OpFoldResult> sizes = memref::getMixedSizes(b, loc, target);
    if (transpose)
      std::swap(sizes[0], sizes[1]);
    sums = allocate(sizes);
  }
  if (!readInit)
    linalg::FillOp::create(b, loc, zeroF32(b, loc), sums);
  else if (!direct)
    move(target, sums, transpose, /*finish=*/false);

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
        if (vector)
          return emitGemvUpdate(b, loc, kernelArgs, begin, end, options);
        // The range counts vectors of columns.
        Value columns = b.createOrFold<memref::DimOp>(loc, args[count + 1], 1);
        auto toColumn = [&](Value index) -> Value {
          return arith::MinUIOp::create(
              b, loc, mulIndex(b, loc, index, options.unit.lanes), columns);
        };
        Value first = toColumn(begin), last = toColumn(end);
        emitSpmmUpdate(b, loc, kernelArgs, first, last, options);
      });
  if (vector) {
    int64_t group =
        weight.cursor(weight.values(), 1, options.unit)->groupSize();
    SmallVector<Value> args{createIndex(b, loc, 0), groupCount(group)};
    llvm::append_range(args, captures);
    func::CallOp::create(b, loc, kernel, args);
  } else {
    Value columns = dimOf(sums, 1);
    Value vectors = arith::CeilDivUIOp::create(
        b, loc, columns, createIndex(b, loc, options.unit.lanes));
    Value work = arith::MulIOp::create(
        b, loc, columns, createIndex(b, loc, weight.storedElements));
    dispatch(kernel, captures, createIndex(b, loc, 0), vectors, work);
  }
  if (!direct || op.hasEpilogue())
    move(sums, target, transpose, /*finish=*/true);
}

LogicalResult ProductLowering::run() {
  if (failed(findWeight()))
    return failure();
  if (!Epilogue::isVectorizable(op)) {
    options.unit.lanes = 1;
    options.unit.expand = options.unit.permute = false;
  }
  findCaptures();
  auto xType = cast<MemRefType>(x.getType());
  vector = xType.getRank() == 1 || xType.getDimSize(kFirst ? 1 : 0) == 1;
  if (sums)
    lowerSum();
  else
    lowerUpdate();
  for (Value temporary : llvm::reverse(temporaries))
    memref::DeallocOp::create(b, loc, temporary);
  op.erase();
  return success();
}
