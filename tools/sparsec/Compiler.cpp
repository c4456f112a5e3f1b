//===- Compiler.cpp - A model through the pipelines -----------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sparsec/Compiler.h"

#include "tools/sparsec/ModelFile.h"

#include "dialect/Constants.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FileSystem.h"

using namespace mlir;
using namespace sparsec;
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
  context->allowUnregisteredDialects(true); // checkModel names them
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
  std::string problem;
  op = parseModelFile(file, context.get(), problem);
  if (!problem.empty())
    return failWith("cannot read '" + file + "': " + problem);
  if (!op)
    return failWith(file + ": is not a valid MLIR module");
  return checkModel();
}

/// What no pass would name: operations of unknown dialects, constants whose
/// data are not in the file, and no function at all.
bool Compiler::checkModel() {
  bool functions = false;
  WalkResult result = op->walk([&](Operation *nested) -> WalkResult {
    functions |= isa<func::FuncOp>(nested);
    if (!nested->isRegistered()) {
      nested->emitError() << "operation '" << nested->getName()
                          << "' is of no dialect that sparsec knows; lower the "
                             "model to linalg on tensors or TOSA first";
      return WalkResult::interrupt();
    }
    for (NamedAttribute attribute : nested->getAttrs())
      if (auto resource =
              dyn_cast<DenseResourceElementsAttr>(attribute.getValue()))
        if (isa<RankedTensorType>(resource.getType()) &&
            resource.getElementType().isIntOrFloat() &&
            failed(getConstantBytes(resource,
                                    [&] { return nested->emitError(); })))
          return WalkResult::interrupt();
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return false;
  return functions || failWith(path + ": there is no function in this model");
}

bool Compiler::checkLowered(Operation *root, const std::string &target) {
  // A cast that could not be resolved hides what it was for; anything else
  // names itself.
  Operation *cast = nullptr, *foreign = nullptr;
  root->walk([&](Operation *nested) {
    StringRef dialect = nested->getName().getDialectNamespace();
    if (isa<UnrealizedConversionCastOp>(nested))
      cast = cast ? cast : nested;
    else if (dialect != "llvm" && dialect != "omp" && dialect != "rocdl" &&
             dialect != "builtin" && nested != root && !foreign)
      foreign = nested;
  });
  if (foreign)
    foreign->emitError() << "operation '" << foreign->getName()
                         << "' has no code for --target=" << target;
  else if (cast)
    cast->emitError() << "a value of type " << cast->getOperandTypes().front()
                      << " has no code for --target=" << target;
  return !foreign && !cast;
}

bool Compiler::checkKernels(const std::string &target) {
  for (Operation &nested : *op->getBody())
    if (isa<gpu::GPUModuleOp>(nested) && !checkLowered(&nested, target))
      return false;
  return true;
}

bool Compiler::run(llvm::function_ref<void(OpPassManager &)> build) {
  PassManager manager(context.get());
  build(manager);
  if (succeeded(manager.run(*op)))
    return true;
  return failWith(path + ": the model cannot be compiled");
}
