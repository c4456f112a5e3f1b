//===- VectorMemory.h - Registers of vector memory operations ---*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_MACHINE_VECTORMEMORY_H
#define GFX803_EMULATOR_MACHINE_VECTORMEMORY_H

#include "tools/gfx803-emulator/machine/Atomics.h"
#include "tools/gfx803-emulator/machine/Worker.h"

namespace gfx803 {

enum class MemoryAction : uint8_t { Load, Store, Atomic };

/// A vector memory operation on LDS or memory.
struct MemoryOp {
  MemoryAction action;
  uint8_t bytes;   ///< of one element
  bool signExtend; ///< loads of 1 and 2 bytes
  Atomic atomic;
  uint8_t elements; ///< LDS: 2 for the "2" forms
  bool stride64;    ///< LDS: the offsets count 64 elements
  bool returns;     ///< LDS: an atomic that returns the old value
  unsigned dwords() const { return bytes < 4 ? 1 : bytes / 4u; }
};

/// A vector register with an address, an index or an offset: poison in an
/// active lane is a fault.
const uint32_t *needVector(Worker &worker, Wave &wave, unsigned reg,
                           const char *use);

/// Readies `count` registers for a load of this kind. A load may overtake no
/// other that is still to write the same register, unless they come in order.
void checkLoadTarget(Worker &worker, Wave &wave, unsigned first, unsigned count,
                     Pending::Kind kind);

/// What one lane moves. Bit k of `poison` stands for byte k.
struct Element {
  uint8_t bytes[16] = {};
  uint32_t poison = 0;
  uint64_t value = 0, other = 0; ///< operands of an atomic
};

/// Loads `element`, stores it, or applies it and gives the old value in it.
/// `limit` is M0, or ~0. Accesses out of bounds are faults, or else load 0.
void accessLds(Worker &worker, Wave &wave, const MemoryOp &op, uint32_t address,
               uint32_t limit, unsigned lane, Element &element);
/// The same for memory; `isPrivate`: scratch, where poison may go.
void accessMemory(Worker &worker, const MemoryOp &op, uint64_t address,
                  unsigned lane, bool isPrivate, Element &element);

/// Puts an element into a lane; one of less than a dword is widened.
void putElement(Worker &worker, Wave &wave, const MemoryOp &op, unsigned reg,
                unsigned lane, const Element &element);
/// An element from a lane.
void takeElement(Wave &wave, const MemoryOp &op, unsigned reg, unsigned lane,
                 Element &element);

/// Where the lanes of a vector memory instruction go.
struct LaneAddresses {
  uint64_t address[kLanes];
  uint64_t mask = 0;      ///< lanes that access memory
  uint64_t zero = 0;      ///< lanes whose load gives 0 instead
  uint64_t isPrivate = 0; ///< lanes that access scratch
  uint64_t isLds = 0;     ///< lanes that access LDS, at the low half
  /// Bytes inside a buffer, a lane; what is beyond loads as 0.
  uint8_t inside[kLanes];
  bool partial = false; ///< some `inside` is not the whole element
};

/// The addresses of a MUBUF instruction that accesses `bytes` a lane, and which
/// of them the buffer has.
void findBufferLanes(Worker &worker, Wave &wave, const Instruction &inst,
                     unsigned bytes, LaneAddresses &lanes);

/// Moves the data of MUBUF and FLAT once the addresses are known, and counts.
/// An instruction may need several of these.
void transfer(Worker &worker, Wave &wave, const Instruction &inst,
              const MemoryOp &op, const LaneAddresses &lanes);
/// Counts the lines that lanes touch with `bytes` each.
void countLines(Worker &worker, const MemoryOp &op, unsigned bytes,
                const LaneAddresses &lanes);
/// Makes the results of a whole instruction pending. `lds`: a FLAT access with
/// lanes in LDS.
void pendTransfer(Worker &worker, Wave &wave, const Instruction &inst,
                  const MemoryOp &op, bool lds);

} // namespace gfx803

#endif // GFX803_EMULATOR_MACHINE_VECTORMEMORY_H
