//===- Bufferization.cpp - sparsec.matmul on buffers ----------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/common/Bufferization.h"

#include "dialect/Ops.h"
#include "lowering/Passes.h"

#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotModuleBufferize.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/DialectRegistry.h"

namespace sparsec {
#define GEN_PASS_DEF_BUFFERIZE
#include "lowering/Passes.h.inc"
} // namespace sparsec

using namespace mlir;
using namespace mlir::bufferization;
using namespace sparsec;

namespace {

struct MatmulModel
    : DstBufferizableOpInterfaceExternalModel<MatmulModel, MatmulOp> {
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand,
                              const AnalysisState &) const {
    auto matmul = cast<MatmulOp>(op);
    return operand != matmul.getInitMutable() || !matmul.getZeroInit();
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto matmul = cast<MatmulOp>(op);
    rewriter.setInsertionPoint(op);
    SmallVector<Value> operands;
    for (Value operand : op->getOperands()) {
      if (getFormat(operand.getType())) {
        operands.push_back(operand);
        continue;
      }
      FailureOr<Value> buffer = getBuffer(rewriter, operand, options, state);
      if (failed(buffer))
        return failure();
      operands.push_back(*buffer);
    }
    MatmulOp onBuffers = matmul.cloneWith(rewriter, operands);
    replaceOpWithBufferizedValues(rewriter, op, onBuffers.getInit());
    return success();
  }
};

/// A new buffer, which `expand` fills.
struct DecompressModel
    : BufferizableOpInterface::ExternalModel<DecompressModel, DecompressOp> {
  bool bufferizesToAllocation(Operation *, Value) const { return true; }
  bool resultBufferizesToMemoryWrite(Operation *, OpResult,
                                     const AnalysisState &) const {
    return true;
  }
  bool bufferizesToMemoryRead(Operation *, OpOperand &,
                              const AnalysisState &) const {
    return true;
  }
  bool bufferizesToMemoryWrite(Operation *, OpOperand &,
                               const AnalysisState &) const {
    return false;
  }
  AliasingValueList getAliasingValues(Operation *, OpOperand &,
                                      const AnalysisState &) const {
    return {};
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &) const {
    auto decompress = cast<DecompressOp>(op);
    Value weight = decompress.getCompressed();
    RankedTensorType type = decompress.getDense().getType();
    // Only the size of a window may be open.
    SmallVector<Value> sizes;
    if (auto window = weight.getDefiningOp<WindowOp>();
        window && window.getSize())
      sizes.push_back(window.getSize());
    if (sizes.size() != size_t(type.getNumDynamicDims()))
      return op->emitError() << "cannot expand " << weight.getType()
                             << ": its shape is not static";
    FailureOr<Value> buffer = options.createAlloc(
        rewriter, op->getLoc(),
        MemRefType::get(type.getShape(), type.getElementType()), sizes);
    if (failed(buffer))
      return failure();
    ExpandOp::create(rewriter, op->getLoc(), weight, *buffer);
    replaceOpWithBufferizedValues(rewriter, op, *buffer);
    return success();
  }
};

} // namespace

void sparsec::registerBufferizableOpInterfaceExternalModels(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, SparsecDialect *) {
    MatmulOp::attachInterface<MatmulModel>(*context);
    DecompressOp::attachInterface<DecompressModel>(*context);
  });
}

namespace {

struct BufferizePass : sparsec::impl::BufferizeBase<BufferizePass> {
  void runOnOperation() override {
    OneShotBufferizationOptions options;
    options.bufferizeFunctionBoundaries = true;
    options.allowReturnAllocsFromLoops = true;
    options.setFunctionBoundaryTypeConversion(
        LayoutMapOption::IdentityLayoutMap);
    options.unknownTypeConverterFn = [](TensorType type, Attribute memorySpace,
                                        const BufferizationOptions &) {
      return getMemRefTypeWithStaticIdentityLayout(type, memorySpace);
    };
    // `expand` is done, though the handle of its weight is a tensor.
    options.opFilter.denyOperation<AssembleOp, WindowOp, ExpandOp>();
    options.opFilter.denyOperation([](Operation *op) { // so is this
      auto matmul = dyn_cast<MatmulOp>(op);
      return matmul && !matmul.isTensorForm();
    });
    // The caller's buffers are read only.
    StringAttr writable =
        StringAttr::get(&getContext(), BufferizationDialect::kWritableAttrName);
    auto forEachArgument =
        [&](function_ref<void(func::FuncOp, unsigned)> body) {
          for (auto func : getOperation().getOps<func::FuncOp>())
            for (unsigned i = 0; func.isPublic() && i < func.getNumArguments();
                 ++i)
              body(func, i);
        };
    forEachArgument([&](func::FuncOp func, unsigned i) {
      func.setArgAttr(i, writable, BoolAttr::get(&getContext(), false));
    });
    WalkResult known = getOperation()->walk([](Operation *op) {
      if (!hasTensorSemantics(op) ||
          isa<AssembleOp, WindowOp, BufferizableOpInterface>(op) ||
          isa<func::FuncOp>(op))
        return WalkResult::advance();
      op->emitError() << "operation '" << op->getName()
                      << "' on tensors has no code here; write it with linalg";
      return WalkResult::interrupt();
    });
    if (known.wasInterrupted())
      return signalPassFailure();
    BufferizationState state;
    if (failed(runOneShotModuleBufferize(getOperation(), options, state)))
      return signalPassFailure();
    forEachArgument([&](func::FuncOp func, unsigned i) {
      func.removeArgAttr(i, writable);
    });
  }
};

} // namespace
