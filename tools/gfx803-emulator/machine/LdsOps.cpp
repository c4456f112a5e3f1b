//===- LdsOps.cpp - Operations on LDS, and between lanes through it -------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/Opcodes.h"
#include "tools/gfx803-emulator/machine/VectorMemory.h"

#include <algorithm>
#include <cstring>
#include <iterator>

using namespace gfx803;

namespace {

/// Extra passes because lanes of one pass want different dwords of a bank. A
/// pass serves 32 lanes of b32, 16 of b64, 8 of b128: 128 bytes a clock.
unsigned bankConflicts(const uint32_t *addresses, uint64_t exec,
                       unsigned dwords) {
  unsigned lanesAPass = 32 / std::max(dwords, 1u), extra = 0;
  for (unsigned first = 0; first < kLanes; first += lanesAPass) {
    uint32_t seen[32][8];
    unsigned count[32] = {}, worst = 1;
    for (unsigned lane = first; lane < first + lanesAPass; ++lane) {
      if (!(exec >> lane & 1))
        continue;
      for (unsigned k = 0; k < dwords; ++k) {
        uint32_t word = addresses[lane] / 4 + k, bank = word % 32;
        unsigned known = std::min(count[bank], 8u);
        if (std::find(seen[bank], seen[bank] + known, word) !=
            seen[bank] + known)
          continue;
        if (count[bank] < 8)
          seen[bank][count[bank]] = word;
        worst = std::max(worst, ++count[bank]);
      }
    }
    extra += worst - 1;
  }
  return extra;
}

class LdsAccess {
public:
  LdsAccess(Worker &worker, Wave &wave, const Instruction &inst)
      : worker(worker), wave(wave), inst(inst),
        op(*static_cast<const MemoryOp *>(inst.opcode->data)) {}

  void run() {
    if (inst.gds)
      worker.fault(FaultKind::IllegalInstruction,
                   "global data share is not emulated: no compute kernel of "
                   "LLVM or ROCm uses it");
    limit = worker.need32(operand::m0, "LDS, whose limit is M0,");
    const uint32_t *base =
        needVector(worker, wave, inst.vaddr, "an LDS address");
    bool loads = op.action == MemoryAction::Load || op.returns;
    unsigned count = loads ? op.dwords() * op.elements : 0;
    checkLoadTarget(worker, wave, inst.dst, count, Pending::Lds);
    for (unsigned element = 0; element < op.elements; ++element) {
      uint32_t offset = uint32_t(inst.immediate);
      if (op.elements == 2)
        offset =
            (offset >> 8 * element & 0xff) * op.bytes * (op.stride64 ? 64 : 1);
      uint32_t addresses[kLanes];
      for (unsigned lane = 0; lane < kLanes; ++lane)
        addresses[lane] = base[lane] + offset;
      if (element == 0)
        checkData();
      perform(element, addresses);
      unsigned active = unsigned(__builtin_popcountll(wave.exec));
      worker.counters.lanesActive += active;
      worker.counters.lanesPossible += kLanes;
      worker.counters.ldsBytes += uint64_t(active) * op.bytes;
      unsigned conflicts = bankConflicts(addresses, wave.exec, op.dwords());
      worker.counters.ldsBankConflicts += conflicts;
      worker.counters.ldsClocks += 2 * op.dwords() + conflicts;
    }
    if (count)
      putResults();
    wave.pend(wave.lgkmCounter,
              {Pending::Lds, true,
               uint8_t(worker.config.pendingLoads ? count : 0), inst.dst,
               inst.address});
  }

private:
  void checkData() {
    if (op.action == MemoryAction::Load)
      return;
    for (unsigned i = 0; i < op.dwords(); ++i) {
      worker.checkVector(inst.vdata + i);
      if (op.elements == 2 || usesSecond())
        worker.checkVector(inst.vdata2 + i);
    }
  }
  bool usesSecond() const {
    return op.action == MemoryAction::Atomic &&
           (op.atomic == Atomic::CompareSwap ||
            op.atomic == Atomic::CompareSwapFloat ||
            op.atomic == Atomic::MaskOr || op.atomic == Atomic::Wrap);
  }

  void perform(unsigned part, const uint32_t *addresses) {
    unsigned data = part ? inst.vdata2 : inst.vdata;
    for (uint64_t rest = wave.exec; rest; rest &= rest - 1) {
      unsigned lane = unsigned(__builtin_ctzll(rest));
      Element &element = results[part][lane];
      element = Element();
      if (op.action != MemoryAction::Load)
        takeElement(wave, op, data, lane, element);
      if (op.action == MemoryAction::Atomic) {
        std::memcpy(&element.value, element.bytes, op.bytes);
        if (usesSecond()) {
          Element second;
          takeElement(wave, op, inst.vdata2, lane, second);
          std::memcpy(&element.other, second.bytes, op.bytes);
          element.poison |= second.poison;
        }
      }
      accessLds(worker, wave, op, addresses[lane], limit, lane, element);
    }
  }

  void putResults() {
    for (unsigned part = 0; part < op.elements; ++part)
      for (uint64_t rest = wave.exec; rest; rest &= rest - 1) {
        unsigned lane = unsigned(__builtin_ctzll(rest));
        putElement(worker, wave, op, inst.dst + part * op.dwords(), lane,
                   results[part][lane]);
      }
  }

  Worker &worker;
  Wave &wave;
  const Instruction &inst;
  const MemoryOp &op;
  uint32_t limit = 0;
  // Results wait here: a register may hold an address as well.
  Element results[2][kLanes];
};

} // namespace

void gfx803::accessLds(Worker &worker, Wave &wave, const MemoryOp &op,
                       uint32_t address, uint32_t limit, unsigned lane,
                       Element &element) {
  Lds &lds = *worker.group->lds;
  unsigned alignment = op.bytes >= 12 ? 16 : op.bytes;
  if (address % alignment != 0)
    worker.fault(FaultKind::Unaligned,
                 "LDS address " + std::to_string(address) +
                     " is not a multiple of " + std::to_string(alignment),
                 int(lane), address);
  uint32_t end = std::min(lds.size(), limit);
  if (end < op.bytes || address > end - op.bytes) {
    if (worker.config.outOfBounds)
      worker.fault(FaultKind::OutOfBounds,
                   "LDS address " + std::to_string(address) + ", " +
                       std::to_string(op.bytes) +
                       " bytes, is beyond the workgroup's " +
                       std::to_string(end),
                   int(lane), address);
    element = Element();
    return;
  }
  Lds::Access access = op.action == MemoryAction::Load    ? Lds::Access::Read
                       : op.action == MemoryAction::Store ? Lds::Access::Write
                                                          : Lds::Access::Atomic;
  int rival = lds.touch(address, op.bytes, wave.index, access);
  if (rival >= 0)
    worker.fault(FaultKind::LdsRace,
                 "LDS byte " + std::to_string(address) +
                     " was also touched by wave " + std::to_string(rival) +
                     " since the last barrier",
                 int(lane), address);

  uint8_t *bytes = lds.at(address), *poison = lds.poisonAt(address);
  uint32_t was = 0;
  for (unsigned i = 0; i < op.bytes; ++i)
    was |= uint32_t(poison[i]) << i;
  switch (op.action) {
  case MemoryAction::Load:
    std::memcpy(element.bytes, bytes, op.bytes);
    element.poison = was;
    break;
  case MemoryAction::Store:
    std::memcpy(bytes, element.bytes, op.bytes);
    for (unsigned i = 0; i < op.bytes; ++i)
      poison[i] = element.poison >> i & 1;
    break;
  case MemoryAction::Atomic: {
    uint64_t old = 0;
    std::memcpy(&old, bytes, op.bytes);
    uint64_t next = applyAtomic(op.atomic, op.bytes == 8, old, element.value,
                                element.other);
    std::memcpy(bytes, &next, op.bytes);
    bool spoilt = element.poison || (was && op.atomic != Atomic::Swap);
    std::memset(poison, spoilt, op.bytes);
    std::memcpy(element.bytes, &old, 8);
    element.poison = was;
    break;
  }
  }
}

namespace {

void executeLds(Worker &worker, Wave &wave, const Instruction &inst) {
  LdsAccess(worker, wave, inst).run();
}

//===----------------------------------------------------------------------===//
// Between lanes
//===----------------------------------------------------------------------===//

void pendResult(Worker &worker, Wave &wave, const Instruction &inst) {
  wave.pend(wave.lgkmCounter,
            {Pending::Lds, true, uint8_t(worker.config.pendingLoads ? 1 : 0),
             inst.dst, inst.address});
}

/// Writes 64 values with their poison to the active lanes of the destination.
void putLanes(Worker &worker, Wave &wave, const Instruction &inst,
              const uint32_t *values, const uint8_t *poison) {
  checkLoadTarget(worker, wave, inst.dst, 1, Pending::Lds);
  worker.counters.ldsClocks += 2;
  uint8_t any = 0;
  for (uint64_t rest = wave.exec; rest; rest &= rest - 1) {
    unsigned lane = unsigned(__builtin_ctzll(rest));
    wave.v(inst.dst)[lane] = values[lane];
    wave.vPoison(inst.dst)[lane] = poison[lane];
    any |= poison[lane];
  }
  if (any)
    wave.vMayPoison[inst.dst] = true;
  pendResult(worker, wave, inst);
}

/// Lanes send (permute) or fetch (bpermute) a dword; a lane that is switched
/// off has nothing to give, and 0 is what others get.
template <bool Backward>
void executePermute(Worker &worker, Wave &wave, const Instruction &inst) {
  const uint32_t *address =
      needVector(worker, wave, inst.vaddr, "a lane number");
  worker.checkVector(inst.vdata);
  const uint32_t *data = wave.v(inst.vdata);
  const uint8_t *taint = wave.vPoison(inst.vdata);
  uint32_t values[kLanes] = {};
  uint8_t poison[kLanes] = {};
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    if (!(wave.exec >> lane & 1))
      continue;
    unsigned other = (address[lane] + uint32_t(inst.immediate)) / 4 % kLanes;
    unsigned from = Backward ? other : lane, to = Backward ? lane : other;
    if (!(wave.exec >> from & 1))
      continue;
    values[to] = data[from];
    poison[to] = taint[from];
  }
  putLanes(worker, wave, inst, values, poison);
}

void executeSwizzle(Worker &worker, Wave &wave, const Instruction &inst) {
  worker.checkVector(inst.vaddr);
  const uint32_t *data = wave.v(inst.vaddr);
  const uint8_t *taint = wave.vPoison(inst.vaddr);
  unsigned pattern = unsigned(inst.immediate);
  uint32_t values[kLanes] = {};
  uint8_t poison[kLanes] = {};
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    unsigned from;
    if (pattern & 0x8000) // a permutation of each quad
      from = (lane & ~3u) + (pattern >> 2 * (lane & 3) & 3);
    else // and, or, xor on the number within 32 lanes
      from = (lane & 32) +
             ((((lane & 31) & pattern) | pattern >> 5) ^ pattern >> 10) % 32;
    if (!(wave.exec >> from & 1))
      continue;
    values[lane] = data[from];
    poison[lane] = taint[from];
  }
  putLanes(worker, wave, inst, values, poison);
}

/// One counter in LDS for the whole wave: + or - the number of active lanes.
template <int Sign>
void executeAppend(Worker &worker, Wave &wave, const Instruction &inst) {
  uint32_t address = (worker.need32(operand::m0, "an LDS address") & 0xffff) +
                     uint32_t(inst.immediate);
  Lds &lds = *worker.group->lds;
  if (inst.gds || address % 4 || lds.size() < 4 || address > lds.size() - 4)
    worker.fault(FaultKind::OutOfBounds,
                 "no counter in LDS at " + std::to_string(address));
  int rival = lds.touch(address, 4, wave.index, Lds::Access::Atomic);
  if (rival >= 0)
    worker.fault(FaultKind::LdsRace, "the counter was also touched by wave " +
                                         std::to_string(rival) +
                                         " since the last barrier");
  uint32_t old;
  std::memcpy(&old, lds.at(address), 4);
  uint32_t next = old + uint32_t(Sign * __builtin_popcountll(wave.exec));
  std::memcpy(lds.at(address), &next, 4);
  uint32_t values[kLanes];
  uint8_t poison[kLanes];
  std::fill_n(values, kLanes, old);
  std::fill_n(poison, kLanes,
              *lds.poisonAt(address) ? uint8_t(15) : uint8_t(0));
  putLanes(worker, wave, inst, values, poison);
}

void executeNothing(Worker &, Wave &, const Instruction &) {}

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

#define ROW(name, cls, ...)                                                    \
  {name, executeLds, InstClass::cls, 4, [] {                                   \
     static const MemoryOp op = __VA_ARGS__;                                   \
     return static_cast<const void *>(&op);                                    \
   }()}
#define READ(name, bytes, sign)                                                \
  ROW("DS_READ_" name, Lds,                                                    \
      {MemoryAction::Load, bytes, sign, Atomic::Swap, 1, false, false})
#define WRITE(name, bytes)                                                     \
  ROW("DS_WRITE_" name, Lds,                                                   \
      {MemoryAction::Store, bytes, false, Atomic::Swap, 1, false, false})
#define PAIR(name, action, bytes, stride, returns)                             \
  ROW(name, Lds,                                                               \
      {MemoryAction::action, bytes, false, Atomic::Swap, 2, stride, returns})
#define ATOMIC(name, suffix, bytes, kind)                                      \
  ROW("DS_" name "_" suffix, Atomic,                                           \
      {MemoryAction::Atomic, bytes, false, Atomic::kind, 1, false, false}),    \
      ROW("DS_" name "_RTN_" suffix, Atomic,                                   \
          {MemoryAction::Atomic, bytes, false, Atomic::kind, 1, false, true})
#define INTEGER(name, suffix32, suffix64, kind)                                \
  ATOMIC(name, suffix32, 4, kind), ATOMIC(name, suffix64, 8, kind)

const Opcode kTable[] = {
    READ("U8", 1, false),
    READ("I8", 1, true),
    READ("U16", 2, false),
    READ("I16", 2, true),
    READ("B32", 4, false),
    READ("B64", 8, false),
    READ("B96", 12, false),
    READ("B128", 16, false),
    WRITE("B8", 1),
    WRITE("B16", 2),
    WRITE("B32", 4),
    WRITE("B64", 8),
    WRITE("B96", 12),
    WRITE("B128", 16),
    PAIR("DS_READ2_B32", Load, 4, false, false),
    PAIR("DS_READ2ST64_B32", Load, 4, true, false),
    PAIR("DS_READ2_B64", Load, 8, false, false),
    PAIR("DS_READ2ST64_B64", Load, 8, true, false),
    PAIR("DS_WRITE2_B32", Store, 4, false, false),
    PAIR("DS_WRITE2ST64_B32", Store, 4, true, false),
    PAIR("DS_WRITE2_B64", Store, 8, false, false),
    PAIR("DS_WRITE2ST64_B64", Store, 8, true, false),
    PAIR("DS_WRXCHG2_RTN_B32", Atomic, 4, false, true),
    PAIR("DS_WRXCHG2ST64_RTN_B32", Atomic, 4, true, true),
    PAIR("DS_WRXCHG2_RTN_B64", Atomic, 8, false, true),
    PAIR("DS_WRXCHG2ST64_RTN_B64", Atomic, 8, true, true),
    INTEGER("ADD", "U32", "U64", Add),
    INTEGER("SUB", "U32", "U64", Sub),
    INTEGER("RSUB", "U32", "U64", ReverseSub),
    INTEGER("INC", "U32", "U64", Inc),
    INTEGER("DEC", "U32", "U64", Dec),
    INTEGER("MIN", "I32", "I64", SMin),
    INTEGER("MAX", "I32", "I64", SMax),
    INTEGER("MIN", "U32", "U64", UMin),
    INTEGER("MAX", "U32", "U64", UMax),
    INTEGER("AND", "B32", "B64", And),
    INTEGER("OR", "B32", "B64", Or),
    INTEGER("XOR", "B32", "B64", Xor),
    INTEGER("MSKOR", "B32", "B64", MaskOr),
    INTEGER("CMPST", "B32", "B64", CompareSwap),
    INTEGER("CMPST", "F32", "F64", CompareSwapFloat),
    INTEGER("MIN", "F32", "F64", MinFloat),
    INTEGER("MAX", "F32", "F64", MaxFloat),
    INTEGER("WRXCHG", "B32", "B64", Swap),
    ATOMIC("ADD", "F32", 4, AddFloat),
    ATOMIC("WRAP", "B32", 4, Wrap),
    {"DS_PERMUTE_B32", executePermute<false>, InstClass::Lds, 4, nullptr},
    {"DS_BPERMUTE_B32", executePermute<true>, InstClass::Lds, 4, nullptr},
    {"DS_SWIZZLE_B32", executeSwizzle, InstClass::Lds, 4, nullptr},
    {"DS_APPEND", executeAppend<1>, InstClass::Atomic, 4, nullptr},
    {"DS_CONSUME", executeAppend<-1>, InstClass::Atomic, 4, nullptr},
    {"DS_NOP", executeNothing, InstClass::Lds, 4, nullptr},
};

} // namespace

OpcodeTable gfx803::ldsOpcodes() { return {kTable, std::size(kTable)}; }
