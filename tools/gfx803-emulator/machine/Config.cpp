//===- Config.cpp - How strict, how fast, how large -----------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/Config.h"

#include "tools/gfx803-emulator/machine/Fault.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>

using namespace gfx803;

const char *gfx803::faultName(FaultKind kind) {
  switch (kind) {
  case FaultKind::None:
    return "none";
  case FaultKind::IllegalInstruction:
    return "illegal-instruction";
  case FaultKind::BadProgramCounter:
    return "bad-program-counter";
  case FaultKind::OutOfBounds:
    return "out-of-bounds";
  case FaultKind::Unaligned:
    return "unaligned";
  case FaultKind::Uninitialised:
    return "uninitialised";
  case FaultKind::PendingLoad:
    return "pending-load";
  case FaultKind::LdsRace:
    return "lds-race";
  case FaultKind::Resources:
    return "resources";
  case FaultKind::Trap:
    return "trap";
  case FaultKind::BadPacket:
    return "bad-packet";
  }
  return "unknown";
}

/// A whole decimal number; false for anything else.
static bool parseNumber(const std::string &text, uint64_t &value) {
  if (text.empty() || text.size() > 20)
    return false;
  unsigned __int128 sum = 0;
  for (char c : text) {
    if (c < '0' || c > '9')
      return false;
    sum = sum * 10 + unsigned(c - '0');
  }
  value = uint64_t(sum);
  return sum <= UINT64_MAX;
}

bool gfx803::parseBytes(const std::string &text, uint64_t &bytes) {
  struct Unit {
    const char *name;
    unsigned shift;
  };
  for (Unit unit : {Unit{"KiB", 10}, Unit{"MiB", 20}, Unit{"GiB", 30}}) {
    size_t at = text.size() > 3 ? text.size() - 3 : 0;
    if (at == 0 || text.compare(at, 3, unit.name) != 0)
      continue;
    uint64_t count;
    if (!parseNumber(text.substr(0, at), count) ||
        count > UINT64_MAX >> unit.shift)
      return false;
    bytes = count << unit.shift;
    return true;
  }
  return parseNumber(text, bytes);
}

bool Config::relax(const std::string &name) {
  struct Check {
    const char *name;
    bool Config::*flag;
  };
  for (Check check : {Check{"pending-loads", &Config::pendingLoads},
                      Check{"uninitialised", &Config::uninitialised},
                      Check{"out-of-bounds", &Config::outOfBounds},
                      Check{"lds-races", &Config::ldsRaces},
                      Check{"wave-order", &Config::shuffle}})
    if (name == check.name) {
      this->*check.flag = false;
      return true;
    }
  return false;
}

bool Config::relaxAll(const std::string &names, std::string &error) {
  for (size_t begin = 0; begin < names.size();) {
    size_t end = std::min(names.find(',', begin), names.size());
    std::string name = names.substr(begin, end - begin);
    if (!name.empty() && !relax(name)) {
      error = "'" + name +
              "' is no check: there are pending-loads, uninitialised, "
              "out-of-bounds, lds-races, wave-order";
      return false;
    }
    begin = end + 1;
  }
  return true;
}

bool Config::readEnvironment(std::string &error) {
  auto get = [](const char *name) {
    const char *value = std::getenv(name);
    return std::string(value ? value : "");
  };
  auto number = [&](const char *name, uint64_t &value, uint64_t limit) {
    std::string text = get(name);
    if (text.empty())
      return true;
    if (parseNumber(text, value) && value <= limit)
      return true;
    error = std::string(name) + "='" + text + "' is not a number up to " +
            std::to_string(limit);
    return false;
  };
  std::string vram = get("GFX803_EMULATOR_VRAM");
  if (!vram.empty() && (!parseBytes(vram, vramBytes) || vramBytes == 0)) {
    error = "GFX803_EMULATOR_VRAM='" + vram +
            "' is not a size: give bytes, or KiB, MiB or GiB as in 512MiB";
    return false;
  }
  uint64_t count = threads;
  if (!number("GFX803_EMULATOR_SEED", seed, UINT64_MAX) ||
      !number("GFX803_EMULATOR_THREADS", count, 1024))
    return false;
  threads = unsigned(count);
  std::string file = get("GFX803_EMULATOR_COUNTERS");
  if (!file.empty()) {
    if (!std::ofstream(file, std::ios::app)) {
      error = "GFX803_EMULATOR_COUNTERS='" + file +
              "' cannot be written: name a file in a folder that exists";
      return false;
    }
    countersFile = file;
  }
  if (relaxAll(get("GFX803_EMULATOR_RELAX"), error))
    return true;
  error = "GFX803_EMULATOR_RELAX: " + error;
  return false;
}
