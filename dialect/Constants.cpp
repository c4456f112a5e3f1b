//===- Constants.cpp - Constant weights and packed components -------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Constants.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace sparsec;

ElementsAttr sparsec::getConstantElements(Value value) {
  ElementsAttr elements;
  if (matchPattern(value, m_Constant(&elements)))
    return elements;
  return {};
}

FailureOr<ConstantBytes>
sparsec::getConstantBytes(ElementsAttr elements,
                          function_ref<InFlightDiagnostic()> emitError) {
  auto type = cast<RankedTensorType>(elements.getShapedType());
  if (auto dense = dyn_cast<DenseElementsAttr>(elements))
    return ConstantBytes{dense.getRawData(), dense.isSplat()};
  auto resource = dyn_cast<DenseResourceElementsAttr>(elements);
  if (!resource)
    return emitError() << "constant of type " << type
                       << " is neither dense nor dense_resource";
  AsmResourceBlob *blob = resource.getRawHandle().getBlob();
  if (!blob)
    return emitError() << "resource '" << resource.getRawHandle().getKey()
                       << "' has no data: the file does not define it";
  int64_t expected =
      type.getNumElements() * int64_t(getElementBytes(type.getElementType()));
  if (int64_t(blob->getData().size()) != expected)
    return emitError() << "resource '" << resource.getRawHandle().getKey()
                       << "' holds " << blob->getData().size()
                       << " bytes, but type " << type << " needs " << expected;
  return ConstantBytes{blob->getData(), /*isSplat=*/false};
}

FailureOr<formats::DenseView>
sparsec::getConstantMatrix(ElementsAttr elements,
                           function_ref<InFlightDiagnostic()> emitError) {
  FailureOr<ConstantBytes> constant = getConstantBytes(elements, emitError);
  if (failed(constant))
    return failure();
  auto type = cast<RankedTensorType>(elements.getShapedType());
  formats::DenseView view;
  view.data = constant->bytes.data();
  view.rows = type.getDimSize(0);
  view.cols = type.getDimSize(1);
  view.rowStride = constant->isSplat ? 0 : view.cols;
  view.colStride = constant->isSplat ? 0 : 1;
  view.elementBytes = getElementBytes(type.getElementType());
  return view;
}

StringRef sparsec::getWeightName(CompressOp op) {
  if (auto info = op->getAttrOfType<DictionaryAttr>(kWeightAttrName))
    if (auto given = info.getAs<StringAttr>("name"))
      return given.getValue();
  return "weight";
}

void sparsec::addWeightNote(Operation *op, const Twine &note) {
  NamedAttrList info;
  if (auto old = op->getAttrOfType<DictionaryAttr>(kWeightAttrName))
    info = NamedAttrList(old);
  auto known = dyn_cast_if_present<StringAttr>(info.get("note"));
  Builder b(op->getContext());
  info.set("note", known ? b.getStringAttr(known.getValue() + "; " + note)
                         : b.getStringAttr(note));
  op->setAttr(kWeightAttrName, info.getDictionary(op->getContext()));
}

ElementsAttr sparsec::reshapeElements(ElementsAttr elements,
                                      RankedTensorType type) {
  if (auto dense = dyn_cast<DenseElementsAttr>(elements))
    return dense.reshape(type);
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements))
    return DenseResourceElementsAttr::get(type, resource.getRawHandle());
  return {};
}

StringRef sparsec::getConstantName(ElementsAttr elements) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements))
    return resource.getRawHandle().getKey();
  return {};
}

ElementsAttr sparsec::getElementsAttr(RankedTensorType type,
                                      formats::Buffer buffer, StringRef name) {
  constexpr int64_t kReadableBytes = 1024;
  int64_t size = buffer.size();
  ArrayRef<char> bytes(buffer.as<char>(), size);
  if (size <= kReadableBytes)
    return DenseElementsAttr::getFromRawBuffer(type, bytes);
  AsmResourceBlob blob(
      bytes, /*dataAlignment=*/64,
      [](void *data, size_t, size_t) { std::free(data); },
      /*dataIsMutable=*/false);
  (void)buffer.release();
  return DenseResourceElementsAttr::get(type, name, std::move(blob));
}

FailureOr<AssembleOp> sparsec::packConstant(CompressOp op,
                                            RewriterBase &rewriter,
                                            RankedTensorType transposedType) {
  RankedTensorType type =
      transposedType ? transposedType : op.getCompressed().getType();
  formats::FormatPtr layout = getFormat(type).getLayout();
  if (!layout)
    return rewriter.notifyMatchFailure(op, "format is not chosen yet");
  ElementsAttr elements = getConstantElements(op.getDense());
  if (!elements)
    return rewriter.notifyMatchFailure(op, "operand is not a constant");
  FailureOr<formats::DenseView> view =
      getConstantMatrix(elements, [&] { return op.emitError(); });
  if (failed(view))
    return failure();

  if (transposedType) {
    std::swap(view->rows, view->cols);
    std::swap(view->rowStride, view->colStride);
  }

  formats::PackedMatrix packed;
  formats::Status status = layout->pack(*view, packed);
  if (!status.ok())
    return op.emitError() << "cannot pack as '" << layout->spelling()
                          << "': " << status.message();

  StringRef name = getWeightName(op);
  auto specs = layout->components(packed.rows, packed.cols, packed.stored);
  SmallVector<RankedTensorType> types = getComponentTypes(type, packed.stored);
  SmallVector<Value> components;
  for (auto [spec, componentType, buffer] :
       llvm::zip_equal(specs, types, packed.components)) {
    ElementsAttr attr = getElementsAttr(componentType, std::move(buffer),
                                        (name + "." + spec.name).str());
    components.push_back(
        arith::ConstantOp::create(rewriter, op.getLoc(), attr));
  }
  DictionaryAttr attrs = op->getDiscardableAttrDictionary();
  auto assemble = rewriter.replaceOpWithNewOp<AssembleOp>(op, type, components);
  assemble->setDiscardableAttrs(attrs);
  return assemble;
}
