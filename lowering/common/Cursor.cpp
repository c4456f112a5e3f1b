//===- Cursor.cpp - What all cursors share --------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/common/Cursor.h"

#include "lowering/common/Cursors.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace sparsec;

SmallVector<Value> Cursor::forEachChunk(OpBuilder &, Location, Type, Value,
                                        ValueRange, ChunkBody) const {
  llvm_unreachable("this format has no chunks");
}

std::unique_ptr<Cursor> sparsec::makeCursor(const WeightStorage &storage,
                                            const VectorUnit &unit) {
  return llvm::TypeSwitch<Attribute, std::unique_ptr<Cursor>>(
             storage.type.getEncoding())
      .Case([&](BitmaskAttr) { return makeBitmaskCursor(storage, unit); })
      .Case<CSRAttr, CSCAttr>(
          [&](Attribute) { return makeIndexedCursor(storage); })
      .Case([&](BlockAttr) { return makeBlockCursor(storage, unit); })
      .Default([](Attribute) { return nullptr; });
}

Value sparsec::loadEntry(OpBuilder &builder, Location loc, Value array,
                         ValueRange indices) {
  if (isa<MemRefType>(array.getType()))
    return memref::LoadOp::create(builder, loc, array, indices);
  return tensor::ExtractOp::create(builder, loc, array, indices);
}

Value sparsec::loadIndex(OpBuilder &builder, Location loc, Value array,
                         ValueRange indices) {
  Value entry = loadEntry(builder, loc, array, indices);
  return arith::IndexCastUIOp::create(builder, loc, builder.getIndexType(),
                                      entry);
}

Value sparsec::createIndex(OpBuilder &builder, Location loc, int64_t value) {
  return arith::ConstantIndexOp::create(builder, loc, value);
}

Value sparsec::addIndex(OpBuilder &builder, Location loc, Value a, Value b) {
  if (!a)
    return b;
  if (!b)
    return a;
  return builder.createOrFold<arith::AddIOp>(loc, a, b);
}

Value sparsec::addIndex(OpBuilder &builder, Location loc, Value a, int64_t b) {
  return b == 0 ? a : addIndex(builder, loc, a, createIndex(builder, loc, b));
}

Value sparsec::mulIndex(OpBuilder &builder, Location loc, Value a, int64_t b) {
  return b == 1 ? a
                : builder.createOrFold<arith::MulIOp>(
                      loc, a, createIndex(builder, loc, b));
}

/// `type`, or a vector of it with the shape of `like`.
static Type likeShape(Type like, Type type) {
  auto vector = dyn_cast<VectorType>(like);
  return vector ? Type(vector.clone(type)) : type;
}

Value sparsec::toSum(OpBuilder &builder, Location loc, Value value, Type sum) {
  Type type = likeShape(value.getType(), sum);
  if (value.getType() == type)
    return value;
  if (isa<FloatType>(getElementTypeOrSelf(value.getType())))
    return arith::ExtFOp::create(builder, loc, type, value);
  if (isa<FloatType>(sum))
    return arith::SIToFPOp::create(builder, loc, type, value);
  return arith::ExtSIOp::create(builder, loc, type, value);
}

Value sparsec::toF32(OpBuilder &builder, Location loc, Value value) {
  return toSum(builder, loc, value, builder.getF32Type());
}

Value sparsec::addProduct(OpBuilder &builder, Location loc, Value acc, Value a,
                          Value b, arith::FastMathFlags flags) {
  if (getElementTypeOrSelf(acc.getType()).isInteger()) {
    Value product = arith::MulIOp::create(builder, loc, a, b);
    return arith::AddIOp::create(builder, loc, acc, product);
  }
  Value product = arith::MulFOp::create(builder, loc, a, b, flags);
  return arith::AddFOp::create(builder, loc, acc, product, flags);
}

Value sparsec::zeroSum(OpBuilder &builder, Location loc, Type sum,
                       int64_t lanes) {
  Type type = lanes > 0 ? VectorType::get({lanes}, sum) : sum;
  return arith::ConstantOp::create(builder, loc, type,
                                   cast<TypedAttr>(builder.getZeroAttr(type)));
}

Value sparsec::fromSum(OpBuilder &builder, Location loc, Value value,
                       Type element) {
  Type type = likeShape(value.getType(), element);
  if (value.getType() == type)
    return value;
  return arith::TruncFOp::create(builder, loc, type, value);
}

SmallVector<Value> sparsec::forLoop(
    OpBuilder &builder, Location loc, Value begin, Value end, Value step,
    ValueRange carried,
    function_ref<SmallVector<Value>(OpBuilder &, Location, Value, ValueRange)>
        body) {
  auto loop = scf::ForOp::create(
      builder, loc, begin, end, step, carried,
      [&](OpBuilder &b, Location l, Value iv, ValueRange args) {
        scf::YieldOp::create(b, l, body(b, l, iv, args));
      });
  return loop.getResults();
}
