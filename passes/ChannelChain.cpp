//===- ChannelChain.cpp - From one product to the next --------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/ChannelChain.h"

#include "passes/Products.h"

#include "dialect/Constants.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"

#include <cstring>

using namespace mlir;
using namespace sparsec;

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

std::optional<WeightedProduct> WeightedProduct::match(MatmulOp op) {
  std::optional<unsigned> side = op.getCompressedOperand();
  if (!side || !op.isTensorForm() || op.hasEpilogue())
    return std::nullopt;
  Value operand = *side == 0 ? Value(op.getLhs()) : Value(op.getRhs());
  auto weight = operand.getDefiningOp<CompressOp>();
  if (!weight || !weight->hasOneUse() ||
      getFormat(weight.getCompressed().getType()).isConcrete())
    return std::nullopt;
  ElementsAttr elements = getConstantElements(weight.getDense());
  if (!elements)
    return std::nullopt;
  bool transposed = *side == 0 ? op.getTransposeLhs() : op.getTransposeRhs();
  unsigned outputDim = (*side == 0) == transposed ? 1 : 0;
  return WeightedProduct{op, weight, elements, outputDim};
}

bool WeightedProduct::onLeft() const {
  return op->getOperand(0) == weight->getResult(0);
}

unsigned WeightedProduct::getOperandChannel() const {
  MatmulOp product = op;
  bool transposed =
      onLeft() ? product.getTransposeRhs() : product.getTransposeLhs();
  auto other = cast<ShapedType>(op->getOperand(onLeft() ? 1 : 0).getType());
  return other.getRank() == 1 || onLeft() != transposed ? 0 : 1;
}

unsigned WeightedProduct::getResultChannel() const {
  return cast<ShapedType>(op->getResult(0).getType()).getRank() == 1 || onLeft()
             ? 0
             : 1;
}

//===----------------------------------------------------------------------===//
// Finding a chain
//===----------------------------------------------------------------------===//

std::optional<ChannelChain> ChannelChain::find(WeightedProduct producer) {
  if (!startsFromZero(producer.op))
    return std::nullopt;
  ChannelChain chain;
  chain.producer = producer;
  Value result = producer.op->getResult(0);
  unsigned channel = producer.getResultChannel();
  if (!chain.addUsers(result, channel) || chain.consumers.empty())
    return std::nullopt;
  for (auto &[op, loop] : chain.elementwise)
    if (!chain.hasKnownOperands(cast<linalg::LinalgOp>(op), loop))
      return std::nullopt;
  return chain;
}

bool ChannelChain::addUsers(Value value, unsigned channel) {
  if (!tensors.try_emplace(value, channel).second)
    return true;
  for (OpOperand &use : value.getUses()) {
    Operation *user = use.getOwner();
    if (user->getBlock() != producer.op->getBlock())
      return false;
    if (auto matmul = dyn_cast<MatmulOp>(user)) {
      auto consumer = WeightedProduct::match(matmul);
      if (!consumer || use.get() == matmul.getInit() ||
          consumer->getOperandChannel() != channel ||
          !startsFromZero(consumer->op))
        return false;
      consumers.push_back(*consumer);
      continue;
    }
    auto op = dyn_cast<linalg::LinalgOp>(user);
    if (!op || !addElementwise(op, use, channel))
      return false;
  }
  return true;
}

bool ChannelChain::addElementwise(linalg::LinalgOp op, OpOperand &use,
                                  unsigned channel) {
  if (!op.hasPureTensorSemantics() || op->getNumResults() != 1 ||
      op.getNumParallelLoops() != op.getNumLoops() || op.hasIndexSemantics())
    return false;
  OpOperand *init = op.getDpsInitOperand(0);
  if (op.payloadUsesValueFromOperand(init))
    return false;
  // As a mere shape of the result it is replaced like any other.
  if (&use == init)
    return true;
  AffineMap from = op.getMatchingIndexingMap(&use);
  AffineMap to = op.getMatchingIndexingMap(init);
  auto loop = dyn_cast<AffineDimExpr>(from.getResult(channel));
  if (!loop || !to.isPermutation())
    return false;
  unsigned position = loop.getPosition();
  auto [it, isNew] = elementwise.try_emplace(op, position);
  if (it->second != position)
    return false;
  return !isNew || addUsers(op->getResult(0),
                            *to.getResultPosition(from.getResult(channel)));
}

/// Whether everything that an operation reads along its channels is of the
/// chain or a constant.
bool ChannelChain::hasKnownOperands(linalg::LinalgOp op, unsigned loop) const {
  for (OpOperand *input : op.getDpsInputOperands()) {
    AffineMap map = op.getMatchingIndexingMap(input);
    if (!map.isFunctionOfDim(loop))
      continue;
    auto expr = getAffineDimExpr(loop, op.getContext());
    std::optional<unsigned> dim = map.getResultPosition(expr);
    if (!dim)
      return false;
    auto known = tensors.find(input->get());
    if (known != tensors.end() ? known->second != *dim
                               : !getConstantElements(input->get()))
      return false;
  }
  return true;
}

int64_t ChannelChain::size() const {
  CompressOp weight = producer.weight;
  return weight.getDense().getType().getDimSize(producer.outputDim);
}

//===----------------------------------------------------------------------===//
// The value of a channel
//===----------------------------------------------------------------------===//

/// The element of a constant operand that belongs to a channel, if it is one.
static Attribute getElement(Value value, int64_t channel, int64_t channels) {
  Attribute scalar;
  if (!isa<ShapedType>(value.getType()))
    return matchPattern(value, m_Constant(&scalar)) ? scalar : Attribute();
  auto elements = getConstantElements(value);
  if (!elements || !isa<FloatType>(elements.getElementType()))
    return {};
  bool splat = elements.getNumElements() == 1;
  if (!splat && elements.getNumElements() != channels)
    return {};
  FailureOr<ConstantBytes> bytes =
      getConstantBytes(elements, [&] { return emitError(value.getLoc()); });
  if (failed(bytes))
    return {};
  auto type = cast<FloatType>(elements.getElementType());
  unsigned width = type.getWidth() / 8;
  uint64_t bits = 0;
  std::memcpy(&bits,
              bytes->bytes.data() +
                  (splat || bytes->isSplat ? 0 : channel * width),
              width);
  return FloatAttr::get(
      type, APFloat(type.getFloatSemantics(), APInt(type.getWidth(), bits)));
}

/// What `op` yields for one channel, given the values of the chain's tensors.
Attribute
ChannelChain::evaluate(linalg::LinalgOp op, int64_t channel,
                       const DenseMap<Value, Attribute> &values) const {
  DenseMap<Value, Attribute> known;
  for (OpOperand *input : op.getDpsInputOperands()) {
    Attribute value = tensors.contains(input->get())
                          ? values.lookup(input->get())
                          : getElement(input->get(), channel, size());
    if (value)
      known[op.getMatchingBlockArgument(input)] = value;
  }
  auto find = [&](Value value) {
    Attribute constant = known.lookup(value);
    if (!constant)
      (void)matchPattern(value, m_Constant(&constant));
    return constant;
  };
  for (Operation &nested : op.getBlock()->without_terminator()) {
    // Other functions are approximate where the model runs.
    if (!isa_and_nonnull<arith::ArithDialect>(nested.getDialect()) ||
        nested.getNumResults() != 1)
      return {};
    SmallVector<Attribute> operands;
    for (Value operand : nested.getOperands())
      operands.push_back(find(operand));
    SmallVector<OpFoldResult> folded;
    if (failed(nested.fold(operands, folded)) || folded.size() != 1)
      return {};
    auto value = dyn_cast<Attribute>(folded[0]);
    if (!value)
      value = find(cast<Value>(folded[0]));
    if (!value)
      return {};
    known[nested.getResult(0)] = value;
  }
  return find(op.getBlock()->getTerminator()->getOperand(0));
}

bool ChannelChain::isZeroAtEnd(int64_t channel) const {
  DenseMap<Value, Attribute> values;
  Value result = producer.op->getResult(0);
  values[result] =
      FloatAttr::get(cast<ShapedType>(result.getType()).getElementType(), 0.0);
  // A user comes behind all that it reads.
  SmallVector<Operation *> order;
  for (auto &[op, loop] : elementwise)
    order.push_back(op);
  llvm::sort(order,
             [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  for (Operation *op : order)
    if (Attribute value = evaluate(cast<linalg::LinalgOp>(op), channel, values))
      values[op->getResult(0)] = value;
  return llvm::all_of(consumers, [&](const WeightedProduct &consumer) {
    auto value = dyn_cast_if_present<FloatAttr>(
        values.lookup(consumer.op->getOperand(consumer.onLeft() ? 1 : 0)));
    return value && value.getValue().isZero();
  });
}

//===----------------------------------------------------------------------===//
// Keeping some channels
//===----------------------------------------------------------------------===//

ElementsAttr sparsec::gatherElements(ElementsAttr elements, unsigned dim,
                                     ArrayRef<int64_t> indices) {
  auto type = cast<RankedTensorType>(elements.getType());
  SmallVector<int64_t> shape(type.getShape());
  int64_t size = shape[dim], inner = 1, outer = 1;
  for (int64_t d = 0; d < type.getRank(); ++d)
    (d < dim ? outer : d > dim ? inner : size) *= d == dim ? 1 : shape[d];
  shape[dim] = indices.size();
  int64_t bytes = inner * getElementBytes(type.getElementType());
  FailureOr<ConstantBytes> from = getConstantBytes(elements, [&] {
    return emitError(UnknownLoc::get(elements.getContext()));
  });
  formats::Buffer buffer(outer * int64_t(indices.size()) * bytes);
  if (failed(from) || !buffer.valid())
    return {};
  char *to = buffer.as<char>();
  int64_t element = getElementBytes(type.getElementType());
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t index : indices) {
      if (from->isSplat)
        for (int64_t i = 0; i < inner; ++i)
          std::memcpy(to + i * element, from->bytes.data(), element);
      else
        std::memcpy(to, from->bytes.data() + (o * size + index) * bytes, bytes);
      to += bytes;
    }
  return getElementsAttr(RankedTensorType::get(shape, type.getElementType()),
                         std::move(buffer), getConstantName(elements));
}

/// A tensor of the same sizes but for one dimension.
static Value createEmptyLike(OpBuilder &b, Location loc, Value value,
                             unsigned dim, int64_t size) {
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, value);
  sizes[dim] = b.getIndexAttr(size);
  return tensor::EmptyOp::create(
      b, loc, sizes, cast<ShapedType>(value.getType()).getElementType());
}

static int64_t countNonzeros(ElementsAttr elements) {
  FailureOr<formats::DenseView> view = getConstantMatrix(elements, [&] {
    return emitError(UnknownLoc::get(elements.getContext()));
  });
  return failed(view) ? 0 : formats::analyze(*view).nnz;
}

/// A weight without some of its rows or columns. What went is noted, so that a
/// report can speak of the weight that the model has.
static void narrowWeight(OpBuilder &b, WeightedProduct &product, unsigned dim,
                         ArrayRef<int64_t> channels) {
  CompressOp weight = product.weight;
  int64_t lines = weight.getDense().getType().getDimSize(dim);
  int64_t nonzeros = countNonzeros(product.elements);
  product.elements = gatherElements(product.elements, dim, channels);
  b.setInsertionPoint(weight);
  auto constant = arith::ConstantOp::create(b, weight.getDense().getLoc(),
                                            cast<TypedAttr>(product.elements));
  NamedAttrList info(weight->getAttrOfType<DictionaryAttr>(kWeightAttrName));
  auto add = [&](StringRef key, int64_t count) {
    auto known = dyn_cast_if_present<IntegerAttr>(info.get(key));
    info.set(key, b.getI64IntegerAttr((known ? known.getInt() : 0) + count));
  };
  add(dim == 0 ? "removed_rows" : "removed_cols",
      lines - int64_t(channels.size()));
  add("removed_nonzeros", nonzeros - countNonzeros(product.elements));
  weight->setAttr(kWeightAttrName, info.getDictionary(b.getContext()));
  weight.getDenseMutable().assign(constant.getResult());
  weight.getCompressed().setType(
      getCompressedType(cast<RankedTensorType>(constant.getType()),
                        weight.getCompressed().getType().getEncoding()));
}

/// Changes a dimension of the result of an operation with a destination.
static void narrowResult(OpBuilder &b, Operation *op, OpOperand &init,
                         unsigned dim, int64_t size, bool zero) {
  b.setInsertionPoint(op);
  Value empty = createEmptyLike(b, op->getLoc(), init.get(), dim, size);
  if (zero) {
    Type element = cast<ShapedType>(empty.getType()).getElementType();
    Value none = arith::ConstantOp::create(b, op->getLoc(),
                                           b.getFloatAttr(element, 0.0));
    empty = linalg::FillOp::create(b, op->getLoc(), none, empty).getResult(0);
  }
  init.set(empty);
  op->getResult(0).setType(empty.getType());
}

void ChannelChain::keep(ArrayRef<int64_t> channels) {
  OpBuilder b(producer.op.getContext());
  int64_t size = channels.size();
  narrowWeight(b, producer, producer.outputDim, channels);
  for (WeightedProduct &consumer : consumers)
    narrowWeight(b, consumer, 1 - consumer.outputDim, channels);

  // Sizes are read off the old destinations, so results change last to first.
  SmallVector<Operation *> order;
  for (auto &[op, loop] : elementwise)
    order.push_back(op);
  llvm::sort(order,
             [](Operation *a, Operation *b) { return b->isBeforeInBlock(a); });
  for (Operation *op : order) {
    auto generic = cast<linalg::LinalgOp>(op);
    auto loop = getAffineDimExpr(elementwise[op], op->getContext());
    for (OpOperand *input : generic.getDpsInputOperands()) {
      AffineMap map = generic.getMatchingIndexingMap(input);
      std::optional<unsigned> dim = map.getResultPosition(loop);
      if (!dim || tensors.contains(input->get()))
        continue;
      b.setInsertionPoint(op);
      ElementsAttr kept =
          gatherElements(getConstantElements(input->get()), *dim, channels);
      input->set(arith::ConstantOp::create(b, input->get().getLoc(),
                                           cast<TypedAttr>(kept)));
    }
    narrowResult(b, op, *generic.getDpsInitOperand(0),
                 tensors[op->getResult(0)], size, /*zero=*/false);
  }
  narrowResult(b, producer.op, producer.op.getInitMutable(),
               producer.getResultChannel(), size, /*zero=*/true);
}
