//===- Emit.cpp - Small pieces of kernel code -----------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/host/Emit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace sparsec;

Value sparsec::multiplyAdd(OpBuilder &b, Location loc, Value acc, Value x,
                           Value y, const KernelOptions &options) {
  return addProduct(b, loc, acc, x, y,
                    options.strict ? arith::FastMathFlags::none
                                   : arith::FastMathFlags::contract);
}

Value sparsec::addSums(OpBuilder &b, Location loc, Value x, Value y) {
  if (getElementTypeOrSelf(x.getType()).isInteger())
    return arith::AddIOp::create(b, loc, x, y);
  return arith::AddFOp::create(b, loc, x, y);
}

Value sparsec::loadVector(OpBuilder &b, Location loc, Type sum, Value memref,
                          ValueRange indices, int64_t lanes, Value mask) {
  auto type = VectorType::get(
      {lanes}, cast<MemRefType>(memref.getType()).getElementType());
  if (!mask)
    return toSum(b, loc, vector::LoadOp::create(b, loc, type, memref, indices),
                 sum);
  Value zeros = arith::ConstantOp::create(b, loc, type, b.getZeroAttr(type));
  return toSum(
      b, loc,
      vector::MaskedLoadOp::create(b, loc, type, memref, indices, mask, zeros),
      sum);
}

void sparsec::storeVector(OpBuilder &b, Location loc, Value vector,
                          Value memref, ValueRange indices, Value mask) {
  if (mask)
    vector::MaskedStoreOp::create(b, loc, memref, indices, mask, vector);
  else
    vector::StoreOp::create(b, loc, vector, memref, indices);
}

void sparsec::ifInside(OpBuilder &b, Location loc, Value index, Value bound,
                       function_ref<void(OpBuilder &, Location)> body) {
  if (!bound)
    return body(b, loc);
  Value inside =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, index, bound);
  scf::IfOp::create(b, loc, inside, [&](OpBuilder &b, Location loc) {
    body(b, loc);
    scf::YieldOp::create(b, loc);
  });
}

Value sparsec::clampIndex(OpBuilder &b, Location loc, Value index,
                          Value bound) {
  if (!bound)
    return index;
  Value last = arith::SubIOp::create(b, loc, bound, createIndex(b, loc, 1));
  return arith::MinUIOp::create(b, loc, index, last);
}

//===----------------------------------------------------------------------===//
// Tiles of columns
//===----------------------------------------------------------------------===//

/// A tile of `vectors` vectors of which the last columns may not exist: `left`
/// are.
static ColumnTile maskedTile(OpBuilder &b, Location loc, Value begin,
                             Value left, int64_t lanes, int64_t vectors) {
  ColumnTile tile{begin, lanes, {}};
  Value zero = createIndex(b, loc, 0);
  auto type = VectorType::get({lanes}, b.getI1Type());
  for (int64_t v = 0; v < vectors; ++v) {
    Value here =
        arith::SubIOp::create(b, loc, left, createIndex(b, loc, v * lanes));
    here = arith::MaxSIOp::create(b, loc, here, zero);
    tile.masks.push_back(vector::CreateMaskOp::create(b, loc, type, here));
  }
  return tile;
}

void sparsec::forEachColumnTile(
    OpBuilder &b, Location loc, Value begin, Value end, int64_t columns,
    int64_t maxVectors, const KernelOptions &options,
    function_ref<void(OpBuilder &, Location, const ColumnTile &)> body) {
  int64_t lanes = options.unit.lanes, width = lanes * maxVectors;
  auto full = [&](Value at, int64_t lanes, int64_t vectors) {
    return ColumnTile{at, lanes, SmallVector<Value>(vectors)};
  };

  // Whole tiles.
  Value count = arith::SubIOp::create(b, loc, end, begin);
  Value rest =
      arith::RemUIOp::create(b, loc, count, createIndex(b, loc, width));
  Value middle = arith::SubIOp::create(b, loc, end, rest);
  bool known = !ShapedType::isDynamic(columns);
  if (!known || columns >= width)
    forLoop(b, loc, begin, middle, createIndex(b, loc, width), {},
            [&](OpBuilder &b, Location loc, Value at, ValueRange) {
              body(b, loc, full(at, lanes, maxVectors));
              return SmallVector<Value>();
            });
  // A known number of columns that starts and ends where the tiles do.
  if (known && columns % width == 0)
    return;

  if (lanes == 1) { // scalar code: one column at a time
    forLoop(b, loc, middle, end, createIndex(b, loc, 1), {},
            [&](OpBuilder &b, Location loc, Value at, ValueRange) {
              body(b, loc, full(at, 1, 1));
              return SmallVector<Value>();
            });
    return;
  }

  // What is left, with as few vectors as hold it; the last one masked.
  SmallVector<int64_t> sizes;
  int64_t knownRest = known ? columns % width : 0;
  if (known) {
    sizes.push_back((knownRest + lanes - 1) / lanes);
    if (sizes[0] == 1) // few columns take a shorter vector
      lanes = std::min<int64_t>(
          lanes, std::max<int64_t>(4, llvm::PowerOf2Ceil(knownRest)));
  } else {
    for (int64_t vectors = 1; vectors < maxVectors; vectors *= 2)
      sizes.push_back(vectors);
    sizes.push_back(maxVectors);
  }
  std::function<void(OpBuilder &, Location, unsigned)> emit =
      [&](OpBuilder &b, Location loc, unsigned index) {
        int64_t vectors = sizes[index];
        auto here = [&](OpBuilder &b, Location loc) {
          if (known && knownRest == vectors * lanes)
            body(b, loc, full(middle, lanes, vectors));
          else
            body(b, loc, maskedTile(b, loc, middle, rest, lanes, vectors));
        };
        if (index + 1 == sizes.size())
          return here(b, loc);
        Value fits =
            arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ule, rest,
                                  createIndex(b, loc, vectors * lanes));
        scf::IfOp::create(
            b, loc, fits,
            [&](OpBuilder &b, Location loc) {
              here(b, loc);
              scf::YieldOp::create(b, loc);
            },
            [&](OpBuilder &b, Location loc) {
              emit(b, loc, index + 1);
              scf::YieldOp::create(b, loc);
            });
      };
  Value any = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, rest,
                                    createIndex(b, loc, 0));
  scf::IfOp::create(b, loc, any, [&](OpBuilder &b, Location loc) {
    emit(b, loc, 0);
    scf::YieldOp::create(b, loc);
  });
}

void sparsec::forEachWholeTile(
    OpBuilder &b, Location loc, Value begin, Value end, int64_t maxVectors,
    const KernelOptions &options,
    function_ref<void(OpBuilder &, Location, const ColumnTile &)> body) {
  for (int64_t vectors = maxVectors; vectors > 0; vectors /= 2) {
    int64_t lanes = options.unit.lanes, width = lanes * vectors;
    Value count = arith::SubIOp::create(b, loc, end, begin);
    Value rest =
        arith::RemUIOp::create(b, loc, count, createIndex(b, loc, width));
    Value middle = arith::SubIOp::create(b, loc, end, rest);
    forLoop(b, loc, begin, middle, createIndex(b, loc, width), {},
            [&](OpBuilder &b, Location loc, Value at, ValueRange) {
              body(b, loc, {at, lanes, SmallVector<Value>(vectors)});
              return SmallVector<Value>();
            });
    begin = middle;
  }
}
