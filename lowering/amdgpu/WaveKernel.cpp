//===- WaveKernel.cpp - What kernels on waves share -----------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/amdgpu/WaveKernel.h"

#include "lowering/amdgpu/Buffers.h"
#include "lowering/common/Epilogue.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace sparsec;

/// Waves in a workgroup.
static constexpr int64_t kMostWaves = 16;

bool WaveKernel::findRoles() {
  std::optional<unsigned> side = op.getCompressedOperand();
  if (!side || op.isTensorForm())
    return false;
  weightFirst = *side == 0;
  Value weight = weightFirst ? op.getLhs() : op.getRhs();
  x = weightFirst ? op.getRhs() : op.getLhs();
  xSwapped = weightFirst ? op.getTransposeRhs() : !op.getTransposeLhs();
  bool transposed = weightFirst ? op.getTransposeLhs() : op.getTransposeRhs();
  weightType = cast<RankedTensorType>(weight.getType());
  unsigned kDim = weightFirst != transposed ? 1 : 0;
  sumsInner = kDim != getFormat(weightType).getOuterDim();
  return true;
}

FailureOr<StoredWeight> WaveKernel::findWeight() {
  return findStoredWeight(b, op, weightFirst ? op.getLhs() : op.getRhs());
}

std::string WaveKernel::nameOf(StringRef kernel) {
  StringRef name = weightType.getEncoding().getAbstractAttribute().getName();
  return (kernel + "_" + name.rsplit('.').second).str();
}

bool WaveKernel::isVector() {
  auto type = cast<MemRefType>(x.getType());
  return isContiguous(type) && type.hasStaticShape() &&
         (type.getRank() == 1 || type.getDimSize(xSwapped ? 0 : 1) == 1) &&
         type.getNumElements() <= mostElements(type);
}

Value WaveKernel::asVector() {
  if (cast<MemRefType>(x.getType()).getRank() == 1)
    return x;
  return memref::CollapseShapeOp::create(
      b, loc, x, SmallVector<ReassociationIndices>{{0, 1}});
}

int64_t WaveKernel::mostElements(MemRefType type) {
  return INT32_MAX / (type.getElementTypeBitWidth() / 8);
}

int64_t WaveKernel::chooseWaves(int64_t all) {
  int64_t waves = kMostWaves;
  while (waves > 1 && !ShapedType::isDynamic(all) &&
         all < waves * (kComputeUnits - 4))
    waves /= 2;
  return waves;
}

void WaveKernel::launchWaves(StringRef name, Value groupsX, Value groupsY,
                             int64_t waves, Body body, int64_t floats,
                             int64_t numbers) {
  Value one = createIndex(b, loc, 1);
  Value size = createIndex(b, loc, waves * kLanes);
  auto launch =
      gpu::LaunchOp::create(b, loc, groupsX, groupsY, one, size, one, one);
  launch.setFunctionAttr(FlatSymbolRefAttr::get(b.getContext(), name));
  auto space = gpu::AddressSpaceAttr::get(
      b.getContext(), gpu::GPUDialect::getWorkgroupAddressSpace());
  auto share = [&](int64_t count, Type element) -> Value {
    if (count == 0)
      return {};
    return launch.addWorkgroupAttribution(
        MemRefType::get({count}, element, MemRefLayoutAttrInterface(), space),
        loc);
  };
  shared = share(floats, b.getF32Type());
  sharedNumbers = share(numbers, b.getI32Type());
  auto inside = OpBuilder::atBlockBegin(&launch.getBody().front());
  Value wave = emitWaveNumber(inside, toI32(inside, launch.getThreadIds().x));
  body(inside, loc, toI32(inside, launch.getBlockIds().x),
       toI32(inside, launch.getBlockIds().y), wave);
  gpu::TerminatorOp::create(inside, loc);
}

Value WaveKernel::i32(OpBuilder &b, int64_t value) {
  return arith::ConstantIntOp::create(b, loc, b.getI32Type(), value);
}

Value WaveKernel::f32Zero(OpBuilder &b) {
  return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(0));
}

Value WaveKernel::toIndex(OpBuilder &b, Value value) {
  return arith::IndexCastUIOp::create(b, loc, b.getIndexType(), value);
}

Value WaveKernel::toI32(OpBuilder &b, Value value) {
  return arith::IndexCastUIOp::create(b, loc, b.getI32Type(), value);
}

Value WaveKernel::add(OpBuilder &b, Value x, Value y) {
  return arith::AddIOp::create(b, loc, x, y);
}

Value WaveKernel::add(OpBuilder &b, Value x, int64_t y) {
  return y == 0 ? x : add(b, x, i32(b, y));
}

Value WaveKernel::mul(OpBuilder &b, Value x, int64_t y) {
  return y == 1 ? x : arith::MulIOp::create(b, loc, x, i32(b, y));
}

Value WaveKernel::less(OpBuilder &b, Value x, Value y) {
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, x, y);
}

Value WaveKernel::intrinsic(OpBuilder &b, Type type, StringRef name,
                            ValueRange values) {
  return LLVM::CallIntrinsicOp::create(b, loc, type, b.getStringAttr(name),
                                       values)
      .getResult(0);
}

Value WaveKernel::toBuffer(OpBuilder &b, Value memref) {
  return sparsec::toBuffer(b, loc, memref);
}

Value WaveKernel::emitWaveNumber(OpBuilder &b, Value item) {
  // The same for all lanes, which only readfirstlane tells LLVM.
  Value wave = arith::ShRUIOp::create(b, loc, item, i32(b, 6));
  return intrinsic(b, b.getI32Type(), "llvm.amdgcn.readfirstlane.i32", wave);
}

Value WaveKernel::emitLane(OpBuilder &b) {
  // The lanes before it.
  Type type = b.getI32Type();
  Value all = i32(b, -1);
  Value lane =
      intrinsic(b, type, "llvm.amdgcn.mbcnt.lo", ValueRange{all, i32(b, 0)});
  return intrinsic(b, type, "llvm.amdgcn.mbcnt.hi", ValueRange{all, lane});
}

void WaveKernel::waveBarrier(OpBuilder &b) {
  LLVM::CallIntrinsicOp::create(
      b, loc, b.getStringAttr("llvm.amdgcn.wave.barrier"), ValueRange());
}

Value WaveKernel::readLane(OpBuilder &b, Value value, Value lane) {
  StringRef name = value.getType().isF32() ? "llvm.amdgcn.readlane.f32"
                                           : "llvm.amdgcn.readlane.i32";
  return intrinsic(b, value.getType(), name, ValueRange{value, lane});
}

Value WaveKernel::readFirstLane(OpBuilder &b, Value value) {
  return intrinsic(b, value.getType(), "llvm.amdgcn.readfirstlane.i32", value);
}

Value WaveKernel::multiplyAdd(OpBuilder &b, Value sum, Value x, Value y) {
  auto flags =
      strict ? arith::FastMathFlags::none : arith::FastMathFlags::contract;
  Value product = arith::MulFOp::create(b, loc, x, y, flags);
  return arith::AddFOp::create(b, loc, sum, product, flags);
}

SmallVector<Value> WaveKernel::resultAt(OpBuilder &b, Value o, Value c) {
  if (op.getInit().getType().getRank() == 1)
    return {o};
  if (weightFirst)
    return {o, c};
  return {c, o};
}

void WaveKernel::storeResult(OpBuilder &b, Value sum, ValueRange position) {
  SmallVector<int> dims = llvm::to_vector(llvm::seq<int>(0, position.size()));
  Epilogue epilogue(op, op.getEpilogueOperands(), {}, dims);
  memref::StoreOp::create(b, loc, epilogue.apply(b, loc, sum, position),
                          op.getInit(), position);
}

void WaveKernel::storeSum(OpBuilder &b, Value sum, ValueRange position) {
  if (!op.getZeroInit())
    sum = arith::AddFOp::create(
        b, loc, sum,
        toF32(b, loc, memref::LoadOp::create(b, loc, op.getInit(), position)));
  storeResult(b, sum, position);
}
