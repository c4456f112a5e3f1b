//===- Tracing.cpp - Printing instructions as they execute ----------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/cli/Tracing.h"

#include "llvm/Support/Format.h"

#include <cstdlib>

using namespace gfx803;
using namespace gfx803::cli;
using llvm::format;
using llvm::raw_ostream;

/// Runs of lanes in one line; the rest is counted.
static constexpr unsigned kMostRuns = 8;

void Registers::copy(Wave &wave) {
  s = wave.s;
  sPoison = wave.sPoison;
  size_t lanes = size_t(wave.vgprs) * kLanes;
  v.assign(wave.v(0), wave.v(0) + lanes);
  vPoison.assign(wave.vPoison(0), wave.vPoison(0) + lanes);
  exec = wave.exec;
  scc = wave.scc;
}

/// The name of a scalar register by its operand code.
static std::string scalarName(unsigned code) {
  switch (code) {
  case 102:
    return "flat_scratch_lo";
  case 103:
    return "flat_scratch_hi";
  case 104:
    return "xnack_mask_lo";
  case 105:
    return "xnack_mask_hi";
  case 106:
    return "vcc_lo";
  case 107:
    return "vcc_hi";
  case 108:
    return "tba_lo";
  case 109:
    return "tba_hi";
  case 110:
    return "tma_lo";
  case 111:
    return "tma_hi";
  case 124:
    return "m0";
  default:
    return code < 102 ? "s" + std::to_string(code)
                      : "ttmp" + std::to_string(int(code) - 112);
  }
}

static bool isScalarRegister(unsigned code) {
  return code < 124 || code == operand::m0;
}

static void printScalar(raw_ostream &out, uint32_t value, uint32_t poison) {
  if (poison == ~0u)
    out << "?";
  else if (poison)
    out << format("0x%x (? in 0x%x)", value, poison);
  else
    out << format("0x%x", value);
}

/// Prints lanes of a register as runs with a constant step:
/// "0-63: 0x0 step 0x4", "5: 0x3", and ? where nothing was written.
static void printLanes(raw_ostream &out, const uint32_t *values,
                       const uint8_t *poison, uint64_t lanes) {
  unsigned runs = 0;
  for (unsigned lane = 0; lane < kLanes;) {
    if (!(lanes >> lane & 1)) {
      ++lane;
      continue;
    }
    if (runs++ == kMostRuns) {
      out << ", and " << __builtin_popcountll(lanes >> lane) << " lanes more";
      return;
    }
    auto joins = [&](unsigned next) {
      return next < kLanes && (lanes >> next & 1) &&
             poison[next] == poison[lane];
    };
    unsigned end = lane + 1;
    uint32_t step = 0;
    if (poison[lane]) {
      while (joins(end) && (poison[lane] == 15 || values[end] == values[lane]))
        ++end;
    } else {
      step = joins(end) ? values[end] - values[lane] : 0;
      while (joins(end) && values[end] - values[end - 1] == step)
        ++end;
      // Two lanes make no progression.
      if (end == lane + 2 && step != 0) {
        end = lane + 1;
        step = 0;
      }
    }
    out << (runs == 1 ? "" : ", ") << lane;
    if (end > lane + 1)
      out << '-' << end - 1;
    out << ": ";
    if (poison[lane] == 15)
      out << '?';
    else
      out << format("0x%x", values[lane]);
    if (poison[lane] && poison[lane] != 15)
      out << format(" (? in bytes 0x%x)", unsigned(poison[lane]));
    if (step)
      out << format(" step 0x%x", step);
    lane = end;
  }
}

bool TracePrinter::selected(const Wave &wave) const {
  if (!options.wave)
    return true;
  uint64_t number = 0;
  for (unsigned d = 3; d-- > 0;) {
    uint64_t groups = (uint64_t(request.grid[d]) + request.workgroup[d] - 1) /
                      request.workgroup[d];
    number = number * groups + wave.workgroup[d];
  }
  return options.wave->first == number && options.wave->second == wave.index;
}

void TracePrinter::printPlace(const Wave &wave,
                              const Instruction &instruction) {
  auto distance = int64_t(instruction.address - entry);
  out << "wg (" << wave.workgroup[0] << ',' << wave.workgroup[1] << ','
      << wave.workgroup[2] << ") wave " << wave.index << ' '
      << (distance < 0 ? '-' : '+')
      << format("0x%04llx  ",
                static_cast<unsigned long long>(std::abs(distance)))
      << machine.disassemble(instruction) << '\n';
}

void TracePrinter::before(Wave &wave, const Instruction &instruction) {
  if (!selected(wave))
    return;
  if (options.breakAt && *options.breakAt == instruction.address) {
    printPlace(wave, instruction);
    printAll(wave);
    stopped = true;
    throw Fault();
  }
  if (options.trace)
    old.copy(wave);
}

void TracePrinter::after(Wave &wave, const Instruction &instruction) {
  if (!options.trace || !selected(wave))
    return;
  printPlace(wave, instruction);
  printScalars(wave);
  printVectors(wave);
}

void TracePrinter::printScalars(const Wave &wave) {
  std::string text;
  llvm::raw_string_ostream line(text);
  for (unsigned code = 0; code < wave.s.size(); ++code) {
    if (!isScalarRegister(code) || (wave.s[code] == old.s[code] &&
                                    wave.sPoison[code] == old.sPoison[code]))
      continue;
    line << "  " << scalarName(code) << " = ";
    printScalar(line, wave.s[code], wave.sPoison[code]);
  }
  if (wave.exec != old.exec)
    line << format("  exec = 0x%llx",
                   static_cast<unsigned long long>(wave.exec));
  if (wave.scc != old.scc)
    line << "  scc = " << wave.scc;
  if (!text.empty())
    out << "   " << text << '\n';
}

void TracePrinter::printVectors(Wave &wave) {
  for (unsigned reg = 0; reg < wave.vgprs; ++reg) {
    const uint32_t *now = wave.v(reg), *then = &old.v[reg * kLanes];
    const uint8_t *poison = wave.vPoison(reg),
                  *poisonThen = &old.vPoison[reg * kLanes];
    uint64_t changed = 0;
    for (unsigned lane = 0; lane < kLanes; ++lane)
      if (now[lane] != then[lane] || poison[lane] != poisonThen[lane])
        changed |= uint64_t(1) << lane;
    if (!changed)
      continue;
    out << "     v" << reg << " = ";
    printLanes(out, now, poison, changed);
    out << '\n';
  }
}

void TracePrinter::printAll(Wave &wave) {
  out << format("  exec = 0x%llx  scc = %d  mode = 0x%x\n",
                static_cast<unsigned long long>(wave.exec), int(wave.scc),
                wave.mode);
  for (unsigned code = 0; code < wave.s.size(); ++code) {
    bool asked = code < wave.sgprs ||
                 (code >= operand::flatScratch && code < operand::vcc + 2) ||
                 code == operand::m0;
    if (!asked || !isScalarRegister(code) || wave.sPoison[code] == ~0u)
      continue;
    out << "  " << scalarName(code) << " = ";
    printScalar(out, wave.s[code], wave.sPoison[code]);
    out << (wave.sPending[code] ? " (not loaded yet)\n" : "\n");
  }
  for (unsigned reg = 0; reg < wave.vgprs; ++reg) {
    out << "  v" << reg << " = ";
    printLanes(out, wave.v(reg), wave.vPoison(reg), wave.launchMask);
    out << (wave.vPending[reg] ? " (not loaded yet)\n" : "\n");
  }
}
