//===- Traffic.h - Which lines of memory a thread touched -------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The counts of 64-byte lines are sizes of sets, so they do not depend on the
// order in which workgroups run. One Traffic belongs to one host thread of one
// dispatch; the sets of memory lines are united at the end.
//
//===----------------------------------------------------------------------===//

#ifndef GFX803_EMULATOR_MACHINE_TRAFFIC_H
#define GFX803_EMULATOR_MACHINE_TRAFFIC_H

#include "tools/gfx803-emulator/machine/Machine.h"

#include <memory>
#include <vector>

namespace gfx803 {

class Traffic {
public:
  ~Traffic();
  Traffic() = default;
  Traffic(const Traffic &) = delete;
  Traffic &operator=(const Traffic &) = delete;

  struct Lines;
  /// The sets of one allocation; stays valid.
  Lines &of(const Allocation &allocation);

  /// Adds a line. True if workgroup `group` (> 0) had not read, or written, it.
  /// In the sets it is `inSet`: which of the workgroups' equal parts of scratch
  /// one gets depends on the schedule, so there all of them are the first.
  static bool read(Lines &lines, uint64_t line, uint64_t inSet, uint32_t group);
  static bool write(Lines &lines, uint64_t line, uint64_t inSet,
                    uint32_t group);

  /// Distinct lines of all, read and written.
  static void unite(const std::vector<std::unique_ptr<Traffic>> &all,
                    uint64_t &reads, uint64_t &writes);

  struct Lines {
    uint64_t first = 0; ///< address of the allocation, rounded down to a line
    uint64_t count = 0;
    uint32_t *readGroup = nullptr, *writeGroup = nullptr;
    uint64_t *readSet = nullptr, *writeSet = nullptr;
    uint64_t lowest = ~uint64_t(0), highest = 0; ///< words of the sets in use
    void *mapping = nullptr;
    size_t mappingBytes = 0;
  };

private:
  static bool add(Lines &lines, uint32_t *groups, uint64_t *set, uint64_t line,
                  uint64_t inSet, uint32_t group);
  std::vector<std::unique_ptr<Lines>> slots;
};

inline bool Traffic::add(Lines &lines, uint32_t *groups, uint64_t *set,
                         uint64_t line, uint64_t inSet, uint32_t group) {
  if (groups[line] == group)
    return false;
  groups[line] = group;
  uint64_t word = inSet / 64;
  set[word] |= uint64_t(1) << inSet % 64;
  if (word < lines.lowest)
    lines.lowest = word;
  if (word > lines.highest)
    lines.highest = word;
  return true;
}

inline bool Traffic::read(Lines &lines, uint64_t line, uint64_t inSet,
                          uint32_t group) {
  return add(lines, lines.readGroup, lines.readSet, line, inSet, group);
}

inline bool Traffic::write(Lines &lines, uint64_t line, uint64_t inSet,
                           uint32_t group) {
  return add(lines, lines.writeGroup, lines.writeSet, line, inSet, group);
}

} // namespace gfx803

#endif // GFX803_EMULATOR_MACHINE_TRAFFIC_H
