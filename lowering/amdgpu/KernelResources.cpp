//===- KernelResources.cpp - What kernels take of a GPU -------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/amdgpu/KernelResources.h"

#include "lowering/common/GpuLaunch.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"

#include "llvm/BinaryFormat/MsgPackDocument.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace sparsec;

std::vector<KernelInfo> sparsec::describeKernels(mlir::ModuleOp module) {
  std::vector<KernelInfo> kernels;
  for (auto one : module.getOps<mlir::gpu::GPUModuleOp>())
    for (auto kernel : one.getOps<mlir::gpu::GPUFuncOp>()) {
      KernelInfo info;
      info.name = kernel.getName().str();
      auto get = [&](StringRef name, int64_t otherwise) {
        auto value = kernel->getAttrOfType<mlir::IntegerAttr>(name);
        return value ? value.getInt() : otherwise;
      };
      info.launches = get(kLaunchesAttrName, 0);
      info.bytes = get(kBytesAttrName, -1);
      kernels.push_back(std::move(info));
    }
  return kernels;
}

/// How many waves of a kernel a SIMD holds: as many as have registers, and as
/// the workgroups that have LDS bring.
static unsigned computeOccupancy(const KernelInfo &kernel,
                                 const GpuChip &chip) {
  auto share = [](uint64_t all, uint64_t wanted, uint64_t granule) -> uint64_t {
    return all / alignTo(std::max<uint64_t>(wanted, 1), granule);
  };
  uint64_t waves = chip.wavesPerSimd;
  waves = std::min(waves, share(chip.vgprs, kernel.vgprs, chip.vgprGranule));
  waves = std::min(waves, share(chip.sgprs, kernel.sgprs, chip.sgprGranule));
  if (kernel.ldsBytes == 0)
    return waves;
  uint64_t workgroups = share(chip.ldsBytes, kernel.ldsBytes, chip.ldsGranule);
  uint64_t brought =
      divideCeil(workgroups * divideCeil(kernel.items, 64), chip.simdsPerUnit);
  return std::min(waves, brought);
}

namespace {

/// The metadata of a code object: a note of vendor "AMDGPU" and type 32.
class MetadataReader {
public:
  Error open(StringRef code);
  Error read(KernelInfo &kernel);

private:
  std::unique_ptr<object::ObjectFile> file;
  msgpack::Document document;
};

} // namespace

static Error damaged(const Twine &why) {
  return createStringError("the code object " + why);
}

Error MetadataReader::open(StringRef code) {
  auto found =
      object::ObjectFile::createELFObjectFile(MemoryBufferRef(code, "kernels"));
  if (!found)
    return found.takeError();
  file = std::move(*found);
  auto *elf = dyn_cast<object::ELF64LEObjectFile>(file.get());
  if (!elf)
    return damaged("is not one of a GPU");
  const object::ELF64LEFile &image = elf->getELFFile();
  auto headers = image.program_headers();
  if (!headers)
    return headers.takeError();
  for (const auto &header : *headers) {
    if (header.p_type != ELF::PT_NOTE)
      continue;
    Error error = Error::success();
    for (const auto &note : image.notes(header, error))
      if (note.getName() == "AMDGPU" &&
          note.getType() == ELF::NT_AMDGPU_METADATA &&
          document.readFromBlob(note.getDescAsStringRef(header.p_align),
                                /*Multi=*/false)) {
        consumeError(std::move(error));
        return Error::success();
      }
    if (error)
      return error;
  }
  return damaged("has no metadata");
}

Error MetadataReader::read(KernelInfo &kernel) {
  for (msgpack::DocNode &node :
       document.getRoot().getMap(/*Convert=*/true)["amdhsa.kernels"].getArray(
           /*Convert=*/true)) {
    msgpack::MapDocNode &map = node.getMap(/*Convert=*/true);
    if (map[".name"].getString() != kernel.name)
      continue;
    auto get = [&](StringRef key) -> unsigned {
      msgpack::DocNode &value = map[key];
      return value.getKind() == msgpack::Type::UInt ? value.getUInt() : 0;
    };
    kernel.items = get(".max_flat_workgroup_size");
    kernel.vgprs = get(".vgpr_count");
    kernel.sgprs = get(".sgpr_count");
    kernel.ldsBytes = get(".group_segment_fixed_size");
    kernel.scratchBytes = get(".private_segment_fixed_size");
    kernel.spills = get(".vgpr_spill_count") + get(".sgpr_spill_count");
    return Error::success();
  }
  return damaged("has no metadata of the kernel '" + kernel.name + "'");
}

Error sparsec::readResources(StringRef code, const GpuChip &chip,
                             MutableArrayRef<KernelInfo> kernels) {
  MetadataReader reader;
  if (Error error = reader.open(code))
    return error;
  for (KernelInfo &kernel : kernels) {
    if (Error error = reader.read(kernel))
      return error;
    kernel.occupancy = computeOccupancy(kernel, chip);
  }
  return Error::success();
}
