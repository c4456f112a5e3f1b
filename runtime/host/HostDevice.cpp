//===- HostDevice.cpp - Models on the CPU ---------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/host/HostDevice.h"

#include "runtime/core/DeviceMemory.h"
#include "runtime/core/Status.h"
#include "runtime/host/HostCode.h"

#include <algorithm>
#include <cinttypes>
#include <cstdlib>
#include <cstring>
#include <new>
#include <unistd.h>

using namespace sparsec;
using rt::fail;

/// The flags of the first processor as one line, or null. Read once and kept.
static const char *readCpuFlags() {
  FILE *file = std::fopen("/proc/cpuinfo", "re");
  if (!file)
    return nullptr;
  char *line = nullptr;
  size_t capacity = 0;
  while (::getline(&line, &capacity, file) >= 0) {
    const char *colon = std::strchr(line, ':');
    if (colon && std::strncmp(line, "flags", 5) == 0) {
      std::fclose(file);
      return line;
    }
  }
  std::free(line);
  std::fclose(file);
  return nullptr;
}

/// Whether `word` of `length` characters is one of the words of `text`.
static bool hasWord(const char *text, const char *word, size_t length) {
  while (*text) {
    text += std::strspn(text, " \t\n:");
    size_t here = std::strcspn(text, " \t\n:");
    if (here == length && std::memcmp(text, word, length) == 0)
      return true;
    text += here;
  }
  return false;
}

namespace {
class HostDevice final : public rt::Device {
public:
  const char *name() const override { return "host"; }

  sparsec_status open() override { return SPARSEC_OK; }
  sparsec_status accepts(const char *path,
                         const sparsec_module_desc &module) const override;

  sparsec_status allocate(uint64_t bytes, rt::DeviceAddress &memory) override;
  void release(rt::DeviceAddress address) override {
    if (memory.remove(address))
      std::free(reinterpret_cast<void *>(address));
  }

  sparsec_status load(const void *image, uint64_t bytes,
                      std::unique_ptr<rt::CodeObject> &code) override {
    return rt::HostCode::load(image, bytes, code);
  }

  sparsec_status createStream(std::unique_ptr<rt::Stream> &stream) override;

  rt::DeviceMemory memory;
};

/// Does everything at once; what it issues is over when the call returns.
class HostStream final : public rt::Stream {
public:
  explicit HostStream(HostDevice &device) : device(device) {}

  sparsec_status copyIn(rt::DeviceAddress to, const void *from, uint64_t bytes,
                        rt::Ticket after, rt::Ticket &ticket) override {
    return copy(to, uint64_t(from), bytes, to, 0, after, ticket);
  }
  sparsec_status copyOut(void *to, rt::DeviceAddress from, uint64_t bytes,
                         rt::Ticket after, rt::Ticket &ticket) override {
    return copy(uint64_t(to), from, bytes, from, 0, after, ticket);
  }
  sparsec_status copyWithin(rt::DeviceAddress to, rt::DeviceAddress from,
                            uint64_t bytes, rt::Ticket after,
                            rt::Ticket &ticket) override {
    return copy(to, from, bytes, to, from, after, ticket);
  }

  sparsec_status launch(rt::Kernel &kernel, const rt::LaunchSize &size,
                        const void *arguments, uint32_t argumentBytes,
                        rt::Ticket after, rt::Ticket &ticket) override;

  sparsec_status wait(rt::Ticket ticket) override {
    return rt::checkTicket(ticket, issued);
  }
  sparsec_status finish() override { return SPARSEC_OK; }

private:
  /// `first` and, unless 0, `second` are what has to be allocated.
  sparsec_status copy(uint64_t to, uint64_t from, uint64_t bytes,
                      rt::DeviceAddress first, rt::DeviceAddress second,
                      rt::Ticket after, rt::Ticket &ticket);

  HostDevice &device;
  rt::Ticket issued = 0;
};
} // namespace

sparsec_status HostDevice::allocate(uint64_t bytes,
                                    rt::DeviceAddress &address) {
  // malloc promises more than there is. A device says no instead.
  static const uint64_t most =
      uint64_t(::sysconf(_SC_PHYS_PAGES)) * uint64_t(::sysconf(_SC_PAGESIZE));
  void *result = nullptr;
  if (bytes > most - std::min(most, memory.used()) ||
      ::posix_memalign(&result, rt::kDeviceAlignment,
                       std::max<uint64_t>(bytes, 1)) != 0)
    return memory.refuse("host", bytes, most);
  address = reinterpret_cast<rt::DeviceAddress>(result);
  memory.add(address, bytes);
  return SPARSEC_OK;
}

sparsec_status HostDevice::createStream(std::unique_ptr<rt::Stream> &stream) {
  stream.reset(new (std::nothrow) HostStream(*this));
  return stream ? SPARSEC_OK
                : fail(SPARSEC_OUT_OF_MEMORY, "not enough memory for a stream");
}

sparsec_status HostStream::copy(uint64_t to, uint64_t from, uint64_t bytes,
                                rt::DeviceAddress first,
                                rt::DeviceAddress second, rt::Ticket after,
                                rt::Ticket &ticket) {
  if (sparsec_status status = rt::checkTicket(after, issued))
    return status;
  if (sparsec_status status = device.memory.check("host", first, bytes))
    return status;
  if (second != 0)
    if (sparsec_status status = device.memory.check("host", second, bytes))
      return status;
  if (bytes != 0)
    std::memcpy(reinterpret_cast<void *>(to),
                reinterpret_cast<const void *>(from), size_t(bytes));
  ticket = ++issued;
  return SPARSEC_OK;
}

sparsec_status HostStream::launch(rt::Kernel &kernel,
                                  const rt::LaunchSize &size,
                                  const void *arguments, uint32_t argumentBytes,
                                  rt::Ticket after, rt::Ticket &ticket) {
  constexpr uint32_t kMostItems = 1024; // as on a card
  auto &host = static_cast<rt::HostKernel &>(kernel);
  if (sparsec_status status = rt::checkTicket(after, issued))
    return status;
  if (sparsec_status status = rt::checkLaunch(kernel, size, kMostItems))
    return status;
  if (sparsec_status status = rt::checkArgumentBytes(
          kernel, host.code.argument_bytes, argumentBytes))
    return status;
  if (sparsec_status status = host.run(size, arguments))
    return status;
  ticket = ++issued;
  return SPARSEC_OK;
}

sparsec_status HostDevice::accepts(const char *path,
                                   const sparsec_module_desc &module) const {
  if (std::strcmp(module.target, "host") != 0)
    return fail(SPARSEC_UNSUPPORTED,
                "%s was compiled for %s, not for the host: choose another "
                "device or compile it with --target=host",
                path, module.target);

  static const char *const cpuFlags = readCpuFlags();
  rt::Text missing;
  const char *separator = "";
  for (const char *feature = module.features; *feature;) {
    size_t length = std::strcspn(feature, ",");
    if (length != 0 && !(cpuFlags && hasWord(cpuFlags, feature, length))) {
      missing.append("%s%.*s", separator, int(length), feature);
      separator = ", ";
    }
    feature += length + (feature[length] == ',');
  }
  if (!*separator)
    return SPARSEC_OK;

  if (!cpuFlags)
    return fail(SPARSEC_UNSUPPORTED,
                "%s needs a CPU with %s, and /proc/cpuinfo does not tell "
                "whether this one has it: compile it with --cpu=x86-64",
                path, missing.c_str());
  rt::Text compiledFor;
  if (*module.cpu)
    compiledFor.append(" (compiled for %s)", module.cpu);
  return fail(SPARSEC_UNSUPPORTED,
              "%s needs a CPU with %s%s: compile it with --cpu=native here or "
              "--cpu=x86-64",
              path, missing.c_str(), compiledFor.c_str());
}

rt::Device &rt::hostDevice() {
  // Never destroyed: models may be unloaded by destructors of static objects.
  static HostDevice &device = *new HostDevice;
  return device;
}
