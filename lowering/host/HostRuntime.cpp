//===- HostRuntime.cpp - Generated code and the runtime's ABI -------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Upstream's lowering leaves calls of malloc and free and, for each function
// with `llvm.emit_c_interface`, a wrapper `_mlir_ciface_NAME(results,
// inputs...)` that takes pointers to memref descriptors. Here the former become
// calls of the runtime, and each wrapper gets one more around it, with the
// signature of sparsec_entry_fn.

#include "lowering/Passes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/SymbolTable.h"

namespace sparsec {
#define GEN_PASS_DEF_HOSTRUNTIME
#include "lowering/Passes.h.inc"
} // namespace sparsec

using namespace mlir;

static constexpr llvm::StringLiteral kInterfacePrefix = "_mlir_ciface_";
static constexpr llvm::StringLiteral kEntryPrefix = "sparsec_entry_";

namespace {

struct HostRuntimePass : sparsec::impl::HostRuntimeBase<HostRuntimePass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    redirectAllocation(module);
    SmallVector<LLVM::LLVMFuncOp> interfaces;
    for (auto func : module.getOps<LLVM::LLVMFuncOp>()) {
      if (func.isExternal())
        continue;
      func.setLinkage(LLVM::Linkage::Internal);
      if (func.getName().starts_with(kInterfacePrefix))
        interfaces.push_back(func);
    }
    for (LLVM::LLVMFuncOp func : interfaces)
      createEntry(func);
  }

private:
  /// malloc(size) allocates more than was asked for and aligns by hand; with
  /// aligned_alloc(alignment, size) the runtime does that.
  void redirectAllocation(ModuleOp module) {
    SymbolTable symbols(module);
    for (auto [from, to] : {std::pair("aligned_alloc", "sparsec_rt_alloc"),
                            std::pair("free", "sparsec_rt_free")})
      if (auto func = symbols.lookup<LLVM::LLVMFuncOp>(from))
        (void)symbols.rename(func, to);
    if (auto alloc = symbols.lookup<LLVM::LLVMFuncOp>("sparsec_rt_alloc"))
      alloc.setResultAttr(0, LLVM::LLVMDialect::getNoAliasAttrName(),
                          UnitAttr::get(&getContext()));
  }

  /// void sparsec_entry_NAME(void *results, const void *const *inputs)
  void createEntry(LLVM::LLVMFuncOp interface) {
    Location loc = interface.getLoc();
    OpBuilder b(interface);
    auto pointer = LLVM::LLVMPointerType::get(&getContext());
    auto type = LLVM::LLVMFunctionType::get(
        LLVM::LLVMVoidType::get(&getContext()), {pointer, pointer});
    std::string name =
        (kEntryPrefix + interface.getName().drop_front(kInterfacePrefix.size()))
            .str();
    auto entry = LLVM::LLVMFuncOp::create(b, loc, name, type);
    Block *body = entry.addEntryBlock(b);
    b.setInsertionPointToStart(body);

    // The first argument of the wrapper is room for the results: the driver
    // refuses functions without any.
    SmallVector<Value> args{body->getArgument(0)};
    unsigned inputs = interface.getNumArguments() - 1;
    for (unsigned i = 0; i < inputs; ++i) {
      Value slot =
          LLVM::GEPOp::create(b, loc, pointer, pointer, body->getArgument(1),
                              ArrayRef<LLVM::GEPArg>{int32_t(i)});
      args.push_back(LLVM::LoadOp::create(b, loc, pointer, slot));
    }
    LLVM::CallOp::create(b, loc, interface, args);
    LLVM::ReturnOp::create(b, loc, ValueRange());
  }
};

} // namespace
