//===- HsaTestUtils.h - A small HSA program, for the tests ------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_TEST_EMULATOR_HSATESTUTILS_H
#define SPARSEC_TEST_EMULATOR_HSATESTUTILS_H

#include "tools/gfx803-emulator/hsa/gfx803_emulator.h"

#include "hsa/hsa.h"
#include "hsa/hsa_ext_amd.h"
#include "hsa/hsa_ven_amd_loader.h"

#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

namespace sparsec::test {

constexpr uint64_t kSecond = 1000000000;

/// Between hsa_init and hsa_shut_down, with the agents and pools found as a
/// program finds them. Messages are not printed: the tests provoke many.
class HsaTest : public ::testing::Test {
protected:
  void SetUp() override;
  void TearDown() override;

  hsa_signal_t makeSignal(hsa_signal_value_t value);
  /// Memory of a pool, open to the gpu, freed at the end of the test.
  template <typename T = uint32_t>
  T *allocate(hsa_amd_memory_pool_t pool, size_t count) {
    return static_cast<T *>(allocateBytes(pool, count * sizeof(T)));
  }
  void *allocateBytes(hsa_amd_memory_pool_t pool, size_t bytes,
                      bool access = true);

  hsa_agent_t cpu{}, gpu{};
  hsa_amd_memory_pool_t fine{}, kernarg{}, vram{}, group{};

private:
  std::vector<hsa_signal_t> signals;
  std::vector<void *> memory;
};

/// Waits until the signal is 0; false after ten seconds.
inline bool finished(hsa_signal_t signal) {
  return hsa_signal_wait_scacquire(signal, HSA_SIGNAL_CONDITION_EQ, 0,
                                   10 * kSecond, HSA_WAIT_STATE_BLOCKED) == 0;
}

/// With the kernels of Inputs/hsa-kernels.cl and a queue.
class HsaKernelTest : public HsaTest {
protected:
  struct Errors {
    hsa_signal_t signal{};
    std::vector<hsa_status_t> statuses;
  };

  void SetUp() override;
  void TearDown() override;

  hsa_queue_t *makeQueue(Errors &errors, uint32_t packets = 64);
  /// The kernel's symbol, which must exist.
  hsa_executable_symbol_t symbol(const std::string &name) const;
  template <typename T>
  T info(hsa_executable_symbol_t of, hsa_executable_symbol_info_t what) const {
    T value{};
    EXPECT_EQ(hsa_executable_symbol_get_info(of, what, &value),
              HSA_STATUS_SUCCESS);
    return value;
  }

  /// A packet for a launch of `items` work items in groups of 64. The kernel's
  /// arguments are laid out as OpenCL lays out a struct of them.
  template <typename Arguments>
  hsa_kernel_dispatch_packet_t packet(const std::string &name, uint32_t items,
                                      const Arguments &arguments,
                                      hsa_signal_t completion = {0}) {
    hsa_executable_symbol_t kernel = symbol(name);
    auto bytes = info<uint32_t>(
        kernel, HSA_EXECUTABLE_SYMBOL_INFO_KERNEL_KERNARG_SEGMENT_SIZE);
    // The segment ends after the last argument, the struct with its padding.
    EXPECT_GT(bytes + alignof(Arguments), sizeof(Arguments));
    void *segment =
        allocateBytes(kernarg, std::max<size_t>(bytes, sizeof(Arguments)));
    std::memset(segment, 0, bytes);
    std::memcpy(segment, &arguments, sizeof(arguments));
    return rawPacket(kernel, items, segment, completion);
  }
  hsa_kernel_dispatch_packet_t rawPacket(hsa_executable_symbol_t kernel,
                                         uint32_t items, void *arguments,
                                         hsa_signal_t completion);

  static constexpr uint16_t kDispatchHeader =
      HSA_PACKET_TYPE_KERNEL_DISPATCH << HSA_PACKET_HEADER_TYPE |
      1 << HSA_PACKET_HEADER_BARRIER |
      HSA_FENCE_SCOPE_SYSTEM << HSA_PACKET_HEADER_SCACQUIRE_FENCE_SCOPE |
      HSA_FENCE_SCOPE_SYSTEM << HSA_PACKET_HEADER_SCRELEASE_FENCE_SCOPE;

  /// Writes a packet without its header and gives its index.
  template <typename Packet>
  static uint64_t write(hsa_queue_t *queue, const Packet &packet) {
    static_assert(sizeof(Packet) == 64, "AQL packets have 64 bytes");
    uint64_t index = hsa_queue_add_write_index_screlease(queue, 1);
    while (index - hsa_queue_load_read_index_scacquire(queue) >= queue->size)
      std::this_thread::yield();
    auto *slot = static_cast<std::byte *>(queue->base_address) +
                 index % queue->size * 64;
    std::memcpy(slot + 2, reinterpret_cast<const std::byte *>(&packet) + 2, 62);
    return index;
  }
  static void publish(hsa_queue_t *queue, uint64_t index, uint16_t header) {
    auto *slot = static_cast<std::byte *>(queue->base_address) +
                 index % queue->size * 64;
    __atomic_store_n(reinterpret_cast<uint16_t *>(slot), header,
                     __ATOMIC_RELEASE);
  }
  template <typename Packet>
  static void submit(hsa_queue_t *queue, const Packet &packet,
                     uint16_t header = kDispatchHeader) {
    uint64_t index = write(queue, packet);
    publish(queue, index, header);
    hsa_signal_store_screlease(queue->doorbell_signal, index);
  }

  hsa_executable_t executable{};
  Errors errors;
  hsa_queue_t *queue = nullptr;

private:
  std::vector<hsa_queue_t *> queues;
};

} // namespace sparsec::test

#endif // SPARSEC_TEST_EMULATOR_HSATESTUTILS_H
