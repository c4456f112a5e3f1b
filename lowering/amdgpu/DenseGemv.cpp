//===- DenseGemv.cpp - Dense matrix x vector ------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A wave has a row: each lane sums up the products of every 64th group of four
// neighbours, and lanes are added up at the end. What limits it is the memory.

#include "lowering/amdgpu/Arithmetic.h"
#include "lowering/amdgpu/Buffers.h"
#include "lowering/amdgpu/DenseKernels.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace sparsec;

/// Waves in a workgroup, which share what they load of x in the L1.
static constexpr int64_t kWaves = 4;
static constexpr int64_t kVector = 4;

static MemRefType typeOf(Value memref) {
  return cast<MemRefType>(memref.getType());
}

bool DenseGemv::matches() {
  // Lanes are added up at the end: not with k ascending.
  if (strict || op.isTensorForm() || op.getCompressedOperand() ||
      !llvm::all_of(op->getOperands(), canBeBuffer))
    return false;
  for (bool first : {true, false}) {
    weightFirst = first;
    matrix = first ? op.getLhs() : op.getRhs();
    x = first ? op.getRhs() : op.getLhs();
    xSwapped = first ? op.getTransposeRhs() : !op.getTransposeLhs();
    bool alongDepth = first ? !op.getTransposeLhs() : op.getTransposeRhs();
    if (typeOf(matrix).getRank() == 2 && alongDepth &&
        !typeOf(matrix).isDynamicDim(1) && typeOf(matrix).getDimSize(1) > 0 &&
        isVector())
      return true;
  }
  return false;
}

LogicalResult DenseGemv::run() {
  for (Value operand : op->getOperands())
    assertReach(b, loc, operand);
  x = asVector();
  Value rows = b.createOrFold<memref::DimOp>(loc, matrix, 0);
  Value groups = b.createOrFold<arith::CeilDivUIOp>(
      loc, rows, createIndex(b, loc, kWaves));
  Value elements = flatten(b, loc, matrix);
  launchWaves("gemv_dense", groups, createIndex(b, loc, 1), kWaves,
              [&](OpBuilder &b, Location, Value group, Value, Value wave) {
                Value row = add(b, mul(b, group, kWaves), wave);
                Value inside = less(b, row, toI32(b, rows));
                scf::IfOp::create(b, loc, inside,
                                  [&](OpBuilder &b, Location loc) {
                                    emitRow(b, row, elements);
                                    scf::YieldOp::create(b, loc);
                                  });
              });
  op.erase();
  return success();
}

void DenseGemv::emitRow(OpBuilder &b, Value row, Value elements) {
  Arithmetic i32(b, loc);
  int64_t depth = typeOf(matrix).getDimSize(1);
  int64_t width = depth % kVector == 0 ? kVector : 1, step = width * kLanes;
  Value weights = toBuffer(b, elements), vector = toBuffer(b, x);
  Value lane = emitLane(b);
  Value first = i32.mul(row, depth), begin = i32.mul(lane, width);

  // Lanes of a partial step that have no element read zeros outside.
  auto emitStep = [&](OpBuilder &b, Value k, bool partial, ValueRange sums) {
    Arithmetic i32(b, loc);
    auto load = [&](Value buffer, Value at) {
      if (partial)
        at = i32.select(i32.less(k, i32.constant(depth)), at,
                        i32.constant(getOutside(typeOf(buffer))));
      return loadNeighbours(b, loc, buffer, i32.toIndex(at), width);
    };
    SmallVector<Value> w = load(weights, i32.add(first, k));
    SmallVector<Value> f = load(vector, k), next;
    for (auto [sum, x, y] : llvm::zip_equal(sums, w, f))
      next.push_back(multiplyAdd(b, sum, x, y));
    return next;
  };
  int64_t whole = depth / step * step;
  SmallVector<Value> sums(width, f32Zero(b));
  sums = forLoop(b, loc, createIndex(b, loc, 0), createIndex(b, loc, whole),
                 createIndex(b, loc, step), sums,
                 [&](OpBuilder &b, Location, Value k, ValueRange carried) {
                   Arithmetic i32(b, loc);
                   return emitStep(b, i32.add(begin, i32.fromIndex(k)),
                                   /*partial=*/false, carried);
                 });
  if (whole < depth)
    sums = emitStep(b, i32.add(begin, whole), /*partial=*/true, sums);

  Value sum = sums.front();
  for (Value other : ArrayRef(sums).drop_front())
    sum = arith::AddFOp::create(b, loc, sum, other);
  sum = gpu::SubgroupReduceOp::create(b, loc, sum, gpu::AllReduceOperation::ADD,
                                      /*uniform=*/true);
  Value isFirst = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, lane,
                                        i32.constant(0));
  scf::IfOp::create(b, loc, isFirst, [&](OpBuilder &b, Location loc) {
    SmallVector<Value> position =
        resultAt(b, toIndex(b, row), createIndex(b, loc, 0));
    storeSum(b, sum, position);
    scf::YieldOp::create(b, loc);
  });
}
