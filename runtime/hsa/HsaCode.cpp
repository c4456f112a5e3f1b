//===- HsaCode.cpp - Code objects on a card -------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/hsa/HsaCode.h"

#include "runtime/core/Status.h"

#include <algorithm>

using namespace sparsec;
using rt::fail;
using rt::HsaCode;

/// What a work item gets whose kernel calls functions through pointers, so that
/// the compiler does not know how deep its stack becomes.
static constexpr uint32_t kDynamicStackBytes = 4096;

HsaCode::~HsaCode() {
  if (executable.handle != 0)
    card.api.hsa_executable_destroy(executable);
}

sparsec_status HsaCode::load(const void *image, uint64_t bytes) {
  CodeMetadata metadata;
  Text why;
  if (!readMetadata(image, bytes, metadata, why))
    return fail(SPARSEC_INVALID_ARTEFACT, why);
  if (!metadata.target.empty() && metadata.target != kIsa)
    return fail(SPARSEC_UNSUPPORTED,
                "the code object is for %s, device %s is %s",
                metadata.target.c_str(), card.device, kIsa);
  if (sparsec_status status = loadExecutable(image, bytes))
    return status;
  for (KernelMetadata &kernel : metadata.kernels)
    if (sparsec_status status = addKernel(std::move(kernel)))
      return status;
  return SPARSEC_OK;
}

sparsec_status HsaCode::loadExecutable(const void *image, uint64_t bytes) {
  const HsaApi &api = card.api;
  hsa_code_object_reader_t reader = {};
  hsa_status_t status = api.hsa_code_object_reader_create_from_memory(
      image, size_t(bytes), &reader);
  if (status == HSA_STATUS_SUCCESS) {
    status = api.hsa_executable_create_alt(
        card.profile, HSA_DEFAULT_FLOAT_ROUNDING_MODE_DEFAULT, nullptr,
        &executable);
    if (status == HSA_STATUS_SUCCESS)
      status = api.hsa_executable_load_agent_code_object(
          executable, card.gpu, reader, nullptr, nullptr);
    if (status == HSA_STATUS_SUCCESS)
      status = api.hsa_executable_freeze(executable, nullptr);
    api.hsa_code_object_reader_destroy(reader);
  }
  if (status == HSA_STATUS_SUCCESS)
    return SPARSEC_OK;
  if (status == HSA_STATUS_ERROR_OUT_OF_RESOURCES)
    return fail(SPARSEC_OUT_OF_MEMORY,
                "device %s has no memory for the code object", card.device);
  const char *detail =
      api.gfx803_emulator_last_fault ? api.gfx803_emulator_last_fault() : "";
  return fail(SPARSEC_INVALID_ARTEFACT, "device %s refuses the code object: %s",
              card.device, detail && *detail ? detail : api.describe(status));
}

sparsec_status HsaCode::addKernel(KernelMetadata metadata) {
  const HsaApi &api = card.api;
  auto kernel = std::make_unique<HsaKernel>();
  hsa_executable_symbol_t symbol;
  if (api.hsa_executable_get_symbol_by_name(executable, metadata.symbol.c_str(),
                                            &card.gpu,
                                            &symbol) != HSA_STATUS_SUCCESS ||
      api.hsa_executable_symbol_get_info(
          symbol, HSA_EXECUTABLE_SYMBOL_INFO_KERNEL_OBJECT, &kernel->object) !=
          HSA_STATUS_SUCCESS ||
      api.hsa_executable_symbol_get_info(
          symbol, HSA_EXECUTABLE_SYMBOL_INFO_KERNEL_GROUP_SEGMENT_SIZE,
          &kernel->groupBytes) != HSA_STATUS_SUCCESS ||
      api.hsa_executable_symbol_get_info(
          symbol, HSA_EXECUTABLE_SYMBOL_INFO_KERNEL_PRIVATE_SEGMENT_SIZE,
          &kernel->privateBytes) != HSA_STATUS_SUCCESS)
    return fail(SPARSEC_INVALID_ARTEFACT,
                "the code object's metadata name kernel %s, but it has no "
                "symbol %s",
                metadata.name.c_str(), metadata.symbol.c_str());
  if (metadata.kernargBytes > kMostKernarg)
    return fail(SPARSEC_UNSUPPORTED,
                "kernel %s wants %u bytes of arguments, at most %u are "
                "supported",
                metadata.name.c_str(), metadata.kernargBytes, kMostKernarg);
  if (metadata.dynamicStack)
    kernel->privateBytes = std::max(kernel->privateBytes, kDynamicStackBytes);
  kernel->metadata = std::move(metadata);
  kernels.push_back(std::move(kernel));
  return SPARSEC_OK;
}

rt::Kernel *HsaCode::find(const char *name) {
  for (const std::unique_ptr<HsaKernel> &kernel : kernels)
    if (kernel->metadata.name == name)
      return kernel.get();
  return nullptr;
}
