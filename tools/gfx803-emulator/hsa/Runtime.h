//===- Runtime.h - All there is between hsa_init and hsa_shut_down -*- C++
//-*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_HSA_RUNTIME_H
#define GFX803_EMULATOR_HSA_RUNTIME_H

#include "tools/gfx803-emulator/hsa/Blocks.h"
#include "tools/gfx803-emulator/hsa/Copies.h"
#include "tools/gfx803-emulator/hsa/Executables.h"
#include "tools/gfx803-emulator/hsa/Handlers.h"
#include "tools/gfx803-emulator/hsa/Queues.h"
#include "tools/gfx803-emulator/hsa/Reports.h"
#include "tools/gfx803-emulator/hsa/Signals.h"
#include "tools/gfx803-emulator/machine/Machine.h"

namespace gfx803::hsa {

/// The state of the process. Members are destroyed from the last to the first:
/// what runs threads comes after what the threads use.
struct Runtime {
  explicit Runtime(Config config)
      : machine(std::move(config)), signals(machine.memory),
        blocks(machine.memory), handlers(signals), executables(machine),
        copies(machine, signals, blocks), queues(*this) {}

  Machine machine;
  Signals signals;
  Blocks blocks;
  Reports reports;
  SystemEvents systemEvents;
  Handlers handlers;
  Executables executables;
  Copies copies;
  Queues queues;
};

/// Null before hsa_init and after the last hsa_shut_down.
Runtime *runtime();

} // namespace gfx803::hsa

/// What every function of the API begins with.
#define HSA_RUNTIME(name)                                                      \
  gfx803::hsa::Runtime *name = gfx803::hsa::runtime();                         \
  if (!name)                                                                   \
  return HSA_STATUS_ERROR_NOT_INITIALIZED

#endif // GFX803_EMULATOR_HSA_RUNTIME_H
