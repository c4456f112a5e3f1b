//===- Buffer.cpp - Aligned bytes -----------------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/formats/Buffer.h"

#include <cstring>
#include <limits>
#ifdef __linux__
#include <sys/mman.h>
#endif

namespace sparsec::formats {

static constexpr int64_t kAlignment = 64;

/// Asks for huge pages. Packing a large matrix otherwise spends most of its
/// time on page faults; where the kernel refuses, nothing is lost.
static void preferHugePages(void *data, int64_t bytes) {
#ifdef __linux__
  constexpr int64_t kPage = 4096, kWorthwhile = int64_t(4) << 20;
  if (bytes < kWorthwhile)
    return;
  auto address = reinterpret_cast<uintptr_t>(data);
  int64_t skip = static_cast<int64_t>(-address % kPage);
  madvise(static_cast<char *>(data) + skip,
          static_cast<size_t>((bytes - skip) / kPage * kPage), MADV_HUGEPAGE);
#else
  (void)data, (void)bytes;
#endif
}

Buffer::Buffer(int64_t size) : bytes(size) {
  // A size that overflowed on its way here must not wrap into a small one.
  if (size < 0 || size > std::numeric_limits<int64_t>::max() - 2 * kAlignment)
    return;
  // aligned_alloc wants a multiple of the alignment. An empty buffer has its
  // slack too: a kernel may form a vector load before it looks at the length.
  int64_t rounded = (size + kSlack + kAlignment - 1) / kAlignment * kAlignment;
  storage.reset(std::aligned_alloc(kAlignment, static_cast<size_t>(rounded)));
  if (storage)
    preferHugePages(data(), rounded);
  // Lanes that run over the end then gather column 0, not a wild address.
  if (storage)
    std::memset(as<char>() + size, 0, static_cast<size_t>(rounded - size));
}

void *Buffer::release() {
  bytes = 0;
  return storage.release();
}

} // namespace sparsec::formats
