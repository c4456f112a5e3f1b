//===- DeviceCalls.cpp - Calls of the runtime that drive a device ---------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/common/DeviceCalls.h"

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sparsec;

static Type pointerType(OpBuilder &b) {
  return LLVM::LLVMPointerType::get(b.getContext());
}

Value DeviceCalls::call(OpBuilder &b, Location loc, StringRef name,
                        ValueRange arguments, bool result) {
  auto function = module.lookupSymbol<LLVM::LLVMFuncOp>(name);
  if (!function) {
    Type type =
        result ? Type(b.getI64Type()) : LLVM::LLVMVoidType::get(b.getContext());
    auto atStart = OpBuilder::atBlockBegin(module.getBody());
    function = LLVM::LLVMFuncOp::create(
        atStart, module.getLoc(), name,
        LLVM::LLVMFunctionType::get(type,
                                    llvm::to_vector(arguments.getTypes())));
  }
  auto call = LLVM::CallOp::create(b, loc, function, arguments);
  return result ? call.getResult() : Value();
}

Value DeviceCalls::allocate(OpBuilder &b, Location loc, Value bytes) {
  return call(b, loc, "sparsec_rt_device_alloc", bytes);
}

Value DeviceCalls::weights(OpBuilder &b, Location loc) {
  return call(b, loc, "sparsec_rt_device_weights", {});
}

Value DeviceCalls::copyIn(OpBuilder &b, Location loc, Value to, Value host,
                          Value bytes, Value after) {
  return call(b, loc, "sparsec_rt_copy_in",
              {to, toPointer(b, loc, host), bytes, after});
}

Value DeviceCalls::copyOut(OpBuilder &b, Location loc, Value host, Value from,
                           Value bytes, Value after) {
  return call(b, loc, "sparsec_rt_copy_out",
              {toPointer(b, loc, host), from, bytes, after});
}

void DeviceCalls::stream(OpBuilder &b, Location loc, Value to, Value from,
                         Value bytes) {
  call(b, loc, "sparsec_rt_stream", {to, toPointer(b, loc, from), bytes},
       /*result=*/false);
}

Value DeviceCalls::launch(OpBuilder &b, Location loc, uint32_t kernel,
                          Value grid, Value group, Value arguments,
                          Value argumentBytes, Value after) {
  auto i32 = [&](int64_t value) -> Value {
    return LLVM::ConstantOp::create(b, loc, b.getI32Type(), value);
  };
  return call(
      b, loc, "sparsec_rt_launch",
      {i32(kernel), grid, group, i32(0), arguments, argumentBytes, after});
}

void DeviceCalls::fail(OpBuilder &b, Location loc, StringRef name,
                       StringRef message) {
  auto global = module.lookupSymbol<LLVM::GlobalOp>(name);
  if (!global) {
    auto atStart = OpBuilder::atBlockBegin(module.getBody());
    std::string text = message.str();
    text.push_back('\0');
    global = LLVM::GlobalOp::create(
        atStart, module.getLoc(),
        LLVM::LLVMArrayType::get(b.getI8Type(), text.size()),
        /*isConstant=*/true, LLVM::Linkage::Internal, name,
        b.getStringAttr(text));
  }
  Value address = LLVM::AddressOfOp::create(b, loc, global);
  call(b, loc, "sparsec_rt_fail", address, /*result=*/false);
}

Value sparsec::toPointer(OpBuilder &b, Location loc, Value address) {
  return LLVM::IntToPtrOp::create(b, loc, pointerType(b), address);
}

Value sparsec::createI64(OpBuilder &b, Location loc, int64_t value) {
  return arith::ConstantIntOp::create(b, loc, b.getI64Type(), value);
}

Value sparsec::getAddress(OpBuilder &b, Location loc, Value memref) {
  Value address =
      memref::ExtractAlignedPointerAsIndexOp::create(b, loc, memref);
  return arith::IndexCastOp::create(b, loc, b.getI64Type(), address);
}

static SmallVector<Value> sizesOf(OpBuilder &b, Location loc, MemRefType type,
                                  ValueRange dynamicSizes) {
  SmallVector<Value> sizes;
  for (int64_t size : type.getShape()) {
    if (!ShapedType::isDynamic(size)) {
      sizes.push_back(createI64(b, loc, size));
      continue;
    }
    sizes.push_back(arith::IndexCastOp::create(b, loc, b.getI64Type(),
                                               dynamicSizes.front()));
    dynamicSizes = dynamicSizes.drop_front();
  }
  return sizes;
}

Value sparsec::makeMemref(OpBuilder &b, Location loc, Value address,
                          MemRefType type, ValueRange dynamicSizes) {
  Type structType = LLVMTypeConverter(b.getContext()).convertType(type);
  Value descriptor = LLVM::UndefOp::create(b, loc, structType);
  auto insert = [&](Value value, ArrayRef<int64_t> position) {
    descriptor =
        LLVM::InsertValueOp::create(b, loc, descriptor, value, position);
  };
  Value pointer = toPointer(b, loc, address);
  insert(pointer, 0);
  insert(pointer, 1);
  insert(createI64(b, loc, 0), 2);
  SmallVector<Value> sizes = sizesOf(b, loc, type, dynamicSizes);
  Value stride = createI64(b, loc, 1);
  for (int64_t d = type.getRank(); d-- > 0;) {
    insert(sizes[d], {3, d});
    insert(stride, {4, d});
    stride = b.createOrFold<arith::MulIOp>(loc, stride, sizes[d]);
  }
  return UnrealizedConversionCastOp::create(b, loc, type, descriptor)
      .getResult(0);
}

Value sparsec::computeBytes(OpBuilder &b, Location loc, MemRefType type,
                            ValueRange dynamicSizes) {
  Type element = type.getElementType();
  int64_t bits = element.isIndex() ? 64 : element.getIntOrFloatBitWidth();
  Value bytes = createI64(b, loc, llvm::divideCeil(bits, 8));
  for (Value size : sizesOf(b, loc, type, dynamicSizes))
    bytes = b.createOrFold<arith::MulIOp>(loc, bytes, size);
  return bytes;
}

Value sparsec::toArgument(OpBuilder &b, Location loc, Value value) {
  Type type = LLVMTypeConverter(b.getContext()).convertType(value.getType());
  if (type == value.getType())
    return value;
  return UnrealizedConversionCastOp::create(b, loc, type, value).getResult(0);
}
