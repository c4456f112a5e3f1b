//===- ValuExecution.h - One vector operation under way ---------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_MACHINE_VALUEXECUTION_H
#define GFX803_EMULATOR_MACHINE_VALUEXECUTION_H

#include "tools/gfx803-emulator/machine/Valu.h"

namespace gfx803 {

/// Room for operands that are not a register as it stands.
struct Buffers {
  alignas(64) uint32_t narrow[3][kLanes];
  alignas(64) uint64_t wide[3][kLanes];
  alignas(64) uint32_t result[kLanes];
  alignas(64) uint64_t wideResult[kLanes];
  alignas(64) uint8_t poison[3][kLanes];
  bool hasPoison[3] = {};
};

class Execution {
public:
  Execution(Worker &worker, Wave &wave, const Instruction &inst)
      : worker(worker), wave(wave), inst(inst),
        op(*static_cast<const ValuOp *>(inst.opcode->data)), lanes() {}

  void run();

private:
  void takeSource(unsigned k);
  void takeScalar(unsigned k, unsigned code, Type type);
  void takeRegister(unsigned k, unsigned reg, Type type);
  void takePoison(unsigned k, unsigned reg, bool wide);
  uint32_t *own(unsigned k);
  void selectSdwa(unsigned k);
  void permute(unsigned k);
  void modify(unsigned k, Type type);
  void flushSources();
  void compute();
  void finishFloat();
  void write();
  void writeRegister(unsigned reg, const uint32_t *values,
                     const uint8_t *poison);
  void placeSdwa();
  void writeMask();
  const uint8_t *resultPoison();

  Worker &worker;
  Wave &wave;
  const Instruction &inst;
  const ValuOp &op;
  Lanes lanes;
  Buffers buffers;
  uint64_t writeMaskLanes = 0; ///< EXEC, less what DPP switches off
  uint64_t maskInPoison = 0;
  bool tainted = false;
  unsigned sources = 0;
};

/// A byte of ones for each bit of a nibble.
inline uint32_t spread(uint8_t nibble) {
  return (nibble & 1 ? 0xffu : 0) | (nibble & 2 ? 0xff00u : 0) |
         (nibble & 4 ? 0xff0000u : 0) | (nibble & 8 ? 0xff000000u : 0);
}
/// A bit for each byte that is not zero.
inline uint8_t gather(uint32_t bits) {
  return uint8_t(((bits & 0xff) != 0) | ((bits & 0xff00) != 0) << 1 |
                 ((bits & 0xff0000) != 0) << 2 |
                 ((bits & 0xff000000) != 0) << 3);
}

} // namespace gfx803

#endif // GFX803_EMULATOR_MACHINE_VALUEXECUTION_H
