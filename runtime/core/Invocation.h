//===- Invocation.h - One run of an entry -----------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_CORE_INVOCATION_H
#define SPARSEC_RUNTIME_CORE_INVOCATION_H

#include "runtime/core/Allocator.h"
#include "runtime/core/DeviceModel.h"
#include "runtime/core/HostTrace.h"

#include <csetjmp>
#include <optional>
#include <vector>

namespace sparsec::rt {

/// One run of one entry: what it holds, and the way out when it fails. The
/// sparsec_rt_* functions find it through a thread-local pointer. Only the
/// thread that runs the entry is in the run; the OpenMP workers it starts are
/// not.
class Invocation {
public:
  /// `onDevice` is null for a model without kernels.
  /// `trace` is null if nothing is to be recorded.
  Invocation(DeviceModel *onDevice, const sparsec_entry &entry,
             Trace *trace = nullptr)
      : onDevice(onDevice), entry(entry), trace(trace) {}
  /// Frees every block that the run has left behind, on the device too.
  ~Invocation();
  Invocation(const Invocation &) = delete;
  Invocation &operator=(const Invocation &) = delete;

  /// The innermost run that the calling thread is in, or null.
  static Invocation *current();

  /// Calls the entry and waits for what it has issued to the device. Everything
  /// else may be called before and after as well.
  sparsec_status launch(void *results, const void *const *inputs);

  /// Leaves the entry; `launch` returns `status`. The reason is the last error.
  [[noreturn]] void escape(sparsec_status status);

  /// Whether `bytes` more stay within the entry's bound on working memory.
  sparsec_status checkWorking(uint64_t bytes) const;
  /// A block that this run owns, or null. `counted` as working memory.
  Block *allocate(uint64_t alignment, uint64_t bytes, bool counted);
  /// Frees a block, whichever run it belongs to, or none.
  static void release(Block *block);
  /// The block of this run whose data begin here, or null.
  Block *find(const void *data);
  /// Hands a block to the caller of the run.
  void detach(Block *block);

  /// Weights that are held expanded from now on, or, with a negative number, no
  /// longer. Fails beyond the entry's bound.
  sparsec_status addDecompressed(int64_t bytes);

  /// What the entry issues goes here. Fails if the model has no kernels or the
  /// device cannot serve another run.
  sparsec_status findStream(Stream *&stream);
  /// The rest is for who has got the stream.
  DeviceModel *deviceModel() const { return onDevice; }
  sparsec_status allocateOnDevice(uint64_t bytes, DeviceAddress &memory);
  sparsec_status releaseOnDevice(DeviceAddress memory);
  /// As sparsec_rt_stream.
  sparsec_status streamWindow(DeviceAddress to, const void *from,
                              uint64_t bytes);
  /// A kernel was issued.
  void launched(Ticket ticket) { lastLaunch = ticket; }
  /// What every kernel comes after.
  Ticket streamed() const { return lastWindow; }
  /// Null unless the run is recorded, on the host.
  HostTrace *hostTrace() { return hostRecord ? &*hostRecord : nullptr; }

  const char *entryName() const { return entry.name; }
  int64_t peakWorking() const { return workingPeak; }
  int64_t peakDecompressed() const { return decompressedPeak; }
  /// Of the device's memory, without what stays there; -1 without a device.
  int64_t peakOnDevice() const { return onDevice ? devicePeak : -1; }

private:
  void addWorking(int64_t bytes);

  DeviceModel *const onDevice;
  const sparsec_entry &entry;
  Trace *const trace;
  std::optional<HostTrace> hostRecord;
  std::unique_ptr<Stream> work;
  std::vector<DeviceModel::Buffer> buffers;
  Ticket lastLaunch = 0, lastWindow = 0;
  Ticket launchedBeforeWindow = 0; ///< the last kernel before `lastWindow`
  Block *blocks = nullptr;
  int64_t working = 0, workingPeak = 0;
  int64_t deviceBytes = 0, devicePeak = 0;
  int64_t decompressed = 0, decompressedPeak = 0;
  sparsec_status status = SPARSEC_OK;
  std::jmp_buf landing;
};

} // namespace sparsec::rt

#endif // SPARSEC_RUNTIME_CORE_INVOCATION_H
