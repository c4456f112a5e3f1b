//===- HostDevice.cpp - Models on the CPU ---------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/host/HostDevice.h"

#include "runtime/core/Status.h"

#include <cstdlib>
#include <cstring>

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

  sparsec_status accepts(const char *path,
                         const sparsec_module_desc &module) const override;

  void *allocate(uint64_t alignment, uint64_t bytes) override {
    void *memory = nullptr;
    return ::posix_memalign(&memory, alignment, bytes) == 0 ? memory : nullptr;
  }
  void release(void *memory) override { std::free(memory); }

  void copy(void *to, const void *from, uint64_t bytes) override {
    std::memcpy(to, from, bytes);
  }

  void launch(const sparsec_entry &entry, void *results,
              const void *const *inputs) override {
    entry.run(results, inputs);
  }
};
} // namespace

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
  // Never destroyed: results may be released by destructors of static objects.
  static HostDevice device;
  return device;
}
