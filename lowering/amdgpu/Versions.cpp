//===- Versions.cpp - A kernel for each size of a batch -------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/amdgpu/Versions.h"

#include "lowering/amdgpu/WaveKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace sparsec;

/// The dimension of the result that is the batch, if it is of unknown size and
/// the other one is not.
static std::optional<unsigned> findBatch(MatmulOp op) {
  auto type = dyn_cast<MemRefType>(op.getInit().getType());
  if (!type || type.getRank() != 2 || type.getNumDynamicDims() != 1)
    return std::nullopt;
  return type.isDynamicDim(0) ? 0 : 1;
}

/// The product of a batch of one: what is of unknown size is of size one.
static void cloneForOne(OpBuilder &b, MatmulOp op) {
  auto clone = cast<MatmulOp>(b.clone(*op));
  OpBuilder before(clone);
  for (OpOperand &operand : clone->getOpOperands()) {
    auto type = dyn_cast<MemRefType>(operand.get().getType());
    if (!type || type.hasStaticShape() || !type.getLayout().isIdentity())
      continue;
    SmallVector<int64_t> shape(type.getShape());
    llvm::replace(shape, ShapedType::kDynamic, int64_t(1));
    operand.set(memref::CastOp::create(
        before, op.getLoc(),
        MemRefType::get(shape, type.getElementType(),
                        MemRefLayoutAttrInterface(), type.getMemorySpace()),
        operand.get()));
  }
}

static void emitVersions(MatmulOp op, unsigned batch, bool strict) {
  OpBuilder b(op);
  Location loc = op.getLoc();
  Value count = b.createOrFold<memref::DimOp>(loc, op.getInit(), batch);
  auto choose = [&](OpBuilder &b, arith::CmpIPredicate predicate, int64_t size,
                    function_ref<void(OpBuilder &)> then,
                    function_ref<void(OpBuilder &)> otherwise) {
    Value holds = arith::CmpIOp::create(b, loc, predicate, count,
                                        createIndex(b, loc, size));
    auto branch = scf::IfOp::create(b, loc, holds, /*withElseRegion=*/true);
    OpBuilder inside = branch.getThenBodyBuilder();
    then(inside);
    inside = branch.getElseBodyBuilder();
    otherwise(inside);
  };
  auto emitAs = [&](StringRef attribute) {
    return [&op, attribute](OpBuilder &b) {
      Operation *clone = b.clone(*op);
      if (!attribute.empty())
        clone->setAttr(attribute, b.getUnitAttr());
    };
  };
  auto emitWaves = [&](OpBuilder &b) {
    choose(b, arith::CmpIPredicate::ugt, kLanes, emitAs(kManyColumnsAttrName),
           emitAs(""));
  };
  auto emitSome = [&](OpBuilder &b) {
    if (!op.getCompressedOperand())
      emitAs("")(b);
    else if (strict)
      emitWaves(b);
    else
      choose(b, arith::CmpIPredicate::ult, kLeastColumns,
             emitAs(kFewColumnsAttrName), emitWaves);
  };
  if (strict)
    emitSome(b);
  else
    choose(
        b, arith::CmpIPredicate::eq, 1,
        [&](OpBuilder &b) { cloneForOne(b, op); }, emitSome);
  op.erase();
}

void sparsec::versionByColumns(Operation *module, bool strict) {
  SmallVector<MatmulOp> products;
  module->walk([&](MatmulOp op) { products.push_back(op); });
  for (MatmulOp op : products)
    if (std::optional<unsigned> batch = findBatch(op))
      emitVersions(op, *batch, strict);
}
