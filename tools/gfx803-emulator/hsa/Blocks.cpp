//===- Blocks.cpp - What the program has allocated or locked --------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/hsa/Blocks.h"

#include <algorithm>
#include <sys/mman.h>
#include <unistd.h>

using namespace gfx803;
using namespace gfx803::hsa;

static uint64_t number(const void *address) {
  return reinterpret_cast<uint64_t>(address);
}

static uint64_t pages(uint64_t bytes) {
  const uint64_t page = sysconf(_SC_PAGESIZE);
  return (bytes + page - 1) / page * page;
}

Blocks::~Blocks() {
  for (auto &[address, block] : blocks) {
    if (block.pool && !block.pool->isSystem()) {
      memory.release(address);
      continue;
    }
    if (block.visible && !block.nested)
      memory.release(address);
    if (block.pool)
      munmap(reinterpret_cast<void *>(address), pages(block.bytes));
  }
}

Blocks::Map::iterator Blocks::holding(uint64_t address) {
  // Blocks that are not nested do not overlap: past the first of them, going
  // down, no other can hold the address.
  for (auto it = blocks.upper_bound(address); it != blocks.begin();) {
    --it;
    if (address - it->first < it->second.bytes)
      return it;
    if (!it->second.nested)
      break;
  }
  return blocks.end();
}

hsa_status_t Blocks::allocate(const Pool &pool, uint64_t bytes, bool visible,
                              void **address) {
  if (bytes == 0)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  Block block;
  block.bytes = bytes;
  block.pool = &pool;
  if (!pool.isSystem()) {
    block.address = memory.allocate(MemoryKind::Device, bytes);
    if (!block.address)
      return HSA_STATUS_ERROR_OUT_OF_RESOURCES;
    block.visible = true;
  } else {
    void *mapping = mmap(nullptr, pages(bytes), PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping == MAP_FAILED)
      return HSA_STATUS_ERROR_OUT_OF_RESOURCES;
    block.address = number(mapping);
    block.visible = visible;
    if (visible && !memory.registerHost(mapping, bytes)) {
      munmap(mapping, pages(bytes));
      return HSA_STATUS_ERROR_OUT_OF_RESOURCES;
    }
  }
  *address = reinterpret_cast<void *>(block.address);
  std::lock_guard<std::mutex> guard(mutex);
  blocks[block.address] = std::move(block);
  return HSA_STATUS_SUCCESS;
}

hsa_status_t Blocks::free(void *address) {
  Block block;
  {
    std::lock_guard<std::mutex> guard(mutex);
    auto it = blocks.find(number(address));
    if (it == blocks.end() || !it->second.pool)
      return HSA_STATUS_ERROR_INVALID_ALLOCATION;
    block = std::move(it->second);
    blocks.erase(it);
  }
  for (auto &[call, data] : block.callbacks)
    call(address, data);
  if (block.visible)
    memory.release(block.address);
  if (!block.pool->isSystem())
    return HSA_STATUS_SUCCESS;
  std::lock_guard<std::mutex> guard(mutex);
  if (busy != 0)
    unmapLater.push_back({address, pages(block.bytes)});
  else
    munmap(address, pages(block.bytes));
  return HSA_STATUS_SUCCESS;
}

hsa_status_t Blocks::allow(const void *address, bool gpu, bool cpu) {
  std::lock_guard<std::mutex> guard(mutex);
  auto it = blocks.find(number(address));
  if (it == blocks.end() || !it->second.pool)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  Block &block = it->second;
  // Device memory is its card's alone, and always.
  if (!block.pool->isSystem())
    return cpu ? HSA_STATUS_ERROR_INVALID_ARGUMENT : HSA_STATUS_SUCCESS;
  if (gpu == block.visible)
    return HSA_STATUS_SUCCESS;
  if (!gpu)
    memory.release(block.address);
  else if (!memory.registerHost(reinterpret_cast<void *>(block.address),
                                block.bytes))
    return HSA_STATUS_ERROR_OUT_OF_RESOURCES;
  block.visible = gpu;
  return HSA_STATUS_SUCCESS;
}

hsa_status_t Blocks::lock(void *host, uint64_t bytes, bool gpu) {
  if (bytes > UINT64_MAX - number(host))
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  std::lock_guard<std::mutex> guard(mutex);
  auto it = holding(number(host));
  if (it != blocks.end()) {
    Block &outer = it->second;
    if (bytes > outer.bytes - (number(host) - outer.address) ||
        (gpu && !outer.visible))
      return HSA_STATUS_ERROR_OUT_OF_RESOURCES;
    if (!outer.pool && outer.address == number(host)) {
      ++outer.locks;
      return HSA_STATUS_SUCCESS;
    }
    if (outer.address == number(host))
      return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  }
  Block block;
  block.address = number(host);
  block.bytes = bytes;
  block.visible = gpu;
  block.nested = it != blocks.end();
  block.locks = 1;
  if (gpu && !block.nested && !memory.registerHost(host, bytes))
    return HSA_STATUS_ERROR_OUT_OF_RESOURCES;
  blocks[block.address] = std::move(block);
  return HSA_STATUS_SUCCESS;
}

hsa_status_t Blocks::unlock(void *host) {
  std::lock_guard<std::mutex> guard(mutex);
  auto it = blocks.find(number(host));
  if (it == blocks.end() || it->second.pool)
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  if (--it->second.locks != 0)
    return HSA_STATUS_SUCCESS;
  if (it->second.visible && !it->second.nested)
    memory.release(it->first);
  blocks.erase(it);
  return HSA_STATUS_SUCCESS;
}

std::optional<Block> Blocks::find(const void *address) {
  std::lock_guard<std::mutex> guard(mutex);
  auto it = holding(number(address));
  if (it == blocks.end())
    return std::nullopt;
  return it->second;
}

hsa_status_t Blocks::setUserData(const void *address, void *data) {
  std::lock_guard<std::mutex> guard(mutex);
  auto it = holding(number(address));
  if (it == blocks.end())
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  it->second.userData = data;
  return HSA_STATUS_SUCCESS;
}

hsa_status_t Blocks::addCallback(void *address,
                                 hsa_amd_deallocation_callback_t call,
                                 void *data) {
  std::lock_guard<std::mutex> guard(mutex);
  auto it = blocks.find(number(address));
  if (it == blocks.end() || !it->second.pool)
    return HSA_STATUS_ERROR_INVALID_ALLOCATION;
  it->second.callbacks.push_back({call, data});
  return HSA_STATUS_SUCCESS;
}

hsa_status_t Blocks::removeCallback(void *address,
                                    hsa_amd_deallocation_callback_t call) {
  std::lock_guard<std::mutex> guard(mutex);
  auto it = blocks.find(number(address));
  if (it == blocks.end())
    return HSA_STATUS_ERROR_INVALID_ALLOCATION;
  auto &callbacks = it->second.callbacks;
  auto found =
      std::find_if(callbacks.begin(), callbacks.end(),
                   [call](const auto &entry) { return entry.first == call; });
  if (found == callbacks.end())
    return HSA_STATUS_ERROR_INVALID_ARGUMENT;
  callbacks.erase(found);
  return HSA_STATUS_SUCCESS;
}

Blocks::Busy::Busy(Blocks &blocks) : blocks(blocks) {
  std::lock_guard<std::mutex> guard(blocks.mutex);
  ++blocks.busy;
  blocks.memory.beginDispatch();
}

Blocks::Busy::~Busy() {
  std::lock_guard<std::mutex> guard(blocks.mutex);
  blocks.memory.endDispatch();
  if (--blocks.busy != 0)
    return;
  for (auto &[address, bytes] : blocks.unmapLater)
    munmap(address, bytes);
  blocks.unmapLater.clear();
}
