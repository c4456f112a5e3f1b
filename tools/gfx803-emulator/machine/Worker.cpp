//===- Worker.cpp - A host thread that executes waves ---------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/Worker.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <random>

using namespace gfx803;

/// Instructions a wave may execute before others get their turn: short enough
/// for kernels that wait in a loop for another wave.
static constexpr uint64_t kQuantum = 20000;

Worker::Worker(Machine &machine, CodeCache &code, const Launch &launch,
               Tracer *tracer)
    : machine(machine), config(machine.config), launch(launch), code(code),
      tracer(tracer) {}

//===----------------------------------------------------------------------===//
// Faults
//===----------------------------------------------------------------------===//

void Worker::fault(FaultKind kind, const std::string &what, int lane,
                   uint64_t address) {
  uint64_t pc = inst ? inst->address : wave->pc;
  char place[256];
  std::snprintf(place, sizeof place,
                ", workgroup (%" PRIu32 ",%" PRIu32 ",%" PRIu32
                "), wave %u, PC 0x%" PRIx64 " (entry%+" PRId64 ")",
                group->id[0], group->id[1], group->id[2], wave->index, pc,
                int64_t(pc - launch.entry));
  std::string message = "kernel " + launch.kernel + place;
  if (inst)
    message += ", `" + code.print(*inst) + "`";
  if (lane >= 0)
    message += ", lane " + std::to_string(lane);
  throw Fault{kind, message + ": " + std::string(faultName(kind)) + ": " + what,
              address};
}

void Worker::badRegister(char bank, unsigned reg) {
  unsigned limit = bank == 'v' ? wave->vgprs : wave->sgprs;
  fault(FaultKind::Resources, std::string(1, bank) + std::to_string(reg) +
                                  " is used, but the kernel descriptor asks "
                                  "for " +
                                  std::to_string(limit) + " registers only");
}

void Worker::pendingRegister(char bank, unsigned reg) {
  const Pending *found = nullptr;
  const char *counter = "vmcnt";
  for (const auto *list : {&wave->vmCounter, &wave->lgkmCounter})
    for (const Pending &pending : *list)
      if (pending.vectorRegister == (bank == 'v') && reg >= pending.first &&
          reg < unsigned(pending.first + pending.count)) {
        found = &pending;
        counter = list == &wave->vmCounter ? "vmcnt" : "lgkmcnt";
      }
  char text[160];
  std::snprintf(text, sizeof text,
                "%c%u is used while the load at PC 0x%" PRIx64
                " may still be under way: s_waitcnt %s is missing or too high",
                bank, reg, found ? found->address : 0, counter);
  fault(FaultKind::PendingLoad, text);
}

//===----------------------------------------------------------------------===//
// Waves
//===----------------------------------------------------------------------===//

Worker::Progress Worker::run(Workgroup &workgroup) {
  group = &workgroup;
  std::vector<Wave *> order;
  for (auto &wave : workgroup.waves)
    order.push_back(wave.get());
  std::mt19937_64 random(config.seed * 0x9e3779b97f4a7c15 + workgroup.serial +
                         workgroup.barriers * 0x10001);

  while (true) {
    if (config.shuffle)
      std::shuffle(order.begin(), order.end(), random);
    unsigned ended = 0, waiting = 0;
    for (Wave *next : order) {
      if (next->state == WaveState::Running)
        step(*next, kQuantum);
      ended += next->state == WaveState::Ended;
      waiting += next->state == WaveState::AtBarrier;
    }
    if (ended == order.size())
      return Progress::Ended;
    // Waves that have ended no longer count for a barrier.
    if (ended + waiting == order.size()) {
      for (Wave *next : order)
        if (next->state == WaveState::AtBarrier)
          next->state = WaveState::Running;
      workgroup.lds->barrier();
      ++workgroup.barriers;
      continue;
    }
    // Some wave used up its turn: it may wait for another workgroup.
    return Progress::Blocked;
  }
}

const Instruction &Worker::fetch() {
  uint64_t pc = wave->pc;
  if (!range || pc - range->address >= range->bytes || pc % 4 != 0) {
    inst = nullptr;
    if (pc % 4 == 0)
      range = code.find(pc);
    if (!range || pc % 4 != 0)
      fault(FaultKind::BadProgramCounter,
            pc % 4 ? "the program counter is not a multiple of 4"
                   : "the program counter has left the code");
  }
  const Instruction *found =
      range->slots[(pc - range->address) / 4].load(std::memory_order_acquire);
  if (found)
    return *found;
  std::string error;
  found = code.decode(*range, pc, error);
  if (found)
    return *found;
  inst = nullptr;
  fault(FaultKind::IllegalInstruction, error);
}

void Worker::step(Wave &next, uint64_t budget) {
  wave = &next;
  yields = false;
  while (next.state == WaveState::Running && budget-- != 0 && !yields) {
    const Instruction &current = fetch();
    inst = &current;
    const Opcode &opcode = *current.opcode;
    if (tracer)
      tracer->before(next, current);
    ++counters.instructions[unsigned(opcode.cls)];
    clocks[unsigned(opcode.cls)] += opcode.clocks;
    next.clocks += opcode.clocks;
    next.pc += current.bytes;
    opcode.execute(*this, next, current);
    if (tracer)
      tracer->after(next, current);
  }
  inst = nullptr;
}

//===----------------------------------------------------------------------===//
// Scalar operands
//===----------------------------------------------------------------------===//

uint32_t Worker::readSpecial(unsigned code, uint32_t &poison) {
  poison = 0;
  switch (code) {
  case operand::exec:
    return uint32_t(wave->exec);
  case operand::exec + 1:
    return uint32_t(wave->exec >> 32);
  case operand::vccz:
    poison =
        (wave->sPoison[operand::vcc] | wave->sPoison[operand::vcc + 1]) != 0;
    return wave->vcc() == 0;
  case operand::execz:
    return wave->exec == 0;
  case operand::scc:
    poison = wave->sccPoison;
    return wave->scc;
  case operand::literal:
    return inst->literal;
  case 240:
    return 0x3f000000; // 0.5
  case 241:
    return 0xbf000000;
  case 242:
    return 0x3f800000; // 1.0
  case 243:
    return 0xbf800000;
  case 244:
    return 0x40000000; // 2.0
  case 245:
    return 0xc0000000;
  case 246:
    return 0x40800000; // 4.0
  case 247:
    return 0xc0800000;
  case 248:
    return 0x3e22f983; // 1 / (2 pi)
  default:
    break;
  }
  if (code < 128) {
    if (wave->sPending[code])
      pendingRegister('s', code);
    poison = wave->sPoison[code];
    return wave->s[code];
  }
  if (code <= 192)
    return code - 128;
  if (code <= 208)
    return uint32_t(192 - int(code));
  fault(FaultKind::IllegalInstruction,
        "no scalar operand has the code " + std::to_string(code));
}

/// Float constants of 64-bit operands, whatever the operation makes of them.
static uint64_t floatConstant64(unsigned code) {
  static const double values[] = {0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 4.0, -4.0};
  uint64_t bits = 0x3fc45f306dc9c882; // 1 / (2 pi)
  if (code != 248)
    std::memcpy(&bits, &values[code - 240], sizeof bits);
  return bits;
}

uint64_t Worker::read64(unsigned code, uint64_t &poison) {
  poison = 0;
  if (code >= 240 && code <= 248)
    return floatConstant64(code);
  if (code >= 128) {
    uint32_t low = 0;
    uint32_t value = read32(code, low);
    poison = low;
    // Integers are signed; a literal is not.
    if (code >= 193 && code <= 208)
      return uint64_t(int64_t(int32_t(value)));
    return value;
  }
  uint32_t lowPoison, highPoison;
  uint64_t low = read32(code, lowPoison);
  uint64_t high = read32(code + 1, highPoison);
  poison = lowPoison | uint64_t(highPoison) << 32;
  return low | high << 32;
}

void Worker::write32(unsigned code, uint32_t value, uint32_t poison) {
  if (code == operand::exec || code == operand::exec + 1) {
    unsigned shift = code == operand::exec ? 0 : 32;
    uint64_t mask = uint64_t(~0u) << shift;
    return setExec((wave->exec & ~mask) | uint64_t(value) << shift,
                   uint64_t(poison) << shift);
  }
  if (code >= 128)
    fault(FaultKind::IllegalInstruction,
          "no scalar destination has the code " + std::to_string(code));
  if (code < 102 && code >= wave->sgprs)
    badRegister('s', code);
  if (wave->sPending[code])
    pendingRegister('s', code);
  wave->s[code] = value;
  wave->sPoison[code] = config.uninitialised ? poison : 0;
}

void Worker::write64(unsigned code, uint64_t value, uint64_t poison) {
  if (code == operand::exec)
    return setExec(value, poison);
  write32(code, uint32_t(value), uint32_t(poison));
  write32(code + 1, uint32_t(value >> 32), uint32_t(poison >> 32));
}

void Worker::setExec(uint64_t value, uint64_t poison) {
  if (poison && config.uninitialised)
    fault(FaultKind::Uninitialised,
          "EXEC gets a value nobody wrote (first in lane " +
              std::to_string(__builtin_ctzll(poison)) + ")");
  wave->exec = value;
}

uint32_t Worker::need32(unsigned code, const char *use) {
  uint32_t poison;
  uint32_t value = read32(code, poison);
  if (poison && config.uninitialised)
    fault(FaultKind::Uninitialised,
          std::string(use) + " depends on a value nobody wrote");
  return value;
}

uint64_t Worker::need64(unsigned code, const char *use) {
  uint64_t poison;
  uint64_t value = read64(code, poison);
  if (poison && config.uninitialised)
    fault(FaultKind::Uninitialised,
          std::string(use) + " depends on a value nobody wrote");
  return value;
}

bool Worker::needScc() {
  if (wave->sccPoison && config.uninitialised)
    fault(FaultKind::Uninitialised,
          "the branch depends on a value nobody wrote (SCC)");
  return wave->scc;
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Worker::Cached *Worker::lookUp(uint64_t address) {
  uint64_t generation = machine.memory.generation();
  if (generation != cacheGeneration) {
    for (Cached &entry : cache)
      entry = Cached();
    cacheGeneration = generation;
  }
  for (Cached &entry : cache)
    if (address - entry.begin < entry.end - entry.begin &&
        entry.begin < entry.end)
      return &entry;
  std::shared_ptr<const Allocation> found = machine.memory.find(address);
  if (!found)
    return nullptr;
  Cached &entry = cache[cacheNext++ % cache.size()];
  entry.begin = found->address;
  entry.end = found->address + found->bytes;
  entry.lines = &traffic->of(*found);
  entry.allocation = std::move(found);
  return &entry;
}

const Allocation *Worker::find(uint64_t address) {
  const Cached *entry = lookUp(address);
  return entry ? entry->allocation.get() : nullptr;
}

const Allocation *Worker::access(uint64_t address, uint32_t bytes, int lane,
                                 bool write) {
  const Allocation *allocation = find(address);
  if (allocation && allocation->contains(address, bytes))
    return allocation;
  if (!config.outOfBounds)
    return nullptr;
  char text[200];
  if (allocation)
    std::snprintf(text, sizeof text,
                  "%s of %" PRIu32 " bytes at 0x%" PRIx64
                  " runs past the end of the allocation at 0x%" PRIx64
                  " of %" PRIu64 " bytes",
                  write ? "a write" : "a read", bytes, address,
                  allocation->address, allocation->bytes);
  else
    std::snprintf(text, sizeof text,
                  "%s of %" PRIu32 " bytes at 0x%" PRIx64
                  ", where nothing is allocated",
                  write ? "a write" : "a read", bytes, address);
  fault(FaultKind::OutOfBounds, text, lane, address);
}

void Worker::touchLine(const Allocation &allocation, uint64_t address,
                       bool write) {
  Traffic::Lines &lines = *lookUp(allocation.address)->lines;
  uint64_t line = (address - lines.first) / kLineBytes, inSet = line;
  if (allocation.address == launch.scratchBase)
    inSet %= launch.scratchWaveBytes * launch.resources.wavesPerWorkgroup /
             kLineBytes;
  if (write)
    counters.l2WriteLines += Traffic::write(lines, line, inSet, group->serial);
  else
    counters.l2ReadLines += Traffic::read(lines, line, inSet, group->serial);
}
