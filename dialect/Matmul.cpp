//===- Matmul.cpp - sparsec.matmul: syntax, verifier, effects -------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Ops.h"

#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace sparsec;

//===----------------------------------------------------------------------===//
// Syntax of the epilogue: epilogue (%a, %b : t0, t1) [map, map] { ... }
//===----------------------------------------------------------------------===//

namespace sparsec {
ParseResult
parseEpilogueOperands(OpAsmParser &parser,
                      SmallVectorImpl<OpAsmParser::UnresolvedOperand> &operands,
                      SmallVectorImpl<Type> &types, ArrayAttr &maps) {
  if (parser.parseLParen())
    return failure();
  if (succeeded(parser.parseOptionalRParen()))
    return success();
  return failure(parser.parseOperandList(operands) ||
                 parser.parseColonTypeList(types) || parser.parseRParen() ||
                 parser.parseAttribute(maps));
}

void printEpilogueOperands(OpAsmPrinter &printer, Operation *,
                           OperandRange operands, TypeRange types,
                           ArrayAttr maps) {
  printer << "(";
  if (!operands.empty())
    printer << operands << " : " << types << ") " << maps;
  else
    printer << ")";
}
} // namespace sparsec

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

void MatmulOp::build(OpBuilder &builder, OperationState &state, Value lhs,
                     Value rhs, Value init, bool transposeLhs,
                     bool transposeRhs) {
  Type result = isa<RankedTensorType>(init.getType()) ? init.getType() : Type();
  build(builder, state, result, lhs, rhs, init, ValueRange{}, transposeLhs,
        transposeRhs, /*zeroInit=*/false, ArrayAttr());
}

MatmulOp MatmulOp::cloneWith(OpBuilder &builder, ValueRange operands) {
  Value init = operands[2];
  Type result = isa<RankedTensorType>(init.getType()) ? init.getType() : Type();
  auto copy =
      MatmulOp::create(builder, getLoc(), result, operands[0], operands[1],
                       init, operands.drop_front(3), getTransposeLhs(),
                       getTransposeRhs(), getZeroInit(), getEpilogueMapsAttr());
  copy->setDiscardableAttrs(getOperation()->getDiscardableAttrDictionary());
  if (hasEpilogue())
    builder.cloneRegionBefore(getEpilogue(), copy.getEpilogue(),
                              copy.getEpilogue().end());
  return copy;
}

std::optional<unsigned> MatmulOp::getCompressedOperand() {
  if (getFormat(getLhs().getType()))
    return 0;
  if (getFormat(getRhs().getType()))
    return 1;
  return std::nullopt;
}

int64_t MatmulOp::getM() {
  ShapedType type = getLhs().getType();
  return type.getRank() == 1 ? 1 : type.getDimSize(getTransposeLhs() ? 1 : 0);
}

int64_t MatmulOp::getN() {
  ShapedType type = getRhs().getType();
  return type.getRank() == 1 ? 1 : type.getDimSize(getTransposeRhs() ? 0 : 1);
}

int64_t MatmulOp::getK() {
  auto size = [](ShapedType type, unsigned matrixDim) {
    return type.getDimSize(type.getRank() == 1 ? 0 : matrixDim);
  };
  int64_t k = size(getLhs().getType(), getTransposeLhs() ? 0 : 1);
  return ShapedType::isDynamic(k)
             ? size(getRhs().getType(), getTransposeRhs() ? 1 : 0)
             : k;
}

Type MatmulOp::getSumType() {
  Type element = getInit().getType().getElementType();
  return element.isSignlessInteger(32) ? element
                                       : Float32Type::get(getContext());
}

//===----------------------------------------------------------------------===//
// Verification
//===----------------------------------------------------------------------===//

static bool compatible(int64_t a, int64_t b) {
  return ShapedType::isDynamic(a) || ShapedType::isDynamic(b) || a == b;
}

bool sparsec::isWeightType(Type type) {
  return isa<Float32Type, Float16Type, BFloat16Type>(type) ||
         type.isSignlessInteger(8);
}

static LogicalResult verifyOperand(MatmulOp op, StringRef name, ShapedType type,
                                   bool transposed) {
  if (type.getRank() < 1 || type.getRank() > 2)
    return op.emitOpError()
           << "expects " << name << " to be a matrix or a vector, got " << type;
  if (type.getRank() == 1 && transposed)
    return op.emitOpError()
           << "transpose_" << name << " needs a matrix, got " << type;
  if (!isWeightType(type.getElementType()))
    return op.emitOpError() << "expects " << name
                            << " to hold f32, f16, bf16 or i8, got " << type;
  if (op.getSumType().isInteger() && !type.getElementType().isInteger())
    return op.emitOpError() << "expects " << name << " to hold i8 for outs of "
                            << "i32, got " << type;
  return success();
}

LogicalResult MatmulOp::verify() {
  ShapedType lhs = getLhs().getType(), rhs = getRhs().getType();
  ShapedType init = getInit().getType();
  if (failed(verifyOperand(*this, "lhs", lhs, getTransposeLhs())) ||
      failed(verifyOperand(*this, "rhs", rhs, getTransposeRhs())))
    return failure();
  if (lhs.getRank() + rhs.getRank() == 2)
    return emitOpError() << "expects a matrix on one side, got " << lhs
                         << " and " << rhs;
  if (getFormat(lhs) && getFormat(rhs))
    return emitOpError() << "takes one compressed operand, got " << lhs
                         << " and " << rhs;
  SmallVector<ShapedType> dense{lhs, rhs};
  for (Value operand : getEpilogueOperands())
    dense.push_back(cast<ShapedType>(operand.getType()));
  for (ShapedType type : dense)
    if (!getFormat(type) && isa<MemRefType>(type) != isa<MemRefType>(init))
      return emitOpError() << "expects dense operands to be all tensors or all "
                              "memrefs, got "
                           << type << " and " << init;

  auto kOf = [](ShapedType type, unsigned dim) {
    return type.getDimSize(type.getRank() == 1 ? 0 : dim);
  };
  int64_t kLhs = kOf(lhs, getTransposeLhs() ? 0 : 1);
  int64_t kRhs = kOf(rhs, getTransposeRhs() ? 1 : 0);
  if (!compatible(kLhs, kRhs))
    return emitOpError() << "expects equal inner dimensions, got " << kLhs
                         << " in " << lhs << " and " << kRhs << " in " << rhs;

  SmallVector<int64_t> expected;
  if (lhs.getRank() == 2)
    expected.push_back(getM());
  if (rhs.getRank() == 2)
    expected.push_back(getN());
  if (init.getRank() != int64_t(expected.size()) ||
      !llvm::all_of(llvm::zip(expected, init.getShape()), [](auto sizes) {
        return compatible(std::get<0>(sizes), std::get<1>(sizes));
      })) {
    InFlightDiagnostic error = emitOpError() << "expects outs of shape [";
    llvm::interleaveComma(expected, error, [&](int64_t size) {
      if (ShapedType::isDynamic(size))
        error << "?";
      else
        error << size;
    });
    return error << "] for " << lhs << " and " << rhs << ", got " << init;
  }
  if (init.getElementType().isInteger(8) ||
      !(isWeightType(init.getElementType()) || getSumType().isInteger()))
    return emitOpError() << "expects outs to hold f32, f16, bf16 or i32, got "
                         << init;

  size_t maps = getEpilogueMaps() ? getEpilogueMaps()->size() : 0;
  if (maps != getEpilogueOperands().size())
    return emitOpError() << "expects one map for each epilogue operand, got "
                         << maps << " and " << getEpilogueOperands().size();
  if (!hasEpilogue() && maps)
    return emitOpError() << "has epilogue operands but no epilogue";
  for (size_t i = 0; i < maps; ++i) {
    AffineMap map = cast<AffineMapAttr>((*getEpilogueMaps())[i]).getValue();
    auto type = cast<ShapedType>(getEpilogueOperands()[i].getType());
    if (map.getNumDims() != init.getRank() || map.getNumSymbols() != 0 ||
        map.getNumResults() != type.getRank() ||
        !map.isProjectedPermutation(/*allowZeroInResults=*/true))
      return emitOpError() << "expects epilogue map #" << i << " to take the "
                           << init.getRank() << " dimensions of " << init
                           << " to those of " << type << ", got "
                           << AffineMapAttr::get(map);
    for (auto [d, expr] : llvm::enumerate(map.getResults())) {
      auto dim = dyn_cast<AffineDimExpr>(expr);
      int64_t size = dim ? init.getDimSize(dim.getPosition()) : 1;
      if (!compatible(size, type.getDimSize(d)))
        return emitOpError()
               << "expects dimension " << d << " of epilogue operand #" << i
               << " to be " << size << ", got " << type;
    }
  }
  return success();
}

LogicalResult MatmulOp::verifyRegions() {
  if (!hasEpilogue())
    return success();
  Block &body = getEpilogue().front();
  SmallVector<Type> expected{getSumType()};
  for (Value operand : getEpilogueOperands())
    expected.push_back(getElementTypeOrSelf(operand.getType()));
  if (TypeRange(body.getArgumentTypes()) != TypeRange(expected))
    return emitOpError() << "expects epilogue arguments (" << expected
                         << "), got (" << body.getArgumentTypes() << ")";
  auto yield = dyn_cast<YieldOp>(body.getTerminator());
  if (!yield)
    return emitOpError() << "expects its epilogue to end in sparsec.yield";
  Type element = getInit().getType().getElementType();
  if (yield.getValue().getType() != element)
    return yield.emitOpError()
           << "expects to yield " << element
           << ", the element type of outs, got " << yield.getValue().getType();
  for (Operation &nested : body.without_terminator())
    if (!isMemoryEffectFree(&nested))
      return nested.emitOpError() << "has side effects inside an epilogue";
  return success();
}

void MatmulOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  for (OpOperand &operand : getOperation()->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    bool isInit = operand == getInitMutable();
    if (!isInit || !getZeroInit())
      effects.emplace_back(MemoryEffects::Read::get(), &operand,
                           SideEffects::DefaultResource::get());
    if (isInit)
      effects.emplace_back(MemoryEffects::Write::get(), &operand,
                           SideEffects::DefaultResource::get());
  }
}
