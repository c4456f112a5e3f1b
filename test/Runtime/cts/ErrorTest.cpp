//===- ErrorTest.cpp - What goes wrong, and what comes after --------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/Runtime/cts/DeviceTest.h"

#include <random>

using namespace sparsec;
using namespace sparsec::test;
using testing::AnyOf;
using testing::HasSubstr;

TEST_P(DeviceTest, UnknownKernels) {
  EXPECT_EQ(code->find("no_such_kernel"), nullptr);
  EXPECT_EQ(code->find(""), nullptr);
  EXPECT_EQ(code->find("saxpy.kd"), nullptr);
  EXPECT_EQ(code->find("saxpy"), code->find("saxpy"));
  EXPECT_STREQ(kernel("saxpy").name(), "saxpy");
}

TEST_P(DeviceTest, WrongLaunchesAreRefused) {
  rt::DeviceAddress memory = allocate(4096);
  SumsArguments room[4] = {{memory, memory}};
  rt::Ticket ticket = 0;
  auto status = [&](const char *name, rt::LaunchSize size, uint32_t bytes,
                    rt::Ticket after = 0) {
    return stream->launch(kernel(name), size, room, bytes, after, ticket);
  };
  constexpr rt::LaunchSize kGood = {{64, 1, 1}, {64, 1, 1}, 0};
  for (uint32_t bytes : {0u, 8u, 15u, 32u, 64u}) {
    EXPECT_EQ(status("sums", kGood, bytes), SPARSEC_INVALID_ARGUMENT) << bytes;
    EXPECT_EQ(sparsec_last_error(),
              "kernel sums wants 16 bytes of arguments, got " +
                  std::to_string(bytes));
  }
  EXPECT_EQ(status("sums", {{0, 1, 1}, {64, 1, 1}, 0}, 16),
            SPARSEC_INVALID_ARGUMENT);
  EXPECT_THAT(sparsec_last_error(), HasSubstr("nothing to do"));
  EXPECT_EQ(status("sums", {{64, 1, 1}, {64, 0, 1}, 0}, 16),
            SPARSEC_INVALID_ARGUMENT);
  EXPECT_EQ(status("sums", {{64, 1, 1}, {64, 64, 1}, 0}, 16),
            SPARSEC_INVALID_ARGUMENT);
  EXPECT_THAT(sparsec_last_error(), HasSubstr("workgroups of 64x64x1"));
  EXPECT_EQ(status("sums", {{1, 1, 1}, {1u << 31, 1u << 31, 4}, 0}, 16),
            SPARSEC_INVALID_ARGUMENT);
  if (!isHost()) {
    EXPECT_EQ(status("sums", {{64, 1, 1}, {64, 1, 1}, 64 * 1024}, 16),
              SPARSEC_INVALID_ARGUMENT);
    EXPECT_THAT(sparsec_last_error(), HasSubstr("bytes of local memory"));
  }
  EXPECT_EQ(status("sums", kGood, 16, /*after=*/1u << 20),
            SPARSEC_INVALID_ARGUMENT);
  EXPECT_EQ(stream->wait(1u << 20), SPARSEC_INVALID_ARGUMENT);
  EXPECT_THAT(sparsec_last_error(), HasSubstr("is not of this stream"));
  EXPECT_EQ(ticket, 0u);
  EXPECT_EQ(kernel("sums").counts().launches, 0u);
}

TEST_P(DeviceTest, GarbageIsNoCodeObject) {
  auto status = [&](const std::string &image) {
    std::unique_ptr<rt::CodeObject> none;
    sparsec_status result = device->load(image.data(), image.size(), none);
    EXPECT_EQ(none == nullptr, result != SPARSEC_OK);
    if (result != SPARSEC_OK)
      EXPECT_STRNE(sparsec_last_error(), "");
    return result;
  };
  EXPECT_NE(status(""), SPARSEC_OK);
  EXPECT_NE(status("x"), SPARSEC_OK);
  EXPECT_NE(status(std::string(10000, 'x')), SPARSEC_OK);
  EXPECT_NE(status(kernelImage(isHost() ? "emulator" : "host")), SPARSEC_OK);
  std::string image = kernelImage(device->name());
  for (size_t bytes : {1, 16, 63, 64, 65, 120, 1000})
    EXPECT_NE(status(image.substr(0, bytes)), SPARSEC_OK) << bytes;
  EXPECT_OK(status(image));
}

TEST_P(DeviceTest, DamagedMetadataNeverCrash) {
  if (!isEmulator())
    GTEST_SKIP() << "a card's driver would be given the damaged code";
  const std::string image = kernelImage(device->name());
  size_t note = image.find("amdhsa.kernels");
  ASSERT_NE(note, std::string::npos);
  std::mt19937 random(1);
  for (int i = 0; i < 500; ++i) {
    std::string damaged = image;
    for (int flips = 1 + int(random() % 4); flips != 0; --flips)
      damaged[note - 64 + random() % 4000] ^= char(1 << random() % 8);
    std::unique_ptr<rt::CodeObject> loaded;
    if (device->load(damaged.data(), damaged.size(), loaded) == SPARSEC_OK)
      loaded->find("saxpy");
  }
}

TEST_P(DeviceTest, AFaultIsReportedAndThenOver) {
  if (!isEmulator())
    GTEST_SKIP() << "a wild write may end the process here";
  std::vector<uint32_t> data(64, 1);
  rt::DeviceAddress memory = upload(data);
  for (int round = 0; round < 3; ++round) {
    // 1 TiB behind the allocation.
    rt::Ticket bad = launch("poke", 1, 1, PokeArguments{memory, 1ull << 38});
    rt::Ticket after = 0;
    // What follows goes down with it, whatever it is.
    std::vector<uint32_t> out(64, 7);
    sparsec_status status =
        stream->copyOut(out.data(), memory, 256, bad, after);
    if (status == SPARSEC_OK)
      status = stream->wait(after);
    EXPECT_EQ(status, SPARSEC_FAULT);
    EXPECT_THAT(sparsec_last_error(), HasSubstr("kernel poke failed"));
    EXPECT_THAT(sparsec_last_error(), HasSubstr("emulator"));
    EXPECT_OK(stream->finish());

    rt::Ticket good =
        launch("step", 64, 64, StepArguments{memory, uint32_t(round)});
    for (uint32_t &value : data)
      value = value * 3 + uint32_t(round);
    EXPECT_EQ(download<uint32_t>(memory, 64, good), data);
  }
}

TEST_P(DeviceTest, AFaultLeavesOtherStreamsAlone) {
  if (!isEmulator())
    GTEST_SKIP() << "a wild write may end the process here";
  std::vector<uint32_t> data(64, 1);
  rt::DeviceAddress memory = upload(data);
  std::unique_ptr<rt::Stream> other;
  ASSERT_OK(device->createStream(other));
  PokeArguments wild = {memory, 1ull << 38};
  rt::Ticket bad;
  ASSERT_OK(other->launch(kernel("poke"), {{1, 1, 1}, {1, 1, 1}, 0}, &wild,
                          sizeof(wild), 0, bad));
  rt::Ticket good = launch("step", 64, 64, StepArguments{memory, 2});
  EXPECT_OK(stream->wait(good));
  EXPECT_EQ(other->wait(bad), SPARSEC_FAULT);
  EXPECT_EQ(download<uint32_t>(memory, 64), std::vector<uint32_t>(64, 5));
}
