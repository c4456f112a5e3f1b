//===- Subgroups.cpp - Sums over the lanes of a wave ----------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/Passes.h"

#include "mlir/Dialect/AMDGPU/IR/AMDGPUDialect.h"
#include "mlir/Dialect/AMDGPU/Utils/Chipset.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/ROCDLDialect.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace sparsec {
#define GEN_PASS_DEF_AMDGPUSUBGROUPS
#include "lowering/Passes.h.inc"
} // namespace sparsec

using namespace mlir;

namespace {

struct AmdgpuSubgroupsPass
    : sparsec::impl::AmdgpuSubgroupsBase<AmdgpuSubgroupsPass> {
  using AmdgpuSubgroupsBase::AmdgpuSubgroupsBase;

  void runOnOperation() override {
    FailureOr<amdgpu::Chipset> chipset = amdgpu::Chipset::parse(chip);
    if (failed(chipset)) {
      getOperation()->emitError() << "unknown chip '" << chip << "'";
      return signalPassFailure();
    }
    RewritePatternSet patterns(&getContext());
    populateGpuLowerSubgroupReduceToDPPPatterns(patterns, /*subgroupSize=*/64,
                                                *chipset);
    populateGpuLowerClusteredSubgroupReduceToDPPPatterns(
        patterns, /*subgroupSize=*/64, *chipset);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
