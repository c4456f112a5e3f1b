//===- LoadedCode.cpp - A code object in device memory --------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/loader/CodeObject.h"

#include <algorithm>
#include <cstring>

using namespace gfx803;

static void relocate(const CodeObject::Relocation &relocation, uint64_t base,
                     std::byte *image) {
  using Relocation = CodeObject::Relocation;
  uint64_t absolute = base + relocation.target;
  uint64_t relative = relocation.target - relocation.at;
  uint64_t value = absolute;
  switch (relocation.kind) {
  case Relocation::Abs64:
  case Relocation::Abs32Lo:
    break;
  case Relocation::Abs32Hi:
    value = absolute >> 32;
    break;
  case Relocation::Rel32:
  case Relocation::Rel32Lo:
  case Relocation::Rel64:
    value = relative;
    break;
  case Relocation::Rel32Hi:
    value = relative >> 32;
    break;
  }
  std::memcpy(image + relocation.at, &value, relocation.bytes());
}

std::unique_ptr<LoadedCode> LoadedCode::load(Machine &machine,
                                             std::unique_ptr<CodeObject> object,
                                             std::string &error) {
  Memory &memory = machine.memory;
  std::unique_ptr<LoadedCode> loaded(
      new LoadedCode(machine, std::move(object)));
  const CodeObject &code = loaded->code();
  loaded->address =
      memory.allocate(MemoryKind::Device, code.imageBytes, code.alignment);
  if (!loaded->address) {
    error = "not enough device memory for an image of " +
            std::to_string(code.imageBytes) + " bytes";
    return nullptr;
  }
  std::byte *image = memory.translate(loaded->address, code.imageBytes);
  for (const CodeObject::Segment &segment : code.segments) {
    if (!segment.bytes.empty())
      std::memcpy(image + segment.address, segment.bytes.data(),
                  segment.bytes.size());
    memory.markInitialised(loaded->at(segment.address), segment.memoryBytes);
  }
  for (const CodeObject::Relocation &relocation : code.relocations)
    relocate(relocation, loaded->address, image);
  for (const CodeObject::Segment &segment : code.segments)
    if (segment.executable)
      machine.addCode({loaded->at(segment.address), segment.bytes.size()});
  for (const KernelInfo &kernel : code.kernels)
    machine.nameKernel(loaded->at(kernel.descriptor), kernel.name);
  return loaded;
}

LoadedCode::~LoadedCode() {
  if (!address)
    return;
  for (const CodeObject::Segment &segment : object->segments)
    if (segment.executable)
      machine.removeCode(at(segment.address));
  machine.memory.release(address);
}
