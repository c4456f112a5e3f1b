//===- Codegen.h - From ROCDL to a code object ---------------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_AMDGPU_CODEGEN_H
#define SPARSEC_LOWERING_AMDGPU_CODEGEN_H

#include "mlir/IR/BuiltinOps.h"

#include <memory>
#include <string>
#include <vector>

namespace llvm {
class LLVMContext;
class Module;
class TargetMachine;
} // namespace llvm

namespace sparsec {

/// Makes machine code of a model's kernels for one chip.
class AmdgpuCodegen {
public:
  explicit AmdgpuCodegen(llvm::StringRef chip);
  ~AmdgpuCodegen();

  /// Takes the kernels out of `module`, after the amdgpu pipeline, and
  /// optimizes them. Null with an error.
  std::unique_ptr<llvm::Module> takeKernels(mlir::ModuleOp module,
                                            llvm::LLVMContext &context,
                                            std::string &error);

  /// Assembly as text.
  mlir::LogicalResult emitAssembly(llvm::Module &kernels, std::string &text,
                                   std::string &error);

  /// A code object, version 5. `objectPath` and `codePath` are temporary files.
  mlir::LogicalResult emitCodeObject(llvm::Module &kernels,
                                     llvm::StringRef objectPath,
                                     llvm::StringRef codePath,
                                     std::string &bytes, std::string &error);

private:
  std::string chip;
  std::unique_ptr<llvm::TargetMachine> machine;
};

} // namespace sparsec

#endif // SPARSEC_LOWERING_AMDGPU_CODEGEN_H
