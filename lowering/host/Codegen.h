//===- Codegen.h - From the LLVM dialect to a shared library -- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_HOST_CODEGEN_H
#define SPARSEC_LOWERING_HOST_CODEGEN_H

#include "lowering/TargetInfo.h"
#include "lowering/host/ModelInfo.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"

#include <memory>

namespace llvm {
class LLVMContext;
class Module;
} // namespace llvm

namespace sparsec {

/// A constant that lives in the artefact's weight section, under a symbol that
/// code refers to.
struct ExternalConstant {
  std::string symbol;
  mlir::ElementsAttr elements;
  bool resident = true; ///< a device holds it while the model is loaded
};

/// Takes the values of all constants out of a bufferized module: each
/// memref.global becomes a declaration. Code thus stays small however large the
/// weights are. Those that are not resident are last.
std::vector<ExternalConstant> externalizeConstants(mlir::ModuleOp module);

/// Translates a module of the LLVM dialect, adds the description of the model,
/// and optimizes for the target. Null after a diagnostic.
std::unique_ptr<llvm::Module> translate(mlir::ModuleOp module,
                                        llvm::LLVMContext &context,
                                        const HostTarget &target,
                                        const ModelInfo &info);

/// Writes assembly or an object file.
mlir::LogicalResult emitCode(llvm::Module &module, const HostTarget &target,
                             bool assembly, llvm::StringRef path,
                             std::string &error);

/// The bytes that the constants which are resident, or those which are not,
/// take in the section that writeConstants writes.
uint64_t getConstantsSize(llvm::ArrayRef<ExternalConstant> constants,
                          bool resident);

/// Writes a relocatable object whose read-only section `.sparsec.weights` holds
/// the constants, each aligned to 64 bytes and followed by 64 readable bytes.
/// The symbol kWeightsSymbol is its start.
mlir::LogicalResult writeConstants(llvm::ArrayRef<ExternalConstant> constants,
                                   llvm::StringRef path, std::string &error);

/// Links objects into a shared library that needs the runtime at `runtimePath`.
mlir::LogicalResult linkSharedLibrary(llvm::ArrayRef<std::string> objects,
                                      llvm::StringRef runtimePath,
                                      llvm::StringRef path, std::string &error);

} // namespace sparsec

#endif // SPARSEC_LOWERING_HOST_CODEGEN_H
