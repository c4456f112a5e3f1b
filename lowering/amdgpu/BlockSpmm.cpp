//===- BlockSpmm.cpp - block x matrix on waves of 64 lanes ----------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A wave has the rows of a block, or some of them, and a column of x for each
// lane. The rows of x that a block needs are loaded once for all of its rows;
// its values are scalars where they have 32 bits, otherwise lanes load them and
// v_readlane hands them out. Each sum is taken with k ascending.

#include "lowering/amdgpu/BlockKernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace sparsec;

/// Columns of a block that are gone through at a time: rows of x in registers.
static constexpr int64_t kMostDepth = 8;

/// Rows of a block that a wave has: more load x less often, fewer are more
/// waves.
static constexpr int64_t kMostRows = 8;
static constexpr int64_t kLeastRows = 4;
static constexpr int64_t kWantedWaves = 288;

bool BlockSpmm::matches() {
  // The last block may reach past the end, where it adds +0.0: not the bits of
  // what does not.
  return isBlock() && sumsInner && hasColumns(2) &&
         !(strict && weightType.getDimSize(1) % size != 0);
}

LogicalResult BlockSpmm::run() {
  int64_t height = weightType.getDimSize(0);
  rows = std::min(size, kMostRows);
  if (!ShapedType::isDynamic(height) && height < rows * kWantedWaves)
    rows = kLeastRows;
  int64_t parts = size / rows;
  return launchRows(
      "spmm_block", rows,
      [&](OpBuilder &b, const StoredWeight &weight, Value group,
          ValueRange sums) {
        Value firstRow = i32(b, 0);
        if (parts > 1) {
          firstRow = mul(
              b, arith::AndIOp::create(b, loc, group, i32(b, parts - 1)), rows);
          group = arith::ShRUIOp::create(b, loc, group,
                                         i32(b, llvm::Log2_64(parts)));
        }
        auto [begin, end] = loadRange(b, weight, group);
        return forLoop(
            b, loc, begin, end, i32(b, 1), sums,
            [&](OpBuilder &b, Location, Value block, ValueRange carried) {
              return emitBlock(b, weight, block, firstRow, carried);
            });
      });
}

SmallVector<Value> BlockSpmm::emitBlock(OpBuilder &b,
                                        const StoredWeight &weight, Value block,
                                        Value firstRow, ValueRange carried) {
  Value at = toIndex(b, block), values = weight.storage.components[0];
  Value first =
      mul(b, loadEntry(b, loc, weight.storage.components[1], at), size);
  Type element = cast<MemRefType>(values.getType()).getElementType();
  bool scalars = element.isF32();
  int64_t depth = std::min(size, kMostDepth);
  // Lanes that hold the rows: element l is in lane l % 64 of l / 64.
  SmallVector<Value> held;
  if (!scalars) {
    Value lane = emitLane(b), buffer = toValues(b, weight);
    Value column = arith::AndIOp::create(b, loc, lane, i32(b, size - 1));
    Value row =
        add(b, firstRow,
            arith::ShRUIOp::create(b, loc, lane, i32(b, llvm::Log2_64(size))));
    for (int64_t l = 0; l < rows * size; l += kLanes)
      held.push_back(
          loadElement(b, buffer, block, add(b, row, l / size), column));
  }
  SmallVector<Value> sums(carried);
  for (int64_t k = 0; k < size; k += depth) {
    SmallVector<SmallVector<Value>> columns(depth);
    for (int64_t r = 0; r < rows; ++r) {
      Value loaded;
      if (scalars)
        loaded = vector::LoadOp::create(
            b, loc, VectorType::get({depth}, element), values,
            ValueRange{at, toIndex(b, add(b, firstRow, r)),
                       createIndex(b, loc, k)});
      for (int64_t d = 0; d < depth; ++d) {
        int64_t l = r * size + k + d;
        columns[d].push_back(
            scalars ? vector::ExtractOp::create(b, loc, loaded, d).getResult()
                    : readLane(b, held[l / kLanes], i32(b, l % kLanes)));
      }
    }
    for (int64_t d = 0; d < depth; ++d)
      addProducts(b, columns[d], add(b, first, k + d), sums);
  }
  return sums;
}
