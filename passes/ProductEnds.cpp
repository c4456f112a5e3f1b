//===- ProductEnds.cpp - Before and after the sums of a product -----------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/ProductEnds.h"

#include "lowering/common/Cursor.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace sparsec;

static Type getElementType(MatmulOp op) {
  return op.getInit().getType().getElementType();
}

/// An elementwise operation with a result of the shape of `like`.
static Value
createElementwise(OpBuilder &b, Location loc, ValueRange inputs, Value like,
                  ArrayRef<AffineMap> inputMaps, Type element,
                  function_ref<Value(OpBuilder &, Location, ValueRange)> body) {
  int64_t rank = cast<RankedTensorType>(like.getType()).getRank();
  SmallVector<AffineMap> maps(inputMaps);
  maps.push_back(b.getMultiDimIdentityMap(rank));
  SmallVector<utils::IteratorType> loops(rank, utils::IteratorType::parallel);
  Value empty = tensor::EmptyOp::create(
      b, loc, tensor::getMixedSizes(b, loc, like), element);
  return linalg::GenericOp::create(
             b, loc, empty.getType(), inputs, empty, maps, loops,
             [&](OpBuilder &b, Location loc, ValueRange args) {
               linalg::YieldOp::create(b, loc, body(b, loc, args));
             })
      .getResult(0);
}

Value sparsec::createFirstSums(OpBuilder &b, MatmulOp op, Value init) {
  Location loc = op.getLoc();
  Type sumType = op.getSumType();
  if (op.getZeroInit()) {
    Value empty = tensor::EmptyOp::create(
        b, loc, tensor::getMixedSizes(b, loc, init), sumType);
    Value zero = zeroSum(b, loc, sumType);
    return linalg::FillOp::create(b, loc, zero, empty).getResult(0);
  }
  if (getElementType(op) == sumType)
    return init;
  int64_t rank = cast<RankedTensorType>(init.getType()).getRank();
  return createElementwise(b, loc, init, init, b.getMultiDimIdentityMap(rank),
                           sumType,
                           [&](OpBuilder &b, Location loc, ValueRange args) {
                             return toSum(b, loc, args[0], sumType);
                           });
}

Value sparsec::createResult(OpBuilder &b, MatmulOp op, Value sums,
                            ValueRange epilogueOperands) {
  Type element = getElementType(op);
  if (!op.hasEpilogue() && element == op.getSumType())
    return sums;
  int64_t rank = cast<RankedTensorType>(sums.getType()).getRank();
  SmallVector<Value> inputs{sums};
  llvm::append_range(inputs, epilogueOperands);
  SmallVector<AffineMap> maps{b.getMultiDimIdentityMap(rank)};
  if (ArrayAttr more = op.getEpilogueMapsAttr())
    llvm::append_range(maps, more.getAsValueRange<AffineMapAttr>());
  return createElementwise(
      b, op.getLoc(), inputs, sums, maps, element,
      [&](OpBuilder &b, Location loc, ValueRange args) {
        if (!op.hasEpilogue())
          return fromSum(b, loc, args[0], element);
        Block &body = op.getEpilogue().front();
        IRMapping mapping;
        mapping.map(body.getArguments(), args.drop_back());
        for (Operation &nested : body.without_terminator())
          b.clone(nested, mapping);
        return mapping.lookupOrDefault(
            cast<YieldOp>(body.getTerminator()).getValue());
      });
}
