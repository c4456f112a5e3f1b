//===- Metadata.cpp - What an AMDGPU code object says of itself -----------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A code object is an ELF file. One of its notes, of vendor "AMDGPU" and type
// 32, holds a MessagePack map:
//
//   amdhsa.target   "amdgcn-amd-amdhsa--gfx803"
//   amdhsa.kernels  [{.name, .symbol, .kernarg_segment_size, ...,
//                     .args: [{.offset, .size, .value_kind, ...}, ...]}, ...]
//
//===----------------------------------------------------------------------===//

#include "runtime/hsa/Metadata.h"

#include "runtime/hsa/MessagePack.h"

#include <algorithm>
#include <cstring>
#include <elf.h>

using namespace sparsec;
using rt::HiddenKind;
using rt::KernelMetadata;
using rt::MessagePack;
using rt::Text;

/// What the kernarg segment of any kernel fits into; the largest a compiler
/// makes is about a page.
static constexpr uint64_t kMostKernargBytes = 1u << 16;

namespace {
struct HiddenName {
  std::string_view name;
  HiddenKind kind;
};
constexpr HiddenName kHiddenNames[] = {
    {"hidden_block_count_x", HiddenKind::BlockCountX},
    {"hidden_block_count_y", HiddenKind::BlockCountY},
    {"hidden_block_count_z", HiddenKind::BlockCountZ},
    {"hidden_group_size_x", HiddenKind::GroupSizeX},
    {"hidden_group_size_y", HiddenKind::GroupSizeY},
    {"hidden_group_size_z", HiddenKind::GroupSizeZ},
    {"hidden_remainder_x", HiddenKind::RemainderX},
    {"hidden_remainder_y", HiddenKind::RemainderY},
    {"hidden_remainder_z", HiddenKind::RemainderZ},
    {"hidden_grid_dims", HiddenKind::GridDims},
    {"hidden_dynamic_lds_size", HiddenKind::DynamicLdsSize},
    {"hidden_private_base", HiddenKind::PrivateBase},
    {"hidden_shared_base", HiddenKind::SharedBase},
    {"hidden_queue_ptr", HiddenKind::QueuePtr},
};

class Reader {
public:
  Reader(rt::CodeMetadata &result, Text &why) : result(result), why(why) {}

  bool file(const uint8_t *bytes, uint64_t count);

private:
  bool notes(const uint8_t *bytes, uint64_t count, bool &found);
  bool metadata(MessagePack in);
  bool kernel(MessagePack &in);
  bool arguments(MessagePack &in, KernelMetadata &kernel);
  bool argument(MessagePack &in, KernelMetadata &kernel);

  bool refuse(const char *reason) {
    why.append("%s", reason);
    return false;
  }
  bool damaged() { return refuse("the code object's metadata are damaged"); }

  rt::CodeMetadata &result;
  Text &why;
};
} // namespace

static bool number32(MessagePack &in, uint32_t &value) {
  uint64_t wide;
  if (!in.number(wide) || wide > UINT32_MAX)
    return false;
  value = uint32_t(wide);
  return true;
}

bool Reader::argument(MessagePack &in, KernelMetadata &kernel) {
  uint32_t pairs;
  if (!in.map(pairs))
    return damaged();
  uint32_t offset = 0, bytes = 0;
  std::string_view kind;
  for (; pairs != 0; --pairs) {
    std::string_view key;
    if (!in.string(key))
      return damaged();
    bool good = key == ".offset"       ? number32(in, offset)
                : key == ".size"       ? number32(in, bytes)
                : key == ".value_kind" ? in.string(kind)
                                       : in.skip();
    if (!good)
      return damaged();
  }
  // The segment's size may come after its arguments: checked in `kernel`.
  if (kind.substr(0, 7) != "hidden_") {
    if (bytes > kMostKernargBytes || offset > kMostKernargBytes)
      return damaged();
    kernel.explicitBytes = std::max(kernel.explicitBytes, offset + bytes);
    return true;
  }
  rt::HiddenArgument hidden;
  hidden.offset = offset;
  hidden.bytes = bytes;
  for (const HiddenName &known : kHiddenNames)
    if (kind == known.name)
      hidden.kind = known.kind;
  kernel.hidden.push_back(hidden);
  return true;
}

bool Reader::arguments(MessagePack &in, KernelMetadata &kernel) {
  uint32_t count;
  if (!in.array(count))
    return damaged();
  for (; count != 0; --count)
    if (!argument(in, kernel))
      return false;
  return true;
}

bool Reader::kernel(MessagePack &in) {
  uint32_t pairs;
  if (!in.map(pairs))
    return damaged();
  KernelMetadata kernel;
  std::string_view name, symbol;
  for (; pairs != 0; --pairs) {
    std::string_view key;
    if (!in.string(key))
      return damaged();
    if (key == ".args") {
      if (!arguments(in, kernel))
        return false;
      continue;
    }
    if (key == ".reqd_workgroup_size") {
      uint32_t count, *size = kernel.requiredWorkgroup;
      if (!in.array(count) || count != 3 || !number32(in, size[0]) ||
          !number32(in, size[1]) || !number32(in, size[2]))
        return damaged();
      continue;
    }
    bool good =
        key == ".name"                       ? in.string(name)
        : key == ".symbol"                   ? in.string(symbol)
        : key == ".kernarg_segment_size"     ? number32(in, kernel.kernargBytes)
        : key == ".group_segment_fixed_size" ? number32(in, kernel.groupBytes)
        : key == ".private_segment_fixed_size"
            ? number32(in, kernel.privateBytes)
        : key == ".max_flat_workgroup_size" ? number32(in, kernel.mostItems)
        : key == ".uses_dynamic_stack"      ? in.boolean(kernel.dynamicStack)
                                            : in.skip();
    if (!good)
      return damaged();
  }

  bool inside = kernel.kernargBytes <= kMostKernargBytes &&
                kernel.explicitBytes <= kernel.kernargBytes;
  for (const rt::HiddenArgument &hidden : kernel.hidden)
    inside = inside && hidden.offset <= kernel.kernargBytes &&
             hidden.bytes <= kernel.kernargBytes - hidden.offset;
  if (name.empty() || symbol.empty() || !inside)
    return damaged();
  kernel.name = name;
  kernel.symbol = symbol;
  result.kernels.push_back(std::move(kernel));
  return true;
}

bool Reader::metadata(MessagePack in) {
  uint32_t pairs;
  if (!in.map(pairs))
    return damaged();
  for (; pairs != 0; --pairs) {
    std::string_view key, target;
    uint32_t count;
    if (!in.string(key))
      return damaged();
    if (key == "amdhsa.target") {
      if (!in.string(target))
        return damaged();
      result.target = target;
    } else if (key == "amdhsa.kernels") {
      if (!in.array(count))
        return damaged();
      for (; count != 0; --count)
        if (!kernel(in))
          return false;
    } else if (!in.skip()) {
      return damaged();
    }
  }
  return true;
}

bool Reader::notes(const uint8_t *bytes, uint64_t count, bool &found) {
  constexpr uint32_t kMetadataNote = 32;
  Elf64_Nhdr note;
  while (count >= sizeof(note)) {
    std::memcpy(&note, bytes, sizeof(note));
    bytes += sizeof(note);
    count -= sizeof(note);
    uint64_t name = (uint64_t(note.n_namesz) + 3) & ~uint64_t(3);
    uint64_t body = (uint64_t(note.n_descsz) + 3) & ~uint64_t(3);
    if (name > count || note.n_descsz > count - name)
      return refuse("a note of the code object is cut off");
    if (note.n_type == kMetadataNote && note.n_namesz == sizeof("AMDGPU") &&
        std::memcmp(bytes, "AMDGPU", sizeof("AMDGPU")) == 0) {
      found = true;
      return metadata(MessagePack(bytes + name, note.n_descsz));
    }
    uint64_t step = std::min(count, name + body);
    bytes += step;
    count -= step;
  }
  return true;
}

bool Reader::file(const uint8_t *bytes, uint64_t count) {
  Elf64_Ehdr header;
  if (count < sizeof(header) || std::memcmp(bytes, ELFMAG, SELFMAG) != 0)
    return refuse("the code object is not an ELF file");
  std::memcpy(&header, bytes, sizeof(header));
  if (header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_ident[EI_DATA] != ELFDATA2LSB || header.e_machine != EM_AMDGPU)
    return refuse("the code object is not for an AMD GPU");
  uint64_t tableBytes = uint64_t(header.e_phnum) * sizeof(Elf64_Phdr);
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phoff > count ||
      tableBytes > count - header.e_phoff)
    return refuse("the code object has no usable program headers");
  bool found = false;
  for (unsigned i = 0; i < header.e_phnum && !found; ++i) {
    Elf64_Phdr segment;
    std::memcpy(&segment, bytes + header.e_phoff + i * sizeof(segment),
                sizeof(segment));
    if (segment.p_type != PT_NOTE)
      continue;
    if (segment.p_offset > count || segment.p_filesz > count - segment.p_offset)
      return refuse("the notes of the code object are cut off");
    if (!notes(bytes + segment.p_offset, segment.p_filesz, found))
      return false;
  }
  if (!found)
    return refuse("the code object has no metadata: it needs ABI version 4 or "
                  "later");
  return true;
}

bool rt::readMetadata(const void *image, uint64_t bytes, CodeMetadata &metadata,
                      Text &why) {
  return Reader(metadata, why).file(static_cast<const uint8_t *>(image), bytes);
}
