//===- Allocator.h - Memory with a header -----------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_CORE_ALLOCATOR_H
#define SPARSEC_RUNTIME_CORE_ALLOCATOR_H

#include <cstdint>

namespace sparsec::rt {

class Invocation;

/// What generated code may at least rely on.
constexpr uint64_t kAlignment = 64;
/// Kernels may load a whole vector that starts at the last element: this many
/// bytes behind the end of every block are readable, and zero.
constexpr uint64_t kSlack = 64;

/// The header of an allocation; its data begin right behind it. Blocks of a run
/// are linked, so that those which the run leaves behind can be freed; a result
/// is linked to nothing and any thread may free it.
struct alignas(kAlignment) Block {
  Block *previous, *next;
  Invocation *owner; // null once it belongs to the caller
  void *base;        // from malloc
  uint64_t bytes;
  bool counted; // as working memory of the run
  bool taken;   // is the data of a result

  void *data() { return this + 1; }
  static Block *of(void *data) { return static_cast<Block *>(data) - 1; }
};
static_assert(sizeof(Block) == kAlignment);

/// Null if there is no memory. `alignment` is a power of two.
Block *allocateBlock(uint64_t alignment, uint64_t bytes);
/// Frees a block that is in no list.
void freeBlock(Block *block);

} // namespace sparsec::rt

#endif // SPARSEC_RUNTIME_CORE_ALLOCATOR_H
