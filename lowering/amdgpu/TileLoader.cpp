//===- TileLoader.cpp - From memory to tiles in LDS -----------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/amdgpu/TileLoader.h"

#include "lowering/amdgpu/Arithmetic.h"
#include "lowering/amdgpu/Buffers.h"
#include "lowering/amdgpu/WaveKernel.h"
#include "lowering/common/Cursor.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace sparsec;

SmallVector<Value> sparsec::loadNeighbours(OpBuilder &b, Location loc,
                                           Value array, ValueRange at,
                                           int64_t count) {
  Type element = cast<MemRefType>(array.getType()).getElementType();
  if (count == 1)
    return {toF32(b, loc, memref::LoadOp::create(b, loc, array, at))};
  int64_t bytes = count * element.getIntOrFloatBitWidth() / 8;
  Value loaded = vector::LoadOp::create(
      b, loc, VectorType::get({count}, element), array, at,
      /*nontemporal=*/false, llvm::MaybeAlign(bytes));
  loaded = toF32(b, loc, loaded);
  SmallVector<Value> values;
  for (int64_t i = 0; i < count; ++i)
    values.push_back(vector::ExtractOp::create(b, loc, loaded, i));
  return values;
}

void TileLoader::arrange(OpBuilder &b, bool along, int64_t most) {
  Arithmetic i32(b, loc);
  alongDepth = along;
  vector = most;
  int64_t elements = part.size * part.depth;
  while (vector > 1 && elements / vector < part.items)
    vector /= 2;
  int64_t inner = (alongDepth ? part.depth : part.size) / vector;
  Value innermost = i32.mul(i32.rem(part.item, inner), vector);
  Value outer = i32.div(part.item, inner);
  if (inner % kLanes == 0) // the same for all lanes of a wave
    outer = LLVM::CallIntrinsicOp::create(
                b, loc, b.getI32Type(),
                b.getStringAttr("llvm.amdgcn.readfirstlane.i32"), outer)
                .getResult(0);
  for (int64_t i = 0; i < elements / vector / part.items; ++i) {
    Value next = i32.add(outer, i * (part.items / inner));
    positions.push_back(alongDepth ? next : innermost);
    depths.push_back(alongDepth ? innermost : next);
  }
}

void TileLoader::put(OpBuilder &b, ArrayRef<Value> loaded, Value lds,
                     Value stage) {
  Arithmetic i32(b, loc);
  for (size_t i = 0; i < positions.size(); ++i) {
    Value position = i32.toIndex(positions[i]);
    ArrayRef<Value> values = loaded.slice(i * vector, vector);
    if (!alongDepth && vector > 1) {
      Value row = vector::FromElementsOp::create(
          b, loc, VectorType::get({vector}, b.getF32Type()), values);
      vector::StoreOp::create(
          b, loc, row, lds, ValueRange{stage, i32.toIndex(depths[i]), position},
          /*nontemporal=*/false, llvm::MaybeAlign(4 * vector));
      continue;
    }
    for (auto [j, value] : llvm::enumerate(values))
      memref::StoreOp::create(
          b, loc, value, lds,
          ValueRange{stage, i32.toIndex(i32.add(depths[i], j)), position});
  }
}

namespace {

class FactorLoader : public TileLoader {
public:
  FactorLoader(OpBuilder &b, Location loc, const TilePart &part,
               const TileFactor &factor)
      : TileLoader(loc, part), factor(factor),
        buffer(toBuffer(b, loc, factor.array)) {
    Arithmetic i32(b, loc);
    arrange(b, factor.alongDepth, factor.vector);
    for (auto [position, k] : llvm::zip_equal(positions, depths)) {
      Value offset = factor.tileOffset(b, i32.add(part.first, position));
      if (factor.linear)
        offset = i32.add(offset, factor.depthOffset(b, k));
      offsets.push_back(offset);
    }
  }

  SmallVector<Value> load(OpBuilder &b, Value k,
                          MutableArrayRef<Value>) override {
    Arithmetic i32(b, loc);
    Value step = factor.linear ? factor.depthOffset(b, k) : Value();
    SmallVector<Value> loaded;
    for (auto [offset, inStep] : llvm::zip_equal(offsets, depths)) {
      Value at = i32.add(
          offset, step ? step : factor.depthOffset(b, i32.add(k, inStep)));
      llvm::append_range(
          loaded, loadNeighbours(b, loc, buffer, i32.toIndex(at), vector));
    }
    return loaded;
  }

private:
  const TileFactor &factor;
  Value buffer;
  /// What is known of the offset of each load before k is.
  SmallVector<Value> offsets;
};

} // namespace

std::unique_ptr<TileLoader> TileFactor::makeLoader(OpBuilder &b, Location loc,
                                                   const TilePart &part) const {
  return std::make_unique<FactorLoader>(b, loc, part, *this);
}
