//===- Device.h - What a device has to do -----------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_CORE_DEVICE_H
#define SPARSEC_RUNTIME_CORE_DEVICE_H

#include "runtime/core/Text.h"
#include "sparsec/runtime.h"

namespace sparsec::rt {

/// Where a model runs. Devices live as long as the process, because results
/// outlive the model and the run that made them. All functions may be called
/// from several threads at once.
class Device {
public:
  /// As in sparsec_load.
  virtual const char *name() const = 0;

  /// Whether this device can run the model at `path`; if not, the reason is the
  /// last error.
  virtual sparsec_status accepts(const char *path,
                                 const sparsec_module_desc &module) const = 0;

  /// Memory that generated code computes in and that this process can read and
  /// write as well. Null if there is none left.
  virtual void *allocate(uint64_t alignment, uint64_t bytes) = 0;
  virtual void release(void *memory) = 0;

  /// Copies between memory of `allocate` and the caller's, either way.
  virtual void copy(void *to, const void *from, uint64_t bytes) = 0;

  /// Runs an entry and waits for its results. The run may end by a longjmp over
  /// the frame of this function: keep no object with a destructor in it.
  virtual void launch(const sparsec_entry &entry, void *results,
                      const void *const *inputs) = 0;

protected:
  ~Device() = default;
};

/// Null for a name that this build has no device for.
Device *findDevice(const char *name);
/// Appends "host, ..." .
void appendDeviceNames(Text &text);

} // namespace sparsec::rt

#endif // SPARSEC_RUNTIME_CORE_DEVICE_H
