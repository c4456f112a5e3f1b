//===- Quantize.cpp - Weights of signed bytes -----------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// All in f32, so that the numbers are those of sparsec.quantize in Python: a
// channel has the scale max|w| / 127, or 1 where that is zero, and an element
// becomes w / scale, rounded to the nearest integer, ties to even, and held to
// [-127, 127]. The scale goes into the epilogue of the product, where the sum
// is still f32, in front of all that is there.

#include "passes/Passes.h"

#include "lowering/common/Cursor.h"
#include "passes/ConstantReader.h"
#include "passes/Products.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/ScopedPrinter.h"

#include <cmath>

namespace sparsec {
#define GEN_PASS_DEF_QUANTIZE
#include "passes/Passes.h.inc"
} // namespace sparsec

using namespace mlir;
using namespace sparsec;

static constexpr float kLevels = 127; // symmetric: -128 is not used

namespace {

/// The bytes of a weight, and the scale of each channel.
struct Quantized {
  ElementsAttr values, scales;
};

struct QuantizePass : sparsec::impl::QuantizeBase<QuantizePass> {
  void runOnOperation() override {
    quantized.clear();
    SmallVector<MatmulOp> products;
    getOperation()->walk([&](MatmulOp op) { products.push_back(op); });
    SmallVector<CompressOp> old;
    for (MatmulOp op : products) {
      CompressOp weight = findWeight(op);
      if (!weight) {
        ++numLeft;
        continue;
      }
      if (failed(quantize(op, weight)))
        return signalPassFailure();
      ++numQuantized;
      old.push_back(weight);
    }
    for (CompressOp weight :
         llvm::SetVector<CompressOp>(old.begin(), old.end()))
      if (weight->use_empty())
        weight.erase();
  }

private:
  static CompressOp findWeight(MatmulOp op);
  LogicalResult quantize(MatmulOp op, CompressOp weight);
  FailureOr<Quantized> getQuantized(CompressOp weight, unsigned channelDim);

  /// By the constant and the dimension of its channels.
  DenseMap<std::pair<Attribute, unsigned>, Quantized> quantized;
};

} // namespace

/// The constant weight of a product, if it is one of floats.
CompressOp QuantizePass::findWeight(MatmulOp op) {
  std::optional<unsigned> side = op.getCompressedOperand();
  if (!side || !op.isTensorForm())
    return {};
  auto weight = op->getOperand(*side).getDefiningOp<CompressOp>();
  if (!weight || !getConstantElements(weight.getDense()) ||
      !isa<FloatType>(weight.getDense().getType().getElementType()))
    return {};
  return weight;
}

FailureOr<Quantized> QuantizePass::getQuantized(CompressOp weight,
                                                unsigned channelDim) {
  ElementsAttr elements = getConstantElements(weight.getDense());
  Quantized &result = quantized[{elements, channelDim}];
  if (result.values)
    return result;
  auto type = cast<RankedTensorType>(elements.getType());
  FailureOr<ConstantReader> reader =
      ConstantReader::create(elements, [&] { return weight.emitError(); });
  if (failed(reader))
    return failure();
  int64_t rows = type.getDimSize(0), cols = type.getDimSize(1);
  auto forEach = [&](auto fn) {
    for (int64_t r = 0, i = 0; r < rows; ++r)
      for (int64_t c = 0; c < cols; ++c, ++i)
        fn(i, channelDim == 0 ? r : c, float((*reader)[i]));
  };

  int64_t channels = type.getDimSize(channelDim);
  SmallVector<float> scales(channels, 0);
  std::optional<int64_t> infinite;
  forEach([&](int64_t i, int64_t channel, float value) {
    if (!std::isfinite(value) && !infinite)
      infinite = i;
    scales[channel] = std::max(scales[channel], std::abs(value));
  });
  if (infinite)
    return weight.emitError()
           << "cannot quantize weight '" << getWeightName(weight)
           << "': element [" << *infinite / cols << ", " << *infinite % cols
           << "] is not finite, and int8 has no such value";
  for (float &scale : scales) {
    scale /= kLevels;
    // A channel of zeros or of the smallest denormals has none to divide by.
    scale = scale > 0 ? scale : 1;
  }

  formats::Buffer values(rows * cols);
  if (!values.valid())
    return weight.emitError() << "there is no memory to quantize weight '"
                              << getWeightName(weight) << "'";
  auto *bytes = values.as<int8_t>();
  forEach([&](int64_t i, int64_t channel, float value) {
    // Ties go to even in the default rounding mode.
    float rounded = std::nearbyint(value / scales[channel]);
    bytes[i] = int8_t(std::clamp(rounded, -kLevels, kLevels));
  });
  Builder b(&getContext());
  result.values = getElementsAttr(type.clone(b.getI8Type()), std::move(values),
                                  getWeightName(weight));
  result.scales = DenseElementsAttr::get(
      RankedTensorType::get({channels}, b.getF32Type()), ArrayRef(scales));
  return result;
}

LogicalResult QuantizePass::quantize(MatmulOp op, CompressOp weight) {
  unsigned side = *op.getCompressedOperand();
  bool transposed = side == 0 ? op.getTransposeLhs() : op.getTransposeRhs();
  unsigned channelDim = (side == 0) == transposed ? 1 : 0;
  FailureOr<Quantized> quantized = getQuantized(weight, channelDim);
  if (failed(quantized))
    return failure();

  OpBuilder b(op);
  Location loc = op.getLoc();
  Type old = weight.getDense().getType().getElementType();
  auto values = arith::ConstantOp::create(b, weight.getLoc(),
                                          cast<TypedAttr>(quantized->values));
  auto scales = arith::ConstantOp::create(b, weight.getLoc(),
                                          cast<TypedAttr>(quantized->scales));
  RankedTensorType type = weight.getCompressed().getType();
  auto compress = CompressOp::create(
      b, weight.getLoc(), cast<RankedTensorType>(type.clone(b.getI8Type())),
      values);
  if (Attribute info = weight->getAttr(kWeightAttrName))
    compress->setAttr(kWeightAttrName, info);
  addWeightNote(compress, "quantized to int8 from " + llvm::to_string(old));

  // What sums started from is not scaled: it is added behind.
  Value init = op.getInit(), added;
  if (!startsFromZero(op)) {
    added = init;
    Type element = cast<ShapedType>(init.getType()).getElementType();
    Value zero = zeroSum(b, loc, element);
    Value empty = tensor::EmptyOp::create(
        b, loc, tensor::getMixedSizes(b, loc, init), element);
    init = linalg::FillOp::create(b, loc, zero, empty).getResult(0);
  }
  int64_t rank = op.getInit().getType().getRank();
  SmallVector<Value> operands{op.getLhs(), op.getRhs(), init, scales};
  operands[side] = compress;
  unsigned resultDim = rank == 2 && side == 1 ? 1 : 0;
  SmallVector<Attribute> maps{AffineMapAttr::get(
      AffineMap::get(rank, 0, b.getAffineDimExpr(resultDim), &getContext()))};
  if (added) {
    operands.push_back(added);
    maps.push_back(AffineMapAttr::get(b.getMultiDimIdentityMap(rank)));
  }
  llvm::append_range(operands, op.getEpilogueOperands());
  if (ArrayAttr known = op.getEpilogueMapsAttr())
    llvm::append_range(maps, known);
  auto product = MatmulOp::create(
      b, loc, op.getResult().getType(), operands[0], operands[1], operands[2],
      ArrayRef(operands).drop_front(3), op.getTransposeLhs(),
      op.getTransposeRhs(), op.getZeroInit(), b.getArrayAttr(maps));
  product->setDiscardableAttrs(op->getDiscardableAttrDictionary());

  Block *body = b.createBlock(&product.getEpilogue());
  body->addArgument(b.getF32Type(), loc);
  for (Value operand : product.getEpilogueOperands())
    body->addArgument(getElementTypeOrSelf(operand.getType()), loc);
  Value sum =
      arith::MulFOp::create(b, loc, body->getArgument(0), body->getArgument(1));
  if (added)
    sum =
        arith::AddFOp::create(b, loc, sum, toF32(b, loc, body->getArgument(2)));
  if (op.hasEpilogue()) {
    Block &rest = op.getEpilogue().front();
    IRMapping mapping;
    mapping.map(rest.getArgument(0), sum);
    mapping.map(rest.getArguments().drop_front(),
                body->getArguments().take_back(rest.getNumArguments() - 1));
    for (Operation &nested : rest)
      b.clone(nested, mapping);
  } else {
    YieldOp::create(
        b, loc, fromSum(b, loc, sum, op.getInit().getType().getElementType()));
  }
  op.replaceAllUsesWith(product.getOperation());
  op.erase();
  return success();
}
