//===- CodeObject.h - AMDGPU code objects -----------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_LOADER_CODEOBJECT_H
#define GFX803_EMULATOR_LOADER_CODEOBJECT_H

#include "tools/gfx803-emulator/machine/Machine.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gfx803 {

/// One kernel argument as the metadata describes it.
struct KernelArgument {
  std::string name;
  std::string valueKind; ///< "global_buffer", "by_value", "hidden_..."
  std::string addressSpace;
  uint32_t offset = 0, bytes = 0;
};

/// One kernel: its descriptor's symbol, and its metadata.
struct KernelInfo {
  std::string name;        ///< "saxpy"
  std::string symbol;      ///< "saxpy.kd"
  uint64_t descriptor = 0; ///< virtual address in the image
  uint32_t kernargBytes = 0, kernargAlignment = 16;
  uint32_t groupBytes = 0, privateBytes = 0;
  uint32_t sgprs = 0, vgprs = 0, sgprSpills = 0, vgprSpills = 0;
  uint32_t maxFlatWorkgroup = 1024;
  std::array<uint32_t, 3> requiredWorkgroup{}; ///< zeros: any
  bool dynamicStack = false;
  std::vector<KernelArgument> arguments;
};

/// A variable that the host may look up.
struct VariableInfo {
  std::string name;
  uint64_t address = 0, bytes = 0; ///< virtual address in the image
  bool constant = false;
};

/// A checked code object (ABI version 4, 5 or 6) for gfx803. Nothing of the
/// input is used before its range has been checked, so any bytes may be given.
class CodeObject {
public:
  /// Null with one sentence in `error` for anything that is not such a file.
  static std::unique_ptr<CodeObject> read(const void *bytes, size_t count,
                                          std::string &error);

  unsigned abiVersion = 0; ///< 4, 5 or 6
  std::string isa;         ///< "amdgcn-amd-amdhsa--gfx803"
  uint64_t imageBytes = 0; ///< from virtual address 0 to the end
  uint64_t alignment = 4096;
  struct Segment {
    uint64_t address = 0, memoryBytes = 0;
    std::vector<std::byte> bytes; ///< at most memoryBytes; the rest is zero
    bool executable = false, writable = false;
  };
  std::vector<Segment> segments;
  /// Words that get an address of the image, or their distance to it, or half
  /// of one: where, and which.
  struct Relocation {
    uint64_t at = 0, target = 0;
    enum Kind {
      Abs64,
      Abs32Lo,
      Abs32Hi,
      Rel32,
      Rel64,
      Rel32Lo,
      Rel32Hi
    } kind = Abs64;
    size_t bytes() const { return kind == Abs64 || kind == Rel64 ? 8 : 4; }
  };
  std::vector<Relocation> relocations;
  std::vector<KernelInfo> kernels;
  std::vector<VariableInfo> variables;

  const KernelInfo *kernel(const std::string &name) const; ///< or symbol
};

/// A code object in the memory of a machine; unloaded when destroyed.
class LoadedCode {
public:
  /// Null with one sentence in `error` if there is not enough device memory.
  static std::unique_ptr<LoadedCode> load(Machine &machine,
                                          std::unique_ptr<CodeObject> object,
                                          std::string &error);
  ~LoadedCode();

  const CodeObject &code() const { return *object; }
  uint64_t base() const { return address; }
  /// The device address of a virtual address of the image.
  uint64_t at(uint64_t imageAddress) const { return address + imageAddress; }

private:
  LoadedCode(Machine &machine, std::unique_ptr<CodeObject> object)
      : machine(machine), object(std::move(object)) {}
  Machine &machine;
  std::unique_ptr<CodeObject> object;
  uint64_t address = 0;
};

} // namespace gfx803

#endif // GFX803_EMULATOR_LOADER_CODEOBJECT_H
