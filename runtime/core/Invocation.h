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

#include <csetjmp>

namespace sparsec::rt {

/// One run of one entry: what it holds, and the way out when it fails. The
/// sparsec_rt_* functions find it through a thread-local pointer. Only the
/// thread that runs the entry is in the run; the OpenMP workers it starts are
/// not.
class Invocation {
public:
  Invocation(Device &device, const sparsec_entry &entry)
      : device(device), entry(entry) {}
  /// Frees every block that the run has left behind.
  ~Invocation();
  Invocation(const Invocation &) = delete;
  Invocation &operator=(const Invocation &) = delete;

  /// The innermost run that the calling thread is in, or null.
  static Invocation *current();

  /// Calls the entry. Everything else may be called before and after as well.
  sparsec_status launch(void *results, const void *const *inputs);

  /// Leaves the entry; `launch` returns `status`. The reason is the last error.
  [[noreturn]] void escape(sparsec_status status);

  /// A block that this run owns, or null. `counted` as working memory.
  Block *allocate(uint64_t alignment, uint64_t bytes, bool counted);
  /// Frees a block, whichever run it belongs to, or none.
  static void release(Block *block);
  /// The block of this run whose data begin here, or null.
  Block *find(const void *data);
  /// Hands a block to the caller of the run.
  void detach(Block *block);

  void addDecompressed(int64_t bytes);

  Device &getDevice() const { return device; }
  const char *entryName() const { return entry.name; }
  int64_t peakWorking() const { return workingPeak; }
  int64_t peakDecompressed() const { return decompressedPeak; }

private:
  Device &device;
  const sparsec_entry &entry;
  Block *blocks = nullptr;
  int64_t working = 0, workingPeak = 0;
  int64_t decompressed = 0, decompressedPeak = 0;
  sparsec_status status = SPARSEC_OK;
  std::jmp_buf landing;
};

} // namespace sparsec::rt

#endif // SPARSEC_RUNTIME_CORE_INVOCATION_H
