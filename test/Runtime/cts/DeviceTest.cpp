//===- DeviceTest.cpp - What the conformance tests share ------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/Runtime/cts/DeviceTest.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

using namespace sparsec;
using namespace sparsec::test;

std::string test::readFile(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string test::kernelImage(const std::string &device) {
  return readFile(device == "host" ? SPARSEC_TEST_HOST_KERNELS
                                   : SPARSEC_TEST_GFX803_KERNELS);
}

void DeviceTest::SetUp() {
  // The runtime looks beside itself, and here it is part of the test.
  ::setenv("SPARSEC_GFX803_EMULATOR", SPARSEC_TEST_EMULATOR, /*overwrite=*/0);
  device = rt::findDevice(GetParam());
  ASSERT_TRUE(device);
  sparsec_status status = device->open();
  if (status != SPARSEC_OK && device->name() == std::string("hsa"))
    GTEST_SKIP() << sparsec_last_error();
  ASSERT_OK(status);
  std::string image = kernelImage(device->name());
  ASSERT_OK(device->load(image.data(), image.size(), code));
  ASSERT_OK(device->createStream(stream));
}

void DeviceTest::TearDown() {
  if (stream)
    EXPECT_OK(stream->finish());
  stream.reset();
  code.reset();
  for (rt::DeviceAddress address : memory)
    device->release(address);
}

rt::DeviceAddress DeviceTest::allocate(uint64_t bytes) {
  rt::DeviceAddress address = 0;
  EXPECT_OK(device->allocate(bytes, address));
  memory.push_back(address);
  return address;
}

rt::Kernel &DeviceTest::kernel(const char *name) {
  rt::Kernel *found = code->find(name);
  if (!found) {
    std::fprintf(stderr, "the test has no kernel %s\n", name);
    std::exit(1);
  }
  return *found;
}

INSTANTIATE_TEST_SUITE_P(Devices, DeviceTest,
                         testing::Values("host", "hsa", "emulator"),
                         [](const auto &info) {
                           return std::string(info.param);
                         });
