//===- Metadata.cpp - What a code object says of its kernels --------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Read object by object: llvm::msgpack::Document cannot take keys that are
// arrays, which damaged input may have.
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/loader/Metadata.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/BinaryFormat/MsgPackReader.h"

using namespace gfx803;
using llvm::StringRef;
namespace msgpack = llvm::msgpack;

namespace {

class MetadataReader {
public:
  MetadataReader(std::string_view bytes, std::string &error)
      : reader(StringRef(bytes.data(), bytes.size())), error(error) {}

  bool read(std::vector<KernelInfo> &kernels, std::string &target);

private:
  using OnKey = llvm::function_ref<bool(StringRef key)>;

  bool fail(const std::string &what) {
    if (error.empty())
      error = "its metadata is damaged: " + what;
    return false;
  }
  bool next(msgpack::Object &object);
  bool skip();
  /// Calls `onKey` for each key; it must read the value.
  bool map(const char *what, OnKey onKey);
  bool array(const char *what, llvm::function_ref<bool()> onElement);
  bool readString(StringRef key, std::string &value);
  bool readNumber(StringRef key, uint32_t &value);
  bool readFlag(StringRef key, bool &value);
  bool readSizes(StringRef key, std::array<uint32_t, 3> &value);
  bool readKernel(KernelInfo &kernel);
  bool readArgument(KernelArgument &argument);

  msgpack::Reader reader;
  std::string &error;
};

} // namespace

bool MetadataReader::next(msgpack::Object &object) {
  llvm::Expected<bool> got = reader.read(object);
  if (!got) {
    llvm::consumeError(got.takeError());
    return fail("it is no MessagePack");
  }
  return *got || fail("it ends early");
}

bool MetadataReader::skip() {
  // Lengths may be anything, but each object takes a byte at least.
  for (uint64_t left = 1; left != 0; --left) {
    msgpack::Object object;
    if (!next(object))
      return false;
    if (object.Kind == msgpack::Type::Array)
      left += object.Length;
    else if (object.Kind == msgpack::Type::Map)
      left += 2 * uint64_t(object.Length);
  }
  return true;
}

bool MetadataReader::map(const char *what, OnKey onKey) {
  msgpack::Object object;
  if (!next(object))
    return false;
  if (object.Kind != msgpack::Type::Map)
    return fail(std::string(what) + " is no map");
  for (size_t i = 0, length = object.Length; i < length; ++i) {
    msgpack::Object key;
    if (!next(key))
      return false;
    if (key.Kind != msgpack::Type::String)
      return fail("a key of " + std::string(what) + " is no string");
    if (!onKey(key.Raw))
      return false;
  }
  return true;
}

bool MetadataReader::array(const char *what,
                           llvm::function_ref<bool()> onElement) {
  msgpack::Object object;
  if (!next(object))
    return false;
  if (object.Kind != msgpack::Type::Array)
    return fail(std::string(what) + " is no list");
  for (size_t i = 0, length = object.Length; i < length; ++i)
    if (!onElement())
      return false;
  return true;
}

bool MetadataReader::readString(StringRef key, std::string &value) {
  msgpack::Object object;
  if (!next(object))
    return false;
  if (object.Kind != msgpack::Type::String)
    return fail(key.str() + " is no string");
  value = object.Raw.str();
  return true;
}

bool MetadataReader::readNumber(StringRef key, uint32_t &value) {
  msgpack::Object object;
  if (!next(object))
    return false;
  // Signed where it came from YAML.
  bool positive = object.Kind == msgpack::Type::Int && object.Int >= 0;
  if ((object.Kind != msgpack::Type::UInt && !positive) ||
      object.UInt > UINT32_MAX)
    return fail(key.str() + " is no 32-bit number");
  value = uint32_t(object.UInt);
  return true;
}

bool MetadataReader::readFlag(StringRef key, bool &value) {
  msgpack::Object object;
  if (!next(object))
    return false;
  if (object.Kind == msgpack::Type::Boolean)
    value = object.Bool;
  else if (object.Kind == msgpack::Type::UInt)
    value = object.UInt != 0;
  else
    return fail(key.str() + " is neither true nor false");
  return true;
}

bool MetadataReader::readSizes(StringRef key, std::array<uint32_t, 3> &value) {
  unsigned count = 0;
  if (!array(".reqd_workgroup_size", [&] {
        uint32_t number = 0;
        if (!readNumber(key, number))
          return false;
        if (count < 3)
          value[count] = number;
        ++count;
        return true;
      }))
    return false;
  return count == 3 || fail(key.str() + " does not have three numbers");
}

bool MetadataReader::readArgument(KernelArgument &argument) {
  return map("a kernel argument", [&](StringRef key) {
    if (key == ".name")
      return readString(key, argument.name);
    if (key == ".value_kind")
      return readString(key, argument.valueKind);
    if (key == ".address_space")
      return readString(key, argument.addressSpace);
    if (key == ".offset")
      return readNumber(key, argument.offset);
    if (key == ".size")
      return readNumber(key, argument.bytes);
    return skip();
  });
}

bool MetadataReader::readKernel(KernelInfo &kernel) {
  uint32_t waveSize = 64;
  struct {
    const char *key;
    uint32_t &value;
  } numbers[] = {{".kernarg_segment_size", kernel.kernargBytes},
                 {".kernarg_segment_align", kernel.kernargAlignment},
                 {".group_segment_fixed_size", kernel.groupBytes},
                 {".private_segment_fixed_size", kernel.privateBytes},
                 {".sgpr_count", kernel.sgprs},
                 {".vgpr_count", kernel.vgprs},
                 {".sgpr_spill_count", kernel.sgprSpills},
                 {".vgpr_spill_count", kernel.vgprSpills},
                 {".max_flat_workgroup_size", kernel.maxFlatWorkgroup},
                 {".wavefront_size", waveSize}};
  if (!map("a kernel", [&](StringRef key) {
        for (auto &number : numbers)
          if (key == number.key)
            return readNumber(key, number.value);
        if (key == ".name")
          return readString(key, kernel.name);
        if (key == ".symbol")
          return readString(key, kernel.symbol);
        if (key == ".uses_dynamic_stack")
          return readFlag(key, kernel.dynamicStack);
        if (key == ".reqd_workgroup_size")
          return readSizes(key, kernel.requiredWorkgroup);
        if (key == ".args")
          return array(".args", [&] {
            return readArgument(kernel.arguments.emplace_back());
          });
        return skip();
      }))
    return false;

  if (kernel.name.empty() || kernel.symbol.empty())
    return fail("a kernel has no .name or no .symbol");
  std::string where = "kernel '" + kernel.name + "': ";
  if (waveSize != 64)
    return fail(where + "waves of " + std::to_string(waveSize) +
                " lanes; gfx803 has 64");
  uint32_t alignment = kernel.kernargAlignment;
  if (alignment == 0 || (alignment & (alignment - 1)) != 0)
    return fail(where + ".kernarg_segment_align is no power of two");
  for (const KernelArgument &argument : kernel.arguments)
    if (argument.offset > kernel.kernargBytes ||
        argument.bytes > kernel.kernargBytes - argument.offset)
      return fail(where + "argument '" + argument.name +
                  "' ends after the kernel argument segment");
  return true;
}

bool MetadataReader::read(std::vector<KernelInfo> &kernels,
                          std::string &target) {
  return map("the top level", [&](StringRef key) {
    if (key == "amdhsa.target")
      return readString(key, target);
    if (key == "amdhsa.kernels")
      return array("amdhsa.kernels",
                   [&] { return readKernel(kernels.emplace_back()); });
    return skip();
  });
}

bool gfx803::readMetadata(std::string_view bytes,
                          std::vector<KernelInfo> &kernels, std::string &target,
                          std::string &error) {
  error.clear();
  return MetadataReader(bytes, error).read(kernels, target);
}
