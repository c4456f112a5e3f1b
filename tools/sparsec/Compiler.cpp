//===- Compiler.cpp - A model through the pipelines -----------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sparsec/Compiler.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace sparsec::tools;

/// The first place in a file that a location names.
static std::optional<FileLineColLoc> findFile(Location location) {
  std::optional<FileLineColLoc> found;
  location->walk([&](Location nested) {
    if (auto file = dyn_cast<FileLineColLoc>(nested)) {
      found = file;
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return found;
}

Compiler::Compiler() {
  DialectRegistry registry;
  registerDialects(registry);
  context =
      std::make_unique<MLIRContext>(registry, MLIRContext::Threading::ENABLED);
  context->printOpOnDiagnostic(false);
  handler.emplace(context.get(), [this](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
      return success();
    std::string message;
    if (auto file = findFile(diagnostic.getLocation()))
      message = file->getFilename().str() + ":" +
                std::to_string(file->getLine()) + ":" +
                std::to_string(file->getColumn()) + ": ";
    else if (!path.empty())
      message = path + ": ";
    message += diagnostic.str();
    // One line, whatever was printed into the diagnostic.
    message = message.substr(0, message.find('\n'));
    (void)failWith(message);
    return success();
  });
}

Compiler::~Compiler() {
  op = nullptr;
  handler.reset();
}

bool Compiler::failWith(const std::string &message) {
  if (firstError.empty())
    firstError = message;
  return false;
}

bool Compiler::load(const std::string &file) {
  path = file;
  std::error_code code =
      llvm::sys::fs::access(file, llvm::sys::fs::AccessMode::Exist);
  if (code || llvm::sys::fs::is_directory(file))
    return failWith("cannot read '" + file +
                    "': " + (code ? code.message() : "it is a directory"));
  auto buffer = llvm::MemoryBuffer::getFile(file, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/true);
  if (!buffer)
    return failWith("cannot read '" + file +
                    "': " + buffer.getError().message());
  // Bytecode resources point into the buffer, which the source manager keeps.
  auto sources = std::make_shared<llvm::SourceMgr>();
  sources->AddNewSourceBuffer(std::move(*buffer), llvm::SMLoc());
  op = parseSourceFile<ModuleOp>(sources, context.get());
  if (!op)
    return failWith(file + ": is not a valid MLIR module");
  return true;
}

bool Compiler::run(std::function<void(OpPassManager &)> build) {
  PassManager manager(context.get());
  build(manager);
  if (succeeded(manager.run(*op)))
    return true;
  return failWith(path + ": the model cannot be compiled");
}
