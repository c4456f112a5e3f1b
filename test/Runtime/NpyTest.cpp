//===- NpyTest.cpp - Reading and writing .npy files -----------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiled together with tools/sparsec/Npy.cpp and NpyHeader.cpp and linked
// with libsparsec_rt.so.1.
//
//===----------------------------------------------------------------------===//

#include "tools/sparsec/Npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <vector>

using namespace sparsec::tools;
using testing::HasSubstr;
namespace fs = std::filesystem;

namespace {
class NpyTest : public testing::Test {
protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/sparsec-npy-XXXXXX";
    folder = ::mkdtemp(pattern.data());
    path = folder + "/a.npy";
  }
  void TearDown() override { fs::remove_all(folder); }

  void write(const std::string &bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }
  std::string contents() {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  /// A file with this dictionary and data.
  static std::string npy(const std::string &dictionary, const std::string &data,
                         int major = 1) {
    std::string text = dictionary + "\n", result = "\x93NUMPY";
    result += {char(major), '\0'};
    for (int i = 0; i < (major == 1 ? 2 : 4); ++i)
      result += char(text.size() >> (8 * i));
    return result + text + data;
  }
  static std::string dictionary(const std::string &descr,
                                const std::string &shape,
                                const std::string &fortran = "False") {
    return "{'descr': '" + descr + "', 'fortran_order': " + fortran +
           ", 'shape': " + shape + ", }";
  }
  template <typename T> static std::string bytesOf(std::vector<T> values) {
    return {reinterpret_cast<const char *>(values.data()),
            values.size() * sizeof(T)};
  }

  /// The one line that says why a file is refused.
  std::string errorOf(const std::string &bytes) {
    write(bytes);
    HostTensor tensor;
    std::string error;
    EXPECT_FALSE(readNpy(path, tensor, error));
    EXPECT_EQ(tensor.data, nullptr);
    std::string start = "cannot read " + path + ": ";
    EXPECT_EQ(error.substr(0, start.size()), start);
    EXPECT_EQ(error.find('\n'), std::string::npos);
    return error.substr(std::min(error.size(), start.size()));
  }
  HostTensor read(const std::string &bytes) {
    write(bytes);
    HostTensor tensor;
    std::string error;
    EXPECT_TRUE(readNpy(path, tensor, error)) << error;
    return tensor;
  }
  static std::vector<int64_t> shapeOf(const HostTensor &tensor) {
    return {tensor.type.shape, tensor.type.shape + tensor.type.rank};
  }
  template <typename T>
  static std::vector<T> valuesOf(const HostTensor &tensor) {
    const T *data = static_cast<const T *>(tensor.data.get());
    return {data, data + tensor.bytes / sizeof(T)};
  }

  std::string folder, path;
};
using Shape = std::vector<int64_t>;
} // namespace

TEST_F(NpyTest, ReadsAllVersions) {
  for (int version : {1, 2, 3}) {
    HostTensor tensor = read(npy(dictionary("<f4", "(2, 3)"),
                                 bytesOf<float>({1, 2, 3, 4, 5, 6}), version));
    EXPECT_EQ(tensor.type.dtype, SPARSEC_F32);
    EXPECT_EQ(shapeOf(tensor), (Shape{2, 3}));
    EXPECT_EQ(valuesOf<float>(tensor), (std::vector<float>{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.data.get()) % 64, 0u);
  }
  EXPECT_EQ(errorOf(npy("", "", 4)), "unknown .npy version 4.0");
}

TEST_F(NpyTest, ReadsAllElementTypes) {
  struct {
    const char *descr;
    uint32_t dtype;
    size_t bytes;
  } types[] = {{"<f4", SPARSEC_F32, 4}, {"=f4", SPARSEC_F32, 4},
               {"<f2", SPARSEC_F16, 2}, {"<f8", SPARSEC_F64, 8},
               {"|i1", SPARSEC_I8, 1},  {"<i1", SPARSEC_I8, 1},
               {"<i4", SPARSEC_I32, 4}, {"<i8", SPARSEC_I64, 8},
               {"|b1", SPARSEC_I1, 1},  {">i1", SPARSEC_I8, 1}};
  for (auto &type : types) {
    std::string data(3 * type.bytes, '\1');
    HostTensor tensor = read(npy(dictionary(type.descr, "(3,)"), data));
    EXPECT_EQ(tensor.type.dtype, type.dtype) << type.descr;
    EXPECT_EQ(valuesOf<char>(tensor),
              (std::vector<char>(data.begin(), data.end())));
  }
  HostTensor truth = read(npy(dictionary("|b1", "(3,)"), {'\0', '\5', '\1'}));
  EXPECT_EQ(valuesOf<char>(truth), (std::vector<char>{0, 1, 1}));
}

TEST_F(NpyTest, ReadsScalarsAndEmptyArrays) {
  HostTensor scalar = read(npy(dictionary("<i4", "()"), bytesOf<int>({7})));
  EXPECT_EQ(scalar.type.rank, 0u);
  EXPECT_EQ(valuesOf<int>(scalar), std::vector<int>{7});
  for (const char *order : {"True", "False"}) {
    HostTensor empty = read(npy(dictionary("<f4", "(3, 0, 2)", order), ""));
    EXPECT_EQ(shapeOf(empty), (Shape{3, 0, 2}));
    EXPECT_EQ(empty.bytes, 0u);
    EXPECT_NE(empty.data, nullptr);
  }
}

TEST_F(NpyTest, TransposesFortranOrder) {
  HostTensor matrix = read(npy(dictionary("<i4", "(2, 3)", "True"),
                               bytesOf<int>({1, 4, 2, 5, 3, 6})));
  EXPECT_EQ(valuesOf<int>(matrix), (std::vector<int>{1, 2, 3, 4, 5, 6}));

  // Element (i, j, k) of a 2x3x4 array is 100 i + 10 j + k.
  std::vector<double> columns, rows;
  for (int k = 0; k < 4; ++k)
    for (int j = 0; j < 3; ++j)
      for (int i = 0; i < 2; ++i)
        columns.push_back(100 * i + 10 * j + k);
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < 4; ++k)
        rows.push_back(100 * i + 10 * j + k);
  HostTensor cube =
      read(npy(dictionary("<f8", "(2, 3, 4)", "True"), bytesOf(columns)));
  EXPECT_EQ(valuesOf<double>(cube), rows);
}

TEST_F(NpyTest, TakesAnySpellingOfTheDictionary) {
  for (const char *text :
       {"{'shape':(1,),'fortran_order':False,'descr':'<i4'}",
        "{\"shape\": (1,), \"descr\": \"<i4\", \"fortran_order\": True}",
        "  { 'descr' : '<i4' ,'shape' : ( 1 , ) , 'fortran_order' : False , } ",
        "{'descr': '<i4', 'fortran_order': False, 'shape': (1,), }      "})
    EXPECT_EQ(valuesOf<int>(read(npy(text, bytesOf<int>({9})))),
              std::vector<int>{9})
        << text;
}

TEST_F(NpyTest, RefusesDamagedFiles) {
  std::string good = npy(dictionary("<f4", "(2,)"), bytesOf<float>({1, 2}));
  EXPECT_EQ(errorOf(""), "not a .npy file");
  EXPECT_EQ(errorOf("hello, this is text"), "not a .npy file");
  EXPECT_EQ(errorOf(good.substr(0, 6)), "truncated within its first 12 bytes");
  EXPECT_EQ(errorOf(good.substr(0, 9)), "truncated within its first 10 bytes");
  EXPECT_THAT(errorOf(good.substr(0, 30)), HasSubstr("bytes, the file has 20"));
  EXPECT_EQ(errorOf(good.substr(0, good.size() - 1)),
            "its shape needs 8 bytes of data, the file has 7");
  EXPECT_EQ(errorOf(good + "x"),
            "its shape needs 8 bytes of data, the file has 9");

  auto header = [&](const std::string &text) { return errorOf(npy(text, "")); };
  EXPECT_EQ(header("{'descr': '<f4', 'fortran_order': False}"),
            "damaged header: no key 'shape'");
  EXPECT_EQ(header("{}"), "damaged header: no key 'descr'");
  EXPECT_EQ(header("{'colour': 1}"), "damaged header: unknown key 'colour'");
  EXPECT_EQ(header("{'descr': '<f4', 'descr': '<f4'}"),
            "damaged header: key 'descr' twice");
  EXPECT_EQ(header(dictionary("<f4", "(2,)") + "x"),
            "damaged header: expected nothing more before 'x?'");
  EXPECT_EQ(header(dictionary("<f4", "(2,)", "0")),
            "damaged header: expected True or False as fortran_order before "
            "'0, 'shape': (2,), }?'");
  EXPECT_EQ(header(""), "damaged header: expected '{' at its end");
  EXPECT_EQ(header("{'descr"), "damaged header: expected a string before "
                               "''descr?'");

  auto shape = [&](const char *text) {
    return header(dictionary("<f4", text));
  };
  EXPECT_EQ(shape("(-1, 2)"), "a dimension is negative");
  EXPECT_EQ(shape("(9223372036854775808,)"),
            "a dimension does not fit into 63 bits");
  EXPECT_EQ(shape("(4294967296, 4294967296)"),
            "its shape is larger than the address space");
  EXPECT_EQ(shape("(0, 4294967296, 4294967296)"),
            "its shape is larger than the address space");
  EXPECT_EQ(shape("(1,1,1,1,1,1,1,1,1)"), "more than 8 dimensions");
  EXPECT_EQ(shape("(3)"), "damaged header: shape is a number, not a tuple");
  EXPECT_THAT(shape("(1 2)"), HasSubstr("expected ',' or ')' in shape"));
  EXPECT_THAT(shape("(1,,2)"), HasSubstr("expected a dimension"));
  EXPECT_THAT(shape("[1]"), HasSubstr("expected a tuple as shape"));

  auto type = [&](const char *descr) {
    return header(dictionary(descr, "(2,)"));
  };
  EXPECT_EQ(type(">f4"),
            "big-endian elements ('>f4') are not supported: save them as "
            "'<f4'");
  EXPECT_EQ(type("|f4"), "element type '|f4' has no byte order");
  EXPECT_EQ(type("<c8"),
            "element type '<c8' is not one of f4, f2, f8, i1, i4, i8, b1");
  EXPECT_THAT(type("|O"), HasSubstr("element type '|O' is not one of"));
  EXPECT_EQ(header("{'descr': [('x', '<f4')], 'shape': (2,)}"),
            "structured element types are not supported");
}

TEST_F(NpyTest, RefusesWhatIsNoFile) {
  HostTensor tensor;
  std::string error;
  EXPECT_FALSE(readNpy(folder + "/none.npy", tensor, error));
  EXPECT_EQ(error,
            "cannot open " + folder + "/none.npy: No such file or directory");
  EXPECT_FALSE(readNpy(folder, tensor, error));
  EXPECT_EQ(error, "cannot read " + folder + ": not a regular file");
}

TEST_F(NpyTest, WritesWhatItReads) {
  alignas(8) char data[64];
  for (int i = 0; i < 64; ++i)
    data[i] = char(i % 2);
  for (uint32_t dtype : {SPARSEC_F32, SPARSEC_F16, SPARSEC_I8, SPARSEC_I32,
                         SPARSEC_I64, SPARSEC_I1, SPARSEC_F64}) {
    for (const Shape &shape : {Shape{}, Shape{8}, Shape{2, 4}, Shape{0, 3}}) {
      sparsec_tensor tensor = {data, {dtype, uint32_t(shape.size()), {}}};
      std::copy(shape.begin(), shape.end(), tensor.type.shape);
      HostTensor back;
      std::string error;
      ASSERT_TRUE(writeNpy(path, tensor, error)) << error;
      ASSERT_TRUE(readNpy(path, back, error)) << error;
      EXPECT_EQ((contents().size() - back.bytes) % 64, 0u);
      EXPECT_EQ(back.type.dtype, dtype);
      EXPECT_EQ(shapeOf(back), shape);
      EXPECT_EQ(std::memcmp(back.data.get(), data, back.bytes), 0);
    }
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 1)
      << "a temporary was left behind";
}

TEST_F(NpyTest, WritesBfloatAsFloat) {
  std::vector<uint16_t> bits(3000, 0x3f80); // 1.0
  bits[1] = 0xc000;                         // -2.0
  sparsec_tensor tensor = {bits.data(), {SPARSEC_BF16, 1, {3000}}};
  std::string error;
  ASSERT_TRUE(writeNpy(path, tensor, error)) << error;
  HostTensor back;
  ASSERT_TRUE(readNpy(path, back, error)) << error;
  EXPECT_EQ(back.type.dtype, SPARSEC_F32);
  std::vector<float> expected(3000, 1);
  expected[1] = -2;
  EXPECT_EQ(valuesOf<float>(back), expected);
}

TEST_F(NpyTest, SaysWhyItCannotWrite) {
  float value = 1;
  sparsec_tensor tensor = {&value, {SPARSEC_F32, 0, {}}};
  std::string error;
  EXPECT_FALSE(writeNpy(folder + "/no/y.npy", tensor, error));
  EXPECT_EQ(error,
            "cannot write " + folder + "/no/y.npy: No such file or directory");
  EXPECT_FALSE(writeNpy(folder, tensor, error));
  EXPECT_EQ(error, "cannot write " + folder + ": Is a directory");
  EXPECT_TRUE(writeNpy("/dev/null", tensor, error)) << error;
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  if (fs::exists("/dev/full")) {
    EXPECT_FALSE(writeNpy("/dev/full", tensor, error));
    EXPECT_EQ(error, "cannot write /dev/full: No space left on device");
  }
  tensor.type.dtype = 99;
  EXPECT_FALSE(writeNpy(path, tensor, error));
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(NpyTest, ReplacesTheTargetOfALink) {
  float value = 1;
  sparsec_tensor tensor = {&value, {SPARSEC_F32, 0, {}}};
  write("old");
  std::string link = folder + "/link.npy", error;
  fs::create_symlink("a.npy", link);
  ASSERT_TRUE(writeNpy(link, tensor, error)) << error;
  EXPECT_TRUE(fs::is_symlink(link));
  HostTensor back;
  EXPECT_TRUE(readNpy(path, back, error)) << error;
}

// Any byte may change: the reader accepts or refuses with one line.
TEST_F(NpyTest, SurvivesDamagedHeaders) {
  unsigned seed = std::random_device()();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  const std::string good = npy(dictionary("<f4", "(2, 3)", "True"),
                               bytesOf<float>({1, 2, 3, 4, 5, 6}));
  const size_t headerBytes = good.size() - 24;
  const std::string likely = "{}()[]',:<>|=-0123456789 \n\xff";
  for (int round = 0; round < 5000; ++round) {
    std::string bytes = good;
    for (int edits = 1 + int(random() % 3); edits-- > 0;) {
      size_t at = random() % headerBytes;
      switch (random() % 4) {
      case 0:
        bytes[at] = char(random());
        break;
      case 1:
        bytes[at] = likely[random() % likely.size()];
        break;
      case 2:
        bytes.erase(at, 1 + random() % 4);
        break;
      default:
        bytes.insert(at, 1, likely[random() % likely.size()]);
      }
    }
    write(bytes);
    HostTensor tensor;
    std::string error;
    if (readNpy(path, tensor, error)) {
      EXPECT_LE(tensor.bytes, bytes.size());
    } else {
      ASSERT_THAT(error, HasSubstr(path));
      ASSERT_EQ(error.find('\n'), std::string::npos) << error;
    }
  }
}
