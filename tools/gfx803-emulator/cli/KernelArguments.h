//===- KernelArguments.h - The buffers and arguments of a kernel -*- C++
//-*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_CLI_KERNELARGUMENTS_H
#define GFX803_EMULATOR_CLI_KERNELARGUMENTS_H

#include "tools/gfx803-emulator/cli/ArgumentSpec.h"
#include "tools/gfx803-emulator/loader/CodeObject.h"

#include <vector>

namespace gfx803::cli {

/// Puts arguments into the memory of a machine, and results into files.
class KernelArguments {
public:
  KernelArguments(Machine &machine, const KernelInfo &kernel)
      : machine(machine), kernel(kernel) {}

  /// Allocates and fills the buffers and completes `request`: the kernarg
  /// segment, LDS for arguments that want some, and the packet and the queue
  /// that kernels may ask for. Its sizes must be set. False with one sentence
  /// in `error`.
  bool prepare(const std::vector<ArgumentSpec> &specs, DispatchRequest &request,
               std::string &error);
  /// Writes all outputs, or none if the kernel left parts of one unwritten.
  bool writeOutputs(std::string &error);

private:
  struct Buffer {
    const ArgumentSpec *spec;
    sparsec_tensor_type type;
    uint64_t address, bytes;
  };
  struct Output {
    const Buffer *buffer;
    std::vector<char> bytes;
  };

  bool fill(const KernelArgument &argument, const ArgumentSpec &spec,
            DispatchRequest &request, std::string &error);
  bool addBuffer(const ArgumentSpec &spec, uint64_t &address,
                 std::string &error);
  bool readOutput(Output &output, std::string &error) const;
  void fillHidden(const KernelArgument &argument,
                  const DispatchRequest &request);
  bool addQueue(DispatchRequest &request);
  void store(const KernelArgument &argument, const void *bytes, size_t count);

  Machine &machine;
  const KernelInfo &kernel;
  std::byte *kernarg = nullptr;
  uint32_t dynamicLdsBytes = 0;
  std::vector<Buffer> buffers;
};

} // namespace gfx803::cli

#endif // GFX803_EMULATOR_CLI_KERNELARGUMENTS_H
