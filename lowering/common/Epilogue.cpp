//===- Epilogue.cpp - The epilogue of a product, on vectors ---------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/common/Epilogue.h"

#include "lowering/common/Cursor.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace sparsec;

/// `scalar` in every lane, if `vector` is not null.
static Value splat(OpBuilder &b, Location loc, VectorType vector,
                   Value scalar) {
  if (!vector)
    return scalar;
  return vector::BroadcastOp::create(b, loc, vector.clone(scalar.getType()),
                                     scalar);
}

bool Epilogue::isVectorizable(MatmulOp op) {
  if (!op.hasEpilogue())
    return true;
  return llvm::all_of(op.getEpilogue().front().without_terminator(),
                      [](Operation &nested) {
                        return isa<arith::ConstantOp>(nested) ||
                               OpTrait::hasElementwiseMappableTraits(&nested);
                      });
}

Value Epilogue::loadOperand(OpBuilder &b, Location loc, unsigned index,
                            VectorType vector, ValueRange position,
                            unsigned vectorDim, Value mask) const {
  MatmulOp matmul = op;
  AffineMap map =
      cast<AffineMapAttr>((*matmul.getEpilogueMaps())[index]).getValue();
  Value operand = operands[index];
  auto type = cast<MemRefType>(operand.getType());
  SmallVector<Value> at;
  std::optional<unsigned> lanesAlong;
  for (auto [d, expr] : llvm::enumerate(map.getResults())) {
    auto expression = dyn_cast<AffineDimExpr>(expr);
    int dim = expression ? dims[expression.getPosition()] : kUnitDim;
    at.push_back(dim == kUnitDim ? createIndex(b, loc, 0) : position[dim]);
    if (dim == int(vectorDim))
      lanesAlong = d;
  }
  if (!vector || !lanesAlong)
    return splat(b, loc, vector, memref::LoadOp::create(b, loc, operand, at));

  VectorType resultType = vector.clone(type.getElementType());
  int64_t offset;
  SmallVector<int64_t> strides;
  bool contiguous = *lanesAlong + 1 == at.size() &&
                    succeeded(type.getStridesAndOffset(strides, offset)) &&
                    strides.back() == 1;
  if (!mask)
    mask = vector::ConstantMaskOp::create(b, loc, vector.clone(b.getI1Type()),
                                          ArrayRef(vector.getShape()));
  Value zeros =
      arith::ConstantOp::create(b, loc, resultType, b.getZeroAttr(resultType));
  if (contiguous)
    return vector::MaskedLoadOp::create(b, loc, resultType, operand, at, mask,
                                        zeros);
  // Lanes that are apart in memory are loaded one by one.
  Value result = zeros;
  for (int64_t lane = 0; lane < vector.getNumElements(); ++lane) {
    SmallVector<Value> shifted(at);
    shifted[*lanesAlong] = addIndex(b, loc, at[*lanesAlong], lane);
    Value on = vector::ExtractOp::create(b, loc, mask, lane);
    auto clamped = arith::SelectOp::create(b, loc, on, shifted[*lanesAlong],
                                           at[*lanesAlong]);
    shifted[*lanesAlong] = clamped;
    Value element = memref::LoadOp::create(b, loc, operand, shifted);
    result = vector::InsertOp::create(b, loc, element, result, lane);
  }
  return result;
}

Value Epilogue::apply(OpBuilder &b, Location loc, Value sum,
                      ValueRange position, unsigned vectorDim,
                      Value mask) const {
  MatmulOp matmul = op;
  Type element = matmul.getInit().getType().getElementType();
  if (!matmul.hasEpilogue())
    return fromSum(b, loc, sum, element);

  auto vector = dyn_cast<VectorType>(sum.getType());
  Block &body = matmul.getEpilogue().front();
  IRMapping mapping;
  mapping.map(body.getArgument(0), sum);
  for (unsigned i = 0; i < operands.size(); ++i)
    mapping.map(body.getArgument(i + 1),
                loadOperand(b, loc, i, vector, position, vectorDim, mask));
  for (auto [outside, inside] : captured)
    mapping.map(outside, splat(b, loc, vector, inside));

  for (Operation &nested : body.without_terminator()) {
    Operation *clone = b.clone(nested, mapping);
    if (!vector)
      continue;
    for (auto [old, result] :
         llvm::zip(nested.getResults(), clone->getResults())) {
      if (isa<arith::ConstantOp>(nested))
        mapping.map(old, splat(b, loc, vector, result));
      else
        result.setType(vector.clone(result.getType()));
    }
  }
  return mapping.lookupOrDefault(
      cast<YieldOp>(body.getTerminator()).getValue());
}
