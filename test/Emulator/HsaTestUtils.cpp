//===- HsaTestUtils.cpp - A small HSA program, for the tests --------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HsaTestUtils.h"

#include <fstream>
#include <iterator>

using namespace sparsec::test;

void HsaTest::SetUp() {
  gfx803_emulator_print_faults(0);
  ASSERT_EQ(hsa_init(), HSA_STATUS_SUCCESS);
  auto findAgents = [](hsa_agent_t agent, void *data) {
    auto *test = static_cast<HsaTest *>(data);
    hsa_device_type_t type;
    hsa_status_t status =
        hsa_agent_get_info(agent, HSA_AGENT_INFO_DEVICE, &type);
    (type == HSA_DEVICE_TYPE_GPU ? test->gpu : test->cpu) = agent;
    return status;
  };
  ASSERT_EQ(hsa_iterate_agents(findAgents, this), HSA_STATUS_SUCCESS);
  auto findPools = [](hsa_amd_memory_pool_t pool, void *data) {
    auto *test = static_cast<HsaTest *>(data);
    hsa_amd_segment_t segment;
    hsa_amd_memory_pool_get_info(pool, HSA_AMD_MEMORY_POOL_INFO_SEGMENT,
                                 &segment);
    if (segment == HSA_AMD_SEGMENT_GROUP) {
      test->group = pool;
      return HSA_STATUS_SUCCESS;
    }
    uint32_t flags = 0;
    bool all = false;
    hsa_amd_memory_pool_get_info(pool, HSA_AMD_MEMORY_POOL_INFO_GLOBAL_FLAGS,
                                 &flags);
    hsa_amd_memory_pool_get_info(
        pool, HSA_AMD_MEMORY_POOL_INFO_ACCESSIBLE_BY_ALL, &all);
    if (flags & HSA_AMD_MEMORY_POOL_GLOBAL_FLAG_KERNARG_INIT)
      test->kernarg = pool;
    else if (flags & HSA_AMD_MEMORY_POOL_GLOBAL_FLAG_FINE_GRAINED)
      test->fine = pool;
    else if (!all)
      test->vram = pool;
    return HSA_STATUS_SUCCESS;
  };
  for (hsa_agent_t agent : {cpu, gpu})
    ASSERT_EQ(hsa_amd_agent_iterate_memory_pools(agent, findPools, this),
              HSA_STATUS_SUCCESS);
}

void HsaTest::TearDown() {
  for (hsa_signal_t signal : signals)
    EXPECT_EQ(hsa_signal_destroy(signal), HSA_STATUS_SUCCESS);
  for (void *address : memory)
    EXPECT_EQ(hsa_amd_memory_pool_free(address), HSA_STATUS_SUCCESS);
  EXPECT_EQ(hsa_shut_down(), HSA_STATUS_SUCCESS);
}

hsa_signal_t HsaTest::makeSignal(hsa_signal_value_t value) {
  hsa_signal_t signal{};
  EXPECT_EQ(hsa_signal_create(value, 0, nullptr, &signal), HSA_STATUS_SUCCESS);
  signals.push_back(signal);
  return signal;
}

void *HsaTest::allocateBytes(hsa_amd_memory_pool_t pool, size_t bytes,
                             bool access) {
  void *address = nullptr;
  EXPECT_EQ(hsa_amd_memory_pool_allocate(pool, bytes, 0, &address),
            HSA_STATUS_SUCCESS);
  if (access)
    EXPECT_EQ(hsa_amd_agents_allow_access(1, &gpu, nullptr, address),
              HSA_STATUS_SUCCESS);
  memory.push_back(address);
  return address;
}

void HsaKernelTest::SetUp() {
  HsaTest::SetUp();
  if (HasFatalFailure())
    return;
  std::ifstream file(SPARSEC_TEST_HSA_KERNELS, std::ios::binary);
  std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  hsa_code_object_reader_t reader;
  ASSERT_EQ(hsa_code_object_reader_create_from_memory(bytes.data(),
                                                      bytes.size(), &reader),
            HSA_STATUS_SUCCESS);
  ASSERT_EQ(hsa_executable_create_alt(HSA_PROFILE_BASE,
                                      HSA_DEFAULT_FLOAT_ROUNDING_MODE_DEFAULT,
                                      nullptr, &executable),
            HSA_STATUS_SUCCESS);
  ASSERT_EQ(hsa_executable_load_agent_code_object(executable, gpu, reader,
                                                  nullptr, nullptr),
            HSA_STATUS_SUCCESS)
      << gfx803_emulator_last_fault();
  EXPECT_EQ(hsa_code_object_reader_destroy(reader), HSA_STATUS_SUCCESS);
  ASSERT_EQ(hsa_executable_freeze(executable, nullptr), HSA_STATUS_SUCCESS);
  queue = makeQueue(errors);
}

void HsaKernelTest::TearDown() {
  for (hsa_queue_t *one : queues)
    EXPECT_EQ(hsa_queue_destroy(one), HSA_STATUS_SUCCESS);
  if (executable.handle)
    EXPECT_EQ(hsa_executable_destroy(executable), HSA_STATUS_SUCCESS);
  HsaTest::TearDown();
}

hsa_queue_t *HsaKernelTest::makeQueue(Errors &errors, uint32_t packets) {
  errors.signal = makeSignal(1);
  auto callback = [](hsa_status_t status, hsa_queue_t *, void *data) {
    auto *errors = static_cast<Errors *>(data);
    errors->statuses.push_back(status);
    hsa_signal_subtract_screlease(errors->signal, 1);
  };
  hsa_queue_t *made = nullptr;
  EXPECT_EQ(hsa_queue_create(gpu, packets, HSA_QUEUE_TYPE_MULTI, callback,
                             &errors, UINT32_MAX, UINT32_MAX, &made),
            HSA_STATUS_SUCCESS);
  queues.push_back(made);
  return made;
}

hsa_executable_symbol_t HsaKernelTest::symbol(const std::string &name) const {
  hsa_executable_symbol_t found{};
  EXPECT_EQ(hsa_executable_get_symbol_by_name(
                executable, (name + ".kd").c_str(), &gpu, &found),
            HSA_STATUS_SUCCESS)
      << name;
  return found;
}

hsa_kernel_dispatch_packet_t
HsaKernelTest::rawPacket(hsa_executable_symbol_t kernel, uint32_t items,
                         void *arguments, hsa_signal_t completion) {
  hsa_kernel_dispatch_packet_t made{};
  made.setup = 1 << HSA_KERNEL_DISPATCH_PACKET_SETUP_DIMENSIONS;
  made.workgroup_size_x = std::min(items, 64u);
  made.workgroup_size_y = made.workgroup_size_z = 1;
  made.grid_size_x = items;
  made.grid_size_y = made.grid_size_z = 1;
  made.kernel_object =
      info<uint64_t>(kernel, HSA_EXECUTABLE_SYMBOL_INFO_KERNEL_OBJECT);
  made.group_segment_size = info<uint32_t>(
      kernel, HSA_EXECUTABLE_SYMBOL_INFO_KERNEL_GROUP_SEGMENT_SIZE);
  made.private_segment_size = info<uint32_t>(
      kernel, HSA_EXECUTABLE_SYMBOL_INFO_KERNEL_PRIVATE_SEGMENT_SIZE);
  made.kernarg_address = arguments;
  made.completion_signal = completion;
  return made;
}
