//===- Codegen.cpp - From ROCDL to a code object --------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/amdgpu/Codegen.h"

#include "lowering/common/Optimize.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Target/LLVMIR/Export.h"

#include "lld/Common/Driver.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Operator.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

LLD_HAS_DRIVER(elf)

using namespace mlir;
using namespace sparsec;

/// Debian's ROCR 5.2 does not know version 6, LLVM's default.
static constexpr unsigned kCodeObjectVersion = 500;

AmdgpuCodegen::AmdgpuCodegen(StringRef chip) : chip(chip) {
  LLVMInitializeAMDGPUTargetInfo();
  LLVMInitializeAMDGPUTarget();
  LLVMInitializeAMDGPUTargetMC();
  LLVMInitializeAMDGPUAsmPrinter();
  llvm::Triple triple("amdgcn-amd-amdhsa");
  std::string message;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return;
  llvm::TargetOptions options;
  // Products and sums are contracted where the IR says so, nowhere else.
  options.AllowFPOpFusion = llvm::FPOpFusion::Standard;
  machine.reset(target->createTargetMachine(triple, this->chip, "", options,
                                            llvm::Reloc::PIC_, std::nullopt,
                                            llvm::CodeGenOptLevel::Aggressive));
}

AmdgpuCodegen::~AmdgpuCodegen() = default;

/// The intrinsic that does what a function of AMD's device library does, and
/// that the backend has as code: not_intrinsic where there is none.
static llvm::Intrinsic::ID findIntrinsic(StringRef function, llvm::Type *type) {
  bool isDouble = type->isDoubleTy();
  auto single = [&](llvm::Intrinsic::ID id) {
    return isDouble ? llvm::Intrinsic::not_intrinsic : id;
  };
  return llvm::StringSwitch<llvm::Intrinsic::ID>(function)
      .Case("ceil", llvm::Intrinsic::ceil)
      .Case("floor", llvm::Intrinsic::floor)
      .Case("rint", llvm::Intrinsic::rint)
      .Case("round", llvm::Intrinsic::round)
      .Case("sqrt", llvm::Intrinsic::sqrt)
      .Case("trunc", llvm::Intrinsic::trunc)
      .Case("exp", single(llvm::Intrinsic::exp))
      .Case("exp2", single(llvm::Intrinsic::exp2))
      .Case("log", single(llvm::Intrinsic::log))
      .Case("log2", single(llvm::Intrinsic::log2))
      .Case("log10", single(llvm::Intrinsic::log10))
      .Default(llvm::Intrinsic::not_intrinsic);
}

/// Upstream calls functions of AMD's device library, which is not needed where
/// an intrinsic will do. Returns the name of one that has no code here.
static std::string replaceLibraryCalls(llvm::Module &module) {
  for (llvm::Function &function : llvm::make_early_inc_range(module)) {
    if (!function.isDeclaration() || function.isIntrinsic())
      continue;
    StringRef name = function.getName(); // __ocml_NAME_TYPE
    if (name.consume_front("__ocml_"))
      name = name.take_until([](char c) { return c == '_'; });
    llvm::Type *type = function.getReturnType();
    llvm::Intrinsic::ID id = findIntrinsic(name, type);
    if (id == llvm::Intrinsic::not_intrinsic)
      return name.str();
    function.replaceAllUsesWith(
        llvm::Intrinsic::getOrInsertDeclaration(&module, id, type));
    function.eraseFromParent();
  }
  return "";
}

/// Whether a kernel is better without denormals: then a product and a sum are
/// one v_mac_f32 at full rate. Not where a function may see one: the logarithm
/// of a denormal is finite, that of zero is not.
static bool contracts(const llvm::Function &function) {
  bool found = false;
  for (const llvm::Instruction &instruction : llvm::instructions(function)) {
    if (const auto *call = llvm::dyn_cast<llvm::IntrinsicInst>(&instruction))
      if (llvm::is_contained({llvm::Intrinsic::log, llvm::Intrinsic::log2,
                              llvm::Intrinsic::log10},
                             call->getIntrinsicID()))
        return false;
    found |= llvm::isa<llvm::FPMathOperator>(instruction) &&
             instruction.hasAllowContract();
  }
  return found;
}

std::unique_ptr<llvm::Module>
AmdgpuCodegen::takeKernels(ModuleOp module, llvm::LLVMContext &context,
                           std::string &error) {
  if (!machine) {
    error = "this build of LLVM has no code for AMD GPUs";
    return nullptr;
  }
  auto modules = module.getOps<gpu::GPUModuleOp>();
  gpu::GPUModuleOp op = *modules.begin();
  std::unique_ptr<llvm::Module> kernels =
      translateModuleToLLVMIR(op, context, "kernels");
  op.erase();
  if (!kernels) {
    error = "a kernel cannot be translated to LLVM";
    return nullptr;
  }
  std::string foreign = replaceLibraryCalls(*kernels);
  if (!foreign.empty()) {
    error = "the function '" + foreign + "' has no code on " + chip;
    return nullptr;
  }
  kernels->setTargetTriple(machine->getTargetTriple());
  kernels->setDataLayout(machine->createDataLayout());
  kernels->addModuleFlag(llvm::Module::Error, "amdhsa_code_object_version",
                         kCodeObjectVersion);
  for (llvm::Function &function : *kernels) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", chip);
    function.addFnAttr("denormal-fp-math-f32",
                       contracts(function) ? "preserve-sign,preserve-sign"
                                           : "ieee,ieee");
  }

  optimize(*kernels, *machine);
  return kernels;
}

static LogicalResult emit(llvm::TargetMachine &machine, llvm::Module &module,
                          llvm::CodeGenFileType kind,
                          llvm::raw_pwrite_stream &out, std::string &error) {
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, out, nullptr, kind)) {
    error = "the target cannot emit this kind of file";
    return failure();
  }
  passes.run(module);
  return success();
}

LogicalResult AmdgpuCodegen::emitAssembly(llvm::Module &kernels,
                                          std::string &text,
                                          std::string &error) {
  SmallString<0> buffer;
  llvm::raw_svector_ostream out(buffer);
  if (failed(emit(*machine, kernels, llvm::CodeGenFileType::AssemblyFile, out,
                  error)))
    return failure();
  text = buffer.str().str();
  return success();
}

LogicalResult AmdgpuCodegen::emitCodeObject(llvm::Module &kernels,
                                            StringRef objectPath,
                                            StringRef codePath,
                                            std::string &bytes,
                                            std::string &error) {
  {
    std::error_code code;
    llvm::raw_fd_ostream out(objectPath, code, llvm::sys::fs::OF_None);
    if (code) {
      error = "cannot write '" + objectPath.str() + "': " + code.message();
      return failure();
    }
    if (failed(emit(*machine, kernels, llvm::CodeGenFileType::ObjectFile, out,
                    error)))
      return failure();
  }
  std::string object = objectPath.str(), output = codePath.str(), text;
  const char *args[] = {"ld.lld", "-shared",      "--build-id=none",
                        "-o",     output.c_str(), object.c_str()};
  llvm::raw_string_ostream stream(text);
  const lld::DriverDef driver{lld::Gnu, &lld::elf::link};
  lld::Result result = lld::lldMain(args, stream, stream, driver);
  if (result.retCode != 0) {
    error = "cannot link: " + StringRef(text).split('\n').first.str();
    return failure();
  }
  auto file = llvm::MemoryBuffer::getFile(codePath, /*IsText=*/false,
                                          /*RequiresNullTerminator=*/false);
  if (!file) {
    error = "cannot read '" + output + "': " + file.getError().message();
    return failure();
  }
  bytes = (*file)->getBuffer().str();
  return success();
}
