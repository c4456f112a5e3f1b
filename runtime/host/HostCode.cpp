//===- HostCode.cpp - Kernels for the CPU ---------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/host/HostCode.h"

#include "runtime/core/ElfCheck.h"
#include "runtime/core/Status.h"

#include <cerrno>
#include <chrono>
#include <cinttypes>
#include <cstdlib>
#include <cstring>
#include <new>
#include <omp.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace sparsec;
using rt::fail;
using rt::HostCode;
using rt::HostKernel;

namespace {
/// A file without a name: dlopen takes nothing but files.
class MemoryFile {
public:
  MemoryFile() : file(::memfd_create("kernels", MFD_CLOEXEC)) {
    std::snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
  }
  ~MemoryFile() {
    if (file >= 0)
      ::close(file);
  }
  bool write(const void *bytes, uint64_t count) {
    const char *next = static_cast<const char *>(bytes);
    while (file >= 0 && count != 0) {
      ssize_t wrote = ::write(file, next, size_t(count));
      if (wrote < 0 && errno == EINTR)
        continue;
      if (wrote <= 0)
        return false;
      next += wrote;
      count -= uint64_t(wrote);
    }
    return file >= 0;
  }

  int file;
  char path[40];
};
} // namespace

sparsec_status HostCode::load(const void *image, uint64_t bytes,
                              std::unique_ptr<CodeObject> &result) {
  MemoryFile file;
  if (!file.write(image, bytes))
    return fail(SPARSEC_OUT_OF_MEMORY,
                "no room for a code object of %" PRIu64 " bytes: %s", bytes,
                std::strerror(errno));
  Text why;
  if (sparsec_status status =
          checkLibraryFile(file.path, "a code object for the host", why))
    return fail(status, why);
  std::unique_ptr<HostCode> code(new (std::nothrow) HostCode);
  if (!code)
    return fail(SPARSEC_OUT_OF_MEMORY, "not enough memory for a code object");
  if (sparsec_status status = code->library.open(file.path, why))
    return fail(status, why);
  result = std::move(code);
  return SPARSEC_OK;
}

rt::Kernel *HostCode::find(const char *name) {
  auto *code = static_cast<const sparsec_host_kernel *>(library.symbol(name));
  if (!code || code->magic != SPARSEC_HOST_KERNEL_MAGIC || !code->run)
    return nullptr;
  std::lock_guard<std::mutex> guard(mutex);
  std::unique_ptr<HostKernel> &kernel = kernels[name];
  if (!kernel)
    kernel.reset(new HostKernel(name, *code));
  return kernel.get();
}

sparsec_status HostKernel::run(const LaunchSize &size, const void *arguments) {
  int64_t groups[3];
  for (int i = 0; i < 3; ++i)
    groups[i] =
        (int64_t(size.grid[i]) + size.workgroup[i] - 1) / size.workgroup[i];
  int64_t total;
  if (__builtin_mul_overflow(groups[0], groups[1], &total) ||
      __builtin_mul_overflow(total, groups[2], &total))
    return fail(SPARSEC_INVALID_ARGUMENT,
                "kernel %s launched with more workgroups than can be counted",
                name());

  // A region of local memory for each thread, none smaller than a cache line.
  uint64_t local =
      (uint64_t(code.local_bytes) + size.groupBytes + 64) / 64 * 64;
  int threads = int(std::min<int64_t>(omp_get_max_threads(), total));
  void *memory = nullptr;
  if (::posix_memalign(&memory, 64, local * uint64_t(threads)) != 0)
    return fail(SPARSEC_OUT_OF_MEMORY,
                "not enough memory for the local memory of kernel %s", name());

  using Clock = std::chrono::steady_clock;
  Clock::time_point start = Clock::now();
#pragma omp parallel for num_threads(threads) schedule(static)
  for (int64_t i = 0; i < total; ++i) {
    sparsec_host_workgroup group;
    int64_t rest = i;
    for (int d = 0; d < 3; ++d) {
      group.grid[d] = size.grid[d];
      group.workgroup[d] = size.workgroup[d];
      group.id[d] = uint32_t(rest % groups[d]);
      rest /= groups[d];
      group.items[d] = std::min(size.workgroup[d],
                                size.grid[d] - group.id[d] * size.workgroup[d]);
    }
    group.local =
        static_cast<char *>(memory) + local * uint64_t(omp_get_thread_num());
    code.run(&group, arguments);
  }
  std::chrono::duration<double> seconds = Clock::now() - start;
  std::free(memory);

  KernelCounts counts;
  counts.launches = 1;
  counts.seconds = seconds.count();
  count(counts);
  return SPARSEC_OK;
}
