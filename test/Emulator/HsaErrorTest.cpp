//===- HsaErrorTest.cpp - Packets and kernels that stop a queue -----------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HsaTestUtils.h"

#include <chrono>

using namespace sparsec::test;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace {
struct Poke {
  uint32_t *at;
  uint32_t value;
};

struct BadPacket {
  const char *name;
  void (*spoil)(hsa_kernel_dispatch_packet_t &);
  int status;
  const char *message;
};
std::ostream &operator<<(std::ostream &os, const BadPacket &bad) {
  return os << bad.name;
}
class BadPackets : public HsaKernelTest,
                   public ::testing::WithParamInterface<BadPacket> {};
} // namespace

TEST_P(BadPackets, StopTheQueue) {
  auto *out = allocate(fine, 1);
  *out = 5;
  hsa_signal_t done = makeSignal(2);
  hsa_kernel_dispatch_packet_t bad = packet("poke", 1, Poke{out, 6}, done);
  bad.header = kDispatchHeader;
  GetParam().spoil(bad);
  submit(queue, bad, bad.header);
  submit(queue, packet("poke", 1, Poke{out, 7}, done));
  ASSERT_TRUE(finished(errors.signal));
  EXPECT_THAT(errors.statuses, ElementsAre(hsa_status_t(GetParam().status)));
  EXPECT_THAT(gfx803_emulator_last_fault(), HasSubstr(GetParam().message));
  // The queue is dead, its neighbours are not.
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(hsa_signal_load_scacquire(done), 2);
  EXPECT_EQ(*out, 5u);
  Errors otherErrors;
  hsa_signal_t good = makeSignal(1);
  submit(makeQueue(otherErrors), packet("poke", 1, Poke{out, 8}, good));
  EXPECT_TRUE(finished(good));
  EXPECT_EQ(*out, 8u);
}

INSTANTIATE_TEST_SUITE_P(
    Hsa, BadPackets,
    ::testing::Values(
        BadPacket{"workgroup",
                  [](auto &packet) { packet.workgroup_size_x = 1025; },
                  HSA_STATUS_ERROR_INVALID_ARGUMENT, "1025 work items"},
        BadPacket{
            "no_workgroup", [](auto &packet) { packet.workgroup_size_y = 0; },
            HSA_STATUS_ERROR_INCOMPATIBLE_ARGUMENTS, "workgroup size y is 0"},
        BadPacket{"no_grid", [](auto &packet) { packet.grid_size_x = 0; },
                  HSA_STATUS_ERROR_INCOMPATIBLE_ARGUMENTS, "grid size x is 0"},
        BadPacket{"dimensions", [](auto &packet) { packet.setup = 0; },
                  HSA_STATUS_ERROR_INCOMPATIBLE_ARGUMENTS, "no dimensions"},
        BadPacket{"unused", [](auto &packet) { packet.grid_size_z = 2; },
                  HSA_STATUS_ERROR_INCOMPATIBLE_ARGUMENTS, "size z is not 1"},
        BadPacket{"lds",
                  [](auto &packet) { packet.group_segment_size = 65540; },
                  HSA_STATUS_ERROR_INVALID_ALLOCATION, "65540 bytes of LDS"},
        BadPacket{"code", [](auto &packet) { packet.kernel_object += 4; },
                  HSA_STATUS_ERROR_INVALID_CODE_OBJECT, "kernel object"},
        BadPacket{"no_code", [](auto &packet) { packet.kernel_object = 0; },
                  HSA_STATUS_ERROR_INVALID_CODE_OBJECT, "kernel object 0x0"},
        BadPacket{"type",
                  [](auto &packet) {
                    packet.header = HSA_PACKET_TYPE_AGENT_DISPATCH;
                  },
                  HSA_STATUS_ERROR_INVALID_PACKET_FORMAT, "type 4"},
        BadPacket{"vendor",
                  [](auto &packet) {
                    packet.header = HSA_PACKET_TYPE_VENDOR_SPECIFIC;
                  },
                  HSA_STATUS_ERROR_INVALID_PACKET_FORMAT, "format 1"},
        BadPacket{"signal",
                  [](auto &packet) { packet.completion_signal.handle = 64; },
                  HSA_STATUS_ERROR_INVALID_PACKET_FORMAT,
                  "completion signal 0x40"},
        BadPacket{
            "barrier",
            [](auto &packet) { packet.header = HSA_PACKET_TYPE_BARRIER_AND; },
            HSA_STATUS_ERROR_INVALID_PACKET_FORMAT, "no signal"}),
    [](const auto &test) { return test.param.name; });

TEST_F(HsaKernelTest, FaultsReachTheCallback) {
  uint64_t address = 0;
  ASSERT_EQ(hsa_amd_register_system_event_handler(
                [](const hsa_amd_event_t *event, void *data) {
                  *static_cast<uint64_t *>(data) =
                      event->memory_fault.virtual_address;
                  return HSA_STATUS_SUCCESS;
                },
                &address),
            HSA_STATUS_SUCCESS);
  auto *device = allocate(vram, 4);
  submit(queue, packet("poke", 1, Poke{device + 4, 1}));
  ASSERT_TRUE(finished(errors.signal));
  EXPECT_THAT(errors.statuses,
              ElementsAre(hsa_status_t(HSA_STATUS_ERROR_MEMORY_FAULT)));
  EXPECT_EQ(address, reinterpret_cast<uint64_t>(device + 4));
  EXPECT_THAT(gfx803_emulator_last_fault(),
              AllOf(HasSubstr("poke"), HasSubstr("packet 0")));

  Errors trapErrors;
  submit(makeQueue(trapErrors), packet("trap", 1, uint32_t(0)));
  ASSERT_TRUE(finished(trapErrors.signal));
  EXPECT_THAT(trapErrors.statuses, ElementsAre(HSA_STATUS_ERROR_EXCEPTION));
}

// On hardware, too, memory of the CPU's pools is the CPU's until the GPU is
// given access.
TEST_F(HsaKernelTest, KernelsReachWhatTheyWereGiven) {
  auto *hidden =
      static_cast<uint32_t *>(allocateBytes(fine, 4, /*access=*/false));
  *hidden = 3;
  auto poke = packet("poke", 1, Poke{hidden, 4});
  submit(queue, poke);
  ASSERT_TRUE(finished(errors.signal));
  EXPECT_EQ(*hidden, 3u);
  ASSERT_EQ(hsa_amd_agents_allow_access(1, &gpu, nullptr, hidden),
            HSA_STATUS_SUCCESS);
  Errors otherErrors;
  hsa_queue_t *other = makeQueue(otherErrors);
  hsa_signal_t done = makeSignal(1);
  poke.completion_signal = done;
  submit(other, poke);
  ASSERT_TRUE(finished(done));
  EXPECT_EQ(*hidden, 4u);
  ASSERT_EQ(hsa_amd_agents_allow_access(1, &cpu, nullptr, hidden),
            HSA_STATUS_SUCCESS);
  submit(other, poke);
  EXPECT_TRUE(finished(otherErrors.signal));
}

TEST_F(HsaKernelTest, ACallbackMayDestroyItsQueue) {
  hsa_signal_t signal = makeSignal(1);
  auto callback = [](hsa_status_t, hsa_queue_t *source, void *data) {
    EXPECT_EQ(hsa_queue_destroy(source), HSA_STATUS_SUCCESS);
    hsa_signal_store_screlease(*static_cast<hsa_signal_t *>(data), 0);
  };
  hsa_queue_t *dying = nullptr;
  ASSERT_EQ(hsa_queue_create(gpu, 64, HSA_QUEUE_TYPE_SINGLE, callback, &signal,
                             0, 0, &dying),
            HSA_STATUS_SUCCESS);
  submit(dying, hsa_barrier_and_packet_t{}, HSA_PACKET_TYPE_AGENT_DISPATCH);
  EXPECT_TRUE(finished(signal));
  EXPECT_EQ(hsa_queue_destroy(dying), HSA_STATUS_ERROR_INVALID_QUEUE);
}
