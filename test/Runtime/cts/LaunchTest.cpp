//===- LaunchTest.cpp - Kernels -------------------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/Runtime/cts/DeviceTest.h"

#include <cmath>
#include <cstring>

using namespace sparsec;
using namespace sparsec::test;

TEST_P(DeviceTest, ResultsAreExactToTheBit) {
  constexpr uint32_t kCount = 1000;
  std::vector<float> x(kCount), y(kCount), expected(kCount);
  for (uint32_t i = 0; i < kCount; ++i) {
    x[i] = std::sin(float(i)) * 1e3f;
    y[i] = std::cos(float(i));
  }
  x[0] = INFINITY, x[1] = -0.0f, y[1] = -0.0f, y[2] = 1e-40f, x[2] = 0;
  const float a = 1.0f / 3;
  for (uint32_t i = 0; i < kCount; ++i) {
    volatile float product = a * x[i]; // rounded before the sum
    expected[i] = product + y[i];
  }
  SaxpyArguments arguments = {upload(y), upload(x), kCount, a};
  // Whole and partial workgroups, smaller and larger than a wave.
  for (uint32_t groupItems : {64, 250, 256, 33, 1}) {
    rt::Ticket ticket;
    ASSERT_OK(stream->copyIn(arguments.y, y.data(), kCount * 4, 0, ticket));
    ticket = launch("saxpy", kCount, groupItems, arguments, ticket);
    std::vector<float> result = download<float>(arguments.y, kCount, ticket);
    EXPECT_EQ(std::memcmp(result.data(), expected.data(), kCount * 4), 0)
        << "workgroups of " << groupItems;
  }
}

TEST_P(DeviceTest, ScalarsOfAllSizes) {
  struct {
    rt::DeviceAddress out;
    int8_t a;
    uint64_t b;
    int16_t c;
    double d;
    uint32_t e;
  } arguments = {allocate(40), -5,      0x123456789abcdef0,
                 -3000,        1234.25, 0xdeadbeef};
  rt::Ticket ticket = launch("scalars", 1, 1, arguments);
  EXPECT_EQ(download<uint64_t>(arguments.out, 5, ticket),
            (std::vector<uint64_t>{uint64_t(-5), 0x123456789abcdef0,
                                   uint64_t(-3000), 4937, 0xdeadbeef}));
}

TEST_P(DeviceTest, GridsOfUpToThreeDimensions) {
  struct Case {
    uint32_t grid[3], group[3];
  };
  for (const Case &c :
       {Case{{128, 1, 1}, {64, 1, 1}},
        Case{{100, 7, 1}, {16, 4, 1}}, // partial in both
        Case{{5, 1, 9}, {5, 1, 2}}, Case{{13, 11, 6}, {4, 4, 4}},
        Case{{1, 1, 1}, {8, 8, 4}}}) {
    const uint32_t *grid = c.grid, *group = c.group;
    std::vector<uint64_t> expected;
    for (uint64_t z = 0; z < grid[2]; ++z)
      for (uint64_t y = 0; y < grid[1]; ++y)
        for (uint64_t x = 0; x < grid[0]; ++x)
          expected.push_back(x % group[0] | y % group[1] << 10 |
                             z % group[2] << 20 | x / group[0] << 30 |
                             y / group[1] << 40 | z / group[2] << 50);
    struct {
      rt::DeviceAddress out;
      uint32_t width, height, unused;
    } arguments = {allocate(expected.size() * 8), grid[0], grid[1], 0};
    rt::LaunchSize size = {
        {grid[0], grid[1], grid[2]}, {group[0], group[1], group[2]}, 0};
    rt::Ticket ticket;
    ASSERT_OK(stream->launch(kernel("places"), size, &arguments,
                             sizeof(arguments), 0, ticket));
    EXPECT_EQ(download<uint64_t>(arguments.out, expected.size(), ticket),
              expected)
        << grid[0] << "x" << grid[1] << "x" << grid[2];
  }
}

TEST_P(DeviceTest, KernelsLearnTheShapeOfTheLaunch) {
  StepArguments arguments = {allocate(40), 0};
  rt::Ticket ticket;
  // One workgroup does the writing: the others write the same.
  rt::LaunchSize size = {{100, 9, 1}, {64, 4, 1}, 0};
  ASSERT_OK(stream->launch(kernel("shape"), size, &arguments, sizeof(arguments),
                           0, ticket));
  EXPECT_EQ(download<uint32_t>(arguments.x, 10, ticket),
            (std::vector<uint32_t>{1, 2, 1, 64, 4, 1, 36, 1, 0, 2}));
}

TEST_P(DeviceTest, LocalMemoryAndBarriers) {
  constexpr uint32_t kGroups = 37, kItems = 256;
  std::vector<uint32_t> in(kGroups * kItems), expected(kGroups);
  for (uint32_t i = 0; i < in.size(); ++i)
    expected[i / kItems] += in[i] = i * 2654435761u;
  SumsArguments arguments = {allocate(kGroups * 4), upload(in)};
  rt::Ticket ticket = launch("sums", kGroups * kItems, kItems, arguments);
  EXPECT_EQ(download<uint32_t>(arguments.out, kGroups, ticket), expected);
}

TEST_P(DeviceTest, ManyLaunchesInOrder) {
  constexpr uint32_t kCount = 100, kLaunches = 1000;
  std::vector<uint32_t> x(kCount);
  for (uint32_t i = 0; i < kCount; ++i)
    x[i] = i;
  StepArguments arguments = {upload(x), 0};
  rt::Ticket ticket = 0;
  for (uint32_t k = 0; k < kLaunches; ++k) {
    arguments.k = k;
    ticket = launch("step", kCount, 64, arguments);
    for (uint32_t &value : x)
      value = value * 3 + k;
  }
  EXPECT_EQ(download<uint32_t>(arguments.x, kCount, ticket), x);
}

TEST_P(DeviceTest, CopiesAndKernelsFollowTheirTickets) {
  // Each kernel works on one half while the other half is copied in and out:
  // what a model does that streams its weights.
  constexpr uint32_t kCount = 3000, kRounds = 40;
  rt::DeviceAddress halves[2] = {allocate(kCount * 4), allocate(kCount * 4)};
  std::vector<std::vector<uint32_t>> results(kRounds,
                                             std::vector<uint32_t>(kCount)),
      expected = results;
  rt::Ticket computed[2] = {0, 0}, drained[2] = {0, 0};
  for (uint32_t round = 0; round < kRounds; ++round) {
    unsigned half = round % 2;
    std::vector<uint32_t> data(kCount);
    for (uint32_t i = 0; i < kCount; ++i) {
      data[i] = i * 7 + round;
      expected[round][i] = data[i] * 3 + round;
    }
    rt::Ticket filled;
    ASSERT_OK(stream->copyIn(halves[half], data.data(), kCount * 4,
                             drained[half], filled));
    computed[half] =
        launch("step", kCount, 64, StepArguments{halves[half], round}, filled);
    ASSERT_OK(stream->copyOut(results[round].data(), halves[half], kCount * 4,
                              computed[half], drained[half]));
  }
  ASSERT_OK(stream->finish());
  EXPECT_EQ(results, expected);
}

TEST_P(DeviceTest, LongCopiesFollowKernels) {
  // Pieces of a copy wait in line; what they wait for must stay what it was.
  constexpr size_t kBytes = 20 << 20;
  constexpr uint32_t kCount = 1000;
  SaxpyArguments arguments = {upload(std::vector<float>(kCount, 1)),
                              upload(std::vector<float>(kCount, 1)), kCount, 1};
  rt::DeviceAddress places[2] = {allocate(kBytes), allocate(kBytes)};
  std::vector<uint8_t> data(kBytes);
  rt::Ticket before = 0;
  for (int turn = 0; turn < 8; ++turn) {
    std::fill(data.begin(), data.end(), uint8_t(turn));
    rt::Ticket copied = 0;
    ASSERT_OK(
        stream->copyIn(places[turn % 2], data.data(), kBytes, before, copied));
    before = launch("saxpy", kCount, 64, arguments, copied);
  }
  EXPECT_EQ(download<float>(arguments.y, kCount, before),
            std::vector<float>(kCount, 9));
  for (int place = 0; place < 2; ++place)
    EXPECT_EQ(download<uint8_t>(places[place], kBytes),
              std::vector<uint8_t>(kBytes, uint8_t(6 + place)));
}

TEST_P(DeviceTest, CopiesDoNotWaitForKernels) {
  constexpr uint32_t kCount = 64;
  std::vector<uint32_t> data(kCount, 5);
  rt::DeviceAddress busy = upload(data), idle = allocate(kCount * 4);
  rt::Ticket spun = launch("spin", kCount, 64, StepArguments{busy, 100000});
  rt::Ticket copied;
  ASSERT_OK(stream->copyIn(idle, data.data(), kCount * 4, 0, copied));
  EXPECT_EQ(download<uint32_t>(idle, kCount, copied), data);
  uint32_t expected = 5;
  for (uint32_t i = 0; i < 100000; ++i)
    expected = expected * 1664525u + 1013904223u;
  EXPECT_EQ(download<uint32_t>(busy, kCount, spun),
            std::vector<uint32_t>(kCount, expected));
}
