//===- ThreadTest.cpp - Several threads, one device -----------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/Runtime/cts/DeviceTest.h"

#include <thread>

using namespace sparsec;
using namespace sparsec::test;

/// Allocates, copies, launches and releases on a stream of its own; returns
/// what went wrong.
static std::string work(rt::Device &device, rt::Kernel &step, uint32_t seed) {
  constexpr uint32_t kCount = 500, kRounds = 30;
  std::unique_ptr<rt::Stream> stream;
  if (device.createStream(stream) != SPARSEC_OK)
    return sparsec_last_error();
  for (uint32_t round = 0; round < kRounds; ++round) {
    rt::DeviceAddress memory;
    if (device.allocate(kCount * 4, memory) != SPARSEC_OK)
      return sparsec_last_error();
    std::vector<uint32_t> data(kCount, seed + round), result(kCount);
    rt::Ticket ticket = 0;
    StepArguments arguments = {memory, seed};
    bool good =
        stream->copyIn(memory, data.data(), kCount * 4, 0, ticket) ==
            SPARSEC_OK &&
        stream->launch(step, {{kCount, 1, 1}, {64, 1, 1}, 0}, &arguments,
                       sizeof(arguments), ticket, ticket) == SPARSEC_OK &&
        stream->copyOut(result.data(), memory, kCount * 4, ticket, ticket) ==
            SPARSEC_OK &&
        stream->wait(ticket) == SPARSEC_OK;
    device.release(memory);
    if (!good)
      return sparsec_last_error();
    if (result != std::vector<uint32_t>(kCount, (seed + round) * 3 + seed))
      return "a wrong result in round " + std::to_string(round);
  }
  return "";
}

TEST_P(DeviceTest, ThreadsLaunchAtOnce) {
  constexpr uint32_t kThreads = 8;
  std::vector<std::string> problems(kThreads);
  std::vector<std::thread> threads;
  rt::Kernel &step = kernel("step");
  for (uint32_t i = 0; i < kThreads; ++i)
    threads.emplace_back(
        [&, i] { problems[i] = work(*device, step, i * 1000); });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(problems, std::vector<std::string>(kThreads));
  EXPECT_EQ(step.counts().launches, kThreads * 30);
}

TEST_P(DeviceTest, LaunchesAreCounted) {
  rt::DeviceAddress memory = upload(std::vector<uint32_t>(1000, 1));
  for (uint32_t k = 0; k < 3; ++k)
    launch("step", 1000, 64, StepArguments{memory, k});
  ASSERT_OK(stream->finish());
  rt::KernelCounts counts = kernel("step").counts();
  EXPECT_EQ(counts.launches, 3u);
  EXPECT_GT(counts.seconds, 0);
  EXPECT_EQ(kernel("saxpy").counts().launches, 0u);
  // "hsa" may be the stand-in too, under gfx803-emulator exec.
  if (counts.counted == 0) {
    EXPECT_FALSE(isEmulator());
    return;
  }
  EXPECT_EQ(counts.counted, 3u);
  EXPECT_EQ(counts.waves, 3u * 16);
  EXPECT_GE(counts.instructions, counts.waves * 5);
  // A word read and written for each item, and the arguments besides.
  EXPECT_GE(counts.bytes, 3u * 8000);
  EXPECT_GT(counts.modelledSeconds, 0);
}
