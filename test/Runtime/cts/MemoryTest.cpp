//===- MemoryTest.cpp - Allocations and copies ----------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/Runtime/cts/DeviceTest.h"

#include <numeric>
#include <set>

using namespace sparsec;
using namespace sparsec::test;
using testing::HasSubstr;

/// Bytes that differ from their neighbours and from other runs of the pattern.
static std::vector<uint8_t> pattern(size_t bytes, unsigned seed) {
  std::vector<uint8_t> data(bytes);
  uint32_t value = seed * 2654435761u + 1;
  for (uint8_t &byte : data) {
    value = value * 1664525u + 1013904223u;
    byte = uint8_t(value >> 24);
  }
  return data;
}

TEST_P(DeviceTest, AllocationsAreAlignedAndApart) {
  std::set<rt::DeviceAddress> begins;
  for (uint64_t bytes :
       {0, 1, 3, 4, 255, 256, 257, 4095, 4096, 4097, 1000003}) {
    rt::DeviceAddress address = allocate(bytes);
    EXPECT_NE(address, 0u);
    EXPECT_EQ(address % rt::kDeviceAlignment, 0u) << bytes;
    EXPECT_TRUE(begins.insert(address).second);
  }
  for (auto begin = begins.begin(); std::next(begin) != begins.end(); ++begin)
    EXPECT_LT(*begin, *std::next(begin));
}

TEST_P(DeviceTest, ReleasedMemoryCanBeHadAgain) {
  // Far more in total than any device has.
  for (int i = 0; i < 200; ++i) {
    rt::DeviceAddress address;
    ASSERT_OK(device->allocate(uint64_t(256) << 20, address));
    device->release(address);
  }
  device->release(0);
}

TEST_P(DeviceTest, TooMuchMemoryIsRefusedWithNumbers) {
  for (uint64_t bytes : {uint64_t(1) << 45, ~uint64_t(0), ~uint64_t(0) / 2}) {
    rt::DeviceAddress address = 0;
    EXPECT_EQ(device->allocate(bytes, address), SPARSEC_OUT_OF_MEMORY);
    EXPECT_THAT(sparsec_last_error(), HasSubstr(std::to_string(bytes)));
    EXPECT_THAT(sparsec_last_error(), HasSubstr("bytes short"));
  }
  // Nothing is broken by that.
  std::vector<uint8_t> data = pattern(1000, 1);
  EXPECT_EQ(download<uint8_t>(upload(data), data.size()), data);
}

TEST_P(DeviceTest, CopiesOfOddSizesAndOffsets) {
  constexpr size_t kBytes = 5000;
  for (size_t offset : {0, 1, 2, 3, 5, 63, 64, 255, 4095}) {
    for (size_t bytes : {1, 2, 3, 4, 7, 63, 64, 65, 500}) {
      std::vector<uint8_t> expected = pattern(kBytes, 1);
      std::vector<uint8_t> more = pattern(kBytes, unsigned(offset + bytes));
      rt::DeviceAddress address = upload(expected);
      rt::Ticket ticket;
      // From an odd place of the host as well.
      ASSERT_OK(
          stream->copyIn(address + offset, more.data() + 1, bytes, 0, ticket));
      std::copy_n(more.begin() + 1, bytes, expected.begin() + long(offset));
      EXPECT_EQ(download<uint8_t>(address, kBytes), expected)
          << bytes << " bytes at " << offset;
      std::vector<uint8_t> part(bytes + 2, 0xee);
      ASSERT_OK(stream->copyOut(part.data() + 1, address + offset, bytes,
                                ticket, ticket));
      ASSERT_OK(stream->wait(ticket));
      EXPECT_EQ(part.front(), 0xee);
      EXPECT_EQ(part.back(), 0xee);
      EXPECT_TRUE(std::equal(part.begin() + 1, part.end() - 1,
                             expected.begin() + long(offset)));
    }
  }
}

TEST_P(DeviceTest, LargeCopies) {
  // More than is staged at one time, and no multiple of anything.
  std::vector<uint8_t> data = pattern((9u << 20) + 4321, 7);
  rt::DeviceAddress first = upload(data), second = allocate(data.size());
  rt::Ticket ticket;
  ASSERT_OK(stream->copyWithin(second, first, data.size(), 0, ticket));
  EXPECT_EQ(download<uint8_t>(second, data.size(), ticket), data);
}

TEST_P(DeviceTest, TheSourceMayChangeAfterTheCall) {
  std::vector<uint8_t> data = pattern(2u << 20, 3), copy = data;
  rt::DeviceAddress address = allocate(data.size());
  rt::Ticket ticket;
  ASSERT_OK(stream->copyIn(address, data.data(), data.size(), 0, ticket));
  std::fill(data.begin(), data.end(), 0);
  EXPECT_EQ(download<uint8_t>(address, copy.size()), copy);
}

TEST_P(DeviceTest, CopiesOfNothing) {
  rt::DeviceAddress address = allocate(16);
  rt::Ticket ticket = 99;
  EXPECT_OK(stream->copyIn(address + 16, nullptr, 0, 0, ticket));
  EXPECT_OK(stream->wait(ticket));
  EXPECT_OK(stream->copyOut(nullptr, address, 0, ticket, ticket));
  EXPECT_OK(stream->copyWithin(address, address, 0, ticket, ticket));
  EXPECT_OK(stream->wait(ticket));
  EXPECT_OK(stream->wait(0));
}

TEST_P(DeviceTest, CopiesBeyondAnAllocationAreRefused) {
  rt::DeviceAddress address = allocate(100);
  uint8_t bytes[200] = {};
  rt::Ticket ticket = 0;
  EXPECT_EQ(stream->copyIn(address + 50, bytes, 51, 0, ticket),
            SPARSEC_INVALID_ARGUMENT);
  EXPECT_THAT(sparsec_last_error(),
              HasSubstr("copy of 51 bytes at offset 50 leaves an allocation of "
                        "100 bytes"));
  EXPECT_EQ(stream->copyOut(bytes, address, 101, 0, ticket),
            SPARSEC_INVALID_ARGUMENT);
  EXPECT_EQ(stream->copyOut(bytes, address, ~uint64_t(0), 0, ticket),
            SPARSEC_INVALID_ARGUMENT);
  EXPECT_EQ(stream->copyIn(8, bytes, 1, 0, ticket), SPARSEC_INVALID_ARGUMENT);
  EXPECT_THAT(sparsec_last_error(), HasSubstr("no memory allocated"));
  rt::DeviceAddress other = allocate(10);
  EXPECT_EQ(stream->copyWithin(other, address, 11, 0, ticket),
            SPARSEC_INVALID_ARGUMENT);
  EXPECT_EQ(stream->copyWithin(address, other, 11, 0, ticket),
            SPARSEC_INVALID_ARGUMENT);
  EXPECT_EQ(ticket, 0u);
}
