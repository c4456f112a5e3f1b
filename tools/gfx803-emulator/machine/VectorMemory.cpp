//===- VectorMemory.cpp - Registers of vector memory operations -----------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/VectorMemory.h"

#include <cstring>

using namespace gfx803;

const uint32_t *gfx803::needVector(Worker &worker, Wave &wave, unsigned reg,
                                   const char *use) {
  worker.checkVector(reg);
  if (wave.vMayPoison[reg] && worker.config.uninitialised)
    for (uint64_t rest = wave.exec; rest; rest &= rest - 1) {
      int lane = __builtin_ctzll(rest);
      if (wave.vPoison(reg)[lane])
        worker.fault(FaultKind::Uninitialised,
                     std::string(use) + " depends on a value nobody wrote (v" +
                         std::to_string(reg) + ")",
                     lane);
    }
  return wave.v(reg);
}

void gfx803::checkLoadTarget(Worker &worker, Wave &wave, unsigned first,
                             unsigned count, Pending::Kind kind) {
  for (unsigned reg = first; reg < first + count; ++reg) {
    if (reg < wave.vgprs && wave.vPending[reg]) {
      bool inOrder = kind == Pending::Vector || kind == Pending::Lds;
      for (const auto *list : {&wave.vmCounter, &wave.lgkmCounter})
        for (const Pending &pending : *list)
          if (pending.vectorRegister && reg >= pending.first &&
              reg < unsigned(pending.first + pending.count))
            inOrder &= pending.kind == kind;
      if (inOrder)
        continue;
    }
    worker.checkVector(reg);
  }
}

void gfx803::putElement(Worker &worker, Wave &wave, const MemoryOp &op,
                        unsigned reg, unsigned lane, const Element &element) {
  uint32_t poison = worker.config.uninitialised ? element.poison : 0;
  auto put = [&](unsigned at, uint32_t value, uint8_t nibble) {
    wave.v(at)[lane] = value;
    if (!nibble && !wave.vMayPoison[at])
      return;
    wave.vPoison(at)[lane] = nibble;
    if (nibble)
      wave.vMayPoison[at] = true;
  };
  const uint8_t *bytes = element.bytes;
  switch (op.bytes) {
  case 1:
    put(reg, op.signExtend ? uint32_t(int8_t(bytes[0])) : bytes[0],
        poison ? (op.signExtend ? 15 : 1) : 0);
    break;
  case 2: {
    uint16_t value;
    std::memcpy(&value, bytes, 2);
    put(reg, op.signExtend ? uint32_t(int16_t(value)) : value,
        op.signExtend && poison & 2 ? 15 : poison & 3);
    break;
  }
  default:
    for (unsigned i = 0; i < op.bytes / 4u; ++i) {
      uint32_t value;
      std::memcpy(&value, bytes + 4 * i, 4);
      put(reg + i, value, poison >> 4 * i & 15);
    }
  }
}

void gfx803::takeElement(Wave &wave, const MemoryOp &op, unsigned reg,
                         unsigned lane, Element &element) {
  element.poison = 0;
  for (unsigned i = 0; i < op.dwords(); ++i) {
    uint32_t value = wave.v(reg + i)[lane];
    std::memcpy(element.bytes + 4 * i, &value, 4);
    if (wave.vMayPoison[reg + i])
      element.poison |= uint32_t(wave.vPoison(reg + i)[lane]) << 4 * i;
  }
  if (op.bytes < 4)
    element.poison &= (1u << op.bytes) - 1;
}

//===----------------------------------------------------------------------===//
// One lane in memory
//===----------------------------------------------------------------------===//

static uint32_t poisonOf(const Allocation &allocation, uint64_t at,
                         unsigned bytes) {
  if (!allocation.shadow)
    return 0;
  uint32_t poison = 0;
  if (at % 4 == 0 && bytes % 4 == 0) {
    for (unsigned i = 0; i < bytes / 4; ++i)
      poison |= uint32_t(~allocation.shadow[at / 4 + i] & 15) << 4 * i;
    return poison;
  }
  for (unsigned i = 0; i < bytes; ++i)
    poison |= uint32_t(~allocation.shadow[(at + i) / 4] >> (at + i) % 4 & 1)
              << i;
  return poison;
}

static void setPoison(const Allocation &allocation, uint64_t at, unsigned bytes,
                      uint32_t poison) {
  if (!allocation.shadow)
    return;
  if (at % 4 == 0 && bytes % 4 == 0) {
    for (unsigned i = 0; i < bytes / 4; ++i)
      allocation.shadow[at / 4 + i] = uint8_t(~poison >> 4 * i & 15);
    return;
  }
  // Another thread may write the dword's other bytes.
  for (unsigned i = 0; i < bytes; ++i) {
    uint8_t *shadow = &allocation.shadow[(at + i) / 4];
    uint8_t bit = uint8_t(1 << (at + i) % 4);
    if (poison >> i & 1)
      __atomic_fetch_and(shadow, uint8_t(~bit), __ATOMIC_RELAXED);
    else
      __atomic_fetch_or(shadow, bit, __ATOMIC_RELAXED);
  }
}

/// A value leaves the kernel: nothing of it may be undefined, but for the
/// padding bytes of a dword that has others.
static void checkStored(Worker &worker, const MemoryOp &op, uint32_t poison,
                        unsigned lane, uint64_t address) {
  if (!poison || !worker.config.uninitialised)
    return;
  uint32_t whole = op.bytes < 4 ? (1u << op.bytes) - 1 : 15;
  for (unsigned i = 0; i < op.dwords(); ++i)
    if ((poison >> 4 * i & 15) == whole)
      worker.fault(FaultKind::Uninitialised,
                   "a value nobody wrote is stored to memory", int(lane),
                   address);
}

template <class U>
static U atomically(void *where, const MemoryOp &op, const Element &element) {
  U *word = static_cast<U *>(where);
  U old = __atomic_load_n(word, __ATOMIC_RELAXED), next;
  do
    next = U(applyAtomic(op.atomic, sizeof(U) == 8, old, element.value,
                         element.other));
  while (!__atomic_compare_exchange_n(word, &old, next, true, __ATOMIC_SEQ_CST,
                                      __ATOMIC_RELAXED));
  return old;
}

void gfx803::accessMemory(Worker &worker, const MemoryOp &op, uint64_t address,
                          unsigned lane, bool isPrivate, Element &element) {
  const Allocation *allocation = worker.access(address, op.bytes, int(lane),
                                               op.action != MemoryAction::Load);
  if (!allocation) {
    element = Element();
    return;
  }
  uint64_t at = address - allocation->address;
  std::byte *host = allocation->host + at;
  switch (op.action) {
  case MemoryAction::Load:
    std::memcpy(element.bytes, host, op.bytes);
    element.poison = poisonOf(*allocation, at, op.bytes);
    break;
  case MemoryAction::Store:
    if (!isPrivate)
      checkStored(worker, op, element.poison, lane, address);
    std::memcpy(host, element.bytes, op.bytes);
    setPoison(*allocation, at, op.bytes, element.poison);
    break;
  case MemoryAction::Atomic: {
    if (address % op.bytes != 0)
      worker.fault(FaultKind::Unaligned,
                   "an atomic operation needs its natural alignment", int(lane),
                   address);
    checkStored(worker, op, element.poison, lane, address);
    uint32_t was = poisonOf(*allocation, at, op.bytes);
    if (op.atomic != Atomic::Swap && worker.config.uninitialised && was)
      worker.fault(FaultKind::Uninitialised,
                   "an atomic operation works on memory nobody wrote",
                   int(lane), address);
    uint64_t old = op.bytes == 8 ? atomically<uint64_t>(host, op, element)
                                 : atomically<uint32_t>(host, op, element);
    std::memcpy(element.bytes, &old, 8);
    setPoison(*allocation, at, op.bytes, 0);
    element.poison = was;
    break;
  }
  }
}
