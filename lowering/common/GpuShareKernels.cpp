//===- GpuShareKernels.cpp - All kernels of a model in one module ---------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/Passes.h"
#include "lowering/common/GpuLaunch.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/OperationSupport.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/DenseMap.h"

namespace sparsec {
#define GEN_PASS_DEF_GPUSHAREKERNELS
#include "lowering/Passes.h.inc"
} // namespace sparsec

using namespace mlir;
using namespace sparsec;

static constexpr StringLiteral kModuleName = "kernels";

/// Equal but for names and places in the source.
static bool isEqual(gpu::GPUFuncOp a, gpu::GPUFuncOp b) {
  return a.getFunctionType() == b.getFunctionType() &&
         a.getKnownBlockSizeAttr() == b.getKnownBlockSizeAttr() &&
         a.getNumWorkgroupAttributions() == b.getNumWorkgroupAttributions() &&
         OperationEquivalence::isRegionEquivalentTo(
             &a.getBody(), &b.getBody(),
             OperationEquivalence::Flags::IgnoreLocations);
}

namespace {
/// What the launches of a kernel are given.
struct Traffic {
  int64_t launches = 0;
  int64_t bytes = 0;
  bool known = true; ///< the size of every buffer
};
} // namespace

static void addTraffic(Traffic &traffic, gpu::LaunchFuncOp launch) {
  ++traffic.launches;
  for (Value operand : launch.getKernelOperands()) {
    if (!isa<MemRefType>(operand.getType()))
      continue;
    // Kernels forget how many entries a weight stores, to be shared.
    while (auto cast = operand.getDefiningOp<memref::CastOp>())
      operand = cast.getSource();
    auto type = cast<MemRefType>(operand.getType());
    traffic.known &= type.hasStaticShape();
    if (traffic.known)
      traffic.bytes += type.getNumElements() *
                       llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  }
}

namespace {

struct GpuShareKernelsPass
    : sparsec::impl::GpuShareKernelsBase<GpuShareKernelsPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<gpu::LaunchFuncOp> launches;
    module.walk([&](gpu::LaunchFuncOp op) { launches.push_back(op); });
    SmallVector<gpu::GPUModuleOp> outlined(module.getOps<gpu::GPUModuleOp>());
    OpBuilder b = OpBuilder::atBlockEnd(module.getBody());
    auto shared =
        gpu::GPUModuleOp::create(b, module.getLoc(), "sparsec_kernels");
    for (gpu::LaunchFuncOp launch : launches) {
      auto kernel = module.lookupSymbol<gpu::GPUFuncOp>(launch.getKernel());
      gpu::GPUFuncOp same = find(kernel);
      if (!same) {
        same = kernel.clone();
        same.setName((kernel.getName() + "_" + Twine(kernels.size())).str());
        shared.getBody()->push_back(same);
        kernels.push_back(same);
      }
      addTraffic(traffic[same], launch);
      launch.setKernelAttr(
          SymbolRefAttr::get(b.getStringAttr(kModuleName),
                             {FlatSymbolRefAttr::get(same.getNameAttr())}));
    }
    for (gpu::GPUFuncOp kernel : kernels) {
      const Traffic &all = traffic[kernel];
      kernel->setAttr(kLaunchesAttrName, b.getI64IntegerAttr(all.launches));
      if (all.known)
        kernel->setAttr(kBytesAttrName, b.getI64IntegerAttr(all.bytes));
    }
    for (gpu::GPUModuleOp one : outlined)
      one.erase();
    shared.setName(kModuleName);
    module->setAttr(gpu::GPUDialect::getContainerModuleAttrName(),
                    b.getUnitAttr());
  }

private:
  /// A kernel before that is equal. Few kernels of a model have the same type,
  /// and most of those that do are equal.
  gpu::GPUFuncOp find(gpu::GPUFuncOp kernel) {
    for (gpu::GPUFuncOp other : kernels)
      if (isEqual(kernel, other))
        return other;
    return nullptr;
  }

  SmallVector<gpu::GPUFuncOp> kernels;
  llvm::DenseMap<Operation *, Traffic> traffic;
};

} // namespace
