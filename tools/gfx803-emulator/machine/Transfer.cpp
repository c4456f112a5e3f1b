//===- Transfer.cpp - Vector memory once the addresses are known ----------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/VectorMemory.h"

#include <algorithm>
#include <cstring>

using namespace gfx803;

namespace {

/// The distinct lines of one instruction: an open hash table that is emptied by
/// counting up its stamp.
class LineSet {
public:
  void clear() { ++stamp; }
  bool insert(uint64_t line) {
    for (size_t at = line * 0x9e3779b97f4a7c15 >> 54;; at = (at + 1) % kSlots) {
      Slot &slot = slots[at];
      if (slot.stamp != stamp) {
        slot = {line, stamp};
        return true;
      }
      if (slot.line == line)
        return false;
    }
  }

private:
  // 64 lanes of 16 bytes touch 128 lines at most.
  static constexpr size_t kSlots = 1024;
  struct Slot {
    uint64_t line = 0, stamp = 0;
  };
  Slot slots[kSlots];
  uint64_t stamp = 0;
};

thread_local LineSet seen;

class Transfer {
public:
  Transfer(Worker &worker, Wave &wave, const Instruction &inst,
           const MemoryOp &op, const LaneAddresses &lanes)
      : worker(worker), wave(wave), inst(inst), op(op), lanes(lanes) {}

  void run();

private:
  bool usesPair() const {
    return op.action == MemoryAction::Atomic &&
           op.atomic == Atomic::CompareSwap;
  }
  bool loadTogether();
  void lane(unsigned lane);

  Worker &worker;
  Wave &wave;
  const Instruction &inst;
  const MemoryOp &op;
  const LaneAddresses &lanes;
  bool returns = false;
};

/// Loads of whole dwords from one allocation: what most kernels do most.
bool Transfer::loadTogether() {
  if (op.action != MemoryAction::Load || op.bytes % 4 || lanes.partial ||
      lanes.isLds || !lanes.mask)
    return false;
  uint64_t low = ~uint64_t(0), high = 0, bits = 0;
  for (uint64_t rest = lanes.mask; rest; rest &= rest - 1) {
    uint64_t address = lanes.address[__builtin_ctzll(rest)];
    low = std::min(low, address);
    high = std::max(high, address);
    bits |= address;
  }
  const Allocation *allocation = worker.find(low);
  if (!allocation || bits % 4 || high < low ||
      !allocation->contains(low, high - low + op.bytes))
    return false;
  const std::byte *host = allocation->host;
  const uint8_t *shadow = allocation->shadow;
  for (unsigned k = 0; k < op.dwords(); ++k) {
    unsigned reg = inst.dst + k;
    uint32_t *to = wave.v(reg);
    uint8_t missing = 0;
    for (uint64_t rest = lanes.mask; rest; rest &= rest - 1) {
      unsigned i = unsigned(__builtin_ctzll(rest));
      uint64_t at = lanes.address[i] + 4 * k - allocation->address;
      std::memcpy(to + i, host + at, 4);
      if (shadow)
        missing |= uint8_t(~shadow[at / 4] & 15);
    }
    if (!missing && !wave.vMayPoison[reg])
      continue;
    uint8_t *poison = wave.vPoison(reg), any = 0;
    for (unsigned i = 0; i < kLanes; ++i) {
      if (lanes.mask >> i & 1) {
        uint64_t at = lanes.address[i] + 4 * k - allocation->address;
        poison[i] = shadow && worker.config.uninitialised
                        ? uint8_t(~shadow[at / 4] & 15)
                        : 0;
      }
      any |= poison[i];
    }
    wave.vMayPoison[reg] = any != 0;
  }
  return true;
}

void Transfer::lane(unsigned lane) {
  Element element;
  if (op.action == MemoryAction::Store)
    takeElement(wave, op, inst.vdata, lane, element);
  if (op.action == MemoryAction::Atomic) {
    // Compare-and-swap has the new value first, then the compared one.
    takeElement(wave, op, inst.vdata, lane, element);
    std::memcpy(&element.value, element.bytes, op.bytes);
    if (usesPair()) {
      Element compared;
      takeElement(wave, op, inst.vdata + op.dwords(), lane, compared);
      element.other = element.value;
      element.value = 0;
      std::memcpy(&element.value, compared.bytes, op.bytes);
      element.poison |= compared.poison;
    }
  }

  if (lanes.isLds >> lane & 1) {
    accessLds(worker, wave, op, uint32_t(lanes.address[lane]), ~0u, lane,
              element);
  } else if (!lanes.partial || lanes.inside[lane] == op.bytes) {
    accessMemory(worker, op, lanes.address[lane], lane,
                 lanes.isPrivate >> lane & 1, element);
  } else {
    // A buffer ends inside the element: dwords beyond are not accessed.
    MemoryOp part = op;
    part.bytes = lanes.inside[lane];
    if (op.action == MemoryAction::Store)
      element.poison &= (1u << part.bytes) - 1;
    accessMemory(worker, part, lanes.address[lane], lane,
                 lanes.isPrivate >> lane & 1, element);
  }
  if (op.action == MemoryAction::Load || returns)
    putElement(worker, wave, op, inst.dst, lane, element);
}

void Transfer::run() {
  unsigned active = unsigned(__builtin_popcountll(wave.exec));
  Counters &counters = worker.counters;
  counters.lanesActive += active;
  counters.lanesPossible += kLanes;
  uint64_t bytes = uint64_t(__builtin_popcountll(lanes.mask)) * op.bytes;
  counters.loadBytes += op.action != MemoryAction::Store ? bytes : 0;
  counters.storeBytes += op.action != MemoryAction::Load ? bytes : 0;
  if (op.action == MemoryAction::Atomic)
    counters.atomics += uint64_t(__builtin_popcountll(lanes.mask));

  returns = op.action == MemoryAction::Atomic && inst.glc;
  bool loads = op.action == MemoryAction::Load || returns;
  unsigned results = loads ? op.dwords() : 0;
  if (op.action != MemoryAction::Load)
    for (unsigned i = 0; i < op.dwords() * (usesPair() ? 2 : 1); ++i)
      worker.checkVector(inst.vdata + i);
  checkLoadTarget(worker, wave, inst.dst, results,
                  inst.encoding == Encoding::Flat && lanes.isLds
                      ? Pending::Flat
                      : Pending::Vector);

  if (!loadTogether())
    for (uint64_t rest = lanes.mask; rest; rest &= rest - 1)
      lane(unsigned(__builtin_ctzll(rest)));
  if (loads)
    for (uint64_t rest = lanes.zero; rest; rest &= rest - 1)
      putElement(worker, wave, op, inst.dst, unsigned(__builtin_ctzll(rest)),
                 Element());
  countLines(worker, op, op.bytes, lanes);
  counters.vmemClocks +=
      op.action == MemoryAction::Load && op.bytes <= 8 ? 8 : 16;
}

} // namespace

void gfx803::countLines(Worker &worker, const MemoryOp &op, unsigned bytes,
                        const LaneAddresses &lanes) {
  seen.clear();
  uint64_t previous = ~uint64_t(0);
  bool reads = op.action != MemoryAction::Store,
       writes = op.action != MemoryAction::Load;
  for (uint64_t rest = lanes.mask & ~lanes.isLds; rest; rest &= rest - 1) {
    unsigned i = unsigned(__builtin_ctzll(rest));
    uint64_t first = lanes.address[i] / kLineBytes,
             last = (lanes.address[i] + bytes - 1) / kLineBytes;
    for (uint64_t line = first; line <= last; ++line) {
      if (line == previous || !seen.insert(line))
        continue;
      previous = line;
      uint64_t address = std::max(line * kLineBytes, lanes.address[i]);
      const Allocation *allocation = worker.find(address);
      if (!allocation)
        continue;
      ++worker.counters.l1Lines;
      if (reads)
        worker.touchLine(*allocation, address, false);
      if (writes)
        worker.touchLine(*allocation, address, true);
    }
  }
}

void gfx803::transfer(Worker &worker, Wave &wave, const Instruction &inst,
                      const MemoryOp &op, const LaneAddresses &lanes) {
  Transfer(worker, wave, inst, op, lanes).run();
}

void gfx803::pendTransfer(Worker &worker, Wave &wave, const Instruction &inst,
                          const MemoryOp &op, bool lds) {
  bool loads = op.action == MemoryAction::Load ||
               (op.action == MemoryAction::Atomic && inst.glc);
  uint8_t count =
      uint8_t(loads && worker.config.pendingLoads ? op.dwords() : 0);
  wave.pend(wave.vmCounter, {lds ? Pending::Flat : Pending::Vector, true, count,
                             inst.dst, inst.address});
  // FLAT counts in both; what it loads from LDS is covered by LGKM as well.
  if (inst.encoding == Encoding::Flat)
    wave.pend(wave.lgkmCounter, {Pending::Flat, true, uint8_t(lds ? count : 0),
                                 inst.dst, inst.address});
}
