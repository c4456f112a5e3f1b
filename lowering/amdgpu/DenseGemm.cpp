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
#include "mlir/Transforms/RegionUtils.h"

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

/// `index` times a size of outside, in the kernel.
static Value scale(OpBuilder &b, Location loc, Value index, OpFoldResult size) {
  Arithmetic i32(b, loc);
  if (std::optional<int64_t> known = getConstantIntValue(size))
    return i32.mul(index, *known);
  return i32.mul(index, i32.fromIndex(cast<Value>(size)));
}

bool DenseGemm::matches() {
  return !op.isTensorForm() && !op.getCompressedOperand() &&
         getRank(op.getLhs()) == 2 && getRank(op.getRhs()) == 2 &&
         llvm::all_of(op->getOperands(), canBeBuffer);
}

TileFactor sparsec::makeMatrix(OpBuilder &b, Location loc, Value memref,
                               bool depthFirst) {
  OpFoldResult inner = sizeOf(b, loc, memref, 1);
  auto scaled = [loc, inner](OpBuilder &b, Value index) {
    return scale(b, loc, index, inner);
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

TileResult sparsec::makeResult(OpBuilder &b, MatmulOp op) {
  Location loc = op.getLoc();
  TileResult result;
  result.array = flatten(b, loc, op.getInit());
  result.accumulates = !op.getZeroInit();
  OpFoldResult columns = sizeOf(b, loc, op.getInit(), 1);
  if (isWhole(columns) && Epilogue::isVectorizable(op))
    result.vector = kVector;
  result.offset = [loc, columns](OpBuilder &b, Value row, Value column) {
    Arithmetic i32(b, loc);
    return i32.add(scale(b, loc, row, columns), column);
  };
  result.finish = [op, loc](OpBuilder &b, Value sum, Value row,
                            Value column) mutable {
    Arithmetic i32(b, loc);
    SmallVector<Value> operands;
    for (Value operand : op.getEpilogueOperands())
      operands.push_back(getRank(operand) == 0 ? operand
                                               : toBuffer(b, loc, operand));
    // What the region takes from outside a kernel is an argument of it.
    SetVector<Value> above;
    getUsedValuesDefinedAbove(op.getEpilogue(), above);
    auto captured = llvm::map_to_vector(
        above, [](Value value) { return std::pair(value, value); });
    return Epilogue(op, operands, captured, {0, 1})
        .apply(b, loc, sum, {i32.toIndex(row), i32.toIndex(column)},
               /*vectorDim=*/1);
  };
  return result;
}

LogicalResult DenseGemm::run() {
  for (Value operand : op->getOperands())
    assertReach(b, loc, operand);
  OpFoldResult rows = sizeOf(b, loc, op.getLhs(), op.getTransposeLhs() ? 1 : 0);
  OpFoldResult depth =
      sizeOf(b, loc, op.getLhs(), op.getTransposeLhs() ? 0 : 1);
  OpFoldResult columns =
      sizeOf(b, loc, op.getRhs(), op.getTransposeRhs() ? 0 : 1);
  TileFactor lhs = makeMatrix(b, loc, op.getLhs(), op.getTransposeLhs());
  TileFactor rhs = makeMatrix(b, loc, op.getRhs(), !op.getTransposeRhs());
  TiledProduct(b, loc, strict, rows, columns, depth)
      .launch("gemm_dense", lhs, rhs, makeResult(b, op));
  op.erase();
  return success();
}
