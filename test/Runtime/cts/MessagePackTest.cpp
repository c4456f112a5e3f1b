//===- MessagePackTest.cpp - Metadata from untrusted bytes ----------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/hsa/MessagePack.h"
#include "runtime/hsa/Kernarg.h"
#include "runtime/hsa/Metadata.h"
#include "test/Runtime/cts/DeviceTest.h"

#include <cstring>
#include <random>

using namespace sparsec;
using rt::MessagePack;

static MessagePack reader(const std::string &bytes) {
  return MessagePack(bytes.data(), bytes.size());
}

TEST(MessagePackTest, ReadsEveryWidth) {
  uint64_t value;
  for (auto [bytes, expected] : {
           std::pair(std::string("\x7f"), uint64_t(127)),
           std::pair(std::string("\xcc\xff"), uint64_t(255)),
           std::pair(std::string("\xcd\x01\x02"), uint64_t(0x102)),
           std::pair(std::string("\xce\x80\x00\x00\x01", 5),
                     uint64_t(0x80000001)),
           std::pair(std::string("\xcf\1\2\3\4\5\6\7\x08"),
                     uint64_t(0x0102030405060708)),
           std::pair(std::string("\xd1\x7f\xff"), uint64_t(0x7fff)),
       }) {
    ASSERT_TRUE(reader(bytes).number(value));
    EXPECT_EQ(value, expected);
    // Cut off, and of another type.
    EXPECT_FALSE(reader(bytes.substr(0, bytes.size() - 1)).number(value));
    bool flag;
    EXPECT_FALSE(reader(bytes).boolean(flag));
  }
  EXPECT_FALSE(reader("\xff").number(value)) << "-1";
  EXPECT_FALSE(reader("\xd0\x80").number(value)) << "-128";

  std::string_view text;
  std::string longText(300, 'q');
  for (const std::string &head :
       {std::string("\xda\x01\x2c"), std::string("\xdb\0\0\x01\x2c", 5)}) {
    ASSERT_TRUE(reader(head + longText).string(text));
  }
  EXPECT_FALSE(reader("\xdb\xff\xff\xff\xffxx").string(text));
  const std::string shortText = "\xa2hi"; // which the view points into
  ASSERT_TRUE(reader(shortText).string(text));
  EXPECT_EQ(text, "hi");
  uint32_t count;
  std::string wide("\xdf\xff\xff\xff\xff");
  EXPECT_TRUE(reader(wide).map(count));
  EXPECT_FALSE(reader(wide).skip()) << "ends with the bytes, at once";
}

TEST(MessagePackTest, SkipsEveryType) {
  const std::string values[] = {
      "\x05",        "\xe0",
      "\xc0",        "\xc2",
      "\xa1x",       "\x91\x01",
      "\x81\xa1k\1", "\xc4\2ab",
      "\xc7\1\5x",   "\xca\1\2\3\4",
      "\xd4\1\2",    "\xd0\x80",
      "\xd9\1y",     "\xd8" + std::string(17, 'e'),
  };
  for (const std::string &value : values) {
    const std::string bytes = value + "\x2a";
    MessagePack in = reader(bytes);
    uint64_t next = 0;
    ASSERT_TRUE(in.skip()) << unsigned(uint8_t(value[0]));
    ASSERT_TRUE(in.number(next)) << unsigned(uint8_t(value[0]));
    EXPECT_EQ(next, 42u);
  }
  EXPECT_FALSE(reader("\xc1").skip());
  EXPECT_FALSE(reader("").skip());
}

TEST(MetadataTest, ReadsWhatTheCompilerWrites) {
  std::string image = test::kernelImage("emulator");
  rt::CodeMetadata metadata;
  rt::Text why;
  ASSERT_TRUE(rt::readMetadata(image.data(), image.size(), metadata, why))
      << why.c_str();
  EXPECT_EQ(metadata.target, "amdgcn-amd-amdhsa--gfx803");
  ASSERT_EQ(metadata.kernels.size(), 9u);
  const rt::KernelMetadata &saxpy = metadata.kernels[0];
  EXPECT_EQ(saxpy.name, "saxpy");
  EXPECT_EQ(saxpy.symbol, "saxpy.kd");
  EXPECT_EQ(saxpy.explicitBytes, 24u);
  EXPECT_GT(saxpy.kernargBytes, saxpy.explicitBytes);
  EXPECT_FALSE(saxpy.hidden.empty());
}

TEST(MetadataTest, DamageNeverCrashes) {
  const std::string image = test::kernelImage("emulator");
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) {
    std::string damaged = image;
    for (int flips = 1 + int(random() % 5); flips != 0; --flips)
      damaged[random() % 6000 % damaged.size()] = char(random());
    if (i % 4 == 0)
      damaged.resize(random() % damaged.size());
    rt::CodeMetadata metadata;
    rt::Text why;
    if (!rt::readMetadata(damaged.data(), damaged.size(), metadata, why)) {
      EXPECT_STRNE(why.c_str(), "");
      continue;
    }
    for (const rt::KernelMetadata &kernel : metadata.kernels) {
      std::vector<char> arguments(kernel.explicitBytes),
          segment(kernel.kernargBytes);
      rt::fillKernarg(kernel, {{1, 1, 1}, {1, 1, 1}, 0}, {}, arguments.data(),
                      segment.data());
    }
  }
}
