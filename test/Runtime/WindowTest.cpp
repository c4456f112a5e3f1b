//===- WindowTest.cpp - Windows of packed matrices ------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/formats/Window.h"
#include "test/Runtime/FormatsTestUtils.h"

#include <gtest/gtest.h>

using namespace sparsec::formats;
using namespace sparsec::formats::test;

namespace {

Cut cutOf(const FormatPtr &format) {
  if (format->name() == "csc")
    return {1, 1};
  if (format->name() == "block")
    return {0, int64_t(format->components(1, 1, 0)[0].shape.back())};
  return {0, 1};
}

/// The rows (or columns) of a matrix, as a view of it.
DenseView part(DenseView view, Cut cut, int64_t begin, int64_t end) {
  int64_t stride = cut.outerDim == 0 ? view.rowStride : view.colStride;
  view.data = static_cast<const char *>(view.data) +
              begin * stride * int64_t(view.elementBytes);
  (cut.outerDim == 0 ? view.rows : view.cols) = end - begin;
  return view;
}

TEST(Window, IsThePartPacked) {
  uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  for (const FormatPtr &format : allFormats())
    for (unsigned elementBytes : {2u, 4u}) {
      Matrix matrix = randomMatrix(random, Layout::Rows, elementBytes);
      PackedMatrix whole;
      ASSERT_TRUE(format->pack(matrix.view, whole).ok());
      Cut cut = cutOf(format);
      Windows windows(format, PackedView(whole), cut);
      int64_t outer = windows.outerSize();
      for (int i = 0; i < 8 && outer > 0; ++i) {
        int64_t begin = pick(random, 0, outer - 1) / cut.granule * cut.granule;
        int64_t end = pick(random, begin + 1, outer);
        if (end != outer)
          end = std::min(outer,
                         (end + cut.granule - 1) / cut.granule * cut.granule);
        PackedMatrix expected;
        DenseView view = part(matrix.view, cut, begin, end);
        ASSERT_TRUE(format->pack(view, expected).ok());
        SCOPED_TRACE(format->spelling() + " " + describe(matrix.view) + " [" +
                     std::to_string(begin) + ", " + std::to_string(end) + ")");
        EXPECT_EQ(windows.stored(begin, end), expected.stored);
        PackedMatrix window;
        window.rows = view.rows;
        window.cols = view.cols;
        window.elementBytes = elementBytes;
        window.stored = windows.stored(begin, end);
        int64_t bytes = 0;
        for (size_t c = 0; c < expected.components.size(); ++c) {
          int64_t size = expected.components[c].size();
          window.components.emplace_back(size);
          windows.copy(begin, end, c, window.components.back().data());
          bytes += (size + 63) / 64 * 64 + 64;
        }
        EXPECT_EQ(difference(window, expected), "");
        EXPECT_EQ(windows.bytes(begin, end, 64), bytes);
        EXPECT_GE(windows.mostBytes(end - begin, 64), bytes);
      }
    }
}

} // namespace
