//===- DenseGemm.cpp - Products of two dense matrices ---------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/amdgpu/DenseKernels.h"

#include "lowering/amdgpu/Arithmetic.h"
#include "lowering/amdgpu/Buffers.h"
#include "lowering/amdgpu/TiledProduct.h"
#include "lowering/common/Cursor.h"
#include "lowering/common/Epilogue.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace sparsec;

/// Elements that are loaded or stored together where all or none are inside.
static constexpr int64_t kVector = 4;

static int64_t getRank(Value memref) {
  return cast<MemRefType>(memref.getType()).getRank();
}

static OpFoldResult sizeOf(OpBuilder &b, Location loc, Value memref,
                           int64_t dim) {
  return memref::getMixedSize(b, loc, memref, dim);
}

static bool isWhole(OpFoldResult size) {
  std::optional<int64_t> known = getConstantIntValue(size);
  return known && *known % kVector == 0;
}

bool DenseGemm::matches() {
  return !op.isTensorForm() && !op.getCompressedOperand() &&
         getRank(op.getLhs()) == 2 && getRank(op.getRhs()) == 2 &&
         llvm::all_of(op->getOperands(), canBeBuffer);
}

/// Rows of `memref` follow k if `depthFirst`.
TileFactor DenseGemm::makeFactor(Value memref, bool depthFirst) {
  assertReach(b, loc, memref);
  OpFoldResult inner = sizeOf(b, loc, memref, 1);
  // In the kernel, where a constant is one.
  auto scaled = [loc = loc, inner](OpBuilder &b, Value index) {
    Arithmetic i32(b, loc);
    if (std::optional<int64_t> known = getConstantIntValue(inner))
      return i32.mul(index, *known);
    return i32.mul(index, i32.fromIndex(cast<Value>(inner)));
  };
  auto same = [](OpBuilder &, Value index) { return index; };
  TileFactor factor;
  factor.array = flatten(b, loc, memref);
  factor.alongDepth = !depthFirst;
  factor.vector = isWhole(inner) ? kVector : 1;
  factor.tileOffset = same;
  factor.depthOffset = same;
  (depthFirst ? factor.depthOffset : factor.tileOffset) = scaled;
  return factor;
}

void DenseGemm::run() {
  for (Value operand : op->getOperands())
    assertReach(b, loc, operand);
  OpFoldResult rows = sizeOf(b, loc, op.getLhs(), op.getTransposeLhs() ? 1 : 0);
  OpFoldResult depth =
      sizeOf(b, loc, op.getLhs(), op.getTransposeLhs() ? 0 : 1);
  OpFoldResult columns =
      sizeOf(b, loc, op.getRhs(), op.getTransposeRhs() ? 0 : 1);
  TileFactor lhs = makeFactor(op.getLhs(), op.getTransposeLhs());
  TileFactor rhs = makeFactor(op.getRhs(), !op.getTransposeRhs());
  Value result = flatten(b, loc, op.getInit());

  TiledProduct product(b, loc, strict, rows, columns, depth);
  auto load = [&](OpBuilder &b, Value row, Value column) {
    Arithmetic i32(b, loc);
    return toF32(b, loc,
                 memref::LoadOp::create(
                     b, loc, toBuffer(b, loc, op.getInit()),
                     ValueRange{i32.toIndex(row), i32.toIndex(column)}));
  };
  auto store = [&](OpBuilder &b, Value row, Value column,
                   ArrayRef<Value> sums) {
    emitStore(b, result, rows, columns, row, column, sums);
  };
  product.launch("gemm_dense", lhs, rhs,
                 op.getZeroInit() ? TiledProduct::Initial(nullptr) : load,
                 store);
  op.erase();
}

void DenseGemm::emitStore(OpBuilder &b, Value result, OpFoldResult rows,
                          OpFoldResult columns, Value row, Value column,
                          ArrayRef<Value> sums) {
  Arithmetic i32(b, loc);
  auto count = [&](OpFoldResult size) {
    return i32.fromIndex(getValueOrCreateConstantIndexOp(b, loc, size));
  };
  Value rowCount = count(rows), columnCount = count(columns);
  SmallVector<Value> operands;
  for (Value operand : op.getEpilogueOperands())
    operands.push_back(getRank(operand) == 0 ? operand
                                             : toBuffer(b, loc, operand));
  Epilogue epilogue(op, operands, {}, {0, 1});
  Value buffer = toBuffer(b, loc, result);
  // Operands of the epilogue are read inside the result, whatever is stored.
  auto emit = [&](Value sum, Value column, int64_t width) {
    Value inside =
        i32.both(i32.less(row, rowCount), i32.less(column, columnCount));
    Value readRow = i32.min(row, i32.add(rowCount, -1));
    Value readColumn = i32.min(column, i32.add(columnCount, -width));
    Value element = epilogue.apply(
        b, loc, sum, {i32.toIndex(readRow), i32.toIndex(readColumn)},
        /*vectorDim=*/1);
    storeInside(b, loc, buffer, i32.add(i32.mul(row, columnCount), column),
                inside, element);
  };
  int64_t width = sums.size();
  if (width == kVector && isWhole(columns) && Epilogue::isVectorizable(op)) {
    Value vector = vector::FromElementsOp::create(
        b, loc, VectorType::get({width}, b.getF32Type()), sums);
    emit(vector, column, width);
    return;
  }
  for (auto [i, sum] : llvm::enumerate(sums))
    emit(sum, i32.add(column, i), 1);
}
