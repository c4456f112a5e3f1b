//===- Device.h - What a device has to do -----------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Entries of a model run on the CPU, on every device. What they do on a device
// goes through this interface: memory, copies, code objects, launches. One
// conformance suite, test/Runtime/cts, holds all devices to it.
//
// Work is issued to a stream and carried out later. Each piece gets a ticket.
//
//   - Kernels of a stream run one after the other, in the order of issue, and
//     each sees what those before it wrote.
//   - Copies of a stream run one after the other, in the order of issue.
//   - A copy and a kernel overlap unless the later one names the ticket of the
//     earlier one as `after`. It then sees what that one wrote.
//   - Streams know nothing of each other.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_CORE_DEVICE_H
#define SPARSEC_RUNTIME_CORE_DEVICE_H

#include "runtime/core/Text.h"
#include "sparsec/runtime.h"

#include <memory>
#include <mutex>

namespace sparsec::rt {

class Trace;

/// An address in the memory of a device, as its kernels see it.
using DeviceAddress = uint64_t;

/// Something that was issued to a stream. 0 is over before anything begins.
using Ticket = uint64_t;

/// Every allocation begins at a multiple of this.
constexpr uint64_t kDeviceAlignment = 256;

/// How many work items; the last workgroup of a dimension may be partial.
struct LaunchSize {
  uint32_t grid[3];      ///< in work items
  uint32_t workgroup[3]; ///< in work items
  uint32_t groupBytes;   ///< of local memory beyond what the kernel states
};

/// What launches of a kernel have cost. The last four are known on the emulator
/// only.
struct KernelCounts {
  uint64_t launches = 0;
  double seconds = 0;   ///< by the device's own clock
  uint64_t counted = 0; ///< launches that the rest is about
  uint64_t waves = 0, instructions = 0, bytes = 0;
  double modelledSeconds = 0;
};

/// A function of a code object. May be launched by several streams at once.
class Kernel {
public:
  virtual ~Kernel() = default;
  virtual const char *name() const = 0;

  void count(const KernelCounts &more);
  KernelCounts counts() const;

private:
  mutable std::mutex mutex;
  KernelCounts totals;
};

/// Loaded code. Goes away after the last launch of its kernels.
class CodeObject {
public:
  virtual ~CodeObject() = default;
  /// Null if there is no such kernel. It belongs to the code object.
  virtual Kernel *find(const char *kernel) = 0;
};

/// Takes work for a device. To be used by one thread at a time.
///
/// A failure that happens on the device is reported by the first call that
/// notices, at the latest by `wait`. Everything issued before is over then, and
/// the stream can be used again.
class Stream {
public:
  /// Waits for all that was issued.
  virtual ~Stream() = default;

  /// From host memory, which may be changed once the call has returned.
  virtual sparsec_status copyIn(DeviceAddress to, const void *from,
                                uint64_t bytes, Ticket after,
                                Ticket &ticket) = 0;
  /// To host memory, which is written by the time `wait` returns.
  virtual sparsec_status copyOut(void *to, DeviceAddress from, uint64_t bytes,
                                 Ticket after, Ticket &ticket) = 0;
  /// Within the device; the two ranges do not overlap.
  virtual sparsec_status copyWithin(DeviceAddress to, DeviceAddress from,
                                    uint64_t bytes, Ticket after,
                                    Ticket &ticket) = 0;

  /// `arguments` are the kernel's own, laid out as a C struct; they are copied.
  virtual sparsec_status launch(Kernel &kernel, const LaunchSize &size,
                                const void *arguments, uint32_t argumentBytes,
                                Ticket after, Ticket &ticket) = 0;

  virtual sparsec_status wait(Ticket ticket) = 0;
  /// Waits for all that was issued.
  virtual sparsec_status finish() = 0;

  /// Records what is issued from now on until the next call of this, which is
  /// when `trace`, if not null, gets it. Not by devices without a clock.
  virtual void record(Trace *trace) {}
};

/// Where a model's kernels run. Devices live as long as the process. All
/// functions may be called from several threads at once. Whoever fails leaves
/// the reason as the last error.
class Device {
public:
  /// As in sparsec_load.
  virtual const char *name() const = 0;

  /// Finds the device and makes it ready; of no effect once it has succeeded.
  /// Needed before all that follows but `accepts`.
  virtual sparsec_status open() = 0;

  /// Whether this device can run the model at `path`.
  virtual sparsec_status accepts(const char *path,
                                 const sparsec_module_desc &module) const = 0;

  /// Memory that only kernels and copies can touch; no bytes are possible too.
  virtual sparsec_status allocate(uint64_t bytes, DeviceAddress &memory) = 0;
  /// 0 is ignored.
  virtual void release(DeviceAddress memory) = 0;

  /// Loads a code object; its bytes may go away afterwards.
  virtual sparsec_status load(const void *image, uint64_t bytes,
                              std::unique_ptr<CodeObject> &code) = 0;

  virtual sparsec_status createStream(std::unique_ptr<Stream> &stream) = 0;

protected:
  ~Device() = default;
};

/// What `launch` of every device asks first: no dimension is zero, and
/// workgroups have at most `mostItems`.
sparsec_status checkLaunch(const Kernel &kernel, const LaunchSize &size,
                           uint32_t mostItems);

/// The kernel wants `wanted` bytes of arguments. A C struct may be longer, as
/// it ends with padding.
sparsec_status checkArgumentBytes(const Kernel &kernel, uint32_t wanted,
                                  uint32_t given);
/// Whether a stream has issued this ticket.
sparsec_status checkTicket(Ticket ticket, Ticket lastIssued);

/// Null for a name that this build has no device for.
Device *findDevice(const char *name);
/// Appends "host, ..." .
void appendDeviceNames(Text &text);

} // namespace sparsec::rt

#endif // SPARSEC_RUNTIME_CORE_DEVICE_H
