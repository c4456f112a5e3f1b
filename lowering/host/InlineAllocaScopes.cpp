//===- InlineAllocaScopes.cpp - Scopes that hold no alloca ----------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/Passes.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/PatternMatch.h"

namespace sparsec {
#define GEN_PASS_DEF_INLINEALLOCASCOPES
#include "lowering/Passes.h.inc"
} // namespace sparsec

using namespace mlir;

namespace {

struct InlineAllocaScopesPass
    : sparsec::impl::InlineAllocaScopesBase<InlineAllocaScopesPass> {
  void runOnOperation() override {
    SmallVector<memref::AllocaScopeOp> scopes;
    getOperation()->walk([&](memref::AllocaScopeOp op) {
      bool allocates = op->walk([](memref::AllocaOp) {
                           return WalkResult::interrupt();
                         }).wasInterrupted();
      if (!allocates && op.getBodyRegion().hasOneBlock())
        scopes.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (memref::AllocaScopeOp op : scopes) {
      Block *body = &op.getBodyRegion().front();
      Operation *end = body->getTerminator();
      rewriter.inlineBlockBefore(body, op);
      rewriter.replaceOp(op, end->getOperands());
      rewriter.eraseOp(end);
    }
  }
};

} // namespace
