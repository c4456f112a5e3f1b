//===- HsaCode.h - Code objects on a card -----------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_HSA_HSACODE_H
#define SPARSEC_RUNTIME_HSA_HSACODE_H

#include "runtime/hsa/HsaCard.h"
#include "runtime/hsa/Metadata.h"

namespace sparsec::rt {

/// Kernels with longer kernarg segments are refused.
constexpr uint32_t kMostKernarg = 4096;

class HsaKernel final : public Kernel {
public:
  const char *name() const override { return metadata.name.c_str(); }

  KernelMetadata metadata;
  uint64_t object = 0; ///< address of the descriptor on the card
  uint32_t groupBytes = 0, privateBytes = 0;
};

class HsaCode final : public CodeObject {
public:
  explicit HsaCode(HsaCard &card) : card(card) {}
  ~HsaCode() override;

  sparsec_status load(const void *image, uint64_t bytes);
  Kernel *find(const char *kernel) override;

private:
  sparsec_status loadExecutable(const void *image, uint64_t bytes);
  sparsec_status addKernel(KernelMetadata metadata);

  HsaCard &card;
  hsa_executable_t executable = {};
  std::vector<std::unique_ptr<HsaKernel>> kernels;
};

} // namespace sparsec::rt

#endif // SPARSEC_RUNTIME_HSA_HSACODE_H
