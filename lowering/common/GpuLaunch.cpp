//===- GpuLaunch.cpp - One work item for each element ---------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/common/GpuLaunch.h"

#include "lowering/common/Cursor.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace sparsec;

/// Work items in a workgroup: a wave, so that small operations spread over as
/// many compute units as they can.
static constexpr int64_t kWorkgroup = 64;

/// The indices of a work item. Divisions are of 32 bits: those of 64 take some
/// hundred instructions, and no launch has more work items than that.
static SmallVector<Value> delinearize(OpBuilder &b, Location loc, Value item,
                                      ArrayRef<OpFoldResult> sizes) {
  Type i32 = b.getI32Type();
  auto toIndex = [&](Value value) -> Value {
    return arith::IndexCastUIOp::create(b, loc, b.getIndexType(), value);
  };
  SmallVector<Value> indices(sizes.size());
  for (size_t d = sizes.size(); d-- > 1;) {
    Value size;
    if (std::optional<int64_t> known = getConstantIntValue(sizes[d]))
      size = arith::ConstantIntOp::create(b, loc, i32, *known);
    else
      size = arith::IndexCastUIOp::create(b, loc, i32, cast<Value>(sizes[d]));
    indices[d] = toIndex(arith::RemUIOp::create(b, loc, item, size));
    item = arith::DivUIOp::create(b, loc, item, size);
  }
  if (!sizes.empty())
    indices[0] = toIndex(item);
  return indices;
}

void sparsec::launchOver(
    OpBuilder &b, Location loc, StringRef name, ArrayRef<OpFoldResult> sizes,
    function_ref<void(OpBuilder &, Location, ValueRange)> body) {
  Value count = createIndex(b, loc, 1);
  for (OpFoldResult size : sizes)
    count = b.createOrFold<arith::MulIOp>(
        loc, count, getValueOrCreateConstantIndexOp(b, loc, size));
  Value one = createIndex(b, loc, 1), group = createIndex(b, loc, kWorkgroup);
  Value groups = b.createOrFold<arith::CeilDivUIOp>(loc, count, group);
  auto launch =
      gpu::LaunchOp::create(b, loc, groups, one, one, group, one, one);
  launch.setFunctionAttr(FlatSymbolRefAttr::get(b.getContext(), name));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(&launch.getBody().front());
  Type i32 = b.getI32Type();
  auto narrow = [&](Value value) -> Value {
    return arith::IndexCastUIOp::create(b, loc, i32, value);
  };
  Value before = arith::MulIOp::create(
      b, loc, narrow(launch.getBlockIds().x),
      arith::ConstantIntOp::create(b, loc, i32, kWorkgroup));
  Value item =
      arith::AddIOp::create(b, loc, before, narrow(launch.getThreadIds().x));
  Value inside = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, item,
                                       narrow(count));
  scf::IfOp::create(b, loc, inside, [&](OpBuilder &b, Location loc) {
    body(b, loc, delinearize(b, loc, item, sizes));
    scf::YieldOp::create(b, loc);
  });
  gpu::TerminatorOp::create(b, loc);
}
