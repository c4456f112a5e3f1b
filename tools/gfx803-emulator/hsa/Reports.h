//===- Reports.h - What finished dispatches did -----------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_HSA_REPORTS_H
#define GFX803_EMULATOR_HSA_REPORTS_H

#include "tools/gfx803-emulator/machine/Counters.h"

#include <deque>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace gfx803::hsa {

/// The last dispatches, for gfx803_emulator_dispatch.
class Reports {
public:
  struct Record {
    uint64_t index = 0, signal = 0;
    DispatchReport report;
  };

  void add(uint64_t signal, DispatchReport report);
  uint64_t count();
  /// Null for what is not there, not yet or no more.
  std::shared_ptr<const Record> find(uint64_t index);
  std::shared_ptr<const Record> ofSignal(uint64_t signal);

private:
  static constexpr size_t kKept = 65536;

  std::mutex mutex;
  std::deque<std::shared_ptr<const Record>> records;
  uint64_t first = 0;                            ///< index of records.front()
  std::unordered_map<uint64_t, uint64_t> latest; ///< by signal
};

} // namespace gfx803::hsa

#endif // GFX803_EMULATOR_HSA_REPORTS_H
