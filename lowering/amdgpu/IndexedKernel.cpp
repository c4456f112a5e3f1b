//===- IndexedKernel.cpp - What kernels for csr and csc share -------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/amdgpu/IndexedKernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace sparsec;

bool IndexedKernel::isIndexed() {
  return findRoles() && isa<CSRAttr, CSCAttr>(weightType.getEncoding());
}

bool IndexedKernel::isIndexedSum() { return isIndexed() && sumsInner; }

IndexedKernel::Entries IndexedKernel::toEntries(OpBuilder &b,
                                                const StoredWeight &weight) {
  return {toBuffer(b, weight.storage.components[0]),
          toBuffer(b, weight.storage.components[1])};
}

Value IndexedKernel::loadInner(OpBuilder &b, const Entries &entries,
                               Value position) {
  Value inner =
      memref::LoadOp::create(b, loc, entries.indices, toIndex(b, position));
  if (inner.getType() == b.getI32Type())
    return inner;
  return arith::ExtUIOp::create(b, loc, b.getI32Type(), inner);
}

Value IndexedKernel::loadValue(OpBuilder &b, const Entries &entries,
                               Value position) {
  return toF32(
      b, loc,
      memref::LoadOp::create(b, loc, entries.values, toIndex(b, position)));
}

Value IndexedKernel::sumEntries(OpBuilder &b, const StoredWeight &weight,
                                Value begin, Value end, int64_t step) {
  Entries entries = toEntries(b, weight);
  auto round = [&](OpBuilder &b, Value from, int64_t count, Value sum) {
    SmallVector<Value> values, factors;
    for (int64_t i = 0; i < count; ++i) {
      Value position = add(b, from, i * step);
      Value inner = loadInner(b, entries, position);
      values.push_back(loadValue(b, entries, position));
      factors.push_back(loadFactor(b, inner));
    }
    for (auto [value, factor] : llvm::zip_equal(values, factors))
      sum = multiplyAdd(b, sum, value, factor);
    return sum;
  };
  // Whole pairs of rounds, then the one that may be left. Positions are far
  // from where 32 bits end, so the sums do not wrap.
  Value pairsEnd = arith::SubIOp::create(
      b, loc, arith::MaxUIOp::create(b, loc, end, i32(b, step)), i32(b, step));
  auto loop = scf::WhileOp::create(
      b, loc, TypeRange{b.getI32Type(), b.getF32Type()},
      ValueRange{begin, f32Zero(b)},
      [&](OpBuilder &b, Location loc, ValueRange args) {
        scf::ConditionOp::create(b, loc, less(b, args[0], pairsEnd), args);
      },
      [&](OpBuilder &b, Location loc, ValueRange args) {
        Value sum = round(b, args[0], 2, args[1]);
        scf::YieldOp::create(b, loc,
                             ValueRange{add(b, args[0], 2 * step), sum});
      });
  Value from = loop.getResult(0), sum = loop.getResult(1);
  auto last = scf::IfOp::create(
      b, loc, less(b, from, end),
      [&](OpBuilder &b, Location loc) {
        scf::YieldOp::create(b, loc, round(b, from, 1, sum));
      },
      [&](OpBuilder &b, Location loc) { scf::YieldOp::create(b, loc, sum); });
  return last.getResult(0);
}
