//===- CodeObject.cpp - AMDGPU code objects -------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/loader/CodeObject.h"

#include "tools/gfx803-emulator/loader/ElfFile.h"
#include "tools/gfx803-emulator/loader/Messages.h"
#include "tools/gfx803-emulator/loader/Metadata.h"

#include "llvm/Support/AMDHSAKernelDescriptor.h"

#include <algorithm>

using namespace gfx803;
using namespace llvm::ELF;
namespace amdhsa = llvm::amdhsa;

static constexpr uint64_t kDescriptorBytes =
    sizeof(amdhsa::kernel_descriptor_t);
static constexpr std::string_view kDescriptorSuffix = ".kd";
/// Far more than any kernel has.
static constexpr uint32_t kMostKernargBytes = 1 << 20;

namespace {
/// Makes a CodeObject of a checked ELF file; checks what ELF knows nothing of.
class Builder {
public:
  Builder(const ElfFile &file, CodeObject &object, std::string &error)
      : file(file), object(object), error(error) {}

  bool build() {
    addSegments();
    return addSymbols() && addRelocations();
  }

private:
  void addSegments();
  bool addSymbols();
  bool addKernel(const ElfSymbol &symbol);
  bool readDescriptor(KernelInfo &kernel);
  bool addVariable(const ElfSymbol &symbol);
  bool addRelocations();
  bool addRelocation(const ElfRelocation &entry);

  /// The segment that holds a range, or null.
  const CodeObject::Segment *segment(uint64_t address, uint64_t bytes) const;
  bool fail(std::string message) {
    error = std::move(message);
    return false;
  }

  const ElfFile &file;
  CodeObject &object;
  std::string &error;
  std::vector<KernelInfo> described; ///< by the metadata
};
} // namespace

std::unique_ptr<CodeObject> CodeObject::read(const void *bytes, size_t count,
                                             std::string &error) {
  ElfFile file(bytes, count);
  if (!file.read(error))
    return nullptr;
  auto object = std::make_unique<CodeObject>();
  object->abiVersion = file.abiVersion;
  object->isa = "amdgcn-amd-amdhsa--gfx803";
  if (!Builder(file, *object, error).build())
    return nullptr;
  return object;
}

const KernelInfo *CodeObject::kernel(const std::string &name) const {
  for (const KernelInfo &one : kernels)
    if (one.name == name || one.symbol == name)
      return &one;
  return nullptr;
}

void Builder::addSegments() {
  for (const Elf64_Phdr &header : file.loads) {
    CodeObject::Segment segment;
    segment.address = header.p_vaddr;
    segment.memoryBytes = header.p_memsz;
    std::string_view bytes = file.at(header.p_vaddr).substr(0, header.p_filesz);
    auto *begin = reinterpret_cast<const std::byte *>(bytes.data());
    segment.bytes.assign(begin, begin + bytes.size());
    segment.executable = header.p_flags & PF_X;
    segment.writable = header.p_flags & PF_W;
    object.imageBytes = segment.address + segment.memoryBytes;
    object.alignment = std::max(object.alignment, header.p_align);
    object.segments.push_back(std::move(segment));
  }
}

const CodeObject::Segment *Builder::segment(uint64_t address,
                                            uint64_t bytes) const {
  for (const CodeObject::Segment &one : object.segments)
    if (address >= one.address && bytes <= one.memoryBytes &&
        address - one.address <= one.memoryBytes - bytes)
      return &one;
  return nullptr;
}

static bool isDescriptor(const ElfSymbol &symbol) {
  std::string_view name = symbol.name;
  return symbol.type == STT_OBJECT && name.size() > kDescriptorSuffix.size() &&
         name.substr(name.size() - kDescriptorSuffix.size()) ==
             kDescriptorSuffix;
}

bool Builder::addSymbols() {
  if (!file.metadata.empty() &&
      !readMetadata(file.metadata, file.abiVersion, described, error))
    return false;
  for (size_t i = 1; i < file.symbols.size(); ++i) {
    const ElfSymbol &symbol = file.symbols[i];
    // Old compilers leave names of LDS variables here that nothing refers to.
    if (symbol.section == SHN_UNDEF)
      continue;
    if (isDescriptor(symbol)) {
      if (!addKernel(symbol))
        return false;
    } else if (symbol.type == STT_OBJECT && symbol.section != SHN_ABS) {
      if (!addVariable(symbol))
        return false;
    }
  }
  for (const KernelInfo &one : described)
    if (one.descriptor == 0)
      return fail("kernel " + quote(one.name) + " has no symbol " +
                  quote(one.symbol));
  return true;
}

bool Builder::addKernel(const ElfSymbol &symbol) {
  KernelInfo kernel;
  for (KernelInfo &one : described)
    if (one.symbol == symbol.name) {
      one.descriptor = symbol.value;
      kernel = one;
    }
  bool known = !kernel.symbol.empty();
  if (!known) {
    kernel.symbol = symbol.name;
    kernel.name = kernel.symbol.substr(0, kernel.symbol.size() -
                                              kDescriptorSuffix.size());
  }
  if (object.kernel(kernel.symbol) || object.kernel(kernel.name))
    return fail("kernel " + quote(kernel.name) + " is defined twice");
  kernel.descriptor = symbol.value;
  uint32_t bytesInMetadata = kernel.kernargBytes;
  if (!readDescriptor(kernel))
    return false;
  if (known)
    kernel.kernargBytes = std::max(kernel.kernargBytes, bytesInMetadata);
  if (kernel.kernargBytes > kMostKernargBytes)
    return fail("kernel " + quote(kernel.name) + " has " +
                std::to_string(kernel.kernargBytes) + " bytes of arguments");
  object.kernels.push_back(std::move(kernel));
  return true;
}

/// Reads and checks what the hardware is told of a kernel.
bool Builder::readDescriptor(KernelInfo &kernel) {
  std::string name = "the descriptor of kernel " + quote(kernel.name);
  std::string_view bytes = file.at(kernel.descriptor);
  if (bytes.size() < kDescriptorBytes)
    return fail(name + " is not inside a segment");
  if (kernel.descriptor % kDescriptorBytes != 0)
    return fail(name + " is at " + hex(kernel.descriptor) +
                ", no multiple of 64");
  amdhsa::kernel_descriptor_t descriptor;
  std::memcpy(&descriptor, bytes.data(), sizeof(descriptor));

  uint64_t entry =
      kernel.descriptor + uint64_t(descriptor.kernel_code_entry_byte_offset);
  const CodeObject::Segment *code = segment(entry, 4);
  if (!code || !code->executable ||
      entry - code->address + 4 > code->bytes.size())
    return fail("the entry point of kernel " + quote(kernel.name) + ", " +
                hex(entry) + ", is not in executable code");
  if (entry % 256 != 0)
    return fail("the entry point of kernel " + quote(kernel.name) + ", " +
                hex(entry) + ", is no multiple of 256");
  if (descriptor.kernel_code_properties &
      amdhsa::KERNEL_CODE_PROPERTY_ENABLE_WAVEFRONT_SIZE32)
    return fail(name + " asks for waves of 32 lanes; gfx803 has 64");
  if (descriptor.kernarg_preload)
    return fail(name + " asks for preloaded arguments; gfx803 has none");
  kernel.kernargBytes = descriptor.kernarg_size;
  kernel.groupBytes = descriptor.group_segment_fixed_size;
  kernel.privateBytes = descriptor.private_segment_fixed_size;
  kernel.dynamicStack |= (descriptor.kernel_code_properties &
                          amdhsa::KERNEL_CODE_PROPERTY_USES_DYNAMIC_STACK) != 0;
  return true;
}

bool Builder::addVariable(const ElfSymbol &symbol) {
  const CodeObject::Segment *where = segment(symbol.value, symbol.size);
  if (!where)
    return fail("variable " + quote(symbol.name) + " at " + hex(symbol.value) +
                " is not inside a segment");
  VariableInfo variable;
  variable.name = symbol.name;
  variable.address = symbol.value;
  variable.bytes = symbol.size;
  variable.constant = !where->writable;
  object.variables.push_back(std::move(variable));
  return true;
}

bool Builder::addRelocations() {
  for (const ElfRelocation &entry : file.relocations)
    if (!addRelocation(entry))
      return false;
  return true;
}

bool Builder::addRelocation(const ElfRelocation &entry) {
  using Relocation = CodeObject::Relocation;
  std::string name = "the relocation at " + hex(entry.at);
  Relocation relocation;
  relocation.at = entry.at;
  relocation.target = uint64_t(entry.addend);
  switch (entry.type) {
  case R_AMDGPU_NONE:
    return true;
  case R_AMDGPU_ABS64:
  case R_AMDGPU_RELATIVE64:
    relocation.kind = Relocation::Abs64;
    break;
  case R_AMDGPU_ABS32_LO:
    relocation.kind = Relocation::Abs32Lo;
    break;
  case R_AMDGPU_ABS32_HI:
    relocation.kind = Relocation::Abs32Hi;
    break;
  case R_AMDGPU_REL32:
    relocation.kind = Relocation::Rel32;
    break;
  case R_AMDGPU_REL32_LO:
    relocation.kind = Relocation::Rel32Lo;
    break;
  case R_AMDGPU_REL32_HI:
    relocation.kind = Relocation::Rel32Hi;
    break;
  case R_AMDGPU_REL64:
    relocation.kind = Relocation::Rel64;
    break;
  default:
    return fail(name + " is of the unsupported type " +
                std::to_string(entry.type));
  }
  if (entry.type != R_AMDGPU_RELATIVE64) {
    if (entry.symbol == 0 || entry.symbol >= file.symbols.size())
      return fail(name + " names symbol " + std::to_string(entry.symbol) +
                  ", which there is not");
    const ElfSymbol &symbol = file.symbols[entry.symbol];
    if (symbol.section == SHN_UNDEF)
      return fail("undefined symbol " + quote(symbol.name) +
                  ": a code object must be linked completely");
    if (symbol.section == SHN_ABS)
      return fail(name + " refers to the absolute symbol " +
                  quote(symbol.name));
    relocation.target += symbol.value;
  }
  if (!segment(relocation.at, relocation.bytes()))
    return fail(name + " is not inside a segment");
  int64_t distance = int64_t(relocation.target - relocation.at);
  if (relocation.kind == Relocation::Rel32 && distance != int32_t(distance))
    return fail(name + " reaches further than 32 bits");
  object.relocations.push_back(relocation);
  return true;
}
