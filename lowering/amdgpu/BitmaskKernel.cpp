//===- BitmaskKernel.cpp - What kernels for bitmask weights share ---------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/amdgpu/Kernels.h"

#include "lowering/Passes.h"
#include "lowering/common/Epilogue.h"

#include "mlir/Dialect/AMDGPU/IR/AMDGPUDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace sparsec {
#define GEN_PASS_DEF_AMDGPUKERNELS
#include "lowering/Passes.h.inc"
} // namespace sparsec

using namespace mlir;
using namespace sparsec;

bool BitmaskKernel::isBitmaskSum() {
  std::optional<unsigned> side = op.getCompressedOperand();
  if (!side || op.isTensorForm())
    return false;
  weightFirst = *side == 0;
  Value weight = weightFirst ? op.getLhs() : op.getRhs();
  x = weightFirst ? op.getRhs() : op.getLhs();
  xSwapped = weightFirst ? op.getTransposeRhs() : !op.getTransposeLhs();
  bool transposed = weightFirst ? op.getTransposeLhs() : op.getTransposeRhs();
  auto type = cast<RankedTensorType>(weight.getType());
  return isa<BitmaskAttr>(type.getEncoding()) && weightFirst != transposed;
}

int64_t BitmaskKernel::mostElements(MemRefType type) {
  return INT32_MAX / (type.getElementTypeBitWidth() / 8);
}

Value BitmaskKernel::i32(OpBuilder &b, int64_t value) {
  return arith::ConstantIntOp::create(b, loc, b.getI32Type(), value);
}

Value BitmaskKernel::toIndex(OpBuilder &b, Value value) {
  return arith::IndexCastUIOp::create(b, loc, b.getIndexType(), value);
}

Value BitmaskKernel::toI32(OpBuilder &b, Value value) {
  return arith::IndexCastUIOp::create(b, loc, b.getI32Type(), value);
}

Value BitmaskKernel::intrinsic(OpBuilder &b, Type type, StringRef name,
                               ValueRange values) {
  return LLVM::CallIntrinsicOp::create(b, loc, type, b.getStringAttr(name),
                                       values)
      .getResult(0);
}

Value BitmaskKernel::toBuffer(OpBuilder &b, Value memref) {
  return amdgpu::FatRawBufferCastOp::create(b, loc, memref, Value(), Value());
}

Value BitmaskKernel::emitWaveNumber(OpBuilder &b, Value item) {
  // The same for all lanes, which only readfirstlane tells LLVM.
  Value wave = arith::ShRUIOp::create(b, loc, item, i32(b, 6));
  return intrinsic(b, b.getI32Type(), "llvm.amdgcn.readfirstlane.i32", wave);
}

Value BitmaskKernel::emitLane(OpBuilder &b) {
  // The lanes before it.
  Type type = b.getI32Type();
  Value all = i32(b, -1);
  Value lane =
      intrinsic(b, type, "llvm.amdgcn.mbcnt.lo", ValueRange{all, i32(b, 0)});
  return intrinsic(b, type, "llvm.amdgcn.mbcnt.hi", ValueRange{all, lane});
}

Value BitmaskKernel::isOn(OpBuilder &b, Value bits) {
  return intrinsic(b, b.getI1Type(), "llvm.amdgcn.inverse.ballot.i64", bits);
}

Value BitmaskKernel::loadValue(OpBuilder &b, Value bits, Value position,
                               Value values) {
  Type type = b.getI32Type();
  Value shift = arith::ConstantIntOp::create(b, loc, b.getI64Type(), 32);
  Value low = arith::TruncIOp::create(b, loc, type, bits);
  Value high = arith::TruncIOp::create(
      b, loc, type, arith::ShRUIOp::create(b, loc, bits, shift));
  Value at =
      intrinsic(b, type, "llvm.amdgcn.mbcnt.lo", ValueRange{low, position});
  at = intrinsic(b, type, "llvm.amdgcn.mbcnt.hi", ValueRange{high, at});
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

Value BitmaskKernel::multiplyAdd(OpBuilder &b, Value sum, Value x, Value y) {
  auto flags =
      strict ? arith::FastMathFlags::none : arith::FastMathFlags::contract;
  Value product = arith::MulFOp::create(b, loc, x, y, flags);
  return arith::AddFOp::create(b, loc, sum, product, flags);
}

SmallVector<Value> BitmaskKernel::resultAt(OpBuilder &b, Value o, Value c) {
  if (op.getInit().getType().getRank() == 1)
    return {o};
  if (weightFirst)
    return {o, c};
  return {c, o};
}

void BitmaskKernel::storeResult(OpBuilder &b, Value sum, ValueRange position) {
  SmallVector<int> dims = llvm::to_vector(llvm::seq<int>(0, position.size()));
  Epilogue epilogue(op, op.getEpilogueOperands(), {}, dims);
  memref::StoreOp::create(b, loc, epilogue.apply(b, loc, sum, position),
                          op.getInit(), position);
}

namespace {

struct AmdgpuKernelsPass : sparsec::impl::AmdgpuKernelsBase<AmdgpuKernelsPass> {
  using AmdgpuKernelsBase::AmdgpuKernelsBase;

  void runOnOperation() override {
    SmallVector<MatmulOp> products;
    getOperation()->walk([&](MatmulOp op) { products.push_back(op); });
    for (MatmulOp op : products) {
      BitmaskGemv gemv(op, strict);
      BitmaskSpmm spmm(op, strict);
      if (gemv.matches() ? failed(gemv.run())
                         : spmm.matches() && failed(spmm.run()))
        return signalPassFailure();
    }
  }
};

} // namespace
