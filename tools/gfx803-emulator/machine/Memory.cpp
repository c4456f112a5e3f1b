//===- Memory.cpp - The address space of the card -------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/Memory.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <sys/mman.h>

using namespace gfx803;

static constexpr uint64_t kPage = 4096;
static constexpr uint64_t kNoFit = ~uint64_t(0);
/// Addresses behind each allocation that no other gets, so that a kernel that
/// runs off its end does not find a neighbour.
static constexpr uint64_t kGuard = 64 * 1024;

static uint64_t roundUp(uint64_t value, uint64_t unit) {
  return value > kNoFit - unit ? kNoFit : (value + unit - 1) / unit * unit;
}

/// `bytes` of address space at a multiple of `alignment`, or null.
static std::byte *mapAligned(uint64_t bytes, uint64_t alignment,
                             int protection) {
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  uint64_t room = bytes + (alignment > kPage ? alignment : 0);
  if (room < bytes)
    return nullptr;
  void *mapped = ::mmap(nullptr, room, protection, flags, -1, 0);
  if (mapped == MAP_FAILED)
    return nullptr;
  auto *begin = static_cast<std::byte *>(mapped);
  uint64_t at = reinterpret_cast<uint64_t>(begin);
  uint64_t before = roundUp(at, alignment) - at, after = room - bytes - before;
  if (before)
    ::munmap(begin, before);
  if (after)
    ::munmap(begin + before + bytes, after);
  return begin + before;
}

Memory::~Memory() {
  for (auto &[address, allocation] : allocations)
    unmap(*allocation);
  for (auto &allocation : graveyard)
    unmap(*allocation);
}

void Memory::unmap(Allocation &allocation) {
  if (!allocation.owned)
    return;
  ::munmap(reinterpret_cast<void *>(allocation.address),
           allocation.mapped + kGuard);
  if (allocation.kind == MemoryKind::Device) {
    ::munmap(allocation.host, allocation.mapped);
    ::munmap(allocation.shadow, allocation.mapped / 4);
  }
}

uint64_t Memory::allocate(MemoryKind kind, uint64_t bytes, uint64_t alignment) {
  if (bytes == 0 || (alignment & (alignment - 1)) != 0 ||
      bytes > uint64_t(1) << 46)
    return 0;
  alignment = std::max(alignment, kPage);
  auto allocation = std::make_shared<Allocation>();
  allocation->bytes = bytes;
  allocation->kind = kind;
  uint64_t mapped = roundUp(bytes, kPage);
  allocation->mapped = mapped;

  std::unique_lock<std::shared_mutex> lock(mutex);
  if (kind == MemoryKind::Device) {
    if (mapped > vramBytes || vramUsed > vramBytes - mapped)
      return 0;
    // The address is reserved without access, the bytes lie elsewhere.
    std::byte *address = mapAligned(mapped + kGuard, alignment, PROT_NONE);
    std::byte *host = mapAligned(mapped, kPage, PROT_READ | PROT_WRITE);
    std::byte *shadow =
        mapAligned(roundUp(mapped / 4, kPage), kPage, PROT_READ | PROT_WRITE);
    if (!address || !host || !shadow) {
      if (address)
        ::munmap(address, mapped + kGuard);
      if (host)
        ::munmap(host, mapped);
      if (shadow)
        ::munmap(shadow, mapped / 4);
      return 0;
    }
    allocation->address = reinterpret_cast<uint64_t>(address);
    allocation->host = host;
    allocation->shadow = reinterpret_cast<uint8_t *>(shadow);
    vramUsed += mapped;
  } else {
    allocation->host = mapAligned(mapped + kGuard, alignment, PROT_NONE);
    if (!allocation->host)
      return 0;
    if (::mprotect(allocation->host, mapped, PROT_READ | PROT_WRITE) != 0) {
      ::munmap(allocation->host, mapped + kGuard);
      return 0;
    }
    allocation->address = reinterpret_cast<uint64_t>(allocation->host);
  }
  insert(allocation);
  return allocation->address;
}

void Memory::insert(std::shared_ptr<Allocation> allocation) {
  if (freeSlots.empty()) {
    allocation->slot = slots.fetch_add(1);
  } else {
    allocation->slot = freeSlots.back();
    freeSlots.pop_back();
  }
  uint64_t address = allocation->address;
  allocations[address] = std::move(allocation);
  generationCount.fetch_add(1, std::memory_order_release);
}

bool Memory::release(uint64_t address) {
  std::unique_lock<std::shared_mutex> lock(mutex);
  auto found = allocations.find(address);
  if (found == allocations.end())
    return false;
  std::shared_ptr<Allocation> allocation = std::move(found->second);
  allocations.erase(found);
  generationCount.fetch_add(1, std::memory_order_release);
  if (allocation->kind == MemoryKind::Device)
    vramUsed -= allocation->mapped;
  graveyard.push_back(std::move(allocation));
  if (dispatches == 0)
    bury();
  return true;
}

void Memory::bury() {
  for (auto &allocation : graveyard) {
    unmap(*allocation);
    freeSlots.push_back(allocation->slot);
  }
  graveyard.clear();
}

bool Memory::registerHost(void *host, uint64_t bytes) {
  uint64_t address = reinterpret_cast<uint64_t>(host);
  if (bytes == 0 || !host || address + bytes < address)
    return false;
  std::unique_lock<std::shared_mutex> lock(mutex);
  auto next = allocations.lower_bound(address);
  if (next != allocations.end() && next->first < address + bytes)
    return false;
  if (next != allocations.begin()) {
    const Allocation &before = *std::prev(next)->second;
    if (address - before.address < before.bytes)
      return false;
  }
  auto allocation = std::make_shared<Allocation>();
  allocation->address = address;
  allocation->bytes = bytes;
  allocation->host = static_cast<std::byte *>(host);
  allocation->owned = false;
  insert(std::move(allocation));
  return true;
}

std::shared_ptr<const Allocation> Memory::find(uint64_t address) const {
  std::shared_lock<std::shared_mutex> lock(mutex);
  auto above = allocations.upper_bound(address);
  if (above == allocations.begin())
    return nullptr;
  const auto &allocation = std::prev(above)->second;
  return address - allocation->address < allocation->bytes ? allocation
                                                           : nullptr;
}

std::byte *Memory::translate(uint64_t address, uint64_t count) const {
  std::shared_ptr<const Allocation> allocation = find(address);
  if (!allocation || !allocation->contains(address, count))
    return nullptr;
  return allocation->host + (address - allocation->address);
}

/// Sets the shadow of whole bytes; `from` null: all of them are written.
static void copyShadow(const Allocation &to, uint64_t toAt,
                       const Allocation *from, uint64_t fromAt,
                       uint64_t count) {
  if (!to.shadow)
    return;
  const uint8_t *source = from ? from->shadow : nullptr;
  for (uint64_t i = 0; i < count;) {
    uint64_t at = toAt + i;
    if (at % 4 == 0 && count - i >= 4 && (!source || (fromAt + i) % 4 == 0)) {
      uint64_t words = (count - i) / 4;
      if (source)
        std::memmove(to.shadow + at / 4, source + (fromAt + i) / 4, words);
      else
        std::memset(to.shadow + at / 4, 15, words);
      i += words * 4;
      continue;
    }
    bool written = !source || source[(fromAt + i) / 4] >> (fromAt + i) % 4 & 1;
    uint8_t bit = uint8_t(1 << at % 4);
    uint8_t &shadow = to.shadow[at / 4];
    shadow = written ? shadow | bit : shadow & uint8_t(~bit);
    ++i;
  }
}

bool Memory::copy(uint64_t to, uint64_t from, uint64_t bytes) {
  if (bytes == 0)
    return true;
  std::shared_ptr<const Allocation> target = find(to), source = find(from);
  if ((target && !target->contains(to, bytes)) ||
      (source && !source->contains(from, bytes)))
    return false;
  auto *where = target ? target->host + (to - target->address)
                       : reinterpret_cast<std::byte *>(to);
  const auto *what = source ? source->host + (from - source->address)
                            : reinterpret_cast<const std::byte *>(from);
  std::memmove(where, what, bytes);
  if (target)
    copyShadow(*target, to - target->address, source.get(),
               source ? from - source->address : 0, bytes);
  return true;
}

bool Memory::fill(uint64_t to, uint32_t value, uint64_t count) {
  if (count > kNoFit / 4)
    return false;
  std::byte *where = translate(to, count * 4);
  if (!where)
    return false;
  for (uint64_t i = 0; i < count; ++i)
    std::memcpy(where + 4 * i, &value, 4);
  markInitialised(to, count * 4);
  return true;
}

void Memory::markInitialised(uint64_t address, uint64_t count) {
  std::shared_ptr<const Allocation> allocation = find(address);
  if (allocation && allocation->contains(address, count))
    copyShadow(*allocation, address - allocation->address, nullptr, 0, count);
}

void Memory::forget(uint64_t address, uint64_t count) {
  std::shared_ptr<const Allocation> allocation = find(address);
  if (allocation && allocation->shadow && allocation->contains(address, count))
    std::memset(allocation->shadow + (address - allocation->address) / 4, 0,
                count / 4);
}

void Memory::beginDispatch() {
  std::unique_lock<std::shared_mutex> lock(mutex);
  ++dispatches;
}

void Memory::endDispatch() {
  std::unique_lock<std::shared_mutex> lock(mutex);
  if (--dispatches == 0)
    bury();
}
