//===- Expand.cpp - A packed weight into a dense buffer -------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Zeros first, in whole vectors and by whatever the target has for that; then
// the stored elements, each group by itself.

#include "lowering/common/Expand.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace sparsec;

/// Code of one lane: stored elements are scattered.
static const VectorUnit kScalar;

void sparsec::emitExpandZeros(OpBuilder &b, Location loc, Value target) {
  Type element = cast<MemRefType>(target.getType()).getElementType();
  Value zero =
      arith::ConstantOp::create(b, loc, element, b.getZeroAttr(element));
  linalg::FillOp::create(b, loc, zero, target);
}

OpFoldResult sparsec::getGroupCount(OpBuilder &b, Location loc,
                                    const StoredWeight &weight) {
  int64_t group = makeCursor(weight.storage, kScalar)->groupSize();
  if (!ShapedType::isDynamic(weight.outerSize))
    return b.getIndexAttr(llvm::divideCeil(weight.outerSize, group));
  return b.createOrFold<arith::CeilDivUIOp>(loc, weight.outerCount,
                                            createIndex(b, loc, group));
}

void sparsec::emitExpandGroup(OpBuilder &b, Location loc,
                              const StoredWeight &weight, Value group,
                              Value target) {
  std::unique_ptr<Cursor> cursor = makeCursor(weight.storage, kScalar);
  int64_t size = cursor->groupSize();
  bool whole = size == 1 || (!ShapedType::isDynamic(weight.outerSize) &&
                             weight.outerSize % size == 0);
  Value first = mulIndex(b, loc, group, size);
  cursor->forEachStep(
      b, loc, group, {}, /*lanes=*/1,
      [&](OpBuilder &b, Location loc, Value inner, ValueRange values, unsigned,
          ValueRange) {
        for (auto [r, value] : llvm::enumerate(values)) {
          Value outer = addIndex(b, loc, first, int64_t(r));
          SmallVector<Value> at{outer, inner};
          if (weight.outerDim == 1)
            std::swap(at[0], at[1]);
          if (whole) {
            memref::StoreOp::create(b, loc, value, target, at);
            continue;
          }
          Value bound = b.createOrFold<memref::DimOp>(loc, target,
                                                      int64_t(weight.outerDim));
          Value inside = arith::CmpIOp::create(
              b, loc, arith::CmpIPredicate::ult, outer, bound);
          scf::IfOp::create(
              b, loc, inside, [&, element = value](OpBuilder &b, Location loc) {
                memref::StoreOp::create(b, loc, element, target, at);
                scf::YieldOp::create(b, loc);
              });
        }
        return SmallVector<Value>();
      });
}
