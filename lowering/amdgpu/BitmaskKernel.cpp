//===- BitmaskKernel.cpp - What kernels for bitmask weights share ---------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/amdgpu/Kernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace sparsec;

bool BitmaskKernel::isBitmaskSum() {
  return findRoles() && isa<BitmaskAttr>(weightType.getEncoding()) && sumsInner;
}

Value BitmaskKernel::isOn(OpBuilder &b, Value bits) {
  return intrinsic(b, b.getI1Type(), "llvm.amdgcn.inverse.ballot.i64", bits);
}

Value BitmaskKernel::rank(OpBuilder &b, Value bits, Value from) {
  Type type = b.getI32Type();
  Value shift = arith::ConstantIntOp::create(b, loc, b.getI64Type(), 32);
  Value low = arith::TruncIOp::create(b, loc, type, bits);
  Value high = arith::TruncIOp::create(
      b, loc, type, arith::ShRUIOp::create(b, loc, bits, shift));
  Value at = intrinsic(b, type, "llvm.amdgcn.mbcnt.lo", ValueRange{low, from});
  return intrinsic(b, type, "llvm.amdgcn.mbcnt.hi", ValueRange{high, at});
}

Value BitmaskKernel::loadValue(OpBuilder &b, Value bits, Value position,
                               Value values) {
  Value at = rank(b, bits, position);
  return toF32(b, loc, memref::LoadOp::create(b, loc, values, toIndex(b, at)));
}

Value BitmaskKernel::loadValues(OpBuilder &b, Value bits, Value position,
                                Value values) {
  auto active = scf::IfOp::create(
      b, loc, isOn(b, bits),
      [&](OpBuilder &b, Location loc) {
        scf::YieldOp::create(b, loc, loadValue(b, bits, position, values));
      },
      [&](OpBuilder &b, Location loc) {
        Value zero = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(0));
        scf::YieldOp::create(b, loc, zero);
      });
  return active.getResult(0);
}

SmallVector<Value> BitmaskKernel::forEachWord(
    OpBuilder &b, const StoredWeight &weight, Value row, ValueRange initial,
    function_ref<SmallVector<Value>(OpBuilder &, Value, Value, Value,
                                    ValueRange)>
        body) {
  int64_t words = llvm::divideCeil(weightType.getDimSize(1), kLanes);
  Value mask = toBuffer(b, memref::CollapseShapeOp::create(
                               b, loc, weight.storage.components[1],
                               SmallVector<ReassociationIndices>{{0, 1}}));
  Value offset =
      loadEntry(b, loc, toBuffer(b, weight.storage.components[2]), row);
  Value first = add(b, mul(b, toI32(b, row), words), lane);
  SmallVector<Value> state(initial);
  state.push_back(readFirstLane(b, offset));
  // 64 words at a time, a lane each; what is beyond the row is not used.
  state = forLoop(
      b, loc, i32(b, 0), i32(b, words), i32(b, kLanes), state,
      [&](OpBuilder &b, Location loc, Value base, ValueRange carried) {
        Value held = memref::LoadOp::create(b, loc, mask,
                                            toIndex(b, add(b, first, base)));
        Value end =
            arith::MinUIOp::create(b, loc, i32(b, words), add(b, base, kLanes));
        return forLoop(
            b, loc, base, end, i32(b, 1), carried,
            [&](OpBuilder &b, Location loc, Value word, ValueRange carried) {
              Value bits = intrinsic(
                  b, b.getI64Type(), "llvm.amdgcn.readlane.i64",
                  ValueRange{held, arith::SubIOp::create(b, loc, word, base)});
              Value position = carried.back();
              SmallVector<Value> next =
                  body(b, word, bits, position, carried.drop_back());
              next.push_back(add(b, position, countBits(b, bits)));
              return next;
            });
      });
  state.pop_back();
  return state;
}

SmallVector<Value> BitmaskKernel::forEachEntry(
    OpBuilder &b, Value bits, Value word, Value position, Value values,
    ValueRange state,
    function_ref<SmallVector<Value>(OpBuilder &, Value, Value, ValueRange)>
        body) {
  Value inner = add(b, mul(b, word, kLanes), lane);
  scf::IfOp::create(b, loc, isOn(b, bits), [&](OpBuilder &b, Location loc) {
    memref::StoreOp::create(b, loc, inner, scratch,
                            toIndex(b, rank(b, bits, scratchFirst)));
    scf::YieldOp::create(b, loc);
  });
  waveBarrier(b);
  SmallVector<Value> result =
      forLoop(b, loc, slot, countBits(b, bits), i32(b, slots), state,
              [&](OpBuilder &b, Location loc, Value entry, ValueRange carried) {
                Value inner = memref::LoadOp::create(
                    b, loc, scratch, toIndex(b, add(b, scratchFirst, entry)));
                Value value = memref::LoadOp::create(
                    b, loc, values, toIndex(b, add(b, position, entry)));
                return body(b, inner, toF32(b, loc, value), carried);
              });
  waveBarrier(b);
  return result;
}

Value BitmaskKernel::countBits(OpBuilder &b, Value bits) {
  return arith::TruncIOp::create(b, loc, b.getI32Type(),
                                 math::CtPopOp::create(b, loc, bits));
}

Value BitmaskKernel::findLowest(OpBuilder &b, Value bits) {
  Value bit = LLVM::CountTrailingZerosOp::create(b, loc, bits.getType(), bits,
                                                 /*is_zero_poison=*/true);
  return arith::TruncIOp::create(b, loc, b.getI32Type(), bit);
}

Value BitmaskKernel::clearLowest(OpBuilder &b, Value bits) {
  Value one = arith::ConstantIntOp::create(b, loc, b.getI64Type(), 1);
  Value below = arith::SubIOp::create(b, loc, bits, one);
  return arith::AndIOp::create(b, loc, bits, below);
}
