//===- Allocator.cpp - Memory with a header -------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Allocator.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

using namespace sparsec;

rt::Block *rt::allocateBlock(uint64_t alignment, uint64_t bytes) {
  // The header takes the end of the first `alignment` bytes, so that what is
  // behind it is aligned too. Beyond half the address space nothing can be had.
  constexpr uint64_t kMost = uint64_t(INT64_MAX) / 2;
  alignment = std::max(alignment, kAlignment);
  if (alignment > kMost || bytes > kMost - kSlack)
    return nullptr;
  void *base = nullptr;
  if (::posix_memalign(&base, alignment, alignment + bytes + kSlack) != 0)
    return nullptr;
  char *data = static_cast<char *>(base) + alignment;
  std::memset(data + bytes, 0, kSlack);
  Block *block = new (Block::of(data)) Block();
  block->base = base;
  block->bytes = bytes;
  return block;
}

void rt::freeBlock(Block *block) { std::free(block->base); }
