//===- Convolution.cpp - Convolutions as products on tiles ----------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A filter is a row of one factor, k its taps in the order in which the host
// sums them; a patch of the input, the one under a pixel of the result, is a
// column of the other. Where a tap of a patch is in memory is the sum of where
// the patch and where the tap is, so that the loader of a tile needs no more
// than an addition: the matrix of patches is never written out.

#include "lowering/amdgpu/DenseKernels.h"

#include "lowering/amdgpu/Arithmetic.h"
#include "lowering/amdgpu/Buffers.h"
#include "lowering/common/Cursor.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace sparsec;

/// Elements that are loaded or stored together.
static constexpr int64_t kVector = 4;
/// A multiple of the depth of every tile.
static constexpr int64_t kDepth = 16;

/// Sizes of an input or result, and how far apart neighbours are in it.
static ConvolutionShape::Image imageOf(Value memref, bool channelsFirst) {
  ArrayRef<int64_t> shape = cast<MemRefType>(memref.getType()).getShape();
  ConvolutionShape::Image image;
  image.channels = shape[channelsFirst ? 1 : 3];
  image.height = shape[channelsFirst ? 2 : 1];
  image.width = shape[channelsFirst ? 3 : 2];
  image.toChannel = channelsFirst ? image.height * image.width : 1;
  image.toColumn = channelsFirst ? 1 : image.channels;
  image.toRow = image.toColumn * image.width;
  return image;
}

template <typename Op>
static bool setFilters(Operation *operation, ConvolutionShape &shape,
                       unsigned row) {
  auto op = dyn_cast<Op>(operation);
  if (!op)
    return false;
  ArrayRef<int64_t> filter =
      cast<ShapedType>(op.getInputs()[1].getType()).getShape();
  shape.filterHeight = filter[row];
  shape.filterWidth = filter[row + 1];
  auto strides = op.getStrides().template getValues<int64_t>();
  auto dilations = op.getDilations().template getValues<int64_t>();
  shape.strides = {strides[0], strides[1]};
  shape.dilations = {dilations[0], dilations[1]};
  return true;
}

bool Convolution::matches() {
  if (!op.hasPureBufferSemantics())
    return false;
  shape.channelsFirst = isa<linalg::Conv2DNchwFchwOp>(*op);
  shape.filtersLast = isa<linalg::Conv2DNhwcHwcfOp>(*op);
  if (!setFilters<linalg::Conv2DNchwFchwOp>(op, shape, 2) &&
      !setFilters<linalg::Conv2DNhwcHwcfOp>(op, shape, 0) &&
      !setFilters<linalg::Conv2DNhwcFhwcOp>(op, shape, 1))
    return false;
  for (Value operand : op->getOperands()) {
    auto type = cast<MemRefType>(operand.getType());
    // The batch alone may be of any size.
    bool filter = operand == op->getOperand(1);
    if (ShapedType::isDynamicShape(type.getShape().drop_front(filter ? 0 : 1)))
      return false;
    if (llvm::is_contained(type.getShape(), 0))
      return false;
    if (!isa<Float32Type, Float16Type, BFloat16Type>(type.getElementType()) ||
        !canBeBuffer(operand))
      return false;
  }
  // A sum in fewer bits is rounded after each step.
  Value output = op.getDpsInits()[0];
  if (!cast<MemRefType>(output.getType()).getElementType().isF32())
    return false;
  shape.input = imageOf(op->getOperand(0), shape.channelsFirst);
  shape.output = imageOf(output, shape.channelsFirst);
  return true;
}

/// Where in the input the first tap of a patch is.
Value Convolution::patchOffset(OpBuilder &b, Value patch) {
  Arithmetic i32(b, loc);
  int64_t width = shape.output.width, pixels = shape.output.height * width;
  Value image = i32.div(patch, pixels), pixel = i32.rem(patch, pixels);
  const ConvolutionShape::Image &input = shape.input;
  return i32.add(
      i32.mul(image, input.channels * input.height * input.width),
      i32.add(
          i32.mul(i32.div(pixel, width), input.toRow * shape.strides[0]),
          i32.mul(i32.rem(pixel, width), input.toColumn * shape.strides[1])));
}

/// How far behind the first tap the one of number k is.
Value Convolution::tapOffset(OpBuilder &b, Value k) {
  Arithmetic i32(b, loc);
  int64_t channels = shape.input.channels;
  int64_t area = shape.filterHeight * shape.filterWidth;
  Value channel = shape.channelsFirst ? i32.div(k, area) : i32.rem(k, channels);
  Value tap = shape.channelsFirst ? i32.rem(k, area) : i32.div(k, channels);
  Value row = i32.div(tap, shape.filterWidth);
  Value column = i32.rem(tap, shape.filterWidth);
  const ConvolutionShape::Image &input = shape.input;
  return i32.add(i32.mul(channel, input.toChannel),
                 i32.add(i32.mul(row, input.toRow * shape.dilations[0]),
                         i32.mul(column, input.toColumn * shape.dilations[1])));
}

TileFactor Convolution::makePatches() {
  TileFactor factor;
  factor.array = flatten(b, loc, op->getOperand(0));
  factor.tileOffset = [this](OpBuilder &b, Value patch) {
    return patchOffset(b, patch);
  };
  factor.depthOffset = [this](OpBuilder &b, Value k) {
    return tapOffset(b, k);
  };
  const ConvolutionShape::Image &input = shape.input;
  bool points = shape.filterHeight == 1 && shape.filterWidth == 1;
  if (shape.channelsFirst) {
    // Patches of one pixel each, one after the other, are the input itself.
    bool all = points && shape.strides[0] == 1 && shape.strides[1] == 1 &&
               input.height == shape.output.height &&
               input.width == shape.output.width;
    factor.vector = all && input.toChannel % kVector == 0 ? kVector : 1;
    factor.linear = points;
    return factor;
  }
  factor.alongDepth = true;
  factor.vector = input.channels % kVector == 0 ? kVector : 1;
  // The k of a step are channels of one tap.
  factor.linear = points || input.channels % kDepth == 0;
  return factor;
}

TileFactor Convolution::makeFilters() {
  int64_t filters = shape.output.channels;
  int64_t depth = shape.input.channels * shape.filterHeight * shape.filterWidth;
  auto scaled = [loc = loc](int64_t factor) {
    return [loc, factor](OpBuilder &b, Value index) {
      return Arithmetic(b, loc).mul(index, factor);
    };
  };
  TileFactor factor;
  factor.array = flatten(b, loc, op->getOperand(1));
  factor.alongDepth = !shape.filtersLast;
  factor.tileOffset = scaled(shape.filtersLast ? 1 : depth);
  factor.depthOffset = scaled(shape.filtersLast ? filters : 1);
  factor.vector =
      (shape.filtersLast ? filters : depth) % kVector == 0 ? kVector : 1;
  return factor;
}

TileResult Convolution::makeResult() {
  int64_t filters = shape.output.channels;
  int64_t pixels = shape.output.height * shape.output.width;
  TileResult result;
  result.array = flatten(b, loc, op.getDpsInits()[0]);
  result.accumulates = true;
  result.finish = [](OpBuilder &, Value sum, Value, Value) { return sum; };
  if (!shape.channelsFirst) {
    result.vector = filters % kVector == 0 ? kVector : 1;
    result.offset = [this, filters](OpBuilder &b, Value patch, Value filter) {
      Arithmetic i32(b, loc);
      return i32.add(i32.mul(patch, filters), filter);
    };
    return result;
  }
  result.vector = pixels % kVector == 0 ? kVector : 1;
  result.offset = [this, filters, pixels](OpBuilder &b, Value filter,
                                          Value patch) {
    Arithmetic i32(b, loc);
    Value image = i32.div(patch, pixels);
    return i32.add(i32.mul(i32.add(i32.mul(image, filters), filter), pixels),
                   i32.rem(patch, pixels));
  };
  return result;
}

void Convolution::run() {
  for (Value operand : op->getOperands())
    assertReach(b, loc, operand);
  int64_t pixels = shape.output.height * shape.output.width;
  Value batch = b.createOrFold<memref::DimOp>(loc, op.getDpsInits()[0], 0);
  Value patchCount =
      b.createOrFold<arith::MulIOp>(loc, batch, createIndex(b, loc, pixels));
  OpFoldResult patches = getAsOpFoldResult(patchCount);
  OpFoldResult filters = b.getIndexAttr(shape.output.channels);
  OpFoldResult depth = b.getIndexAttr(shape.input.channels *
                                      shape.filterHeight * shape.filterWidth);
  TileFactor input = makePatches(), weights = makeFilters();
  TileResult result = makeResult();
  if (shape.channelsFirst)
    TiledProduct(b, loc, strict, filters, patches, depth)
        .launch("gemm_conv", weights, input, result);
  else
    TiledProduct(b, loc, strict, patches, filters, depth)
        .launch("gemm_conv", input, weights, result);
  op.erase();
}
