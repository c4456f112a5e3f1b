//===- FormatsPropertyTest.cpp - What holds for any matrix and format -----===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// SPARSEC_TEST_SEED repeats a run; every failure prints the seed it needs.
//
//===----------------------------------------------------------------------===//

#include "test/Runtime/FormatsTestUtils.h"

#include <gtest/gtest.h>
#include <iostream>

using namespace sparsec::formats;
using namespace sparsec::formats::test;

namespace {

uint64_t baseSeed() {
  static uint64_t seed = [] {
    const char *text = std::getenv("SPARSEC_TEST_SEED");
    uint64_t chosen = text ? std::strtoull(text, nullptr, 0)
                           : uint64_t(std::random_device()());
    std::cout << "SPARSEC_TEST_SEED=" << chosen << std::endl;
    return chosen;
  }();
  return seed;
}

/// Calls fn(random, matrix) for random matrices of every layout and width.
template <typename Fn> void forRandomMatrices(int trials, Fn fn) {
  for (int trial = 0; trial < trials; ++trial)
    for (Layout layout : kLayouts)
      for (unsigned bytes : {1, 2, 4, 8}) {
        Random random(baseSeed() + uint64_t(trial) * 1000 + bytes * 10 +
                      uint64_t(layout));
        Matrix matrix = randomMatrix(random, layout, bytes);
        SCOPED_TRACE("SPARSEC_TEST_SEED=" + std::to_string(baseSeed()) +
                     ", trial " + std::to_string(trial) + ": " +
                     describe(matrix.view));
        fn(random, matrix);
        if (testing::Test::HasFailure())
          return;
      }
}

TEST(FormatsProperty, UnpackUndoesPack) {
  forRandomMatrices(12, [](Random &, const Matrix &matrix) {
    const DenseView &view = matrix.view;
    for (const FormatPtr &format : allFormats()) {
      SCOPED_TRACE(format->spelling());
      PackedMatrix packed;
      Status status = format->pack(view, packed);
      ASSERT_TRUE(status.ok()) << status.message();
      status = format->validate(PackedView(packed));
      ASSERT_TRUE(status.ok()) << status.message();
      for (Layout layout : kLayouts) {
        if (layout == Layout::Splat)
          continue;
        Matrix back(layout, view.rows, view.cols, view.elementBytes);
        Matrix untouched = back;
        format->unpack(PackedView(packed), back.writable());
        ASSERT_TRUE(sameElements(matrix, back)) << describe(back.view);
        // Nothing but the elements may have been written.
        for (int64_t r = 0; r < view.rows; ++r)
          for (int64_t c = 0; c < view.cols; ++c)
            back.set(r, c, untouched.get(r, c));
        ASSERT_EQ(back.bytes, untouched.bytes) << describe(back.view);
      }
    }
  });
}

TEST(FormatsProperty, LayoutDoesNotMatter) {
  forRandomMatrices(6, [](Random &, const Matrix &matrix) {
    const DenseView &view = matrix.view;
    Matrix rows(Layout::Rows, view.rows, view.cols, view.elementBytes);
    for (int64_t r = 0; r < view.rows; ++r)
      for (int64_t c = 0; c < view.cols; ++c)
        rows.set(r, c, matrix.get(r, c));
    for (const FormatPtr &format : allFormats()) {
      PackedMatrix a, b;
      ASSERT_TRUE(format->pack(view, a).ok());
      ASSERT_TRUE(format->pack(rows.view, b).ok());
      ASSERT_EQ(difference(a, b), "") << format->spelling();
    }
  });
}

TEST(FormatsProperty, ComponentsAreAsDescribed) {
  forRandomMatrices(3, [](Random &, const Matrix &matrix) {
    const DenseView &view = matrix.view;
    for (const FormatPtr &format : allFormats()) {
      SCOPED_TRACE(format->spelling());
      PackedMatrix packed;
      ASSERT_TRUE(format->pack(view, packed).ok());
      auto specs = format->components(view.rows, view.cols, packed.stored);
      auto open = format->components(view.rows, view.cols, kUnknown);
      ASSERT_EQ(specs.size(), packed.components.size());
      ASSERT_EQ(specs.size(), open.size());
      for (size_t i = 0; i < specs.size(); ++i) {
        int64_t bytes = entryBytes(specs[i].type, view.elementBytes);
        for (int64_t extent : specs[i].shape)
          bytes *= extent;
        EXPECT_EQ(bytes, packed.components[i].size()) << specs[i].name;
        EXPECT_EQ(specs[i].name, open[i].name);
        EXPECT_EQ(specs[i].shape.size(), open[i].shape.size());
      }
    }
  });
}

TEST(FormatsProperty, StoredBytesFollowFromStatistics) {
  forRandomMatrices(12, [](Random &, const Matrix &matrix) {
    Statistics stats = analyze(matrix.view);
    for (const FormatPtr &format : allFormats()) {
      PackedMatrix packed;
      ASSERT_TRUE(format->pack(matrix.view, packed).ok());
      ASSERT_EQ(format->storedBytes(stats), packed.storedBytes())
          << format->spelling();
    }
  });
}

TEST(FormatsProperty, ConversionEqualsPacking) {
  forRandomMatrices(4, [](Random &, const Matrix &matrix) {
    for (const FormatPtr &from : allFormats()) {
      PackedMatrix source;
      ASSERT_TRUE(from->pack(matrix.view, source).ok());
      for (const FormatPtr &to : allFormats()) {
        PackedMatrix direct, converted;
        ASSERT_TRUE(to->pack(matrix.view, direct).ok());
        Status status = convert(*from, PackedView(source), *to, converted);
        ASSERT_TRUE(status.ok()) << status.message();
        ASSERT_EQ(difference(direct, converted), "")
            << from->spelling() << " to " << to->spelling();
      }
    }
  });
}

TEST(FormatsProperty, RowEntriesAreTheNonzeros) {
  forRandomMatrices(4, [](Random &, const Matrix &matrix) {
    for (const FormatPtr &format : allFormats()) {
      SCOPED_TRACE(format->spelling());
      PackedMatrix packed;
      ASSERT_TRUE(format->pack(matrix.view, packed).ok());
      RowEntries rows = format->toRows(PackedView(packed));
      ASSERT_TRUE(rows.valid());
      int64_t k = 0;
      for (int64_t r = 0; r < matrix.view.rows; ++r) {
        ASSERT_EQ(rows.offsets[size_t(r)], k);
        for (int64_t c = 0; c < matrix.view.cols; ++c) {
          if (matrix.get(r, c) == 0)
            continue;
          ASSERT_EQ(rows.columns[size_t(k)], c);
          ASSERT_EQ(
              std::memcmp(rows.values.as<char>() + k * matrix.view.elementBytes,
                          matrix.at(r, c), matrix.view.elementBytes),
              0);
          ++k;
        }
      }
      ASSERT_EQ(rows.offsets.back(), k);
    }
  });
}

} // namespace
