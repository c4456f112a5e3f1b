//===- StreamLayout.cpp - Windows of weights in the file ------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/common/StreamLayout.h"

#include "dialect/Constants.h"
#include "lowering/common/DeviceCalls.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>

using namespace mlir;
using namespace sparsec;

/// The constant behind a component array, after bufferization.
static ElementsAttr findElements(AssembleOp weight, Value component) {
  auto tensor = component.getDefiningOp<bufferization::ToTensorOp>();
  auto get = tensor ? tensor.getBuffer().getDefiningOp<memref::GetGlobalOp>()
                    : memref::GetGlobalOp();
  auto global = get ? SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(
                          weight, get.getNameAttr())
                    : memref::GlobalOp();
  return global
             ? dyn_cast_if_present<ElementsAttr>(global.getInitialValueAttr())
             : ElementsAttr();
}

static FailureOr<formats::Windows> readWeight(AssembleOp op) {
  RankedTensorType type = op.getCompressed().getType();
  FormatAttrInterface format = getFormat(type);
  formats::PackedView view;
  view.rows = type.getDimSize(0);
  view.cols = type.getDimSize(1);
  view.elementBytes = getElementBytes(type.getElementType());
  for (Value component : op.getComponents()) {
    ElementsAttr elements = findElements(op, component);
    if (!elements)
      return op.emitError() << "cannot stream a weight that is not constant";
    auto bytes = getConstantBytes(elements, [&] { return op.emitError(); });
    if (failed(bytes))
      return failure();
    view.components.push_back(
        {bytes->bytes.data(), int64_t(bytes->bytes.size())});
  }
  return formats::Windows(
      format.getLayout(), std::move(view),
      formats::Cut{format.getOuterDim(), format.getWindowGranule()});
}

FailureOr<size_t> StreamLayout::add(AssembleOp weight, int64_t begin,
                                    int64_t end) {
  auto [known, isNew] =
      numbers.try_emplace({weight, {begin, end}}, windows.size());
  if (!isNew)
    return known->second;
  auto cut = weights.find(weight);
  if (cut == weights.end()) {
    FailureOr<formats::Windows> read = readWeight(weight);
    if (failed(read))
      return failure();
    cut = weights.insert({weight, *read}).first;
  }
  StreamWindow window;
  window.weight = weight;
  window.begin = begin;
  window.end = end;
  window.stored = cut->second.stored(begin, end);
  window.at = totalBytes;
  RankedTensorType type = weight.getCompressed().getType();
  unsigned element = getElementBytes(type.getElementType());
  for (const formats::ComponentSpec &spec :
       cut->second.components(begin, end)) {
    window.arrays.push_back(window.bytes);
    int64_t bytes = formats::entryBytes(spec.type, element);
    for (int64_t size : spec.shape)
      bytes *= size;
    window.bytes += llvm::alignTo(bytes, kStreamSlack) + kStreamSlack;
  }
  totalBytes += window.bytes;
  windows.push_back(std::move(window));
  return windows.size() - 1;
}

ElementsAttr StreamLayout::getOffsets(AssembleOp weight) const {
  return findElements(weight, weight.getComponents().back());
}

int64_t StreamLayout::mostBytes() const {
  int64_t most = 0;
  for (const StreamWindow &window : windows)
    most = std::max(most, window.bytes);
  return most;
}

FailureOr<memref::GlobalOp> StreamLayout::makeConstant(ModuleOp module) const {
  formats::Buffer buffer(totalBytes);
  if (!buffer.valid())
    return module.emitError() << "not enough memory for the " << totalBytes
                              << " bytes of the model's windows";
  std::memset(buffer.data(), 0, size_t(totalBytes));
  for (const StreamWindow &window : windows)
    for (auto [index, array] : llvm::enumerate(window.arrays))
      weights.find(window.weight)
          ->second.copy(window.begin, window.end, index,
                        buffer.as<char>() + window.at + array);
  auto b = OpBuilder::atBlockBegin(module.getBody());
  auto shape = RankedTensorType::get({totalBytes}, b.getI8Type());
  return memref::GlobalOp::create(
      b, module.getLoc(), kStreamSymbol, b.getStringAttr("private"),
      MemRefType::get(shape.getShape(), b.getI8Type()),
      getElementsAttr(shape, std::move(buffer), kStreamSymbol),
      /*constant=*/true, b.getI64IntegerAttr(64));
}
