//===- DeviceTest.h - What the conformance tests share ----------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each test runs on every device. "hsa" is skipped where there is no card; the
// emulator has to be there.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_TEST_RUNTIME_CTS_DEVICETEST_H
#define SPARSEC_TEST_RUNTIME_CTS_DEVICETEST_H

#include "runtime/core/Device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sparsec::test {

/// Shows the reason of a status that is not SPARSEC_OK.
#define EXPECT_OK(...)                                                         \
  EXPECT_EQ(__VA_ARGS__, SPARSEC_OK) << sparsec_last_error()
#define ASSERT_OK(...)                                                         \
  ASSERT_EQ(__VA_ARGS__, SPARSEC_OK) << sparsec_last_error()

std::string readFile(const std::string &path);
/// The code object with Kernels.cl for a device.
std::string kernelImage(const std::string &device);

class DeviceTest : public testing::TestWithParam<const char *> {
protected:
  void SetUp() override;
  void TearDown() override;

  bool isHost() const { return device->name() == std::string("host"); }
  bool isEmulator() const { return device->name() == std::string("emulator"); }

  /// Memory that is released with the test.
  rt::DeviceAddress allocate(uint64_t bytes);
  /// The same, with these contents.
  template <typename T> rt::DeviceAddress upload(const std::vector<T> &data) {
    rt::DeviceAddress memory = allocate(data.size() * sizeof(T));
    rt::Ticket ticket = 0;
    EXPECT_OK(stream->copyIn(memory, data.data(), data.size() * sizeof(T), 0,
                             ticket));
    EXPECT_OK(stream->wait(ticket));
    return memory;
  }
  template <typename T>
  std::vector<T> download(rt::DeviceAddress memory, size_t count,
                          rt::Ticket after = 0) {
    std::vector<T> data(count);
    rt::Ticket ticket = 0;
    EXPECT_OK(
        stream->copyOut(data.data(), memory, count * sizeof(T), after, ticket));
    EXPECT_OK(stream->wait(ticket));
    return data;
  }

  rt::Kernel &kernel(const char *name);

  /// Launches in one dimension.
  template <typename Arguments>
  rt::Ticket launch(const char *name, uint32_t items, uint32_t groupItems,
                    const Arguments &arguments, rt::Ticket after = 0) {
    rt::Ticket ticket = 0;
    EXPECT_OK(stream->launch(kernel(name),
                             {{items, 1, 1}, {groupItems, 1, 1}, 0}, &arguments,
                             sizeof(arguments), after, ticket));
    return ticket;
  }

  rt::Device *device = nullptr;
  std::unique_ptr<rt::CodeObject> code;
  std::unique_ptr<rt::Stream> stream;
  std::vector<rt::DeviceAddress> memory;
};

/// The arguments of kernels, as C lays them out.
struct SaxpyArguments {
  rt::DeviceAddress y, x;
  uint32_t n;
  float a;
};
struct StepArguments {
  rt::DeviceAddress x;
  uint32_t k;
};
struct SumsArguments {
  rt::DeviceAddress out, in;
};
struct PokeArguments {
  rt::DeviceAddress x;
  uint64_t index;
};

} // namespace sparsec::test

#endif // SPARSEC_TEST_RUNTIME_CTS_DEVICETEST_H
