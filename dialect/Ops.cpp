//===- Ops.cpp - Verifiers and folders of the sparsec operations ----------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Ops.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace sparsec;

bool sparsec::isPacked(Value weight) {
  while (auto window = weight.getDefiningOp<WindowOp>())
    weight = window.getSource();
  return weight.getDefiningOp<AssembleOp>() != nullptr;
}

/// An operand and a result that stand for the same matrix.
static LogicalResult verifySameMatrix(Operation *op, RankedTensorType operand,
                                      RankedTensorType result) {
  if (operand.getShape() == result.getShape() &&
      operand.getElementType() == result.getElementType())
    return success();
  return op->emitOpError() << "expects an operand and a result of the same "
                              "shape and element type, got "
                           << operand << " and " << result;
}

//===----------------------------------------------------------------------===//
// compress, decompress, convert
//===----------------------------------------------------------------------===//

LogicalResult CompressOp::verify() {
  return verifySameMatrix(*this, getDense().getType(),
                          getCompressed().getType());
}

LogicalResult DecompressOp::verify() {
  return verifySameMatrix(*this, getCompressed().getType(),
                          getDense().getType());
}

OpFoldResult DecompressOp::fold(FoldAdaptor) {
  if (auto compress = getCompressed().getDefiningOp<CompressOp>())
    return compress.getDense();
  return {};
}

LogicalResult ExpandOp::verify() {
  RankedTensorType from = getCompressed().getType();
  auto to = cast<MemRefType>(getTarget().getType());
  if (from.getShape() == to.getShape() &&
      from.getElementType() == to.getElementType())
    return success();
  return emitOpError() << "expects a matrix and a buffer of the same shape and "
                          "element type, got "
                       << from << " and " << to;
}

LogicalResult ConvertOp::verify() {
  return verifySameMatrix(*this, getSource().getType(), getResult().getType());
}

OpFoldResult ConvertOp::fold(FoldAdaptor) {
  if (getSource().getType() == getResult().getType())
    return getSource();
  return {};
}

//===----------------------------------------------------------------------===//
// storage, assemble
//===----------------------------------------------------------------------===//

/// The component arrays `actual` of a matrix of type `compressed`.
static LogicalResult
verifyComponents(Operation *op, RankedTensorType compressed, TypeRange actual) {
  FormatAttrInterface format = getFormat(compressed);
  if (!format.isConcrete())
    return op->emitOpError() << "needs a chosen format, got " << compressed
                             << "; run sparsec-select-format first";
  SmallVector<RankedTensorType> expected = getComponentTypes(compressed);
  if (expected.size() != actual.size())
    return op->emitOpError()
           << "expects " << expected.size() << " component arrays for '"
           << format << "', got " << actual.size();

  // The number of stored entries is the one size that the matrix type leaves
  // open; where several components state it they must agree.
  int64_t stored = ShapedType::kDynamic;
  for (auto [index, types] : llvm::enumerate(llvm::zip(expected, actual))) {
    auto [want, any] = types;
    auto have = cast<RankedTensorType>(any);
    bool fits = want.getElementType() == have.getElementType() &&
                want.getRank() == have.getRank();
    for (int64_t d = 0; fits && d < want.getRank(); ++d) {
      if (want.isDynamicDim(d) || have.isDynamicDim(d))
        continue;
      fits = want.getDimSize(d) == have.getDimSize(d);
    }
    if (!fits)
      return op->emitOpError()
             << "expects component #" << index << " of '" << format
             << "' to be of type " << want << ", got " << have;
    if (have.getRank() == 0 || !want.isDynamicDim(0) || have.isDynamicDim(0) ||
        compressed.getNumDynamicDims() != 0)
      continue;
    if (!ShapedType::isDynamic(stored) && stored != have.getDimSize(0))
      return op->emitOpError()
             << "expects component #" << index << " to have as many entries as "
             << "those before it, " << stored << ", got " << have;
    stored = have.getDimSize(0);
  }
  return success();
}

LogicalResult StorageOp::verify() {
  return verifyComponents(*this, getCompressed().getType(),
                          getComponents().getTypes());
}

LogicalResult StorageOp::fold(FoldAdaptor,
                              SmallVectorImpl<OpFoldResult> &results) {
  auto assemble = getCompressed().getDefiningOp<AssembleOp>();
  if (!assemble ||
      assemble.getComponents().getTypes() != getComponents().getTypes())
    return failure();
  llvm::append_range(results, assemble.getComponents());
  return success();
}

LogicalResult AssembleOp::verify() {
  return verifyComponents(*this, getCompressed().getType(),
                          getComponents().getTypes());
}

OpFoldResult AssembleOp::fold(FoldAdaptor) {
  if (getComponents().empty())
    return {};
  auto storage = getComponents().front().getDefiningOp<StorageOp>();
  if (storage && storage.getComponents() == getComponents() &&
      storage.getCompressed().getType() == getType())
    return storage.getCompressed();
  return {};
}

//===----------------------------------------------------------------------===//
// window
//===----------------------------------------------------------------------===//

LogicalResult WindowOp::verify() {
  RankedTensorType source = getSource().getType();
  RankedTensorType result = getResult().getType();
  FormatAttrInterface format = getFormat(source);
  if (!format.isConcrete())
    return emitOpError() << "needs a chosen format, got " << source
                         << "; run sparsec-select-format first";
  if (source.getEncoding() != result.getEncoding() ||
      source.getElementType() != result.getElementType())
    return emitOpError() << "expects a window of the format and element type "
                            "of its source, got "
                         << source << " and " << result;
  unsigned outer = format.getOuterDim(), inner = 1 - outer;
  if (source.getDimSize(inner) != result.getDimSize(inner))
    return emitOpError() << "cuts '" << format << "' along dimension " << outer
                         << " only, got " << source << " and " << result;
  if (result.isDynamicDim(outer) != (getSize() != nullptr))
    return emitOpError() << "takes a size exactly where dimension " << outer
                         << " of the result is dynamic, got " << result;

  if (!source.isDynamicDim(outer) && !result.isDynamicDim(outer) &&
      result.getDimSize(outer) > source.getDimSize(outer))
    return emitOpError() << "is larger than its source, got " << source
                         << " and " << result;

  APInt offset;
  if (!matchPattern(getOffset(), m_ConstantInt(&offset)))
    return success();
  int64_t begin = offset.getSExtValue();
  if (begin < 0 || begin % format.getWindowGranule() != 0)
    return emitOpError() << "expects an offset that is a multiple of "
                         << format.getWindowGranule() << ", got " << begin;
  if (!source.isDynamicDim(outer) && !result.isDynamicDim(outer) &&
      begin + result.getDimSize(outer) > source.getDimSize(outer))
    return emitOpError() << "runs past the end: offset " << begin << " + size "
                         << result.getDimSize(outer) << " > "
                         << source.getDimSize(outer);
  return success();
}

OpFoldResult WindowOp::fold(FoldAdaptor adaptor) {
  auto offset = dyn_cast_if_present<IntegerAttr>(adaptor.getOffset());
  if (offset && offset.getInt() == 0 && getSource().getType() == getType() &&
      getType().hasStaticShape())
    return getSource();
  return {};
}

// The syntax of matmul's epilogue is in Matmul.cpp.
namespace sparsec {
ParseResult
parseEpilogueOperands(OpAsmParser &parser,
                      SmallVectorImpl<OpAsmParser::UnresolvedOperand> &operands,
                      SmallVectorImpl<Type> &types, ArrayAttr &maps);
void printEpilogueOperands(OpAsmPrinter &printer, Operation *,
                           OperandRange operands, TypeRange types,
                           ArrayAttr maps);
} // namespace sparsec

#define GET_OP_CLASSES
#include "dialect/Ops.cpp.inc"
