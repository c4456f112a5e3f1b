//===- Copies.h - Copies that overlap with kernels --------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_HSA_COPIES_H
#define GFX803_EMULATOR_HSA_COPIES_H

#include "tools/gfx803-emulator/hsa/Blocks.h"
#include "tools/gfx803-emulator/hsa/Signals.h"
#include "tools/gfx803-emulator/machine/Machine.h"

#include <list>
#include <thread>

namespace gfx803::hsa {

/// Rows of bytes; a plain copy is one row.
struct Copy {
  struct Side {
    uint64_t address = 0, rowPitch = 0, slicePitch = 0;
    uint64_t at(uint64_t row, uint64_t slice) const {
      return address + row * rowPitch + slice * slicePitch;
    }
  };
  Side to, from;
  uint64_t bytes = 0, rows = 1, slices = 1;
  std::vector<uint64_t> dependencies;
  uint64_t completion = 0;
};

/// One thread, as one DMA engine, started at the first copy. It takes the first
/// copy whose dependencies are met, so that none waits behind another's.
class Copies {
public:
  Copies(Machine &machine, Signals &signals, Blocks &blocks)
      : machine(machine), signals(signals), blocks(blocks) {}
  ~Copies() { finish(); }

  /// Ends the thread; copies that have not begun are dropped.
  void finish();

  void submit(Copy copy);
  /// Whether kernels and the copy engine reach all these bytes.
  bool reachable(uint64_t address, uint64_t bytes) const;
  /// Copies now, on the calling thread; plain host memory may take part.
  bool copyNow(uint64_t to, uint64_t from, uint64_t bytes);

  std::atomic<bool> profiling{false};

private:
  void run();
  std::list<Copy>::iterator firstReady();
  void execute(const Copy &copy);

  Machine &machine;
  Signals &signals;
  Blocks &blocks;
  std::mutex mutex;
  std::list<Copy> pending;
  bool stop = false;
  uint64_t lastEnd = 0;
  std::thread thread;
};

} // namespace gfx803::hsa

#endif // GFX803_EMULATOR_HSA_COPIES_H
