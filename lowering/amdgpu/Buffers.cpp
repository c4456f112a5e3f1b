//===- Buffers.cpp - Arrays within reach of 32 bits -----------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/amdgpu/Buffers.h"

#include "lowering/amdgpu/Arithmetic.h"
#include "lowering/common/Cursor.h"

#include "mlir/Dialect/AMDGPU/IR/AMDGPUDialect.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace sparsec;

/// No buffer has more.
static constexpr int64_t kMostBytes = int64_t(1) << 31;

static int64_t bytesOf(MemRefType type) {
  return type.getElementTypeBitWidth() / 8;
}

int64_t sparsec::getOutside(MemRefType type) {
  return kMostBytes / bytesOf(type);
}

bool sparsec::isContiguous(MemRefType type) {
  if (type.getLayout().isIdentity())
    return true;
  SmallVector<int64_t> strides;
  int64_t offset, expected = 1;
  if (failed(type.getStridesAndOffset(strides, offset)))
    return false;
  for (int64_t d = type.getRank(); d-- > 0;) {
    int64_t size = type.getDimSize(d);
    if (ShapedType::isDynamic(size) || (size != 1 && strides[d] != expected))
      return false;
    expected *= size;
  }
  return true;
}

bool sparsec::canBeBuffer(Value memref) {
  auto type = cast<MemRefType>(memref.getType());
  if (!isContiguous(type))
    return false;
  if (!type.hasStaticShape()) // a dimension of 0 has no type in flatten
    return !llvm::is_contained(type.getShape(), 0);
  return type.getNumElements() <= getOutside(type);
}

void sparsec::assertReach(OpBuilder &b, Location loc, Value memref) {
  auto type = cast<MemRefType>(memref.getType());
  if (type.hasStaticShape())
    return;
  Value count;
  for (int64_t d = 0; d < type.getRank(); ++d) {
    Value size = b.createOrFold<memref::DimOp>(loc, memref, d);
    count = count ? b.createOrFold<arith::MulIOp>(loc, count, size) : size;
  }
  Value fits = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ule, count,
                                     createIndex(b, loc, getOutside(type)));
  cf::AssertOp::create(b, loc, fits,
                       "a factor or result has more elements than offsets of "
                       "32 bits reach: use a smaller batch");
}

Value sparsec::flatten(OpBuilder &b, Location loc, Value memref) {
  int64_t rank = cast<MemRefType>(memref.getType()).getRank();
  if (rank == 1)
    return memref;
  SmallVector<ReassociationIndices> all(1);
  llvm::append_range(all.front(), llvm::seq<int64_t>(0, rank));
  return memref::CollapseShapeOp::create(b, loc, memref, all);
}

Value sparsec::toBuffer(OpBuilder &b, Location loc, Value memref) {
  // Offsets of 32 bits count from the first element.
  bool isPart = !cast<MemRefType>(memref.getType()).getLayout().isIdentity();
  return amdgpu::FatRawBufferCastOp::create(b, loc, memref, Value(), Value(),
                                            /*boundsCheck=*/true, isPart);
}

void sparsec::storeInside(OpBuilder &b, Location loc, Value buffer,
                          Value offset, Value inside, Value values) {
  Arithmetic i32(b, loc);
  auto type = cast<MemRefType>(buffer.getType());
  Value at =
      i32.toIndex(i32.select(inside, offset, i32.constant(getOutside(type))));
  auto vector = dyn_cast<VectorType>(values.getType());
  if (!vector) {
    memref::StoreOp::create(b, loc, values, buffer, at);
    return;
  }
  vector::StoreOp::create(
      b, loc, values, buffer, at, /*nontemporal=*/false,
      llvm::MaybeAlign(bytesOf(type) * vector.getNumElements()));
}
