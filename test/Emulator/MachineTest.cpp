//===- MachineTest.cpp - Memory, LDS, waiting, rounding -------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/Machine.h"
#include "tools/gfx803-emulator/machine/Half.h"
#include "tools/gfx803-emulator/machine/Lds.h"
#include "tools/gfx803-emulator/machine/Wave.h"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <random>

using namespace gfx803;

//===----------------------------------------------------------------------===//
// f16
//===----------------------------------------------------------------------===//

TEST(Half, EveryValueComesBack) {
  for (uint32_t half = 0; half < 0x10000; ++half) {
    float value = halfToFloat(half);
    uint32_t back = floatToHalf(value, Rounding::Nearest);
    if (std::isnan(value)) // signalling ones become quiet
      EXPECT_EQ(back, half | 0x200) << half;
    else
      EXPECT_EQ(back, half) << half;
  }
}

/// The neighbours of a value among all f16, by search.
static uint32_t roundBySearch(double value, Rounding rounding) {
  uint32_t sign = std::signbit(value) ? 0x8000 : 0;
  double magnitude = std::fabs(value);
  uint32_t below = 0; // the largest finite f16 that is not above
  for (uint32_t bit = 0x4000; bit; bit >>= 1)
    if ((below | bit) < 0x7c00 && double(halfToFloat(below | bit)) <= magnitude)
      below |= bit;
  double low = halfToFloat(below);
  double high = below == 0x7bff ? 65536.0 : double(halfToFloat(below + 1));
  bool up = false;
  if (magnitude != low)
    switch (rounding) {
    case Rounding::Nearest:
      up = magnitude - low > high - magnitude ||
           (magnitude - low == high - magnitude && (below & 1));
      break;
    case Rounding::Up:
      up = !sign;
      break;
    case Rounding::Down:
      up = sign;
      break;
    case Rounding::Zero:
      break;
    }
  return sign | (below + up);
}

TEST(Half, RoundsOnceInEveryMode) {
  uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 200000; ++i) {
    double value;
    if (i % 2) {
      value = std::ldexp(double(random() >> 11), int(random() % 48) - 79);
    } else { // at, or one bit off, the middle of two f16
      uint32_t half = uint32_t(random()) % 0x7bff;
      value = (double(halfToFloat(half)) + halfToFloat(half + 1)) / 2;
      if (i % 4)
        value = std::nextafter(value, i % 8 ? 0 : 1e9);
    }
    if (random() & 1)
      value = -value;
    for (unsigned mode = 0; mode < 4; ++mode)
      ASSERT_EQ(doubleToHalf(value, Rounding(mode)),
                roundBySearch(value, Rounding(mode)))
          << value << " mode " << mode;
  }
  EXPECT_EQ(doubleToHalf(65520, Rounding::Nearest), 0x7c00u);
  EXPECT_EQ(doubleToHalf(1e300, Rounding::Zero), 0x7bffu);
  EXPECT_EQ(doubleToHalf(-1e300, Rounding::Up), 0xfbffu);
  EXPECT_EQ(doubleToHalf(1e-300, Rounding::Up), 1u);
  EXPECT_EQ(doubleToHalf(-0.0, Rounding::Up), 0x8000u);
}

//===----------------------------------------------------------------------===//
// s_waitcnt
//===----------------------------------------------------------------------===//

static Pending pending(Pending::Kind kind, uint16_t reg) {
  return {kind, kind != Pending::Scalar, 1, reg, 0};
}

TEST(Wait, VectorLoadsReturnInOrder) {
  Wave wave(8, 16);
  for (uint16_t reg = 0; reg < 3; ++reg)
    wave.pend(wave.vmCounter, pending(Pending::Vector, reg));
  wave.wait(wave.vmCounter, 2);
  EXPECT_FALSE(wave.vPending[0]);
  EXPECT_TRUE(wave.vPending[1]);
  EXPECT_TRUE(wave.vPending[2]);
  wave.wait(wave.vmCounter, 0);
  EXPECT_FALSE(wave.vPending[2]);
  EXPECT_EQ(wave.pendingRegisters, 0u);
}

TEST(Wait, ScalarLoadsReturnInAnyOrder) {
  Wave wave(8, 16);
  wave.pend(wave.lgkmCounter, pending(Pending::Scalar, 0));
  wave.pend(wave.lgkmCounter, pending(Pending::Scalar, 1));
  wave.wait(wave.lgkmCounter, 1);
  EXPECT_TRUE(wave.sPending[0]);
  EXPECT_TRUE(wave.sPending[1]);
  wave.wait(wave.lgkmCounter, 0);
  EXPECT_FALSE(wave.sPending[0]);
  EXPECT_FALSE(wave.sPending[1]);
}

TEST(Wait, ScalarLoadsOvertakeLds) {
  Wave wave(8, 16);
  wave.pend(wave.lgkmCounter, pending(Pending::Lds, 0));
  wave.pend(wave.lgkmCounter, pending(Pending::Scalar, 0));
  // One may be outstanding: either of the two.
  wave.wait(wave.lgkmCounter, 1);
  EXPECT_TRUE(wave.vPending[0]);
  EXPECT_TRUE(wave.sPending[0]);
  wave.pend(wave.lgkmCounter, pending(Pending::Lds, 1));
  // Two LDS loads outstanding would be two, so the first is done at 1.
  wave.wait(wave.lgkmCounter, 1);
  EXPECT_FALSE(wave.vPending[0]);
  EXPECT_TRUE(wave.vPending[1]);
}

//===----------------------------------------------------------------------===//
// LDS
//===----------------------------------------------------------------------===//

using Access = Lds::Access;

TEST(LdsRaces, ReadersShareAndWritersDoNot) {
  Lds lds(64, true);
  EXPECT_EQ(lds.touch(0, 4, 0, Access::Read), -1);
  EXPECT_EQ(lds.touch(0, 4, 1, Access::Read), -1);
  EXPECT_GE(lds.touch(0, 4, 1, Access::Write), 0);
  EXPECT_EQ(lds.touch(8, 4, 2, Access::Write), -1);
  EXPECT_EQ(lds.touch(8, 4, 2, Access::Read), -1);
  EXPECT_EQ(lds.touch(8, 4, 3, Access::Read), 2);
  lds.barrier();
  EXPECT_EQ(lds.touch(8, 4, 3, Access::Write), -1);
}

TEST(LdsRaces, AtomicsAreOrderedAmongThemselvesOnly) {
  Lds lds(64, true);
  EXPECT_EQ(lds.touch(0, 4, 0, Access::Atomic), -1);
  EXPECT_EQ(lds.touch(0, 4, 1, Access::Atomic), -1);
  EXPECT_EQ(lds.touch(0, 4, 2, Access::Read), 1);
}

TEST(LdsRaces, BytesOfOneDwordAreApart) {
  Lds lds(64, true);
  EXPECT_EQ(lds.touch(0, 1, 0, Access::Write), -1);
  EXPECT_EQ(lds.touch(1, 1, 1, Access::Write), -1);
  EXPECT_EQ(lds.touch(0, 1, 1, Access::Read), 0);
  EXPECT_GE(lds.touch(0, 4, 2, Access::Read), 0);
  EXPECT_EQ(lds.touch(4, 4, 0, Access::Write), -1);
  EXPECT_EQ(lds.touch(6, 2, 1, Access::Read), 0);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

TEST(Memory, DeviceMemoryIsLimitedAndFreed) {
  Memory memory(1 << 20);
  EXPECT_EQ(memory.allocate(MemoryKind::Device, 0), 0u);
  uint64_t first = memory.allocate(MemoryKind::Device, 512 << 10);
  ASSERT_NE(first, 0u);
  EXPECT_EQ(memory.allocate(MemoryKind::Device, (512 << 10) + 1), 0u);
  EXPECT_EQ(memory.deviceBytesUsed(), uint64_t(512 << 10));
  EXPECT_TRUE(memory.release(first));
  EXPECT_FALSE(memory.release(first));
  EXPECT_EQ(memory.deviceBytesUsed(), 0u);
  uint64_t aligned = memory.allocate(MemoryKind::Device, 1, 1 << 16);
  EXPECT_EQ(aligned % (1 << 16), 0u);
  EXPECT_EQ(memory.translate(aligned, 2), nullptr);
  EXPECT_NE(memory.translate(aligned, 1), nullptr);
  EXPECT_EQ(memory.allocate(MemoryKind::System, 1, 3), 0u);
}

TEST(Memory, CopiesTakeInitialisationAlong) {
  Memory memory(1 << 20);
  uint64_t a = memory.allocate(MemoryKind::Device, 64),
           b = memory.allocate(MemoryKind::Device, 64);
  auto written = [&](uint64_t base) {
    uint64_t mask = 0;
    auto allocation = memory.find(base);
    for (unsigned i = 0; i < 64; ++i)
      mask |= uint64_t(allocation->shadow[i / 4] >> i % 4 & 1) << i;
    return mask;
  };
  EXPECT_EQ(written(a), 0u);
  char text[] = "abcdefghij";
  uint64_t host = reinterpret_cast<uint64_t>(text);
  EXPECT_TRUE(memory.copy(a + 3, host, 6));
  EXPECT_EQ(written(a), uint64_t(0x1f8));
  EXPECT_TRUE(memory.copy(b + 1, a, 16)); // shifts by one byte
  EXPECT_EQ(written(b), uint64_t(0x3f0));
  EXPECT_TRUE(memory.fill(b, 7, 16));
  EXPECT_EQ(written(b), ~uint64_t(0));
  EXPECT_TRUE(memory.copy(b, a, 64)); // what was never written comes along
  EXPECT_EQ(written(b), uint64_t(0x1f8));
  char back[6];
  EXPECT_TRUE(memory.copy(reinterpret_cast<uint64_t>(back), b + 3, 6));
  EXPECT_EQ(std::memcmp(back, "abcdef", 6), 0);
  EXPECT_FALSE(memory.copy(b + 60, host, 5));
  EXPECT_FALSE(memory.fill(b, 0, 17));
}

TEST(Memory, HostMemoryIsFoundAndDoesNotOverlap) {
  Memory memory(1 << 20);
  static int values[16];
  EXPECT_TRUE(memory.registerHost(values, sizeof values));
  EXPECT_FALSE(memory.registerHost(values + 4, 4));
  EXPECT_FALSE(memory.registerHost(reinterpret_cast<char *>(values) - 2, 4));
  uint64_t address = reinterpret_cast<uint64_t>(values);
  EXPECT_NE(memory.find(address + 63), nullptr);
  EXPECT_EQ(memory.find(address + 64), nullptr);
  EXPECT_TRUE(memory.release(address));
  EXPECT_EQ(memory.find(address), nullptr);
}

TEST(Memory, NothingIsUnmappedWhileADispatchRuns) {
  Memory memory(1 << 20);
  uint64_t address = memory.allocate(MemoryKind::Device, 4096);
  auto allocation = memory.find(address);
  memory.beginDispatch();
  EXPECT_TRUE(memory.release(address));
  allocation->host[0] = std::byte(1); // still mapped
  EXPECT_EQ(memory.find(address), nullptr);
  uint64_t other = memory.allocate(MemoryKind::Device, 4096);
  EXPECT_NE(memory.find(other)->slot, allocation->slot);
  memory.endDispatch();
}

//===----------------------------------------------------------------------===//
// Settings
//===----------------------------------------------------------------------===//

TEST(Config, SizesAndNames) {
  uint64_t bytes = 0;
  EXPECT_TRUE(parseBytes("64KiB", bytes));
  EXPECT_EQ(bytes, 65536u);
  EXPECT_TRUE(parseBytes("123", bytes));
  EXPECT_EQ(bytes, 123u);
  for (const char *bad : {"", "KiB", "1kb", "-1", "1 MiB", "99999999999GiB",
                          "18446744073709551616"})
    EXPECT_FALSE(parseBytes(bad, bytes)) << bad;
  Config config;
  std::string error;
  EXPECT_TRUE(config.relaxAll("lds-races,wave-order", error));
  EXPECT_FALSE(config.ldsRaces);
  EXPECT_FALSE(config.shuffle);
  EXPECT_TRUE(config.uninitialised);
  EXPECT_FALSE(config.relaxAll("lds-race", error));
  EXPECT_NE(error.find("'lds-race' is no check"), std::string::npos);
}
