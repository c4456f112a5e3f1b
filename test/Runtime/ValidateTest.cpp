//===- ValidateTest.cpp - Arrays from outside that must be refused --------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/Runtime/FormatsTestUtils.h"

#include <gtest/gtest.h>
#include <iostream>

using namespace sparsec::formats;
using namespace sparsec::formats::test;

namespace {

/// Component arrays in allocations of exactly their size, so that a sanitizer
/// sees the first byte read too far. Misaligned on purpose.
struct Arrays {
  std::vector<std::vector<uint8_t>> bytes;
  PackedView view;

  explicit Arrays(const PackedMatrix &packed) : view(packed) {
    for (const PackedView::Array &array : view.components) {
      bytes.emplace_back(1, uint8_t(0));
      auto *begin = static_cast<const uint8_t *>(array.data);
      bytes.back().insert(bytes.back().end(), begin, begin + array.bytes);
    }
    refresh();
  }

  void refresh() {
    for (size_t i = 0; i < bytes.size(); ++i) {
      bytes[i].shrink_to_fit();
      view.components[i] = {bytes[i].data() + 1, int64_t(bytes[i].size()) - 1};
    }
  }

  template <typename T> void set(size_t component, size_t index, T value) {
    std::memcpy(bytes[component].data() + 1 + index * sizeof(T), &value,
                sizeof(T));
  }
  void resize(size_t component, size_t size) {
    bytes[component].resize(size + 1);
    refresh();
  }
};

/// [[1, 0, 2], [0, 3, 0], [4, 0, 5]] in f32.
Arrays example(const FormatPtr &format) {
  Matrix matrix(Layout::Rows, 3, 3, 4);
  const float values[] = {1, 0, 2, 0, 3, 0, 4, 0, 5};
  std::memcpy(matrix.at(0, 0), values, sizeof(values));
  PackedMatrix packed;
  EXPECT_TRUE(format->pack(matrix.view, packed).ok());
  return Arrays(packed);
}

/// Plants a fault and returns what validate says of it.
template <typename Fn> std::string fault(const FormatPtr &format, Fn plant) {
  Arrays arrays = example(format);
  EXPECT_TRUE(format->validate(arrays.view).ok());
  plant(arrays);
  Status status = format->validate(arrays.view);
  EXPECT_FALSE(status.ok()) << format->spelling();
  return status.message();
}

TEST(Validate, Offsets) {
  for (const FormatPtr &format : {makeBitmask(), makeCsr(16), makeCsc(32)}) {
    EXPECT_EQ(fault(format, [](Arrays &a) { a.set<uint32_t>(2, 0, 1); }),
              "offsets[0] = 1 is not 0");
    EXPECT_EQ(fault(format, [](Arrays &a) { a.set<uint32_t>(2, 2, 1); }),
              "offsets[2] = 1 is less than offsets[1] = 2");
    EXPECT_EQ(fault(format, [](Arrays &a) { a.set<uint32_t>(2, 3, 6); }),
              "values has 20 bytes, expected 24, since offsets end at 6");
    EXPECT_EQ(fault(format, [](Arrays &a) { a.resize(2, 12); }),
              "offsets has 12 bytes, expected 16");
    EXPECT_EQ(fault(format, [](Arrays &a) { a.resize(2, 17); }),
              "offsets has 17 bytes, expected 16");
    EXPECT_EQ(fault(format, [](Arrays &a) { a.resize(2, 0); }),
              "offsets has 0 bytes, expected 16");
  }
}

TEST(Validate, Compressed) {
  EXPECT_EQ(fault(makeCsr(16), [](Arrays &a) { a.set<uint16_t>(1, 1, 3); }),
            "indices[1] = 3 is not below the 3 columns");
  EXPECT_EQ(fault(makeCsc(32), [](Arrays &a) { a.set<uint32_t>(1, 4, 77); }),
            "indices[4] = 77 is not below the 3 rows");
  EXPECT_EQ(
      fault(makeCsr(16), [](Arrays &a) { a.set<uint16_t>(1, 4, 0); }),
      "indices[4] = 0 does not ascend: indices[3] = 0 lies before it in line "
      "2");
  EXPECT_EQ(fault(makeCsr(16), [](Arrays &a) { a.resize(1, 8); }),
            "indices has 8 bytes, expected 10, since offsets end at 5");
}

TEST(Validate, Bitmask) {
  EXPECT_EQ(fault(makeBitmask(), [](Arrays &a) { a.set<uint64_t>(1, 1, 3); }),
            "mask[1] has 2 bits set, but offsets[1] and offsets[2] enclose 1 "
            "values");
  EXPECT_EQ(fault(makeBitmask(), [](Arrays &a) { a.set<uint64_t>(1, 2, 9); }),
            "mask[2][0] has a bit for column 3, but there are 3 columns");
  EXPECT_EQ(fault(makeBitmask(), [](Arrays &a) { a.resize(1, 16); }),
            "mask has 16 bytes, expected 24");
}

TEST(Validate, Block) {
  FormatPtr block = makeBlock(4);
  EXPECT_EQ(fault(block, [](Arrays &a) { a.set<float>(0, 7, 1); }),
            "values[0][1][3] is not zero but lies outside the 3x3 matrix");
  EXPECT_EQ(fault(block, [](Arrays &a) { a.set<float>(0, 12, -0.0f); }),
            "values[0][3][0] is not zero but lies outside the 3x3 matrix");
  EXPECT_EQ(fault(block, [](Arrays &a) { a.set<uint32_t>(1, 0, 1); }),
            "indices[0] = 1 is not below the 1 block columns");
  EXPECT_EQ(fault(block, [](Arrays &a) { a.set<uint32_t>(2, 1, 2); }),
            "values has 64 bytes, expected 128, since offsets end at 2");
  EXPECT_EQ(fault(block, [](Arrays &a) { a.resize(0, 60); }),
            "values has 60 bytes, expected 64, since offsets end at 1");
}

TEST(Validate, WhatIsAroundTheArrays) {
  for (const FormatPtr &format : allFormats()) {
    EXPECT_EQ(fault(format, [](Arrays &a) { a.view.components.pop_back(); }),
              format->spelling() + " has 3 component arrays, found 2");
    EXPECT_EQ(fault(format, [](Arrays &a) { a.view.components.clear(); }),
              format->spelling() + " has 3 component arrays, found 0");
    EXPECT_EQ(fault(format, [](Arrays &a) { a.view.elementBytes = 3; }),
              "elements of 3 bytes are not supported: 1, 2, 4 and 8 are");
    EXPECT_EQ(fault(format, [](Arrays &a) { a.view.rows = -3; }),
              "a matrix cannot have the shape -3x3");
    fault(format, [](Arrays &a) { a.view.rows = INT64_MAX; });
    fault(format, [](Arrays &a) { a.view.cols = INT64_MAX; });
    // The one format whose arrays are as long for any number of rows.
    if (format->spelling() != "csc")
      fault(format, [](Arrays &a) { a.view.rows = int64_t(1) << 32; });
    fault(format, [](Arrays &a) { a.view.elementBytes = 8; });
    EXPECT_EQ(
        fault(format, [](Arrays &a) { a.view.components[0].data = nullptr; }),
        "values has no data");
    fault(format, [](Arrays &a) { a.view.components[2].bytes = -16; });
  }
}

/// Breaks valid arrays at random. What validate accepts must be safe to expand
/// and to convert; a sanitizer decides.
TEST(Validate, SurvivesCorruption) {
  const char *text = std::getenv("SPARSEC_TEST_SEED");
  uint64_t base =
      text ? std::strtoull(text, nullptr, 0) : uint64_t(std::random_device()());
  std::cout << "SPARSEC_TEST_SEED=" << base << std::endl;
  int64_t accepted = 0, refused = 0;
  for (uint64_t trial = 0; trial < 3000; ++trial) {
    Random random(base + trial);
    SCOPED_TRACE("SPARSEC_TEST_SEED=" + std::to_string(base) + ", trial " +
                 std::to_string(trial));
    unsigned elementBytes = 1u << pick(random, 0, 3);
    Matrix matrix = randomMatrix(random, Layout::Rows, pick(random, 0, 70),
                                 pick(random, 0, 140), elementBytes, 0.1);
    auto formats = allFormats();
    FormatPtr format = formats[size_t(pick(random, 0, 8))];
    PackedMatrix packed;
    ASSERT_TRUE(format->pack(matrix.view, packed).ok());
    Arrays arrays(packed);
    for (int64_t faults = pick(random, 1, 3); faults > 0; --faults) {
      // Rarely the values: any of theirs is right.
      size_t component =
          size_t(pick(random, 0, 8) == 0 ? 0 : pick(random, 1, 2));
      std::vector<uint8_t> &bytes = arrays.bytes[component];
      int64_t size = int64_t(bytes.size()) - 1;
      switch (pick(random, 0, 7)) {
      case 0:
        arrays.resize(component, size_t(pick(random, 0, size + 8)));
        break;
      case 1:
        arrays.view.rows =
            std::max<int64_t>(0, arrays.view.rows + pick(random, -2, 2));
        break;
      case 2:
        arrays.view.cols =
            std::max<int64_t>(0, arrays.view.cols + pick(random, -2, 2));
        break;
      case 3:
        if (size > 0)
          bytes[size_t(pick(random, 1, size))] = uint8_t(random());
        break;
      default:
        if (size > 0)
          bytes[size_t(pick(random, 1, size))] ^=
              uint8_t(1 << pick(random, 0, 7));
      }
    }
    Status status = format->validate(arrays.view);
    if (!status.ok()) {
      ++refused;
      EXPECT_FALSE(status.message().empty());
      continue;
    }
    ++accepted;
    for (Layout layout : {Layout::Rows, Layout::Columns}) {
      Matrix out(layout, arrays.view.rows, arrays.view.cols, elementBytes);
      format->unpack(arrays.view, out.writable());
    }
    for (const FormatPtr &to : formats) {
      PackedMatrix converted;
      EXPECT_TRUE(convert(*format, arrays.view, *to, converted).ok());
      EXPECT_TRUE(to->validate(PackedView(converted)).ok());
    }
  }
  EXPECT_GT(accepted, 0);
  EXPECT_GT(refused, 1000);
}

} // namespace
