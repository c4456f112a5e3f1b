//===- HostMath.cpp - Functions of floats ---------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/Passes.h"

#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/StringSet.h"

namespace sparsec {
#define GEN_PASS_DEF_HOSTMATH
#include "lowering/Passes.h.inc"
} // namespace sparsec

using namespace mlir;

namespace {

struct HostMathPass : sparsec::impl::HostMathBase<HostMathPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    // Not logarithms, whose polynomials lose denormals, nor sines.
    static const llvm::StringSet<> polynomials = {"math.exp",  "math.expm1",
                                                  "math.tanh", "math.erf",
                                                  "math.atan", "math.atan2"};
    populateMathPolynomialApproximationPatterns(
        patterns, [](StringRef name) { return polynomials.contains(name); });
    // f16 and bf16 go through f32.
    populateMathF32ExpansionPatterns(patterns, [](StringRef) { return true; });
    arith::populateExpandBFloat16Patterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
