//===- Tracing.h - Printing instructions as they execute --------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_CLI_TRACING_H
#define GFX803_EMULATOR_CLI_TRACING_H

#include "tools/gfx803-emulator/machine/Wave.h"

#include "tools/gfx803-emulator/machine/Machine.h"

#include "llvm/Support/raw_ostream.h"

#include <optional>
#include <string>
#include <vector>

namespace gfx803::cli {

/// The registers of a wave at one time.
struct Registers {
  std::array<uint32_t, 128> s, sPoison;
  std::vector<uint32_t> v;
  std::vector<uint8_t> vPoison;
  uint64_t exec = 0;
  bool scc = false;

  void copy(Wave &wave);
};

/// What to print of a dispatch, and where to stop it.
struct TraceOptions {
  bool trace = false;
  /// Only this workgroup (counted along x, then y, then z) and wave of it.
  std::optional<std::pair<uint64_t, unsigned>> wave;
  std::optional<uint64_t> breakAt; ///< an address
};

/// Prints each instruction with the registers it changed; stops at a breakpoint
/// by a fault of kind None, after printing the registers of that wave.
class TracePrinter : public Tracer {
public:
  TracePrinter(const Machine &machine, const DispatchRequest &request,
               uint64_t entry, const TraceOptions &options,
               llvm::raw_ostream &out)
      : machine(machine), request(request), entry(entry), options(options),
        out(out) {}

  void before(Wave &wave, const Instruction &instruction) override;
  void after(Wave &wave, const Instruction &instruction) override;

  /// Whether a wave came to the breakpoint.
  bool stopped = false;

private:
  bool selected(const Wave &wave) const;
  void printPlace(const Wave &wave, const Instruction &instruction);
  void printAll(Wave &wave);
  void printScalars(const Wave &wave);
  void printVectors(Wave &wave);

  const Machine &machine;
  const DispatchRequest &request;
  const uint64_t entry;
  const TraceOptions options;
  llvm::raw_ostream &out;
  Registers old;
};

} // namespace gfx803::cli

#endif // GFX803_EMULATOR_CLI_TRACING_H
