//===- DeviceModel.cpp - The part of a model that is on a device ----------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/DeviceModel.h"

#include "runtime/core/Status.h"

#include <cstring>
#include <new>

using namespace sparsec;
using rt::DeviceModel;
using rt::fail;

static_assert(sizeof(sparsec_device_image_desc) == 48);
static_assert(sizeof(sparsec_host_workgroup) == 56);
static_assert(sizeof(sparsec_host_kernel) == 24);

/// More of anything than this is a damaged count.
static constexpr uint32_t kMostKernels = 1u << 20;

/// A run gives back one or two buffers, and few runs of a model go on at once.
static constexpr size_t kMostIdle = 8;

static sparsec_status checkImage(const char *path,
                                 const sparsec_device_image_desc &image) {
  if (image.struct_bytes != sizeof(image))
    return fail(SPARSEC_INVALID_ARTEFACT,
                "%s is damaged: its device image has %u bytes, ABI %u has %zu",
                path, image.struct_bytes, SPARSEC_ABI_VERSION, sizeof(image));
  bool sound = image.num_kernels <= kMostKernels &&
               (image.kernels || image.num_kernels == 0) && image.code &&
               (image.weights || image.weights_bytes == 0);
  for (uint32_t i = 0; sound && i < image.num_kernels; ++i)
    sound = image.kernels[i];
  if (!sound)
    return fail(SPARSEC_INVALID_ARTEFACT,
                "%s is damaged: its device image lacks kernels, code or "
                "weights",
                path);
  return SPARSEC_OK;
}

sparsec_status DeviceModel::load(const char *path, Device &device,
                                 const sparsec_module_desc &module,
                                 const sparsec_device_image_desc &image,
                                 std::unique_ptr<DeviceModel> &result) {
  if (sparsec_status status = checkImage(path, image))
    return status;
  if (sparsec_status status = device.open())
    return status;
  std::unique_ptr<DeviceModel> model(new (std::nothrow) DeviceModel(device));
  if (!model)
    return fail(SPARSEC_OUT_OF_MEMORY, "not enough memory to load %s", path);
  if (sparsec_status status = model->loadCode(path, image))
    return status;
  if (sparsec_status status = model->loadWeights(path, module, image))
    return status;
  result = std::move(model);
  return SPARSEC_OK;
}

sparsec_status DeviceModel::loadCode(const char *path,
                                     const sparsec_device_image_desc &image) {
  if (sparsec_status status = device.load(image.code, image.code_bytes, code)) {
    // The last error says what is wrong with the code; say of which model.
    return fail(status, "%s: %s", path, sparsec_last_error());
  }
  kernels.reserve(image.num_kernels);
  for (uint32_t i = 0; i < image.num_kernels; ++i) {
    kernels.push_back(code->find(image.kernels[i]));
    if (!kernels.back())
      return fail(SPARSEC_INVALID_ARTEFACT,
                  "%s is damaged: its code object has no kernel %s", path,
                  image.kernels[i]);
  }
  return SPARSEC_OK;
}

/// Only what is compressed can come in windows.
static bool canBeStreamed(const sparsec_module_desc &module) {
  for (uint32_t i = 0; i < module.num_weights; ++i)
    if (std::strcmp(module.weights[i].format, "dense") != 0)
      return true;
  return false;
}

sparsec_status
DeviceModel::loadWeights(const char *path, const sparsec_module_desc &module,
                         const sparsec_device_image_desc &image) {
  if (image.weights_bytes == 0)
    return SPARSEC_OK;
  if (sparsec_status status =
          device.allocate(image.weights_bytes, weightMemory))
    return status != SPARSEC_OUT_OF_MEMORY
               ? status
               : fail(status,
                      "the weights of %s do not fit: %s; compile it %swith a "
                      "--format that stores fewer bytes ('sparsec inspect' "
                      "lists them), or for --target=host",
                      path, sparsec_last_error(),
                      canBeStreamed(module)
                          ? "with a smaller --weight-budget, which streams "
                            "them in windows, "
                          : "");
  residentBytes = image.weights_bytes;
  std::unique_ptr<Stream> stream;
  if (sparsec_status status = takeStream(stream))
    return status;
  Ticket ticket;
  sparsec_status status = stream->copyIn(weightMemory, image.weights,
                                         image.weights_bytes, 0, ticket);
  if (status == SPARSEC_OK)
    status = stream->finish();
  giveStream(std::move(stream));
  return status;
}

DeviceModel::~DeviceModel() {
  idleStreams.clear();
  for (const Buffer &buffer : idleBuffers)
    device.release(buffer.memory);
  device.release(weightMemory);
}

sparsec_status DeviceModel::takeStream(std::unique_ptr<Stream> &stream) {
  {
    std::lock_guard<std::mutex> guard(mutex);
    if (!idleStreams.empty()) {
      stream = std::move(idleStreams.back());
      idleStreams.pop_back();
      return SPARSEC_OK;
    }
  }
  return device.createStream(stream);
}

void DeviceModel::giveStream(std::unique_ptr<Stream> stream) {
  std::lock_guard<std::mutex> guard(mutex);
  if (idleStreams.size() < kMostIdle)
    idleStreams.push_back(std::move(stream));
}

sparsec_status DeviceModel::takeBuffer(Buffer &buffer) {
  {
    std::lock_guard<std::mutex> guard(mutex);
    for (Buffer &idle : idleBuffers) {
      if (idle.bytes != buffer.bytes)
        continue;
      buffer = idle;
      idle = idleBuffers.back();
      idleBuffers.pop_back();
      return SPARSEC_OK;
    }
  }
  sparsec_status status = device.allocate(buffer.bytes, buffer.memory);
  if (status != SPARSEC_OUT_OF_MEMORY)
    return status;
  // What lies idle may be what is missing.
  std::vector<Buffer> unused;
  {
    std::lock_guard<std::mutex> guard(mutex);
    unused.swap(idleBuffers);
  }
  if (unused.empty())
    return status;
  for (const Buffer &idle : unused)
    device.release(idle.memory);
  return device.allocate(buffer.bytes, buffer.memory);
}

void DeviceModel::giveBuffer(const Buffer &buffer) {
  {
    std::lock_guard<std::mutex> guard(mutex);
    if (idleBuffers.size() < kMostIdle) {
      idleBuffers.push_back(buffer);
      return;
    }
  }
  device.release(buffer.memory);
}

size_t DeviceModel::stats(sparsec_kernel_stats *rows, size_t room) const {
  size_t launched = 0;
  for (size_t i = 0; i < kernels.size(); ++i) {
    KernelCounts counts = kernels[i]->counts();
    if (counts.launches == 0)
      continue;
    // Not all launches counted: the sum would be about another run.
    bool known = counts.counted == counts.launches;
    if (rows && launched < room)
      rows[launched] = {kernels[i]->name(),
                        int64_t(counts.launches),
                        counts.seconds,
                        known ? int64_t(counts.waves) : -1,
                        known ? int64_t(counts.instructions) : -1,
                        known ? int64_t(counts.bytes) : -1,
                        known ? counts.modelledSeconds : -1};
    ++launched;
  }
  return launched;
}
