//===- FormatsTest.cpp - Worked examples and limits of the formats --------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/Runtime/FormatsTestUtils.h"

#include <gtest/gtest.h>
#ifdef _OPENMP
#include <omp.h>
#endif

using namespace sparsec::formats;
using namespace sparsec::formats::test;

namespace {

template <typename T> using List = std::vector<T>;

/// [[1, 0, 2], [0, 3, 0], [4, 0, 5]]
Matrix example() {
  Matrix matrix(Layout::Rows, 3, 3, 4);
  const float values[] = {1, 0, 2, 0, 3, 0, 4, 0, 5};
  std::memcpy(matrix.at(0, 0), values, sizeof(values));
  return matrix;
}

PackedMatrix packed(const FormatPtr &format, const DenseView &view) {
  PackedMatrix result;
  Status status = format->pack(view, result);
  EXPECT_TRUE(status.ok()) << status.message();
  return result;
}

TEST(Formats, CompressedRowsOfTheExample) {
  Matrix matrix = example();
  PackedMatrix csr = packed(makeCsr(16), matrix.view);
  EXPECT_EQ(csr.stored, 5);
  EXPECT_EQ(entries<float>(csr, 0), (List<float>{1, 2, 3, 4, 5}));
  EXPECT_EQ(entries<uint16_t>(csr, 1), (List<uint16_t>{0, 2, 1, 0, 2}));
  EXPECT_EQ(entries<uint32_t>(csr, 2), (List<uint32_t>{0, 2, 3, 5}));
  EXPECT_EQ(entries<uint32_t>(packed(makeCsr(32), matrix.view), 1),
            (List<uint32_t>{0, 2, 1, 0, 2}));
}

TEST(Formats, CompressedColumnsOfTheExample) {
  Matrix matrix = example();
  PackedMatrix csc = packed(makeCsc(16), matrix.view);
  EXPECT_EQ(csc.stored, 5);
  EXPECT_EQ(entries<float>(csc, 0), (List<float>{1, 4, 3, 2, 5}));
  EXPECT_EQ(entries<uint16_t>(csc, 1), (List<uint16_t>{0, 2, 1, 0, 2}));
  EXPECT_EQ(entries<uint32_t>(csc, 2), (List<uint32_t>{0, 2, 3, 5}));
}

TEST(Formats, BitmaskOfTheExample) {
  Matrix matrix = example();
  PackedMatrix bitmask = packed(makeBitmask(), matrix.view);
  EXPECT_EQ(entries<float>(bitmask, 0), (List<float>{1, 2, 3, 4, 5}));
  EXPECT_EQ(entries<uint64_t>(bitmask, 1), (List<uint64_t>{5, 2, 5}));
  EXPECT_EQ(entries<uint32_t>(bitmask, 2), (List<uint32_t>{0, 2, 3, 5}));
}

TEST(Formats, BitmaskWordsCover64Columns) {
  Matrix matrix(Layout::Rows, 2, 70, 1);
  std::memset(matrix.at(0, 0), 0, 140);
  matrix.set(0, 63, 7);
  matrix.set(1, 64, 8);
  matrix.set(1, 69, 9);
  PackedMatrix bitmask = packed(makeBitmask(), matrix.view);
  EXPECT_EQ(entries<uint8_t>(bitmask, 0), (List<uint8_t>{7, 8, 9}));
  EXPECT_EQ(entries<uint64_t>(bitmask, 1),
            (List<uint64_t>{uint64_t(1) << 63, 0, 0, 1 + (1 << 5)}));
  EXPECT_EQ(entries<uint32_t>(bitmask, 2), (List<uint32_t>{0, 1, 3}));
}

TEST(Formats, BlocksOfTheExample) {
  Matrix matrix = example();
  PackedMatrix block = packed(makeBlock(4), matrix.view);
  EXPECT_EQ(block.stored, 1);
  EXPECT_EQ(entries<float>(block, 0),
            (List<float>{1, 0, 2, 0, 0, 3, 0, 0, 4, 0, 5, 0, 0, 0, 0, 0}));
  EXPECT_EQ(entries<uint32_t>(block, 1), (List<uint32_t>{0}));
  EXPECT_EQ(entries<uint32_t>(block, 2), (List<uint32_t>{0, 1}));
}

TEST(Formats, OnlyBlocksThatHoldSomethingAreKept) {
  Matrix matrix(Layout::Rows, 9, 130, 1);
  std::memset(matrix.at(0, 0), 0, 9 * 130);
  matrix.set(0, 129, 1);
  matrix.set(3, 64, 2);
  matrix.set(8, 7, 3);
  PackedMatrix block = packed(makeBlock(4), matrix.view);
  EXPECT_EQ(entries<uint32_t>(block, 1), (List<uint32_t>{16, 32, 1}));
  EXPECT_EQ(entries<uint32_t>(block, 2), (List<uint32_t>{0, 2, 2, 3}));
  List<uint8_t> values = entries<uint8_t>(block, 0);
  ASSERT_EQ(values.size(), 48u);
  EXPECT_EQ(values[12], 2);
  EXPECT_EQ(values[17], 1);
  EXPECT_EQ(values[35], 3);
}

TEST(Formats, NamesAndSpellings) {
  EXPECT_EQ(formatNames(),
            (List<std::string>{"bitmask", "csr", "csc", "block"}));
  EXPECT_EQ(makeFormat("bitmask", 1, 1)->spelling(), "bitmask");
  EXPECT_EQ(makeFormat("csr", 70000, 65536)->spelling(), "csr<index = i16>");
  EXPECT_EQ(makeFormat("csr", 1, 65537)->spelling(), "csr");
  EXPECT_EQ(makeFormat("csc", 65536, 70000)->spelling(), "csc<index = i16>");
  EXPECT_EQ(makeFormat("csc", 65537, 1)->spelling(), "csc");
  EXPECT_EQ(makeFormat("block", 1, 1)->spelling(), "block<8x8>");
  EXPECT_EQ(makeFormat("ellpack", 1, 1), nullptr);
  for (const std::string &name : formatNames())
    EXPECT_EQ(makeFormat(name, 3, 3)->name(), name);
  EXPECT_EQ(makeCsr(8), nullptr);
  EXPECT_EQ(makeCsc(64), nullptr);
  EXPECT_EQ(makeBlock(5), nullptr);
}

TEST(Formats, LimitsOfTheIndices) {
  EXPECT_TRUE(makeCsr(16)->supports(1, 65536).ok());
  EXPECT_EQ(makeCsr(16)->supports(1, 65537).message(),
            "csr<index = i16> holds at most 65536 columns, but the matrix has "
            "65537");
  EXPECT_EQ(makeCsc(16)->supports(65537, 1).message(),
            "csc<index = i16> holds at most 65536 rows, but the matrix has "
            "65537");
  EXPECT_TRUE(makeCsc(16)->supports(1, 65537).ok());
  for (const FormatPtr &format : allFormats()) {
    EXPECT_FALSE(format->supports(-1, 1).ok());
    EXPECT_FALSE(format->supports(1, -1).ok());
    EXPECT_FALSE(format->supports(1, (int64_t(1) << 32) + 1).ok());
    EXPECT_FALSE(format->supports(INT64_MAX, INT64_MAX).ok());
  }
}

TEST(Formats, PackRefusesWhatDoesNotFit) {
  Matrix wide(Layout::Splat, 1, 65537, 4);
  PackedMatrix result;
  EXPECT_FALSE(makeCsr(16)->pack(wide.view, result).ok());
  DenseView odd = wide.view;
  odd.elementBytes = 3;
  EXPECT_EQ(makeCsr(32)->pack(odd, result).message(),
            "elements of 3 bytes are not supported: 1, 2, 4 and 8 are");
  EXPECT_FALSE(convert(*makeCsr(32), PackedView(packed(makeCsr(32), wide.view)),
                       *makeCsr(16), result)
                   .ok());
}

TEST(Formats, MoreNonzerosThanOffsetsCount) {
  Matrix huge(Layout::Splat, 65536, 65536, 1); // 2^32 times 0xa5
  PackedMatrix result;
  EXPECT_EQ(makeCsr(16)->pack(huge.view, result).message(),
            "csr<index = i16> holds at most 4294967295 nonzeros, but the "
            "matrix has 4294967296");
}

TEST(Formats, RatiosAt99Percent) {
  constexpr int64_t kSize = 1024, kNonzeros = 10486;
  Matrix matrix(Layout::Rows, kSize, kSize, 4);
  std::memset(matrix.at(0, 0), 0, kSize * kSize * 4);
  for (int64_t i = 0; i < kNonzeros; ++i) // 99 and 2^20 share no factor
    matrix.set(i * 99 % (kSize * kSize) / kSize, i * 99 % kSize, 0x3f800000);
  Statistics stats = analyze(matrix.view);
  ASSERT_EQ(stats.nnz, kNonzeros);
  EXPECT_GE(stats.ratio(makeBitmask()->storedBytes(stats)), 23.6);
  EXPECT_GE(stats.ratio(makeCsr(16)->storedBytes(stats)), 62.0);
  EXPECT_GE(stats.ratio(packed(makeBitmask(), matrix.view).storedBytes()),
            23.6);
  EXPECT_GE(stats.ratio(packed(makeCsr(16), matrix.view).storedBytes()), 62.0);
}

/// -0.0, quiet and signalling NaNs with payloads, denormals, infinities and the
/// largest finite numbers, of one floating point type.
List<uint64_t> specials(unsigned elementBytes, int mantissaBits) {
  uint64_t sign = uint64_t(1) << (8 * elementBytes - 1);
  uint64_t quiet = uint64_t(1) << (mantissaBits - 1);
  uint64_t inf = (sign - 1) & ~((uint64_t(1) << mantissaBits) - 1);
  return {sign,      inf,      inf | sign,      inf | quiet | 5, inf | 3,
          sign | 1,  1,        quiet,           inf - 1,         sign | inf | 1,
          quiet - 1, sign - 1, sign | (inf - 1)};
}

TEST(Formats, SpecialBitPatternsSurvive) {
  struct {
    const char *name;
    unsigned bytes;
    int mantissa;
  } types[] = {{"f16", 2, 10}, {"bf16", 2, 7}, {"f32", 4, 23}, {"f64", 8, 52}};
  for (auto type : types) {
    List<uint64_t> values = specials(type.bytes, type.mantissa);
    Matrix matrix(Layout::Rows, 5, 69, type.bytes);
    for (int64_t i = 0; i < 5 * 69; ++i)
      matrix.set(i / 69, i % 69, i % 3 ? 0 : values[i / 3 % values.size()]);
    for (const FormatPtr &format : allFormats()) {
      PackedMatrix result = packed(format, matrix.view);
      Matrix back(Layout::Rows, 5, 69, type.bytes);
      format->unpack(PackedView(result), back.writable());
      EXPECT_TRUE(sameElements(matrix, back))
          << type.name << " " << format->spelling();
      EXPECT_EQ(format->toRows(PackedView(result)).columns.size(), 115u);
    }
  }
}

TEST(Formats, StoredZerosAreNoEntries) {
  PackedMatrix csr = packed(makeCsr(16), example().view);
  csr.components[0].as<float>()[2] = 0; // the 3, in column 1
  ASSERT_TRUE(makeCsr(16)->validate(PackedView(csr)).ok());
  PackedMatrix csc;
  ASSERT_TRUE(convert(*makeCsr(16), PackedView(csr), *makeCsc(16), csc).ok());
  EXPECT_EQ(entries<float>(csc, 0), (List<float>{1, 4, 2, 5}));
  EXPECT_EQ(entries<uint32_t>(csc, 2), (List<uint32_t>{0, 2, 2, 4}));
}

#ifdef _OPENMP
TEST(Formats, BytesDoNotDependOnThreads) {
  Random random(7);
  int before = omp_get_max_threads();
  for (Layout layout : {Layout::Rows, Layout::Columns}) {
    Matrix matrix = randomMatrix(random, layout, 1500, 700, 2, 0.1);
    for (const FormatPtr &format : allFormats()) {
      omp_set_num_threads(1);
      PackedMatrix one = packed(format, matrix.view);
      for (int threads : {2, 3, 8}) {
        omp_set_num_threads(threads);
        EXPECT_EQ(difference(one, packed(format, matrix.view)), "")
            << format->spelling() << " with " << threads << " threads";
      }
    }
  }
  omp_set_num_threads(before);
}
#endif

TEST(Buffers, AreAlignedAndHaveSlack) {
  for (int64_t size : {0, 1, 63, 64, 65, 5 << 20}) {
    Buffer buffer(size);
    ASSERT_TRUE(buffer.valid());
    ASSERT_NE(buffer.data(), nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer.data()) % 64, 0u);
    EXPECT_EQ(buffer.size(), size);
    for (int64_t i = 0; i < Buffer::kSlack; ++i)
      EXPECT_EQ(buffer.as<char>()[size + i], 0);
  }
  EXPECT_FALSE(Buffer(-1).valid());
  EXPECT_FALSE(Buffer(INT64_MAX).valid());
  Buffer given(10);
  void *data = given.release();
  EXPECT_EQ(given.size(), 0);
  EXPECT_TRUE(given.valid());
  std::free(data);
}

} // namespace
