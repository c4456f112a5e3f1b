//===- DeviceModelTest.cpp - Models with kernels --------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loads DeviceModel.c, built for the host and for gfx803, through the public
// API: the emulator is found beside libsparsec_rt.so.
//
//===----------------------------------------------------------------------===//

#include "sparsec/runtime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

using testing::HasSubstr;
using testing::StartsWith;

static std::string modelPath(const std::string &target) {
  return std::string(SPARSEC_TEST_MODEL_DIR) + "/device-model-" + target +
         ".so";
}

static constexpr int kCount = 1000;

/// The model's answer to x[i] = i + shift, or what went wrong.
static std::string runMain(sparsec_model *model, float shift,
                           const char *entry = "main",
                           sparsec_stats *stats = nullptr) {
  std::vector<float> x(kCount);
  for (int i = 0; i < kCount; ++i)
    x[size_t(i)] = float(i) + shift;
  sparsec_tensor input = {x.data(), {SPARSEC_F32, 1, {kCount}}}, output = {};
  if (sparsec_run(model, entry, &input, 1, &output, 1, stats) != SPARSEC_OK)
    return sparsec_last_error();
  const float *y = static_cast<const float *>(output.data);
  std::string problem;
  for (int i = 0; i < kCount && problem.empty(); ++i)
    if (y[i] != (float(i % 17) - 8) * x[size_t(i)])
      problem = "element " + std::to_string(i) + " is wrong";
  sparsec_tensor_release(&output);
  return problem;
}

class DeviceModelTest : public testing::TestWithParam<const char *> {
protected:
  void SetUp() override {
    std::string device = GetParam();
    std::string path = modelPath(device == "host" ? "host" : "gfx803");
    sparsec_status status = sparsec_load(path.c_str(), device.c_str(), &model);
    if (status != SPARSEC_OK && device == "hsa")
      GTEST_SKIP() << sparsec_last_error();
    ASSERT_EQ(status, SPARSEC_OK) << sparsec_last_error();
  }
  void TearDown() override { sparsec_unload(model); }

  sparsec_status run(const char *entry) {
    return sparsec_run(model, entry, nullptr, 0, nullptr, 0, nullptr);
  }

  sparsec_model *model = nullptr;
};

TEST_P(DeviceModelTest, Runs) {
  EXPECT_EQ(sparsec_kernels(model, nullptr, 0), 0u);
  EXPECT_EQ(runMain(model, 0), "");
  EXPECT_EQ(runMain(model, 0.5), "");
  sparsec_kernel_stats kernels[2];
  ASSERT_EQ(sparsec_kernels(model, kernels, 2), 1u);
  EXPECT_STREQ(kernels[0].name, "scale");
  EXPECT_EQ(kernels[0].launches, 2);
  EXPECT_GT(kernels[0].seconds, 0);
  // "hsa" may be the stand-in too, under gfx803-emulator exec.
  bool counted = GetParam() == std::string("emulator") ||
                 (GetParam() == std::string("hsa") && kernels[0].waves != -1);
  EXPECT_EQ(kernels[0].waves, counted ? 32 : -1);
  EXPECT_EQ(kernels[0].bytes >= 2 * 12000, counted);
  EXPECT_EQ(kernels[0].modelled_seconds > 0, counted);
}

TEST_P(DeviceModelTest, StreamsWeights) {
  sparsec_stats stats;
  EXPECT_EQ(runMain(model, 0, "stream", &stats), "");
  EXPECT_EQ(stats.peak_device_bytes, 4000 + 2 * 4096 + 2 * 512)
      << "weights that stay, tensors, two places";
}

TEST_P(DeviceModelTest, TracesCopiesBesideKernels) {
  ASSERT_EQ(sparsec_trace(model), SPARSEC_OK) << sparsec_last_error();
  EXPECT_EQ(runMain(model, 0, "stream"), "");
  size_t count = sparsec_trace_events(model, nullptr, 0);
  if (GetParam() == std::string("host")) {
    EXPECT_EQ(count, 0u) << "which has no clock of its own";
    return;
  }
  ASSERT_EQ(count, 22u) << "in, ten windows, ten kernels, out";
  std::vector<sparsec_trace_event> events(count);
  sparsec_trace_events(model, events.data(), count);
  EXPECT_STREQ(events[1].name, "copy in");
  EXPECT_EQ(events[1].bytes, 400);
  EXPECT_STREQ(events[2].name, "scale");
  EXPECT_STREQ(events[21].name, "copy out");
  auto end = [](const sparsec_trace_event &e) { return e.start + e.seconds; };
  for (size_t w = 0; w < 10; ++w) {
    const sparsec_trace_event *copy = &events[1 + 2 * w], *kernel = copy + 1;
    EXPECT_TRUE(copy->is_copy && !kernel->is_copy);
    // Some of what a card's clock says may be rounded.
    const double slack = 1e-9;
    EXPECT_GE(kernel->start, end(*copy) - slack) << w;
    if (w >= 2) {
      EXPECT_GE(copy->start, end(kernel[-4]) - slack)
          << "window " << w << " comes where the one before the last was";
    }
    if (w > 0 && copy->modelled) {
      EXPECT_LT(copy->start, end(kernel[-2])) << "both at once";
    }
  }
}

TEST_P(DeviceModelTest, RunsOnSeveralThreads) {
  std::vector<std::string> problems(6);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < problems.size(); ++i)
    threads.emplace_back([&, i] {
      for (int k = 0; k < 10 && problems[i].empty(); ++k)
        problems[i] = runMain(model, float(i));
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(problems, std::vector<std::string>(problems.size()));
}

TEST_P(DeviceModelTest, FailuresEndTheRunOnly) {
  EXPECT_EQ(run("unknown"), SPARSEC_INVALID_ARTEFACT);
  EXPECT_THAT(sparsec_last_error(), HasSubstr("launches kernel 99"));
  EXPECT_EQ(run("huge"), SPARSEC_OUT_OF_MEMORY);
  EXPECT_THAT(sparsec_last_error(), HasSubstr("35184372088832"));
  EXPECT_EQ(run("free"), SPARSEC_INVALID_ARTEFACT);
  EXPECT_THAT(sparsec_last_error(), HasSubstr("which it has not allocated"));
  if (GetParam() == std::string("emulator")) {
    EXPECT_EQ(run("fault"), SPARSEC_FAULT);
    EXPECT_THAT(sparsec_last_error(), StartsWith("kernel poke failed"));
  }
  EXPECT_EQ(runMain(model, 1), "");
}

INSTANTIATE_TEST_SUITE_P(Devices, DeviceModelTest,
                         testing::Values("host", "hsa", "emulator"),
                         [](const auto &info) {
                           return std::string(info.param);
                         });

TEST(DeviceChoiceTest, ModelsGoToTheirDevicesOnly) {
  sparsec_model *model;
  EXPECT_EQ(sparsec_load(modelPath("gfx803").c_str(), "host", &model),
            SPARSEC_UNSUPPORTED);
  EXPECT_THAT(sparsec_last_error(), HasSubstr("compiled for gfx803"));
  EXPECT_EQ(sparsec_load(modelPath("host").c_str(), "emulator", &model),
            SPARSEC_UNSUPPORTED);
  EXPECT_THAT(sparsec_last_error(), HasSubstr("use --device=host"));
}

/// In a process of its own: once opened, a device stays open.
TEST(DeviceChoiceDeathTest, AMissingEmulatorIsOneLine) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  auto load = [] {
    ::setenv("SPARSEC_GFX803_EMULATOR", "/no/such/libhsa-runtime64.so.1", 1);
    sparsec_model *model;
    sparsec_status status =
        sparsec_load(modelPath("gfx803").c_str(), "emulator", &model);
    std::fprintf(stderr, "%d: %s\n", int(status), sparsec_last_error());
    std::exit(0);
  };
  EXPECT_EXIT(load(), testing::ExitedWithCode(0),
              "1: no emulator: /no/such/libhsa-runtime64.so.1: .*set "
              "SPARSEC_GFX803_EMULATOR");
}
