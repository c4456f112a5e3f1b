//===- HsaDevice.cpp - gfx803, real or emulated ---------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/hsa/HsaDevice.h"

#include "runtime/core/Status.h"
#include "runtime/hsa/HsaCode.h"
#include "runtime/hsa/HsaStream.h"

#include <algorithm>
#include <atomic>
#include <cinttypes>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <new>

using namespace sparsec;
using rt::DeviceAddress;
using rt::fail;
using rt::Text;

static constexpr const char kLibrary[] = "libhsa-runtime64.so.1";

namespace {
class HsaDevice final : public rt::Device {
public:
  explicit HsaDevice(const char *name) : card(name) {}

  const char *name() const override { return card.device; }
  sparsec_status open() override;
  sparsec_status accepts(const char *path,
                         const sparsec_module_desc &module) const override;
  sparsec_status allocate(uint64_t bytes, DeviceAddress &memory) override;
  void release(DeviceAddress memory) override {
    if (card.allocations.remove(memory))
      card.api.hsa_amd_memory_pool_free(reinterpret_cast<void *>(memory));
  }
  sparsec_status load(const void *image, uint64_t bytes,
                      std::unique_ptr<rt::CodeObject> &code) override;
  sparsec_status createStream(std::unique_ptr<rt::Stream> &stream) override {
    return rt::HsaStream::create(card, stream);
  }

private:
  sparsec_status loadLibrary();
  bool isEmulator() const { return this == &rt::emulatorDevice(); }

  std::mutex mutex; // of what follows, until `ready`
  bool loaded = false, ready = false;
  rt::HsaCard card;
};
} // namespace

/// A function of the stand-in, once it is loaded.
static std::atomic<decltype(&hsa_init)> standIn;

/// Where the stand-in is: as the environment says, or beside this library.
static void appendEmulatorPath(Text &path) {
  if (const char *given = std::getenv("SPARSEC_GFX803_EMULATOR")) {
    path.append("%s", given);
    return;
  }
  Dl_info info;
  char real[PATH_MAX];
  if (::dladdr(reinterpret_cast<const void *>(&appendEmulatorPath), &info) &&
      info.dli_fname && ::realpath(info.dli_fname, real)) {
    if (char *slash = std::strrchr(real, '/'))
      *slash = '\0';
    path.append("%s/", real);
  }
  path.append("gfx803-emulator/%s", kLibrary);
}

sparsec_status HsaDevice::loadLibrary() {
  if (loaded)
    return SPARSEC_OK;
  Text why, path;
  if (isEmulator()) {
    appendEmulatorPath(path);
    if (!card.api.load(path.c_str(), why))
      return fail(SPARSEC_NOT_FOUND,
                  "no emulator: %s: build it, or set SPARSEC_GFX803_EMULATOR "
                  "to its %s",
                  why.c_str(), kLibrary);
    standIn = card.api.hsa_init;
  } else {
    if (!card.api.load(kLibrary, why))
      return fail(SPARSEC_NOT_FOUND,
                  "no ROCm runtime: %s: install Debian's libhsa-runtime64-1, "
                  "or use --device=emulator",
                  why.c_str());
    // dlopen takes a loaded library for one of the same name elsewhere.
    if (card.api.hsa_init == standIn)
      return fail(SPARSEC_UNSUPPORTED,
                  "device hsa cannot be opened after the emulator in the same "
                  "process: open it first");
  }
  loaded = true;
  return SPARSEC_OK;
}

sparsec_status HsaDevice::open() {
  std::lock_guard<std::mutex> guard(mutex);
  if (ready)
    return SPARSEC_OK;
  if (sparsec_status status = loadLibrary())
    return status;
  if (sparsec_status status = card.find())
    return status;
  ready = true;
  return SPARSEC_OK;
}

sparsec_status HsaDevice::accepts(const char *path,
                                  const sparsec_module_desc &module) const {
  if (std::strcmp(module.target, rt::kTarget) == 0)
    return SPARSEC_OK;
  return fail(SPARSEC_UNSUPPORTED,
              "%s was compiled for %s, device %s runs %s: use --device=host or "
              "compile it with --target=%s",
              path, module.target, card.device, rt::kTarget, rt::kTarget);
}

sparsec_status HsaDevice::allocate(uint64_t bytes, DeviceAddress &address) {
  void *memory = nullptr;
  hsa_status_t status = HSA_STATUS_ERROR_OUT_OF_RESOURCES;
  // More than the card has may be an invalid argument to HSA.
  if (bytes <= card.deviceBytes)
    status = card.api.hsa_amd_memory_pool_allocate(
        card.deviceMemory, std::max<uint64_t>(bytes, 1), 0, &memory);
  if (status != HSA_STATUS_SUCCESS)
    return card.allocations.refuse(card.device, bytes, card.deviceBytes);
  address = reinterpret_cast<DeviceAddress>(memory);
  card.allocations.add(address, bytes);
  return SPARSEC_OK;
}

sparsec_status HsaDevice::load(const void *image, uint64_t bytes,
                               std::unique_ptr<rt::CodeObject> &result) {
  std::unique_ptr<rt::HsaCode> code(new (std::nothrow) rt::HsaCode(card));
  if (!code)
    return fail(SPARSEC_OUT_OF_MEMORY, "not enough memory for a code object");
  if (sparsec_status status = code->load(image, bytes))
    return status;
  result = std::move(code);
  return SPARSEC_OK;
}

// Never destroyed: models may be unloaded by destructors of static objects, and
// HSA's own threads use the card until the process ends.
rt::Device &rt::hsaDevice() {
  static HsaDevice &device = *new HsaDevice("hsa");
  return device;
}

rt::Device &rt::emulatorDevice() {
  static HsaDevice &device = *new HsaDevice("emulator");
  return device;
}
