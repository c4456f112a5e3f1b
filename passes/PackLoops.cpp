//===- PackLoops.cpp - Compression at run time, as loops ------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Every format goes through the matrix in tiles, along its outer dimension and
// in each group of outer indices along the inner one, and stores the tiles that
// hold a nonzero: single elements, or blocks. Two rounds do that:
//
//   for each group: offsets[group + 1] = offsets[group] + its nonzero tiles
//   allocate as many values (and indices) as the last offset says
//   for each group, for each nonzero tile:
//     values[position] = the tile
//     indices[position] = where it is    or    set its bit in the mask
//     position += 1
//
// An element is nonzero unless all its bits are zero. The loops work on
// integers: a float on its way through a register may lose bits (a bf16 that is
// kept as an f32 its denormals).

#include "passes/PackLoops.h"

#include "dialect/Ops.h"
#include "lowering/common/Cursor.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace sparsec;

namespace {

constexpr int64_t kWordBits = 64;

class PackLoops {
public:
  PackLoops(OpBuilder &b, Location loc, RankedTensorType type, Value dense)
      : loc(loc), element(type.getElementType()),
        bits(b.getIntegerType(element.getIntOrFloatBitWidth())),
        dense(castElements(b, dense, bits)),
        components(getComponentTypes(type)),
        outer(getFormat(type).getOuterDim()) {
    if (auto block = dyn_cast<BlockAttr>(type.getEncoding()))
      tile = block.getSize();
    mask = isa<BitmaskAttr>(type.getEncoding());
    zero = createIndex(b, loc, 0);
    one = createIndex(b, loc, 1);
    auto tilesOf = [&](Value size) {
      return b.createOrFold<arith::CeilDivUIOp>(loc, size,
                                                createIndex(b, loc, tile));
    };
    outerSize = b.createOrFold<tensor::DimOp>(loc, dense, outer);
    innerSize = b.createOrFold<tensor::DimOp>(loc, dense, 1 - outer);
    groups = tilesOf(outerSize);
    tiles = tilesOf(innerSize);
  }

  SmallVector<Value> emit(OpBuilder &b) {
    Value offsets = emitOffsets(b);
    Value total = loadIndex(b, loc, offsets, groups);
    SmallVector<OpFoldResult> valueSizes{total};
    if (tile > 1)
      valueSizes.append(2, b.getIndexAttr(tile));
    Value values = emitZeros(b, valueSizes, bits);
    SmallVector<OpFoldResult> placeSizes{total};
    if (mask) {
      Value words = b.createOrFold<arith::CeilDivUIOp>(
          loc, tiles, createIndex(b, loc, kWordBits));
      placeSizes = {getAsOpFoldResult(groups), getAsOpFoldResult(words)};
    }
    Value places = emitZeros(b, placeSizes, components[1].getElementType());

    SmallVector<Value> arrays = forEachTile(
        b, {zero, values, places},
        [&](OpBuilder &b, Value group, Value at, ValueRange state) {
          auto branch = scf::IfOp::create(
              b, loc, emitIsNonzero(b, group, at),
              [&](OpBuilder &b, Location loc) {
                Value position = state[0];
                scf::YieldOp::create(
                    b, loc,
                    ValueRange{addIndex(b, loc, position, 1),
                               emitStore(b, group, at, position, state[1]),
                               emitPlace(b, group, at, position, state[2])});
              },
              [&](OpBuilder &b, Location loc) {
                scf::YieldOp::create(b, loc, state);
              });
          return SmallVector<Value>(branch.getResults());
        });
    return {castElements(b, arrays[1], element), arrays[2], offsets};
  }

private:
  using TileBody = function_ref<SmallVector<Value>(OpBuilder &, Value group,
                                                   Value at, ValueRange)>;
  using LoopBody =
      function_ref<SmallVector<Value>(OpBuilder &, Value, ValueRange)>;

  SmallVector<Value> loop(OpBuilder &b, Value end, ValueRange state,
                          LoopBody body) {
    return forLoop(b, loc, zero, end, one, state,
                   [&](OpBuilder &b, Location, Value index, ValueRange args) {
                     return body(b, index, args);
                   });
  }

  SmallVector<Value> forEachTile(OpBuilder &b, ValueRange state,
                                 TileBody body) {
    return loop(b, groups, state,
                [&](OpBuilder &b, Value group, ValueRange args) {
                  return loop(b, tiles, args,
                              [&](OpBuilder &b, Value at, ValueRange args) {
                                return body(b, group, at, args);
                              });
                });
  }

  /// Goes through the elements of a tile that lie in the matrix.
  SmallVector<Value>
  forEachElement(OpBuilder &b, Value group, Value at, ValueRange state,
                 function_ref<SmallVector<Value>(OpBuilder &, Value element,
                                                 ValueRange inTile, ValueRange)>
                     body) {
    auto read = [&](OpBuilder &b, Value o, Value i) -> Value {
      SmallVector<Value> position{o, i};
      if (outer == 1)
        std::swap(position[0], position[1]);
      return tensor::ExtractOp::create(b, loc, dense, position);
    };
    if (tile == 1)
      return body(b, read(b, group, at), {}, state);
    auto first = [&](OpBuilder &b, Value index) {
      return mulIndex(b, loc, index, tile);
    };
    auto inside = [&](OpBuilder &b, Value size, Value index) -> Value {
      Value left = arith::SubIOp::create(b, loc, size, first(b, index));
      return arith::MinUIOp::create(b, loc, left, createIndex(b, loc, tile));
    };
    return loop(b, inside(b, outerSize, group), state,
                [&](OpBuilder &b, Value r, ValueRange args) {
                  return loop(b, inside(b, innerSize, at), args,
                              [&](OpBuilder &b, Value c, ValueRange args) {
                                Value value = read(
                                    b, addIndex(b, loc, first(b, group), r),
                                    addIndex(b, loc, first(b, at), c));
                                return body(b, value, {r, c}, args);
                              });
                });
  }

  Value emitIsNonzero(OpBuilder &b, Value group, Value at) {
    Value no = arith::ConstantIntOp::create(b, loc, b.getI1Type(), 0);
    return forEachElement(
        b, group, at, no,
        [&](OpBuilder &b, Value value, ValueRange, ValueRange state) {
          Value none = arith::ConstantIntOp::create(b, loc, bits, 0);
          Value any = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne,
                                            value, none);
          return SmallVector<Value>{
              arith::OrIOp::create(b, loc, state[0], any)};
        })[0];
  }

  Value emitOffsets(OpBuilder &b) {
    Type type = components[2].getElementType();
    Value size = addIndex(b, loc, groups, 1);
    Value offsets = emitZeros(b, {getAsOpFoldResult(size)}, type);
    Value none = arith::ConstantIntOp::create(b, loc, type, 0);
    return loop(b, groups, {none, offsets},
                [&](OpBuilder &b, Value group, ValueRange state) {
                  Value count =
                      loop(b, tiles, state[0],
                           [&](OpBuilder &b, Value at, ValueRange args) {
                             Value more = arith::ExtUIOp::create(
                                 b, loc, type, emitIsNonzero(b, group, at));
                             return SmallVector<Value>{
                                 arith::AddIOp::create(b, loc, args[0], more)};
                           })[0];
                  Value next = tensor::InsertOp::create(
                      b, loc, count, state[1], addIndex(b, loc, group, 1));
                  return SmallVector<Value>{count, next};
                })[1];
  }

  /// `values` with the tile at `position`.
  Value emitStore(OpBuilder &b, Value group, Value at, Value position,
                  Value values) {
    return forEachElement(
        b, group, at, values,
        [&](OpBuilder &b, Value value, ValueRange inTile, ValueRange state) {
          SmallVector<Value> indices{position};
          llvm::append_range(indices, inTile);
          return SmallVector<Value>{
              tensor::InsertOp::create(b, loc, value, state[0], indices)};
        })[0];
  }

  /// `places` with the inner index of a tile.
  Value emitPlace(OpBuilder &b, Value group, Value at, Value position,
                  Value places) {
    Type type = components[1].getElementType();
    if (!mask) {
      Value index = arith::IndexCastUIOp::create(b, loc, type, at);
      return tensor::InsertOp::create(b, loc, index, places, position);
    }
    Value size = createIndex(b, loc, kWordBits);
    SmallVector<Value> word{group, arith::DivUIOp::create(b, loc, at, size)};
    Value shift = arith::IndexCastUIOp::create(
        b, loc, type, arith::RemUIOp::create(b, loc, at, size).getResult());
    Value bit = arith::ShLIOp::create(
        b, loc, arith::ConstantIntOp::create(b, loc, type, 1), shift);
    Value old = tensor::ExtractOp::create(b, loc, places, word);
    return tensor::InsertOp::create(
        b, loc, arith::OrIOp::create(b, loc, old, bit).getResult(), places,
        word);
  }

  Value castElements(OpBuilder &b, Value tensor, Type to) {
    auto type = cast<RankedTensorType>(tensor.getType());
    if (type.getElementType() == to)
      return tensor;
    return arith::BitcastOp::create(b, loc, type.clone(to), tensor);
  }

  Value emitZeros(OpBuilder &b, ArrayRef<OpFoldResult> sizes, Type type) {
    Value empty = tensor::EmptyOp::create(b, loc, sizes, type);
    Value none = arith::ConstantOp::create(
        b, loc, type, cast<TypedAttr>(b.getZeroAttr(type)));
    return linalg::FillOp::create(b, loc, none, empty).getResult(0);
  }

  Location loc;
  Type element;
  Type bits;
  Value dense; // as bits
  SmallVector<RankedTensorType> components;
  unsigned outer;
  int64_t tile = 1;
  bool mask = false; // places are bits, not indices
  Value zero, one, outerSize, innerSize, groups, tiles;
};

} // namespace

SmallVector<Value> sparsec::emitPack(OpBuilder &b, Location loc,
                                     RankedTensorType compressed, Value dense) {
  if (!isa<BitmaskAttr, CSRAttr, CSCAttr, BlockAttr>(compressed.getEncoding()))
    return {};
  return PackLoops(b, loc, compressed, dense).emit(b);
}
