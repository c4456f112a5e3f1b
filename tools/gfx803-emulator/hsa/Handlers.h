//===- Handlers.h - Functions called when a signal changes ------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_HSA_HANDLERS_H
#define GFX803_EMULATOR_HSA_HANDLERS_H

#include "tools/gfx803-emulator/hsa/Signals.h"

#include "hsa/hsa_ext_amd.h"

#include <mutex>
#include <thread>
#include <vector>

namespace gfx803::hsa {

/// hsa_amd_signal_async_handler: one thread, started at the first handler.
class Handlers {
public:
  explicit Handlers(Signals &signals) : signals(signals) {}
  ~Handlers() { finish(); }

  void finish();

  struct Handler {
    uint64_t signal = 0; ///< 0: call `once` and be done
    hsa_signal_condition_t condition = HSA_SIGNAL_CONDITION_EQ;
    int64_t compare = 0;
    hsa_amd_signal_handler call = nullptr;
    void (*once)(void *) = nullptr;
    void *argument = nullptr;
  };
  void add(const Handler &handler);

private:
  void run();
  bool ready(const Handler &handler) const;
  bool anyReady();

  Signals &signals;
  std::mutex mutex;
  std::vector<Handler> handlers;
  bool stop = false;
  std::thread thread;
};

/// hsa_amd_register_system_event_handler.
class SystemEvents {
public:
  bool set(hsa_amd_system_event_callback_t callback, void *data);
  void memoryFault(uint64_t address);

private:
  std::mutex mutex;
  hsa_amd_system_event_callback_t callback = nullptr;
  void *data = nullptr;
};

} // namespace gfx803::hsa

#endif // GFX803_EMULATOR_HSA_HANDLERS_H
