//===- StoredWeight.cpp - The arrays behind a compressed operand ----------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/common/StoredWeight.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace sparsec;

/// The memref behind a tensor that bufferization left to an op it does not
/// know.
static Value getBuffer(Value tensor) {
  if (auto toTensor = tensor.getDefiningOp<bufferization::ToTensorOp>())
    return toTensor.getBuffer();
  return {};
}

static Value forgetCount(OpBuilder &b, Location loc, Value memref) {
  auto type = cast<MemRefType>(memref.getType());
  SmallVector<int64_t> shape(type.getShape());
  shape[0] = ShapedType::kDynamic;
  auto dynamic = MemRefType::get(shape, type.getElementType());
  if (dynamic == type)
    return memref;
  return memref::CastOp::create(b, loc, dynamic, memref);
}

FailureOr<StoredWeight> sparsec::findStoredWeight(OpBuilder &b, Operation *op,
                                                  Value tensor) {
  Location loc = op->getLoc();
  auto type = cast<RankedTensorType>(tensor.getType());
  StoredWeight weight;
  weight.outerDim = getFormat(type).getOuterDim();
  weight.outerSize = type.getDimSize(weight.outerDim);
  if (ShapedType::isDynamic(type.getDimSize(1 - weight.outerDim)))
    return op->emitError() << "cannot generate code for a weight of type "
                           << type << ": its inner dimension is dynamic";
  while (auto window = tensor.getDefiningOp<WindowOp>()) {
    if (!weight.outerCount)
      weight.outerCount = window.getSize();
    weight.storage.first =
        addIndex(b, loc, weight.storage.first, window.getOffset());
    tensor = window.getSource();
  }
  auto assemble = tensor.getDefiningOp<AssembleOp>();
  if (!assemble)
    return op->emitError() << "cannot generate code for a weight of type "
                           << type
                           << " that is not packed; run sparsec-pack-weights";
  weight.storage.type = type;
  weight.wholeOffsets =
      assemble->getAttrOfType<ElementsAttr>(kWholeOffsetsAttrName);
  for (Value component : assemble.getComponents()) {
    Value buffer = getBuffer(component);
    if (!buffer)
      return op->emitError() << "component arrays are not bufferized";
    weight.storage.components.push_back(forgetCount(b, loc, buffer));
  }
  auto whole = cast<RankedTensorType>(assemble.getCompressed().getType());
  auto values = cast<RankedTensorType>(assemble.getComponents()[0].getType());
  if (values.hasStaticShape() && whole.getNumElements() > 0)
    weight.storage.density =
        double(values.getNumElements()) / double(whole.getNumElements());
  // A window of unknown size counts as the whole.
  RankedTensorType counted = type.hasStaticShape() ? type : whole;
  weight.storedElements =
      int64_t(weight.storage.density * double(counted.getNumElements()));
  if (!weight.outerCount)
    weight.outerCount = createIndex(b, loc, weight.outerSize);
  return weight;
}

void sparsec::eraseWeightHandles(Operation *module) {
  SmallVector<Operation *> handles;
  module->walk([&](Operation *op) {
    if (isa<AssembleOp, WindowOp, bufferization::ToTensorOp>(op))
      handles.push_back(op);
  });
  for (Operation *op : llvm::reverse(handles))
    if (op->use_empty())
      op->erase();
}
