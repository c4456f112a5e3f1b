//===- Compiler.h - A model through the pipelines ------------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_TOOLS_SPARSEC_COMPILER_H
#define SPARSEC_TOOLS_SPARSEC_COMPILER_H

#include "lowering/Pipelines.h"
#include "lowering/host/ModelInfo.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"

#include <memory>
#include <optional>
#include <string>

namespace mlir {
class PassManager;
} // namespace mlir

namespace sparsec::tools {

/// Loads a model and runs pipelines over it. Errors become one line, `error()`:
/// where, what, what to do.
class Compiler {
public:
  Compiler();
  ~Compiler();

  /// Reads text or bytecode.
  bool load(const std::string &path);
  bool run(llvm::function_ref<void(mlir::OpPassManager &)> build);

  /// Whether nothing is left that has no code, after a pipeline to LLVM.
  bool checkLowered(const std::string &target) {
    return checkLowered(*op, target);
  }
  /// The same for kernels, after a pipeline to ROCDL.
  bool checkKernels(const std::string &target);

  mlir::ModuleOp module() { return *op; }
  const std::string &error() const { return firstError; }
  /// Sets the error if there is none yet, and returns false.
  bool failWith(const std::string &message);

private:
  bool checkModel();
  static bool checkLowered(mlir::Operation *root, const std::string &target);

  std::string path;
  std::string firstError;
  std::unique_ptr<mlir::MLIRContext> context;
  std::optional<mlir::ScopedDiagnosticHandler> handler;
  mlir::OwningOpRef<mlir::ModuleOp> op;
};

} // namespace sparsec::tools

#endif // SPARSEC_TOOLS_SPARSEC_COMPILER_H
