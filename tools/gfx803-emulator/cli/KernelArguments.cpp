//===- KernelArguments.cpp - The buffers and arguments of a kernel --------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/cli/KernelArguments.h"

#include "llvm/ADT/StringRef.h"

#include <algorithm>
#include <cstring>

using namespace gfx803;
using namespace gfx803::cli;
using namespace sparsec::tools;
using llvm::StringRef;

static bool isHidden(const KernelArgument &argument) {
  return StringRef(argument.valueKind).starts_with("hidden_");
}

/// What an argument is, for messages: "argument 2 (n)".
static std::string describe(const KernelArgument &argument, size_t number) {
  return "argument " + std::to_string(number) +
         (argument.name.empty() ? "" : " (" + argument.name + ")");
}

bool KernelArguments::prepare(const std::vector<ArgumentSpec> &specs,
                              DispatchRequest &request, std::string &error) {
  size_t wanted = size_t(
      std::count_if(kernel.arguments.begin(), kernel.arguments.end(),
                    [](const KernelArgument &one) { return !isHidden(one); }));
  if (kernel.arguments.empty() && kernel.kernargBytes && !specs.empty()) {
    error = "kernel '" + kernel.name + "' has no metadata for its arguments";
    return false;
  }
  if (wanted != specs.size()) {
    error = "kernel '" + kernel.name + "' takes " + std::to_string(wanted) +
            (wanted == 1 ? " argument" : " arguments") + ", got " +
            std::to_string(specs.size()) + ": give each with --arg, in order";
    return false;
  }
  dynamicLdsBytes = request.groupBytes - kernel.groupBytes;
  // Compilers load whole aligned pieces of the segment, up to 64 bytes, where
  // its alignment lets them; runtimes allocate it in such units.
  uint64_t kernargBytes = (uint64_t(kernel.kernargBytes) + 63) & ~uint64_t(63);
  request.kernarg = machine.memory.allocate(
      MemoryKind::System, std::max<uint64_t>(kernargBytes, 64),
      kernel.kernargAlignment);
  if (!request.kernarg) {
    error = "not enough memory for the kernel's arguments";
    return false;
  }
  kernarg = machine.memory.translate(request.kernarg, 1);
  size_t number = 0;
  for (const KernelArgument &argument : kernel.arguments) {
    if (isHidden(argument))
      continue;
    if (!fill(argument, specs[number], request, error)) {
      error = describe(argument, number) + " of kernel '" + kernel.name +
              "': " + error;
      return false;
    }
    ++number;
  }
  if (!addQueue(request)) {
    error = "not enough memory for a queue";
    return false;
  }
  for (const KernelArgument &argument : kernel.arguments)
    if (isHidden(argument))
      fillHidden(argument, request);
  return true;
}

/// The metadata's reader has checked that arguments lie inside the segment.
void KernelArguments::store(const KernelArgument &argument, const void *bytes,
                            size_t count) {
  std::memcpy(kernarg + argument.offset, bytes,
              std::min<size_t>(count, argument.bytes));
}

bool KernelArguments::fill(const KernelArgument &argument,
                           const ArgumentSpec &spec, DispatchRequest &request,
                           std::string &error) {
  auto mismatch = [&](const char *wanted) {
    error = std::string("it is ") + wanted + ", got '" + spec.text + "'";
    return false;
  };
  auto wrongSize = [&](size_t bytes) {
    error = "it has " + std::to_string(argument.bytes) + " bytes, '" +
            spec.text + "' has " + std::to_string(bytes);
    return false;
  };
  StringRef kind = argument.valueKind;
  if (kind == "by_value") {
    if (spec.kind == ArgumentSpec::Scalar) {
      if (spec.scalarBytes != argument.bytes)
        return wrongSize(spec.scalarBytes);
      store(argument, spec.scalar.data(), spec.scalarBytes);
      return true;
    }
    // Structs, whose bytes a file may hold.
    HostTensor tensor;
    if (spec.kind != ArgumentSpec::File || !spec.output.empty())
      return mismatch("a value: give TYPE:VALUE, or FILE.npy for a struct");
    if (!readNpy(spec.input, tensor, error, NpyTypes::All))
      return false;
    if (tensor.bytes != argument.bytes)
      return wrongSize(tensor.bytes);
    store(argument, tensor.data.get(), tensor.bytes);
    return true;
  }
  if (kind == "dynamic_shared_pointer") {
    if (spec.kind != ArgumentSpec::DynamicLds)
      return mismatch("in LDS: give its size with lds:BYTES");
    uint64_t offset = (uint64_t(request.groupBytes) + 15) & ~uint64_t(15);
    if (offset + spec.ldsBytes > kMaxLdsBytes || spec.ldsBytes > kMaxLdsBytes) {
      error = "with " + std::to_string(spec.ldsBytes) +
              " bytes for it the workgroup needs more than 64 KiB of LDS";
      return false;
    }
    store(argument, &offset, sizeof(offset));
    request.groupBytes = uint32_t(offset + spec.ldsBytes);
    return true;
  }
  if (kind != "global_buffer") {
    error =
        "arguments of the kind " + argument.valueKind + " are not supported";
    return false;
  }
  uint64_t address = 0;
  if (spec.kind == ArgumentSpec::Scalar ||
      spec.kind == ArgumentSpec::DynamicLds)
    return mismatch("a buffer: give FILE.npy, zeros:, uninit: or null");
  if (spec.kind != ArgumentSpec::Null && !addBuffer(spec, address, error))
    return false;
  store(argument, &address, sizeof(address));
  return true;
}

bool KernelArguments::addBuffer(const ArgumentSpec &spec, uint64_t &address,
                                std::string &error) {
  Buffer buffer = {&spec, spec.type, 0, 0};
  HostTensor tensor;
  if (spec.kind == ArgumentSpec::File) {
    if (!readNpy(spec.input, tensor, error, NpyTypes::All))
      return false;
    buffer.type = tensor.type;
  }
  buffer.bytes = npyElementBytes(buffer.type.dtype);
  for (uint32_t i = 0; i < buffer.type.rank; ++i)
    buffer.bytes *= uint64_t(buffer.type.shape[i]);
  // An empty buffer has an address, too.
  Memory &memory = machine.memory;
  buffer.address =
      memory.allocate(MemoryKind::Device, std::max<uint64_t>(buffer.bytes, 1));
  if (!buffer.address) {
    error = "not enough device memory for " + std::to_string(buffer.bytes) +
            " bytes: " + std::to_string(memory.deviceBytesTotal()) + " are " +
            "there, " + std::to_string(memory.deviceBytesUsed()) + " in use";
    return false;
  }
  std::byte *host = memory.translate(buffer.address, buffer.bytes);
  if (spec.kind == ArgumentSpec::File && buffer.bytes)
    std::memcpy(host, tensor.data.get(), buffer.bytes);
  // Fresh memory is zero.
  if (spec.kind != ArgumentSpec::Uninitialised)
    memory.markInitialised(buffer.address, buffer.bytes);
  address = buffer.address;
  buffers.push_back(buffer);
  return true;
}

bool KernelArguments::readOutput(Output &output, std::string &error) const {
  const Buffer &buffer = *output.buffer;
  auto allocation = machine.memory.find(buffer.address);
  auto *host = reinterpret_cast<const char *>(allocation->host);
  output.bytes.assign(host, host + buffer.bytes);
  uint64_t missing = 0, first = 0, dwords = (buffer.bytes + 3) / 4;
  for (uint64_t dword = dwords; dword-- > 0;) {
    uint64_t end = std::min<uint64_t>(buffer.bytes, dword * 4 + 4);
    bool whole = true;
    for (uint64_t at = dword * 4; at < end; ++at)
      if (!(allocation->shadow[dword] >> at % 4 & 1)) {
        output.bytes[at] = 0;
        whole = false;
      }
    if (!whole) {
      ++missing;
      first = dword;
    }
  }
  if (missing == 0 || buffer.spec->partial)
    return true;
  error = buffer.spec->output + ": " + std::to_string(missing) + " of " +
          std::to_string(dwords) +
          " dwords were never written, the first at byte " +
          std::to_string(first * 4) + "; '" + buffer.spec->text +
          ":partial' gives zeros for them";
  return false;
}

bool KernelArguments::writeOutputs(std::string &error) {
  std::vector<Output> outputs;
  for (const Buffer &buffer : buffers)
    if (!buffer.spec->output.empty())
      outputs.push_back({&buffer, {}});
  for (Output &output : outputs)
    if (!readOutput(output, error))
      return false;
  for (const Output &output : outputs) {
    sparsec_tensor tensor = {};
    tensor.data = const_cast<char *>(output.bytes.data());
    tensor.type = output.buffer->type;
    if (!writeNpy(output.buffer->spec->output, tensor, error))
      return false;
  }
  return true;
}
