//===- HostKernels.cpp - Each product into kernels and calls --------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/Passes.h"
#include "lowering/common/Spread.h"
#include "lowering/common/StoredWeight.h"
#include "lowering/host/ProductLowering.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace sparsec {
#define GEN_PASS_DEF_HOSTKERNELS
#include "lowering/Passes.h.inc"
} // namespace sparsec

using namespace mlir;
using namespace sparsec;

namespace {

struct HostKernelsPass : sparsec::impl::HostKernelsBase<HostKernelsPass> {
  using HostKernelsBase::HostKernelsBase;

  void runOnOperation() override {
    KernelOptions options;
    options.unit = {lanes, registers, expand, permute};
    options.strict = strict;
    KernelTable kernels(getOperation());
    SmallVector<ExpandOp> expansions;
    getOperation()->walk([&](ExpandOp op) { expansions.push_back(op); });
    for (ExpandOp op : expansions)
      if (failed(lowerExpand(op, kernels)))
        return signalPassFailure();
    SmallVector<MatmulOp> products;
    getOperation()->walk([&](MatmulOp op) { products.push_back(op); });
    for (MatmulOp op : products) {
      if (op.isTensorForm()) {
        op.emitError() << "is not bufferized";
        return signalPassFailure();
      }
      if (failed(ProductLowering(op, kernels, options).run()))
        return signalPassFailure();
    }
    addSpreadTable(getOperation());
    eraseWeightHandles(getOperation());
  }
};

} // namespace
