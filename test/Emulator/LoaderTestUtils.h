//===- LoaderTestUtils.h - Code objects for the loader's tests --*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEST_EMULATOR_LOADERTESTUTILS_H
#define TEST_EMULATOR_LOADERTESTUTILS_H

#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <string>

/// The bytes of loader-objects.cl, compiled as this version.
inline std::string readObject(int version) {
  std::string path = SPARSEC_TEST_OBJECTS + std::to_string(version) + ".hsaco";
  std::ifstream file(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), {});
  EXPECT_FALSE(bytes.empty()) << path;
  return bytes;
}

#endif // TEST_EMULATOR_LOADERTESTUTILS_H
