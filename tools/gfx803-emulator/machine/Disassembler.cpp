//===- Disassembler.cpp - LLVM's disassembler for gfx803 ------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/Disassembler.h"

#include "llvm/MC/MCAsmInfo.h"
#include "llvm/MC/MCContext.h"
#include "llvm/MC/MCDisassembler/MCDisassembler.h"
#include "llvm/MC/MCInst.h"
#include "llvm/MC/MCInstPrinter.h"
#include "llvm/MC/MCInstrInfo.h"
#include "llvm/MC/MCRegisterInfo.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/MCTargetOptions.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Triple.h"

#include <algorithm>
#include <mutex>

// Of all targets LLVM has, one: llvm/Support/TargetSelect.h declares the rest.
extern "C" {
void LLVMInitializeAMDGPUTargetInfo();
void LLVMInitializeAMDGPUTargetMC();
void LLVMInitializeAMDGPUDisassembler();
}

using namespace gfx803;

/// Whether an encoding of two dwords, which leaves no room for a literal, names
/// one all the same: LLVM 22 crashes over these instead of refusing them.
static bool wantsLiteralInVain(const uint32_t *words) {
  constexpr uint32_t literal = 255;
  switch (words[0] >> 26) {
  case 0x34: { // VOP3, whose comparisons and v_readlane have a scalar result
    uint32_t opcode = words[0] >> 16 & 0x3ff;
    if ((opcode < 256 || opcode == 0x289) && (words[0] & 255) == literal)
      return true;
    for (unsigned at : {0, 9, 18})
      if ((words[1] >> at & 511) == literal)
        return true;
    return false;
  }
  case 0x38: // MUBUF
  case 0x3a: // MTBUF
    return words[1] >> 24 == literal;
  default:
    return false;
  }
}

struct Disassembler::State {
  std::unique_ptr<llvm::MCInstrInfo> instructions;
  std::unique_ptr<llvm::MCRegisterInfo> registers;
  std::unique_ptr<llvm::MCAsmInfo> syntax;
  std::unique_ptr<llvm::MCSubtargetInfo> chip;
  std::unique_ptr<llvm::MCContext> context;
  std::unique_ptr<llvm::MCDisassembler> decoder;
  std::unique_ptr<llvm::MCInstPrinter> printer;
  std::mutex mutex;

  bool decode(const uint32_t *words, unsigned count, uint64_t address,
              llvm::MCInst &result, uint64_t &size) {
    // Two dwords in any case, so that a literal does not lie beyond the end.
    uint32_t padded[2] = {};
    std::copy_n(words, std::min(count, 2u), padded);
    llvm::ArrayRef<uint8_t> bytes(reinterpret_cast<const uint8_t *>(padded),
                                  sizeof padded);
    if (wantsLiteralInVain(padded))
      return false;
    return decoder->getInstruction(result, size, bytes, address,
                                   llvm::nulls()) ==
               llvm::MCDisassembler::Success &&
           size <= count * 4;
  }
};

Disassembler::Disassembler() : state(std::make_unique<State>()) {
  LLVMInitializeAMDGPUTargetInfo();
  LLVMInitializeAMDGPUTargetMC();
  LLVMInitializeAMDGPUDisassembler();
  llvm::Triple triple("amdgcn-amd-amdhsa");
  std::string error;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  llvm::MCTargetOptions options;
  state->instructions.reset(target->createMCInstrInfo());
  state->registers.reset(target->createMCRegInfo(triple));
  state->syntax.reset(
      target->createMCAsmInfo(*state->registers, triple, options));
  state->chip.reset(target->createMCSubtargetInfo(triple, "gfx803", ""));
  state->context = std::make_unique<llvm::MCContext>(
      triple, state->syntax.get(), state->registers.get(), state->chip.get());
  state->decoder.reset(
      target->createMCDisassembler(*state->chip, *state->context));
  state->printer.reset(target->createMCInstPrinter(
      triple, 0, *state->syntax, *state->instructions, *state->registers));
}

Disassembler::~Disassembler() = default;

std::string Disassembler::name(const uint32_t *words, unsigned count,
                               unsigned &bytes) {
  std::lock_guard<std::mutex> lock(state->mutex);
  llvm::MCInst decoded;
  uint64_t size = 0;
  if (!state->decode(words, count, 0, decoded, size))
    return "";
  bytes = unsigned(size);
  return state->instructions->getName(decoded.getOpcode()).str();
}

std::string Disassembler::print(const uint32_t *words, unsigned count,
                                uint64_t address) {
  std::lock_guard<std::mutex> lock(state->mutex);
  llvm::MCInst decoded;
  uint64_t size = 0;
  if (!state->decode(words, count, address, decoded, size))
    return "";
  std::string text;
  llvm::raw_string_ostream stream(text);
  state->printer->printInst(&decoded, address, "", *state->chip, stream);
  size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string::npos)
    return "";
  text.erase(0, begin);
  for (char &c : text)
    if (c == '\t')
      c = ' ';
  return text;
}
