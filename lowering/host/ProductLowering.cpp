//===- ProductLowering.cpp - The loops of one product ---------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/host/ProductLowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

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
  bool direct = isDirect(target, /*needSums=*/false) && (vector || oFirst);
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

void ProductLowering::lower() {
  if (sums)
    lowerSum();
  else
    lowerUpdate();
  for (Value temporary : llvm::reverse(temporaries))
    memref::DeallocOp::create(b, loc, temporary);
  temporaries.clear();
}

/// The memref with a dimension of size one, which it has at run time.
Value ProductLowering::castToOne(Value memref, unsigned dim) {
  auto type = cast<MemRefType>(memref.getType());
  SmallVector<int64_t> shape(type.getShape());
  shape[dim] = 1;
  auto one = MemRefType::get(shape, type.getElementType(), type.getLayout());
  if (one == type)
    return memref;
  return memref::CastOp::create(b, loc, one, memref);
}

LogicalResult ProductLowering::run() {
  if (failed(findWeight()))
    return failure();
  options.sum = op.getSumType();
  if (!Epilogue::isVectorizable(op)) {
    options.unit.lanes = 1;
    options.unit.expand = options.unit.permute = false;
  }
  findCaptures();
  unsigned xColumns = kFirst ? 1 : 0, yColumns = oFirst ? 1 : 0;
  auto xType = cast<MemRefType>(x.getType());
  vector = xType.getRank() == 1 || xType.getDimSize(xColumns) == 1;
  bool constant =
      weight.storage || weight.dense.getDefiningOp<memref::GetGlobalOp>();
  if (vector || !xType.isDynamicDim(xColumns) || !constant) {
    lower();
  } else {
    // A batch whose size is not known: one is worth loops of its own.
    Value isOne =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                              dimOf(x, xColumns), createIndex(b, loc, 1));
    auto branch = scf::IfOp::create(b, loc, isOne, /*withElseRegion=*/true);
    b.setInsertionPoint(branch.elseBlock()->getTerminator());
    lower();
    b.setInsertionPoint(branch.thenBlock()->getTerminator());
    vector = true;
    x = castToOne(x, xColumns);
    y = castToOne(y, yColumns);
    lower();
  }
  op.erase();
  return success();
}
