//===- Codegen.cpp - From the LLVM dialect to an object -------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/host/Codegen.h"

#include "lowering/common/Optimize.h"

#include "lowering/common/DeviceCalls.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace sparsec;

std::vector<ExternalConstant> sparsec::externalizeConstants(ModuleOp module) {
  std::vector<ExternalConstant> constants, streamed;
  for (auto global : module.getOps<memref::GlobalOp>()) {
    auto elements =
        dyn_cast_if_present<ElementsAttr>(global.getInitialValueAttr());
    // Bits have no bytes of their own; such constants are small.
    if (!elements || elements.getElementType().isInteger(1))
      continue;
    bool resident = global.getSymName() != kStreamSymbol;
    (resident ? constants : streamed)
        .push_back({global.getSymName().str(), elements, resident});
    global.removeInitialValueAttr();
    global.setConstant(false); // a declaration; the section is read-only
    SymbolTable::setSymbolVisibility(global, SymbolTable::Visibility::Public);
  }
  constants.insert(constants.end(), streamed.begin(), streamed.end());
  return constants;
}

//===----------------------------------------------------------------------===//
// The description of the model, as constants laid out like abi.h
//===----------------------------------------------------------------------===//

namespace {

class DescriptionBuilder {
public:
  explicit DescriptionBuilder(llvm::Module &module)
      : module(module), context(module.getContext()),
        pointer(llvm::PointerType::get(context, 0)),
        i32(llvm::Type::getInt32Ty(context)),
        i64(llvm::Type::getInt64Ty(context)) {}

  void build(const ModelInfo &info);

private:
  using Constants = std::vector<llvm::Constant *>;

  llvm::Constant *number(llvm::Type *type, uint64_t value) {
    return llvm::ConstantInt::get(type, value, /*isSigned=*/false);
  }
  llvm::Constant *signedNumber(int64_t value) {
    return llvm::ConstantInt::getSigned(i64, value);
  }
  llvm::Constant *structure(ArrayRef<llvm::Constant *> fields) {
    return llvm::ConstantStruct::getAnon(context, fields);
  }
  llvm::GlobalVariable *global(llvm::Constant *value) {
    auto *variable = new llvm::GlobalVariable(
        module, value->getType(), /*isConstant=*/true,
        llvm::GlobalValue::PrivateLinkage, value, "sparsec_description");
    return variable;
  }
  llvm::Constant *text(StringRef value) {
    return global(llvm::ConstantDataArray::getString(context, value));
  }
  llvm::Constant *array(const Constants &values) {
    if (values.empty())
      return llvm::ConstantPointerNull::get(pointer);
    auto *type = llvm::ArrayType::get(values.front()->getType(), values.size());
    return global(llvm::ConstantArray::get(type, values));
  }
  llvm::Constant *shape(const sparsec_tensor_type &type) {
    Constants sizes;
    for (int64_t size : type.shape)
      sizes.push_back(signedNumber(size));
    return llvm::ConstantArray::get(llvm::ArrayType::get(i64, SPARSEC_MAX_RANK),
                                    sizes);
  }
  llvm::Constant *types(const std::vector<sparsec_tensor_type> &list) {
    Constants values;
    for (const sparsec_tensor_type &type : list)
      values.push_back(structure(
          {number(i32, type.dtype), number(i32, type.rank), shape(type)}));
    return array(values);
  }
  llvm::Constant *entry(const EntryInfo &info);
  llvm::Constant *weight(const WeightInfo &info);
  void image(const DeviceImage &info);

  llvm::Module &module;
  llvm::LLVMContext &context;
  llvm::PointerType *pointer;
  llvm::Type *i32, *i64;
};

} // namespace

llvm::Constant *DescriptionBuilder::entry(const EntryInfo &info) {
  return structure(
      {text(info.name), module.getFunction("sparsec_entry_" + info.name),
       number(i32, info.inputs.size()), number(i32, info.results.size()),
       types(info.inputs), types(info.results),
       signedNumber(info.boundDecompressed), signedNumber(info.boundWorking)});
}

llvm::Constant *DescriptionBuilder::weight(const WeightInfo &info) {
  Constants candidates;
  for (const CandidateInfo &candidate : info.candidates)
    candidates.push_back(
        structure({text(candidate.format), signedNumber(candidate.bytes),
                   llvm::ConstantFP::get(llvm::Type::getDoubleTy(context),
                                         candidate.seconds.value_or(-1))}));
  return structure(
      {text(info.name), number(i32, info.type.dtype),
       number(i32, info.type.rank), shape(info.type), text(info.format),
       text(info.reason), signedNumber(info.nnz), signedNumber(info.denseBytes),
       signedNumber(info.compressedBytes), signedNumber(info.negativeZeros),
       signedNumber(info.removedRows), signedNumber(info.removedCols),
       number(i32, candidates.size()), number(i32, 0), array(candidates)});
}

void DescriptionBuilder::image(const DeviceImage &info) {
  Constants kernels;
  for (const KernelInfo &kernel : info.kernels)
    kernels.push_back(text(kernel.name));
  llvm::GlobalVariable *code = global(llvm::ConstantDataArray::getString(
      context, info.code, /*AddNull=*/false));
  code->setAlignment(llvm::Align(4096));
  llvm::Constant *weights = llvm::ConstantPointerNull::get(pointer);
  if (info.weightsBytes > 0)
    weights = module.getOrInsertGlobal(kWeightsSymbol,
                                       llvm::Type::getInt8Ty(context));
  llvm::GlobalVariable *variable =
      global(structure({number(i32, sizeof(sparsec_device_image_desc)),
                        number(i32, info.kernels.size()), array(kernels), code,
                        number(i64, info.code.size()), weights,
                        number(i64, info.weightsBytes)}));
  variable->setName(SPARSEC_DEVICE_IMAGE_SYMBOL);
  variable->setLinkage(llvm::GlobalValue::ExternalLinkage);
}

void DescriptionBuilder::build(const ModelInfo &info) {
  Constants entries, weights;
  for (const EntryInfo &one : info.entries)
    entries.push_back(entry(one));
  for (const WeightInfo &one : info.weights)
    weights.push_back(weight(one));
  llvm::Constant *description = structure(
      {number(i64, SPARSEC_ABI_MAGIC), number(i32, SPARSEC_ABI_VERSION),
       number(i32, sizeof(sparsec_module_desc)), text(info.target),
       text(info.cpu), text(info.features), number(i32, info.strict),
       number(i32, entries.size()), array(entries), number(i32, weights.size()),
       number(i32, 0), array(weights)});
  llvm::GlobalVariable *variable = global(description);
  variable->setName(SPARSEC_MODULE_SYMBOL);
  variable->setLinkage(llvm::GlobalValue::ExternalLinkage);
  if (info.image)
    image(*info.image);
}

//===----------------------------------------------------------------------===//
// Translation and code
//===----------------------------------------------------------------------===//

std::unique_ptr<llvm::Module> sparsec::translate(ModuleOp op,
                                                 llvm::LLVMContext &context,
                                                 const HostTarget &target,
                                                 const ModelInfo &info) {
  std::unique_ptr<llvm::Module> module =
      translateModuleToLLVMIR(op, context, "sparsec");
  if (!module)
    return nullptr;
  module->setDataLayout(target.machine->createDataLayout());
  module->setTargetTriple(target.machine->getTargetTriple());
  DescriptionBuilder(*module).build(info);

  for (llvm::GlobalVariable &variable : module->globals()) {
    if (!variable.isDeclaration())
      continue;
    // The weight section is part of the same library.
    variable.setConstant(true);
    variable.setVisibility(llvm::GlobalValue::HiddenVisibility);
    variable.setDSOLocal(true);
    variable.setAlignment(llvm::Align(64));
  }
  for (llvm::Function &function : *module) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", target.cpu);
    if (!target.features.empty())
      function.addFnAttr("target-features", target.features);
    // Vectors as wide as the kernels are written for.
    function.addFnAttr("prefer-vector-width",
                       std::to_string(32 * target.unit.lanes));
    if (function.getName().starts_with("sparsec_entry_"))
      function.setVisibility(llvm::GlobalValue::HiddenVisibility);
  }

  optimize(*module, *target.machine);
  return module;
}

LogicalResult sparsec::emitCode(llvm::Module &module, const HostTarget &target,
                                bool assembly, StringRef path,
                                std::string &error) {
  std::error_code code;
  llvm::raw_fd_ostream out(path, code, llvm::sys::fs::OF_None);
  if (code) {
    error = "cannot write '" + path.str() + "': " + code.message();
    return failure();
  }
  llvm::legacy::PassManager passes;
  auto kind = assembly ? llvm::CodeGenFileType::AssemblyFile
                       : llvm::CodeGenFileType::ObjectFile;
  if (target.machine->addPassesToEmitFile(passes, out, nullptr, kind)) {
    error = "the target cannot emit this kind of file";
    return failure();
  }
  passes.run(module);
  return success();
}
