//===- Traffic.cpp - Which lines of memory a thread touched ---------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/Traffic.h"

#include <algorithm>
#include <map>
#include <new>
#include <sys/mman.h>

using namespace gfx803;

Traffic::~Traffic() {
  for (auto &lines : slots)
    if (lines)
      ::munmap(lines->mapping, lines->mappingBytes);
}

Traffic::Lines &Traffic::of(const Allocation &allocation) {
  if (allocation.slot >= slots.size())
    slots.resize(allocation.slot + 1);
  std::unique_ptr<Lines> &lines = slots[allocation.slot];
  if (lines)
    return *lines;

  lines = std::make_unique<Lines>();
  lines->first = allocation.address / kLineBytes * kLineBytes;
  lines->count =
      (allocation.address + allocation.bytes - lines->first + kLineBytes - 1) /
      kLineBytes;
  // Untouched pages of a private mapping cost nothing.
  size_t words = (lines->count + 63) / 64;
  lines->mappingBytes =
      2 * (lines->count * sizeof(uint32_t) + words * sizeof(uint64_t)) + 64;
  void *memory = ::mmap(nullptr, lines->mappingBytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    lines.reset();
    throw std::bad_alloc();
  }
  lines->mapping = memory;
  lines->readSet = static_cast<uint64_t *>(memory);
  lines->writeSet = lines->readSet + words;
  lines->readGroup = reinterpret_cast<uint32_t *>(lines->writeSet + words);
  lines->writeGroup = lines->readGroup + lines->count;
  return *lines;
}

void Traffic::unite(const std::vector<std::unique_ptr<Traffic>> &all,
                    uint64_t &reads, uint64_t &writes) {
  // By address: a slot may have been given to another allocation meanwhile.
  std::map<uint64_t, std::vector<const Lines *>> byAddress;
  for (const auto &traffic : all)
    for (const auto &lines : traffic->slots)
      if (lines)
        byAddress[lines->first].push_back(lines.get());
  for (const auto &[first, sets] : byAddress) {
    uint64_t lowest = ~uint64_t(0), highest = 0;
    for (const Lines *lines : sets) {
      lowest = std::min(lowest, lines->lowest);
      highest = std::max(highest, lines->highest);
    }
    if (lowest > highest)
      continue;
    for (uint64_t word = lowest; word <= highest; ++word) {
      uint64_t read = 0, written = 0;
      for (const Lines *lines : sets) {
        if (word >= (lines->count + 63) / 64)
          continue;
        read |= lines->readSet[word];
        written |= lines->writeSet[word];
      }
      reads += uint64_t(__builtin_popcountll(read));
      writes += uint64_t(__builtin_popcountll(written));
    }
  }
}
