//===- Pipelines.cpp - The stages from a model to code --------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/Pipelines.h"

#include "dialect/Dialect.h"
#include "lowering/Passes.h"
#include "lowering/TargetInfo.h"
#include "lowering/amdgpu/Pipeline.h"
#include "lowering/common/Bufferization.h"
#include "passes/Passes.h"

#include "mlir/Dialect/Bufferization/Pipelines/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/Tosa/Transforms/Passes.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/OpenMP/OpenMPToLLVMIRTranslation.h"
#include "mlir/Transforms/Passes.h"

// One at a time: mlir/Conversion/Passes.h takes 16 s to parse.
#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Conversion/BufferizationToMemRef/BufferizationToMemRef.h"
#include "mlir/Conversion/ConvertToLLVM/ToLLVMPass.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MathToLibm/MathToLibm.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/SCFToOpenMP/SCFToOpenMP.h"
#include "mlir/Conversion/TensorToLinalg/TensorToLinalgPass.h"
#include "mlir/Conversion/TosaToArith/TosaToArith.h"
#include "mlir/Conversion/TosaToLinalg/TosaToLinalg.h"
#include "mlir/Conversion/TosaToSCF/TosaToSCF.h"
#include "mlir/Conversion/TosaToTensor/TosaToTensor.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVMPass.h"
#include "mlir/Conversion/VectorToSCF/VectorToSCF.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace sparsec;

void sparsec::buildModelPipeline(OpPassManager &pm,
                                 const ModelPipelineOptions &options) {
  pm.addPass(createInlinerPass());
  // TOSA is a way to say linalg; a model without any passes through.
  auto &func = pm.nest<func::FuncOp>();
  func.addPass(tosa::createTosaToLinalgNamed());
  func.addPass(tosa::createTosaToLinalg());
  func.addPass(createTosaToArithPass({/*includeApplyRescale=*/true}));
  func.addPass(createTosaToTensorPass());
  func.addPass(createTosaToSCFPass());
  if (options.batch > 0) {
    SetBatchOptions batch;
    batch.batch = options.batch;
    pm.addPass(createSetBatch(batch));
  }
  pm.addPass(createCanonicalizerPass());
  pm.nest<func::FuncOp>().addPass(createConvertElementwiseToLinalgPass());

  pm.addPass(createFromLinalg());
  if (options.prune)
    pm.addPass(createPrune(*options.prune));
  if (options.format != "dense") {
    ConvolutionRules rules = getConvolutionRules(options.target);
    pm.addPass(createFromConvolutions(
        {rules.maxDensity, rules.patchBytes, rules.imageWork}));
  }
  pm.addPass(createEliminateDeadChannels());
  if (options.quantize)
    pm.addPass(createQuantize());
  pm.addPass(createCSEPass());
  pm.addPass(createFuseEpilogue());
  if (options.format == "auto" && options.strategy == "cost") {
    pm.addPass(createCanonicalizerPass()); // sums from zero need no slice
    SplitWeightsOptions split;
    split.target = options.target;
    split.costTable = options.costTable;
    pm.addPass(createSplitWeights(split));
  }
  SelectFormatOptions select;
  select.format = options.format;
  select.strategy = options.strategy;
  select.target = options.target;
  select.costTable = options.costTable;
  pm.addPass(createSelectFormat(select));
  if (!options.pack)
    return;
  pm.addPass(createCSEPass());
  pm.addPass(createPackWeights());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createSymbolDCEPass());
  TileWindowsOptions windows;
  windows.budget = options.memoryBudget;
  WindowSizes sizes = getWindowSizes(options.target);
  windows.windowBytes = sizes.windowBytes;
  windows.batchBytes = sizes.batchBytes;
  windows.windowRows = options.windowRows;
  windows.weightBudget = options.weightBudget;
  windows.device = options.target != "host";
  pm.addPass(createTileWindows(windows));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

/// Up to buffers: the same for every target.
static void buildBufferPipeline(OpPassManager &pm) {
  // What has no kernel, in upstream's terms.
  ToLinalgOptions reference;
  reference.keepKernels = true;
  pm.addPass(createToLinalg(reference));
  pm.addPass(createHostSimplify());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());

  pm.addPass(bufferization::createEmptyTensorEliminationPass());
  pm.addPass(createBufferize());
  pm.addPass(createCanonicalizerPass());
  // The buffer of a window is that of the next one.
  pm.nest<func::FuncOp>().addPass(
      bufferization::createBufferLoopHoistingPass());
  pm.addPass(createCountExpanded());
}

void sparsec::buildHostKernelPipeline(OpPassManager &pm,
                                      const HostPipelineOptions &options) {
  buildBufferPipeline(pm);
  // Every result is new and owned by the caller.
  bufferization::buildBufferDeallocationPipeline(pm);
  pm.nest<func::FuncOp>().addPass(
      bufferization::createOptimizeAllocationLivenessPass());

  if (options.stream)
    pm.addPass(createHostStream());
  HostKernelsOptions kernels;
  kernels.lanes = options.unit.lanes;
  kernels.registers = options.unit.registers;
  kernels.expand = options.unit.expand;
  kernels.permute = options.unit.permute;
  kernels.strict = options.strict;
  pm.addPass(createHostKernels(kernels));
  // The handles of weights are gone; what is left is clones of returned
  // buffers.
  pm.addPass(createConvertBufferizationToMemRefPass());
  HostLoopsOptions loops;
  loops.lanes = options.unit.lanes;
  loops.registers = options.unit.registers;
  loops.strict = options.strict;
  pm.addPass(createHostLoops(loops));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void sparsec::buildHostLLVMPipeline(OpPassManager &pm,
                                    const HostPipelineOptions &options) {
  pm.addPass(createHostEntries());
  pm.addPass(createHostMath());
  pm.addPass(createConvertVectorToSCFPass());
  pm.addPass(createHostReshapes());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createConvertSCFToOpenMPPass());
  pm.addPass(createInlineAllocaScopes());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createLoopInvariantCodeMotionPass());
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createConvertMathToLibmPass());
  pm.addPass(createConvertVectorToLLVMPass());
  FinalizeMemRefToLLVMConversionPassOptions memref;
  memref.useAlignedAlloc = true;
  pm.addPass(createFinalizeMemRefToLLVMConversionPass(memref));
  pm.addPass(createConvertToLLVMPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createHostRuntime());
}

void sparsec::buildDeviceKernelPipeline(OpPassManager &pm, bool strict) {
  buildBufferPipeline(pm);
  pm.addPass(createDeviceStream());
  pm.addPass(createGpuExpand());
  pm.addPass(createAmdgpuKernels({strict}));
  pm.addPass(createGpuKernels({strict}));
  // Those of the kernels of windows too.
  pm.nest<func::FuncOp>().addPass(
      bufferization::createBufferLoopHoistingPass());
  pm.addPass(createGpuLoops({strict}));
  pm.addPass(createGpuKernelOutliningPass());
  pm.addPass(createGpuShareKernels());
  pm.addPass(createDeviceEntries());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void sparsec::registerDialects(DialectRegistry &registry) {
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  registerOpenMPDialectTranslation(registry);
  registerAmdgpuTranslations(registry);
  registry.insert<SparsecDialect>();
  registerBufferizableOpInterfaceExternalModels(registry);
}

namespace {
struct ModelOptions : PassPipelineOptions<ModelOptions> {
  Option<int64_t> batch{*this, "batch", llvm::cl::init(0),
                        llvm::cl::desc("Fix the batch dimension; 0 leaves it")};
  Option<std::string> format{
      *this, "format", llvm::cl::init("auto"),
      llvm::cl::desc("auto, dense, bitmask, csr, csc or block")};
  Option<int64_t> memoryBudget{
      *this, "memory-budget", llvm::cl::init(-1),
      llvm::cl::desc("Bytes of decompressed weights at one time; -1 for any")};
  Option<int64_t> windowRows{
      *this, "window-rows", llvm::cl::init(0),
      llvm::cl::desc("Rows of a window; 0 for as many as fit")};
  Option<std::string> strategy{*this, "strategy", llvm::cl::init("rules"),
                               llvm::cl::desc("rules, size or cost")};
  Option<std::string> target{*this, "target", llvm::cl::init("host"),
                             llvm::cl::desc("Whose cost table to use")};
};

struct HostOptions : PassPipelineOptions<HostOptions> {
  Option<int64_t> lanes{*this, "lanes", llvm::cl::init(16),
                        llvm::cl::desc("f32 elements in a vector register")};
  Option<int64_t> registers{*this, "registers", llvm::cl::init(32),
                            llvm::cl::desc("Vector registers")};
  Option<bool> expand{*this, "expand", llvm::cl::init(true),
                      llvm::cl::desc("Expand registers by mask (AVX-512)")};
  Option<bool> permute{*this, "permute", llvm::cl::init(false),
                       llvm::cl::desc("Permute lanes by a vector (AVX2)")};
  Option<bool> strict{*this, "strict", llvm::cl::init(false),
                      llvm::cl::desc("k ascending, nothing contracted")};

  HostPipelineOptions get() const {
    return {{lanes, registers, expand, permute}, strict};
  }
};

struct DeviceOptions : PassPipelineOptions<DeviceOptions> {
  Option<bool> strict{*this, "strict", llvm::cl::init(false),
                      llvm::cl::desc("Nothing contracted")};
};

struct AmdgpuOptions : PassPipelineOptions<AmdgpuOptions> {
  Option<std::string> chip{*this, "chip", llvm::cl::init("gfx803"),
                           llvm::cl::desc("As LLVM names it")};
};
} // namespace

void sparsec::registerPassesAndPipelines() {
  registerSparsecPasses();
  registerSparsecLoweringPasses();
  PassPipelineRegistration<ModelOptions>(
      "sparsec-model", "Find, choose, fuse and pack the weights of a model",
      [](OpPassManager &pm, const ModelOptions &options) {
        ModelPipelineOptions model;
        model.batch = options.batch;
        model.format = options.format;
        model.strategy = options.strategy;
        model.target = options.target;
        model.memoryBudget = options.memoryBudget;
        model.windowRows = options.windowRows;
        buildModelPipeline(pm, model);
      });
  PassPipelineRegistration<HostOptions>(
      "sparsec-host", "Products with packed weights into loops for the host",
      [](OpPassManager &pm, const HostOptions &options) {
        buildHostKernelPipeline(pm, options.get());
      });
  PassPipelineRegistration<HostOptions>(
      "sparsec-host-llvm", "Loops for the host into the LLVM dialect",
      [](OpPassManager &pm, const HostOptions &options) {
        buildHostLLVMPipeline(pm, options.get());
      });
  PassPipelineRegistration<DeviceOptions>(
      "sparsec-device",
      "Products with packed weights into kernels and entries for a device",
      [](OpPassManager &pm, const DeviceOptions &options) {
        buildDeviceKernelPipeline(pm, options.strict);
      });
  PassPipelineRegistration<AmdgpuOptions>(
      "sparsec-amdgpu", "Kernels into ROCDL",
      [](OpPassManager &pm, const AmdgpuOptions &options) {
        buildAmdgpuPipeline(pm, options.chip);
      });
}
