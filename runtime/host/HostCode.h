//===- HostCode.h - Kernels for the CPU -------------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_HOST_HOSTCODE_H
#define SPARSEC_RUNTIME_HOST_HOSTCODE_H

#include "runtime/core/Device.h"
#include "runtime/core/SharedLibrary.h"

#include <map>
#include <string>

namespace sparsec::rt {

class HostKernel final : public Kernel {
public:
  HostKernel(const char *name, const sparsec_host_kernel &code)
      : title(name), code(code) {}
  const char *name() const override { return title.c_str(); }

  /// Runs all workgroups. Arguments have been checked.
  sparsec_status run(const LaunchSize &size, const void *arguments);

  const std::string title;
  const sparsec_host_kernel code;
};

/// A shared library given as bytes.
class HostCode final : public CodeObject {
public:
  static sparsec_status load(const void *image, uint64_t bytes,
                             std::unique_ptr<CodeObject> &result);
  Kernel *find(const char *kernel) override;

private:
  SharedLibrary library;
  std::mutex mutex;
  std::map<std::string, std::unique_ptr<HostKernel>> kernels;
};

} // namespace sparsec::rt

#endif // SPARSEC_RUNTIME_HOST_HOSTCODE_H
