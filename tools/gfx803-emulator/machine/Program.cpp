//===- Program.cpp - Control flow, waiting, hardware registers: SOPP and kin
//--===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/Opcodes.h"
#include "tools/gfx803-emulator/machine/Worker.h"

#include <iterator>

using namespace gfx803;

namespace {

/// A taken branch refills the instruction buffer.
constexpr unsigned kTakenClocks = 16;

void jump(Wave &wave, const Instruction &inst) {
  wave.pc += uint64_t(int64_t(inst.immediate) * 4);
  wave.clocks += kTakenClocks;
}

void executeBranch(Worker &, Wave &wave, const Instruction &inst) {
  jump(wave, inst);
}

template <bool Want>
void executeBranchScc(Worker &worker, Wave &wave, const Instruction &inst) {
  if (worker.needScc() == Want)
    jump(wave, inst);
}

template <bool WantZero>
void executeBranchVcc(Worker &worker, Wave &wave, const Instruction &inst) {
  if ((worker.need64(operand::vcc, "the branch") == 0) == WantZero)
    jump(wave, inst);
}

template <bool WantZero>
void executeBranchExec(Worker &, Wave &wave, const Instruction &inst) {
  if ((wave.exec == 0) == WantZero)
    jump(wave, inst);
}

void executeNothing(Worker &, Wave &, const Instruction &) {}

void executeEnd(Worker &, Wave &wave, const Instruction &) {
  wave.state = WaveState::Ended;
}

void executeBarrier(Worker &worker, Wave &wave, const Instruction &) {
  ++worker.counters.barriers;
  wave.state = WaveState::AtBarrier;
}

void executeSleep(Worker &worker, Wave &wave, const Instruction &inst) {
  wave.clocks += 64 * uint64_t(inst.immediate & 0x7f);
  worker.yields = true;
}

void executeWait(Worker &, Wave &wave, const Instruction &inst) {
  unsigned fields = unsigned(inst.immediate);
  wave.wait(wave.vmCounter, fields & 15);
  wave.wait(wave.lgkmCounter, fields >> 8 & 15);
}

void executeSendMessage(Worker &worker, Wave &wave, const Instruction &) {
  // Messages go to fixed-function hardware and to the host's driver; none of
  // them changes what a compute kernel sees. They count in LGKM.
  worker.need32(operand::m0, "M0 of a message");
  wave.pend(wave.lgkmCounter, {Pending::Message, false, 0, 0, wave.pc});
}

void executeTrap(Worker &worker, Wave &, const Instruction &inst) {
  unsigned id = unsigned(inst.immediate) & 0xff;
  worker.fault(FaultKind::Trap,
               "s_trap " + std::to_string(id) +
                   (id == 2   ? " (the kernel gave up: __builtin_trap)"
                    : id == 3 ? " (a debugger trap)"
                              : ""));
}

void executeGetPc(Worker &worker, Wave &wave, const Instruction &inst) {
  worker.write64(inst.dst, wave.pc, 0);
}

void executeSetPc(Worker &worker, Wave &wave, const Instruction &inst) {
  wave.pc = worker.need64(inst.src[0], "the program counter");
  wave.clocks += kTakenClocks;
}

void executeSwapPc(Worker &worker, Wave &wave, const Instruction &inst) {
  uint64_t target = worker.need64(inst.src[0], "the program counter");
  worker.write64(inst.dst, wave.pc, 0);
  wave.pc = target;
  wave.clocks += kTakenClocks;
}

//===----------------------------------------------------------------------===//
// Hardware registers
//===----------------------------------------------------------------------===//

enum HardwareRegister {
  kMode = 1,
  kStatus,
  kTrapStatus,
  kHardwareId,
  kGprAllocation,
  kLdsAllocation,
  kIbStatus
};

uint32_t readHardware(Worker &worker, Wave &wave, unsigned id) {
  switch (id) {
  case kMode:
    return wave.mode;
  case kStatus: {
    // SCC, EXECZ, VCCZ, IN_BARRIER, VALID.
    return uint32_t(wave.scc) | uint32_t(wave.exec == 0) << 9 |
           uint32_t(wave.vcc() == 0) << 10 | 1u << 16;
  }
  case kTrapStatus:
  case kIbStatus:
    return 0;
  case kHardwareId:
    // WAVE_ID and SIMD_ID as if a workgroup filled one unit.
    return (wave.index / kSimdsPerUnit & 15) | (wave.index % kSimdsPerUnit)
                                                   << 4;
  case kGprAllocation:
    return (wave.vgprs / 4 - 1) << 8 | (wave.sgprs / 16 - 1) << 24;
  case kLdsAllocation:
    return (worker.group->lds->size() + 255) / 256 << 12;
  default:
    worker.fault(FaultKind::IllegalInstruction,
                 "gfx803 has no hardware register " + std::to_string(id) +
                     " that a kernel may read");
  }
}

struct Field {
  unsigned id, offset, width;
  explicit Field(const Instruction &inst)
      : id(unsigned(inst.immediate) & 63),
        offset(unsigned(inst.immediate) >> 6 & 31),
        width((unsigned(inst.immediate) >> 11 & 31) + 1) {}
  uint32_t mask() const {
    uint64_t ones = (uint64_t(1) << width) - 1;
    return uint32_t(ones << offset);
  }
};

void executeGetRegister(Worker &worker, Wave &wave, const Instruction &inst) {
  Field field(inst);
  uint32_t value = readHardware(worker, wave, field.id);
  worker.write32(inst.dst, (value & field.mask()) >> field.offset, 0);
}

void setHardware(Worker &worker, Wave &wave, const Instruction &inst,
                 uint32_t value) {
  Field field(inst);
  if (field.id != kMode)
    worker.fault(FaultKind::IllegalInstruction,
                 "hardware register " + std::to_string(field.id) +
                     " cannot be written by a kernel");
  wave.mode =
      (wave.mode & ~field.mask()) | (value << field.offset & field.mask());
}

void executeSetRegister(Worker &worker, Wave &wave, const Instruction &inst) {
  // The destination field of the encoding names the source.
  setHardware(worker, wave, inst,
              worker.need32(inst.dst, "a hardware register"));
}

void executeSetRegisterImmediate(Worker &worker, Wave &wave,
                                 const Instruction &inst) {
  setHardware(worker, wave, inst, inst.literal);
}

//===----------------------------------------------------------------------===//
// Indexed vector registers
//===----------------------------------------------------------------------===//

void setIndex(Worker &worker, Wave &wave, const Instruction &inst) {
  uint32_t index = worker.need32(inst.src[0], "a register index");
  wave.s[operand::m0] = (wave.s[operand::m0] & ~0xffu) | (index & 0xff);
  wave.sPoison[operand::m0] &= ~0xffu;
}

void setIndexedOperands(Wave &wave, unsigned operands) {
  wave.s[operand::m0] = (wave.s[operand::m0] & ~0xf000u) | (operands & 15)
                                                               << 12;
  wave.sPoison[operand::m0] &= ~0xf000u;
}

void executeIndexOn(Worker &worker, Wave &wave, const Instruction &inst) {
  // The second source's field says which operands are indexed.
  setIndex(worker, wave, inst);
  setIndexedOperands(wave, inst.src[1]);
  wave.mode |= kIndexMode;
}

void executeIndexOff(Worker &, Wave &wave, const Instruction &) {
  wave.mode &= ~kIndexMode;
}

void executeIndexOperands(Worker &, Wave &wave, const Instruction &inst) {
  setIndexedOperands(wave, unsigned(inst.immediate));
}

void executeHalt(Worker &worker, Wave &, const Instruction &inst) {
  if (inst.immediate & 1)
    worker.fault(FaultKind::Trap, "the wave halts for a debugger");
}

constexpr InstClass kBranch = InstClass::Branch, kWait = InstClass::Wait,
                    kOther = InstClass::Other, kSalu = InstClass::Salu;

const Opcode kTable[] = {
    {"S_NOP", executeNothing, kOther, 4, nullptr},
    {"S_ENDPGM", executeEnd, kOther, 4, nullptr},
    {"S_ENDPGM_SAVED", executeEnd, kOther, 4, nullptr},
    {"S_BRANCH", executeBranch, kBranch, 4, nullptr},
    {"S_CBRANCH_SCC0", executeBranchScc<false>, kBranch, 4, nullptr},
    {"S_CBRANCH_SCC1", executeBranchScc<true>, kBranch, 4, nullptr},
    {"S_CBRANCH_VCCZ", executeBranchVcc<true>, kBranch, 4, nullptr},
    {"S_CBRANCH_VCCNZ", executeBranchVcc<false>, kBranch, 4, nullptr},
    {"S_CBRANCH_EXECZ", executeBranchExec<true>, kBranch, 4, nullptr},
    {"S_CBRANCH_EXECNZ", executeBranchExec<false>, kBranch, 4, nullptr},
    // No debugger is attached: these conditions never hold.
    {"S_CBRANCH_CDBGSYS", executeNothing, kBranch, 4, nullptr},
    {"S_CBRANCH_CDBGUSER", executeNothing, kBranch, 4, nullptr},
    {"S_CBRANCH_CDBGSYS_OR_USER", executeNothing, kBranch, 4, nullptr},
    {"S_CBRANCH_CDBGSYS_AND_USER", executeNothing, kBranch, 4, nullptr},
    {"S_BARRIER", executeBarrier, kWait, 4, nullptr},
    {"S_WAITCNT", executeWait, kWait, 4, nullptr},
    {"S_SLEEP", executeSleep, kWait, 4, nullptr},
    {"S_WAKEUP", executeNothing, kOther, 4, nullptr},
    {"S_SETPRIO", executeNothing, kOther, 4, nullptr},
    {"S_ICACHE_INV", executeNothing, kOther, 4, nullptr},
    {"S_INCPERFLEVEL", executeNothing, kOther, 4, nullptr},
    {"S_DECPERFLEVEL", executeNothing, kOther, 4, nullptr},
    {"S_TTRACEDATA", executeNothing, kOther, 4, nullptr},
    {"S_SETHALT", executeHalt, kOther, 4, nullptr},
    {"S_SET_GPR_IDX_ON", executeIndexOn, kSalu, 4, nullptr},
    {"S_SET_GPR_IDX_OFF", executeIndexOff, kSalu, 4, nullptr},
    {"S_SET_GPR_IDX_MODE", executeIndexOperands, kSalu, 4, nullptr},
    {"S_SET_GPR_IDX_IDX", setIndex, kSalu, 4, nullptr},
    {"S_SENDMSG", executeSendMessage, kOther, 4, nullptr},
    {"S_TRAP", executeTrap, kOther, 4, nullptr},
    {"S_GETPC_B64", executeGetPc, kSalu, 4, nullptr},
    {"S_SETPC_B64", executeSetPc, kBranch, 4, nullptr},
    {"S_SWAPPC_B64", executeSwapPc, kBranch, 4, nullptr},
    {"S_GETREG_B32", executeGetRegister, kSalu, 4, nullptr},
    {"S_SETREG_B32", executeSetRegister, kSalu, 4, nullptr},
    {"S_SETREG_IMM32_B32", executeSetRegisterImmediate, kSalu, 4, nullptr},
};

} // namespace

OpcodeTable gfx803::programOpcodes() { return {kTable, std::size(kTable)}; }
