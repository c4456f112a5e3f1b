//===- Smem.cpp - Scalar memory -------------------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/Opcodes.h"
#include "tools/gfx803-emulator/machine/Worker.h"

#include <algorithm>
#include <cstring>
#include <iterator>

using namespace gfx803;

namespace {

struct ScalarMemory {
  uint8_t dwords;
  bool buffer, store;
};

void executeScalarMemory(Worker &worker, Wave &wave, const Instruction &inst) {
  const auto &op = *static_cast<const ScalarMemory *>(inst.opcode->data);
  uint64_t base = worker.need64(inst.src[0], "the address");
  uint64_t limit = ~uint64_t(0);
  if (op.buffer) {
    uint32_t high = uint32_t(base >> 32);
    uint32_t records = worker.need32(inst.src[0] + 2, "the buffer's size");
    uint32_t stride = high >> 16 & 0x3fff;
    limit = stride ? uint64_t(records) * stride : records;
    base &= 0xffffffffffff;
  }
  uint32_t offset =
      inst.immediateOffset
          ? uint32_t(inst.immediate)
          : worker.need32(unsigned(inst.immediate) & 0x7f, "the offset");
  offset &= ~3u;
  uint64_t address = (base & ~uint64_t(3)) + offset;
  unsigned bytes = op.dwords * 4u;

  // Scalar buffers read 0 beyond their end, dword by dword.
  unsigned inside = op.dwords;
  if (op.buffer)
    inside = offset >= limit
                 ? 0
                 : unsigned(std::min<uint64_t>((limit - offset) / 4, inside));
  const Allocation *allocation =
      inside ? worker.access(address, inside * 4, -1, op.store) : nullptr;
  worker.counters.smemBytes += bytes;
  if (allocation)
    for (uint64_t line = address / kLineBytes;
         line <= (address + inside * 4 - 1) / kLineBytes; ++line) {
      ++worker.counters.l1Lines;
      worker.touchLine(*allocation, std::max(line * kLineBytes, address),
                       op.store);
    }

  uint64_t at = allocation ? address - allocation->address : 0;
  if (op.store) {
    for (unsigned i = 0; i < op.dwords; ++i) {
      uint32_t value = worker.need32(inst.dst + i, "a store to memory");
      if (i >= inside || !allocation)
        continue;
      std::memcpy(allocation->host + at + 4 * i, &value, 4);
      if (allocation->shadow)
        allocation->shadow[at / 4 + i] = 15;
    }
    wave.pend(wave.lgkmCounter, {Pending::Scalar, false, 0, 0, inst.address});
    return;
  }
  for (unsigned i = 0; i < op.dwords; ++i) {
    uint32_t value = 0, poison = 0;
    if (i < inside && allocation) {
      std::memcpy(&value, allocation->host + at + 4 * i, 4);
      if (allocation->shadow && allocation->shadow[at / 4 + i] != 15)
        for (unsigned byte = 0; byte < 4; ++byte)
          if (!(allocation->shadow[at / 4 + i] >> byte & 1))
            poison |= 0xffu << 8 * byte;
    }
    worker.write32(inst.dst + i, value, poison);
  }
  wave.pend(wave.lgkmCounter,
            {Pending::Scalar, false,
             uint8_t(worker.config.pendingLoads ? op.dwords : 0), inst.dst,
             inst.address});
}

void executeCache(Worker &, Wave &, const Instruction &) {}

/// The clock of this wave: what it has issued so far.
void executeTime(Worker &worker, Wave &wave, const Instruction &inst) {
  worker.write64(inst.dst, wave.clocks, 0);
  wave.pend(wave.lgkmCounter, {Pending::Scalar, false,
                               uint8_t(worker.config.pendingLoads ? 2 : 0),
                               inst.dst, inst.address});
}

#define SMEM(name, dwords, buffer, store)                                      \
  {name, executeScalarMemory, InstClass::Smem, 4, [] {                         \
     static const ScalarMemory op = {dwords, buffer, store};                   \
     return static_cast<const void *>(&op);                                    \
   }()}

const Opcode kTable[] = {
    SMEM("S_LOAD_DWORD", 1, false, false),
    SMEM("S_LOAD_DWORDX2", 2, false, false),
    SMEM("S_LOAD_DWORDX4", 4, false, false),
    SMEM("S_LOAD_DWORDX8", 8, false, false),
    SMEM("S_LOAD_DWORDX16", 16, false, false),
    SMEM("S_BUFFER_LOAD_DWORD", 1, true, false),
    SMEM("S_BUFFER_LOAD_DWORDX2", 2, true, false),
    SMEM("S_BUFFER_LOAD_DWORDX4", 4, true, false),
    SMEM("S_BUFFER_LOAD_DWORDX8", 8, true, false),
    SMEM("S_BUFFER_LOAD_DWORDX16", 16, true, false),
    SMEM("S_STORE_DWORD", 1, false, true),
    SMEM("S_STORE_DWORDX2", 2, false, true),
    SMEM("S_STORE_DWORDX4", 4, false, true),
    SMEM("S_BUFFER_STORE_DWORD", 1, true, true),
    SMEM("S_BUFFER_STORE_DWORDX2", 2, true, true),
    SMEM("S_BUFFER_STORE_DWORDX4", 4, true, true),
    // Caches are not modelled as state: memory is always coherent here.
    {"S_DCACHE_INV", executeCache, InstClass::Smem, 4, nullptr},
    {"S_DCACHE_INV_VOL", executeCache, InstClass::Smem, 4, nullptr},
    {"S_DCACHE_WB", executeCache, InstClass::Smem, 4, nullptr},
    {"S_DCACHE_WB_VOL", executeCache, InstClass::Smem, 4, nullptr},
    {"S_MEMTIME", executeTime, InstClass::Smem, 4, nullptr},
    {"S_MEMREALTIME", executeTime, InstClass::Smem, 4, nullptr},
};

} // namespace

OpcodeTable gfx803::scalarMemoryOpcodes() {
  return {kTable, std::size(kTable)};
}
