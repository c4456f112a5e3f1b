//===- HostEntries.cpp - Entries that the runtime can call
//------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/SymbolTable.h"

namespace sparsec {
#define GEN_PASS_DEF_HOSTENTRIES
#include "lowering/Passes.h.inc"
} // namespace sparsec

using namespace mlir;

namespace {

struct HostEntriesPass : sparsec::impl::HostEntriesBase<HostEntriesPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    for (auto func : module.getOps<func::FuncOp>())
      if (func.isPublic())
        func->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(),
                      UnitAttr::get(&getContext()));
    lowerAsserts(module);
  }

private:
  void lowerAsserts(ModuleOp module) {
    SmallVector<cf::AssertOp> asserts;
    module.walk([&](cf::AssertOp op) { asserts.push_back(op); });
    if (asserts.empty())
      return;
    SymbolTable symbols(module);
    OpBuilder b(&getContext());
    auto pointer = LLVM::LLVMPointerType::get(&getContext());
    auto fail = symbols.lookup<LLVM::LLVMFuncOp>("sparsec_rt_fail");
    if (!fail) {
      b.setInsertionPointToStart(module.getBody());
      fail = LLVM::LLVMFuncOp::create(
          b, module.getLoc(), "sparsec_rt_fail",
          LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(&getContext()),
                                      pointer));
    }

    for (auto [index, op] : llvm::enumerate(asserts)) {
      Location loc = op.getLoc();
      b.setInsertionPointToStart(module.getBody());
      std::string text = op.getMsg().str();
      text.push_back('\0');
      auto type = LLVM::LLVMArrayType::get(b.getI8Type(), text.size());
      auto message = LLVM::GlobalOp::create(
          b, loc, type, /*isConstant=*/true, LLVM::Linkage::Internal,
          "sparsec_message", b.getStringAttr(text));
      symbols.insert(message);
      b.setInsertionPoint(op);
      Value yes = arith::ConstantIntOp::create(b, loc, b.getI1Type(), 1);
      Value violated = arith::XOrIOp::create(b, loc, op.getArg(), yes);
      scf::IfOp::create(b, loc, violated, [&](OpBuilder &b, Location loc) {
        Value address = LLVM::AddressOfOp::create(b, loc, message);
        LLVM::CallOp::create(b, loc, fail, address);
        scf::YieldOp::create(b, loc);
      });
      op.erase();
    }
  }
};

} // namespace
