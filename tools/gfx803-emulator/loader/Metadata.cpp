//===- Metadata.cpp - The kernels' metadata of a code object --------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/loader/Metadata.h"

#include "tools/gfx803-emulator/loader/Messages.h"
#include "tools/gfx803-emulator/loader/MsgPack.h"

using namespace gfx803;

static constexpr const char *kTarget = "amdgcn-amd-amdhsa--gfx803";

namespace {
/// Reads the fields of one kernel; the first problem is kept.
class KernelReader {
public:
  KernelReader(const PackedValue &map, KernelInfo &kernel, std::string &error)
      : map(map), kernel(kernel), error(error) {}

  bool read();

private:
  bool readArguments(const PackedValue &list);
  bool readArgument(const PackedValue &entry, KernelArgument &argument);
  bool readRequiredSize();

  bool text(const PackedValue &from, const char *key, std::string &to,
            bool required);
  bool number(const PackedValue &from, const char *key, uint32_t &to,
              bool required);
  bool fail(const std::string &what) {
    error = "metadata of kernel " + quote(kernel.name) + ": " + what;
    return false;
  }

  const PackedValue &map;
  KernelInfo &kernel;
  std::string &error;
};
} // namespace

bool KernelReader::text(const PackedValue &from, const char *key,
                        std::string &to, bool required) {
  const PackedValue *value = from.get(key);
  if (!value)
    return !required || fail(std::string("no ") + key);
  if (value->kind != PackedValue::Text)
    return fail(std::string(key) + " is no text");
  to = value->text;
  return true;
}

bool KernelReader::number(const PackedValue &from, const char *key,
                          uint32_t &to, bool required) {
  const PackedValue *value = from.get(key);
  if (!value)
    return !required || fail(std::string("no ") + key);
  if (value->kind != PackedValue::Number || value->number > UINT32_MAX)
    return fail(std::string(key) + " is no number of 32 bits");
  to = uint32_t(value->number);
  return true;
}

bool KernelReader::readRequiredSize() {
  const PackedValue *size = map.get(".reqd_workgroup_size");
  if (!size)
    return true;
  if (size->kind != PackedValue::Array || size->items.size() != 3)
    return fail(".reqd_workgroup_size is no list of three numbers");
  for (unsigned i = 0; i < 3; ++i) {
    const PackedValue &value = size->items[i];
    if (value.kind != PackedValue::Number || value.number == 0 ||
        value.number > UINT32_MAX)
      return fail(".reqd_workgroup_size is no list of three positive numbers");
    kernel.requiredWorkgroup[i] = uint32_t(value.number);
  }
  return true;
}

bool KernelReader::readArgument(const PackedValue &entry,
                                KernelArgument &argument) {
  if (!text(entry, ".name", argument.name, false) ||
      !text(entry, ".value_kind", argument.valueKind, true) ||
      !text(entry, ".address_space", argument.addressSpace, false) ||
      !number(entry, ".offset", argument.offset, true) ||
      !number(entry, ".size", argument.bytes, true))
    return false;
  uint64_t end = uint64_t(argument.offset) + argument.bytes;
  return end <= kernel.kernargBytes ||
         fail("argument " + std::to_string(kernel.arguments.size()) +
              " ends at byte " + std::to_string(end) + ", behind the " +
              std::to_string(kernel.kernargBytes) + " bytes of arguments");
}

bool KernelReader::readArguments(const PackedValue &list) {
  if (list.kind != PackedValue::Array)
    return fail(".args is no list");
  for (const PackedValue &entry : list.items) {
    KernelArgument argument;
    if (!readArgument(entry, argument))
      return false;
    kernel.arguments.push_back(std::move(argument));
  }
  return true;
}

bool KernelReader::read() {
  uint32_t waveSize = 64, dynamicStack = 0;
  if (!text(map, ".name", kernel.name, true) ||
      !text(map, ".symbol", kernel.symbol, true) ||
      !number(map, ".kernarg_segment_size", kernel.kernargBytes, true) ||
      !number(map, ".kernarg_segment_align", kernel.kernargAlignment, true) ||
      !number(map, ".group_segment_fixed_size", kernel.groupBytes, true) ||
      !number(map, ".private_segment_fixed_size", kernel.privateBytes, true) ||
      !number(map, ".sgpr_count", kernel.sgprs, false) ||
      !number(map, ".vgpr_count", kernel.vgprs, false) ||
      !number(map, ".sgpr_spill_count", kernel.sgprSpills, false) ||
      !number(map, ".vgpr_spill_count", kernel.vgprSpills, false) ||
      !number(map, ".max_flat_workgroup_size", kernel.maxFlatWorkgroup,
              false) ||
      !number(map, ".wavefront_size", waveSize, false) ||
      !number(map, ".uses_dynamic_stack", dynamicStack, false) ||
      !readRequiredSize())
    return false;
  kernel.dynamicStack = dynamicStack != 0;
  if (waveSize != 64)
    return fail("waves of " + std::to_string(waveSize) +
                " lanes; gfx803 has 64");
  uint32_t alignment = kernel.kernargAlignment;
  if (alignment == 0 || alignment > 4096 || (alignment & (alignment - 1)) != 0)
    return fail("arguments aligned to " + std::to_string(alignment));
  const PackedValue *list = map.get(".args");
  return !list || readArguments(*list);
}

/// amdhsa.version is 1.1 for code objects of version 4, 1.2 for 5 and 6.
static bool checkVersion(const PackedValue &root, unsigned abiVersion,
                         std::string &error) {
  const PackedValue *version = root.get("amdhsa.version");
  uint64_t minor = abiVersion == 4 ? 1 : 2;
  if (version && version->kind == PackedValue::Array &&
      version->items.size() == 2 && version->items[0].number == 1 &&
      version->items[1].number == minor)
    return true;
  error = "its metadata are not of version 1." + std::to_string(minor) +
          ", as code object version " + std::to_string(abiVersion) + " has";
  return false;
}

bool gfx803::readMetadata(std::string_view note, unsigned abiVersion,
                          std::vector<KernelInfo> &kernels,
                          std::string &error) {
  std::optional<PackedValue> root = PackedValue::parse(note);
  if (!root || root->kind != PackedValue::Map) {
    error = "its metadata are damaged: not a MessagePack map";
    return false;
  }
  if (!checkVersion(*root, abiVersion, error))
    return false;
  const PackedValue *target = root->get("amdhsa.target");
  if (target && target->text != kTarget) {
    error =
        "its metadata are for " + quote(target->text) + ", not for " + kTarget;
    return false;
  }
  const PackedValue *list = root->get("amdhsa.kernels");
  if (!list)
    return true;
  if (list->kind != PackedValue::Array) {
    error = "its metadata are damaged: amdhsa.kernels is no list";
    return false;
  }
  for (const PackedValue &entry : list->items) {
    KernelInfo kernel;
    if (!KernelReader(entry, kernel, error).read())
      return false;
    kernels.push_back(std::move(kernel));
  }
  return true;
}
