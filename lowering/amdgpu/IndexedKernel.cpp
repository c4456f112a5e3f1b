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
