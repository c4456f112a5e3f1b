//===- DeviceModel.h - The part of a model that is on a device --*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_CORE_DEVICEMODEL_H
#define SPARSEC_RUNTIME_CORE_DEVICEMODEL_H

#include "runtime/core/Device.h"

#include <vector>

namespace sparsec::rt {

/// Kernels and weights of a loaded model, the same for all of its runs, and
/// what finished runs have left for the next: making a stream or allocating
/// device memory takes longer than many a model runs.
class DeviceModel {
public:
  struct Buffer {
    DeviceAddress memory;
    uint64_t bytes;
  };

  /// Opens the device, loads the code, copies the weights. `path` is the
  /// model's, for messages.
  static sparsec_status load(const char *path, Device &device,
                             const sparsec_module_desc &module,
                             const sparsec_device_image_desc &image,
                             std::unique_ptr<DeviceModel> &model);
  ~DeviceModel();
  DeviceModel(const DeviceModel &) = delete;
  DeviceModel &operator=(const DeviceModel &) = delete;

  /// Null beyond the last.
  Kernel *kernel(uint32_t index) const {
    return index < kernels.size() ? kernels[index] : nullptr;
  }
  DeviceAddress weights() const { return weightMemory; }
  uint64_t weightsBytes() const { return residentBytes; }

  /// A stream that nothing is issued to.
  sparsec_status takeStream(std::unique_ptr<Stream> &stream);
  void giveStream(std::unique_ptr<Stream> stream);

  /// Memory of `buffer.bytes`.
  sparsec_status takeBuffer(Buffer &buffer);
  void giveBuffer(const Buffer &buffer);

  /// As sparsec_kernels.
  size_t stats(sparsec_kernel_stats *rows, size_t room) const;

private:
  explicit DeviceModel(Device &device) : device(device) {}
  sparsec_status loadCode(const char *path,
                          const sparsec_device_image_desc &image);
  sparsec_status loadWeights(const char *path,
                             const sparsec_module_desc &module,
                             const sparsec_device_image_desc &image);

  Device &device;
  std::unique_ptr<CodeObject> code;
  std::vector<Kernel *> kernels;
  DeviceAddress weightMemory = 0;
  uint64_t residentBytes = 0; ///< that are there

  std::mutex mutex; // of what follows
  std::vector<std::unique_ptr<Stream>> idleStreams;
  std::vector<Buffer> idleBuffers;
};

} // namespace sparsec::rt

#endif // SPARSEC_RUNTIME_CORE_DEVICEMODEL_H
