//===- Spread.cpp - Packed values over the lanes of a mask ----------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/common/Spread.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace sparsec;

static constexpr int64_t kExpandLanes = 16;
static constexpr int64_t kPermuteLanes = 8;
static constexpr StringLiteral kTableName = "sparsec_spread_table";

Spread sparsec::getSpread(const VectorUnit &unit) {
  if (unit.expand)
    return Spread::Expand;
  return unit.permute ? Spread::Permute : Spread::None;
}

int64_t sparsec::getSpreadLanes(Spread spread) {
  switch (spread) {
  case Spread::None:
    return 0;
  case Spread::Permute:
    return kPermuteLanes;
  case Spread::Expand:
    return kExpandLanes;
  }
  llvm_unreachable("unknown way to spread");
}

static Value castLanes(OpBuilder &b, Location loc, Value vector, Type element) {
  auto type = cast<VectorType>(vector.getType()).clone(element);
  return b.createOrFold<vector::BitCastOp>(loc, type, vector);
}

/// The next values, widened to `sum`, in a register; its 32 bits are taken for
/// f32 whatever they are, since all that happens here is that lanes move.
static Value loadPacked(OpBuilder &b, Location loc, Type sum, Value array,
                        Value position, int64_t lanes) {
  Type element = cast<ShapedType>(array.getType()).getElementType();
  Value packed =
      toSum(b, loc,
            vector::LoadOp::create(b, loc, VectorType::get({lanes}, element),
                                   array, position),
            sum);
  return castLanes(b, loc, packed, b.getF32Type());
}

//===----------------------------------------------------------------------===//
// AVX-512: vexpandps
//===----------------------------------------------------------------------===//

static SpreadValues expand(OpBuilder &b, Location loc, Type sum, Value array,
                           Value position, Value bits) {
  auto maskType = VectorType::get({kExpandLanes}, b.getI1Type());
  Value mask = vector::BitCastOp::create(
      b, loc, maskType,
      vector::BroadcastOp::create(b, loc, VectorType::get({1}, bits.getType()),
                                  bits));
  auto f32s = VectorType::get({kExpandLanes}, b.getF32Type());
  // Keeps the load apart: an expansion from memory is several times slower
  // than one from a register on Zen 4.
  Value packed =
      LLVM::CallIntrinsicOp::create(
          b, loc, f32s, b.getStringAttr("llvm.arithmetic.fence.v16f32"),
          ValueRange{loadPacked(b, loc, sum, array, position, kExpandLanes)})
          .getResult(0);
  Value zeros = arith::ConstantOp::create(b, loc, f32s, b.getZeroAttr(f32s));
  Value spread =
      LLVM::CallIntrinsicOp::create(
          b, loc, f32s, b.getStringAttr("llvm.x86.avx512.mask.expand.v16f32"),
          ValueRange{packed, zeros, mask})
          .getResult(0);
  return {castLanes(b, loc, spread, sum), mask};
}

//===----------------------------------------------------------------------===//
// AVX2: vpermps by a table
//===----------------------------------------------------------------------===//

/// A row of 8 bytes for each mask, 2 KiB: the rank of a lane, with the sign bit
/// on where its bit is set, since signs are what a masked load takes.
static DenseElementsAttr makeTable(OpBuilder &b) {
  SmallVector<int32_t> table;
  for (unsigned bits = 0; bits < 1u << kPermuteLanes; ++bits) {
    int32_t rank = 0;
    for (int64_t lane = 0; lane < kPermuteLanes; ++lane)
      table.push_back(bits >> lane & 1 ? INT32_MIN | rank++ : 0);
  }
  auto type = RankedTensorType::get({1 << kPermuteLanes, kPermuteLanes},
                                    b.getI32Type());
  return DenseElementsAttr::get(type, ArrayRef<int32_t>(table));
}

static MemRefType getTableType(OpBuilder &b) {
  return MemRefType::get({1 << kPermuteLanes, kPermuteLanes}, b.getI32Type());
}

void sparsec::addSpreadTable(ModuleOp module) {
  auto search = module.walk([](memref::GetGlobalOp op) {
    return op.getName() == kTableName ? WalkResult::interrupt()
                                      : WalkResult::advance();
  });
  if (!search.wasInterrupted() ||
      SymbolTable::lookupSymbolIn(module, kTableName))
    return;
  auto b = OpBuilder::atBlockBegin(module.getBody());
  memref::GlobalOp::create(b, module.getLoc(), kTableName,
                           b.getStringAttr("private"), getTableType(b),
                           makeTable(b), /*constant=*/true,
                           b.getI64IntegerAttr(64));
}

static SpreadValues permute(OpBuilder &b, Location loc, Type sum, Value array,
                            Value position, Value bits) {
  Value row = arith::IndexCastUIOp::create(b, loc, b.getIndexType(), bits);
  auto i32s = VectorType::get({kPermuteLanes}, b.getI32Type());
  auto f32s = VectorType::get({kPermuteLanes}, b.getF32Type());
  Value table =
      memref::GetGlobalOp::create(b, loc, getTableType(b), kTableName);
  Value ranks = vector::LoadOp::create(b, loc, i32s, table,
                                       ValueRange{row, createIndex(b, loc, 0)});
  Value zero = arith::ConstantOp::create(b, loc, i32s, b.getZeroAttr(i32s));
  Value mask =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, ranks, zero);
  // Only the low three bits of a lane number count.
  Value spread =
      LLVM::CallIntrinsicOp::create(
          b, loc, f32s, b.getStringAttr("llvm.x86.avx2.permps"),
          ValueRange{loadPacked(b, loc, sum, array, position, kPermuteLanes),
                     ranks})
          .getResult(0);
  Value zeros = arith::ConstantOp::create(b, loc, f32s, b.getZeroAttr(f32s));
  spread = arith::SelectOp::create(b, loc, mask, spread, zeros);
  return {castLanes(b, loc, spread, sum), mask};
}

SpreadValues sparsec::spreadValues(OpBuilder &b, Location loc, Spread spread,
                                   Type sum, Value array, Value position,
                                   Value bits) {
  if (spread == Spread::Expand)
    return expand(b, loc, sum, array, position, bits);
  assert(spread == Spread::Permute && "the target cannot spread values");
  return permute(b, loc, sum, array, position, bits);
}
