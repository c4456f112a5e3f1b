//===- HsaTest.cpp - The stand-in's API without kernels -------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HsaTestUtils.h"

#include <atomic>
#include <cstdlib>
#include <numeric>
#include <string>

using namespace sparsec::test;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(HsaInit, CountsReferences) {
  uint64_t value;
  EXPECT_EQ(hsa_system_get_info(HSA_SYSTEM_INFO_TIMESTAMP, &value),
            HSA_STATUS_ERROR_NOT_INITIALIZED);
  EXPECT_EQ(hsa_shut_down(), HSA_STATUS_ERROR_NOT_INITIALIZED);
  EXPECT_EQ(hsa_init(), HSA_STATUS_SUCCESS);
  EXPECT_EQ(hsa_init(), HSA_STATUS_SUCCESS);
  EXPECT_EQ(hsa_shut_down(), HSA_STATUS_SUCCESS);
  EXPECT_EQ(hsa_system_get_info(HSA_SYSTEM_INFO_TIMESTAMP, &value),
            HSA_STATUS_SUCCESS);
  EXPECT_EQ(hsa_shut_down(), HSA_STATUS_SUCCESS);
  EXPECT_EQ(hsa_system_get_info(HSA_SYSTEM_INFO_TIMESTAMP, &value),
            HSA_STATUS_ERROR_NOT_INITIALIZED);
}

TEST(HsaInit, RefusesABadEnvironment) {
  gfx803_emulator_print_faults(0);
  setenv("GFX803_EMULATOR_VRAM", "plenty", 1);
  EXPECT_EQ(hsa_init(), HSA_STATUS_ERROR);
  unsetenv("GFX803_EMULATOR_VRAM");
  EXPECT_THAT(gfx803_emulator_last_fault(), HasSubstr("plenty"));
}

TEST_F(HsaTest, HasACpuAndTheCard) {
  ASSERT_NE(cpu.handle, 0u);
  ASSERT_NE(gpu.handle, 0u);
  char name[64];
  EXPECT_EQ(hsa_agent_get_info(gpu, HSA_AGENT_INFO_NAME, name),
            HSA_STATUS_SUCCESS);
  EXPECT_STREQ(name, "gfx803");
  uint32_t units = 0;
  EXPECT_EQ(
      hsa_agent_get_info(
          gpu, hsa_agent_info_t(HSA_AMD_AGENT_INFO_COMPUTE_UNIT_COUNT), &units),
      HSA_STATUS_SUCCESS);
  EXPECT_EQ(units, 36u);
  hsa_isa_t isa{};
  EXPECT_EQ(hsa_isa_from_name("amdgcn-amd-amdhsa--gfx803", &isa),
            HSA_STATUS_SUCCESS);
  EXPECT_EQ(hsa_isa_from_name("amdgcn-amd-amdhsa--gfx906", &isa),
            HSA_STATUS_ERROR_INVALID_ISA_NAME);
  char isaName[64] = {};
  EXPECT_EQ(hsa_isa_get_info_alt(isa, HSA_ISA_INFO_NAME, isaName),
            HSA_STATUS_SUCCESS);
  EXPECT_STREQ(isaName, "amdgcn-amd-amdhsa--gfx803");
}

TEST_F(HsaTest, EveryStatusHasAString) {
  for (int status = HSA_STATUS_ERROR; status <= HSA_STATUS_ERROR_FATAL;
       ++status) {
    if (status > HSA_STATUS_ERROR_INVALID_EXECUTABLE_SYMBOL &&
        status < HSA_STATUS_ERROR_INVALID_FILE)
      continue;
    const char *text = nullptr;
    EXPECT_EQ(hsa_status_string(hsa_status_t(status), &text),
              HSA_STATUS_SUCCESS)
        << status;
    EXPECT_THAT(text, HasSubstr("HSA_STATUS_ERROR"));
  }
  const char *text = nullptr;
  EXPECT_EQ(hsa_status_string(hsa_status_t(12345), &text),
            HSA_STATUS_ERROR_INVALID_ARGUMENT);
}

// Nothing of the caller is believed: a handle of the wrong kind, a stale one,
// or none at all gets the code for it.
TEST_F(HsaTest, RefusesBadHandles) {
  uint8_t value[128];
  hsa_signal_t signal = makeSignal(0);
  for (uint64_t bad : {uint64_t(0), uint64_t(1), signal.handle + 8,
                       signal.handle + 64, UINT64_MAX}) {
    EXPECT_EQ(hsa_agent_get_info({bad}, HSA_AGENT_INFO_NAME, value),
              HSA_STATUS_ERROR_INVALID_AGENT);
    EXPECT_EQ(hsa_isa_get_info_alt({bad}, HSA_ISA_INFO_NAME, value),
              HSA_STATUS_ERROR_INVALID_ISA);
    EXPECT_EQ(hsa_cache_get_info({bad}, HSA_CACHE_INFO_LEVEL, value),
              HSA_STATUS_ERROR_INVALID_CACHE);
    EXPECT_EQ(hsa_region_get_info({bad}, HSA_REGION_INFO_SIZE, value),
              HSA_STATUS_ERROR_INVALID_REGION);
    EXPECT_EQ(int(hsa_amd_memory_pool_get_info(
                  {bad}, HSA_AMD_MEMORY_POOL_INFO_SIZE, value)),
              int(HSA_STATUS_ERROR_INVALID_MEMORY_POOL));
    EXPECT_EQ(hsa_amd_signal_async_handler(
                  {bad}, HSA_SIGNAL_CONDITION_EQ, 0,
                  [](hsa_signal_value_t, void *) { return false; }, nullptr),
              HSA_STATUS_ERROR_INVALID_SIGNAL);
    EXPECT_NE(hsa_signal_destroy({bad}), HSA_STATUS_SUCCESS);
    EXPECT_EQ(hsa_signal_load_scacquire({bad}), 0);
    hsa_signal_store_screlease({bad}, 1);
    EXPECT_EQ(hsa_executable_freeze({bad}, nullptr),
              HSA_STATUS_ERROR_INVALID_EXECUTABLE);
    EXPECT_EQ(hsa_executable_destroy({bad}),
              HSA_STATUS_ERROR_INVALID_EXECUTABLE);
    EXPECT_EQ(hsa_code_object_reader_destroy({bad}),
              HSA_STATUS_ERROR_INVALID_CODE_OBJECT_READER);
    EXPECT_EQ(hsa_executable_symbol_get_info(
                  {bad}, HSA_EXECUTABLE_SYMBOL_INFO_TYPE, value),
              HSA_STATUS_ERROR_INVALID_EXECUTABLE_SYMBOL);
    EXPECT_EQ(hsa_signal_group_destroy({bad}),
              HSA_STATUS_ERROR_INVALID_SIGNAL_GROUP);
    auto *queue = reinterpret_cast<hsa_queue_t *>(bad & ~uint64_t(1));
    EXPECT_NE(hsa_queue_destroy(queue), HSA_STATUS_SUCCESS);
    EXPECT_EQ(hsa_queue_inactivate(queue), HSA_STATUS_ERROR_INVALID_QUEUE);
    EXPECT_EQ(hsa_queue_add_write_index_relaxed(queue, 1), 0u);
  }
  hsa_signal_t stale{};
  ASSERT_EQ(hsa_signal_create(0, 0, nullptr, &stale), HSA_STATUS_SUCCESS);
  EXPECT_EQ(hsa_signal_destroy(stale), HSA_STATUS_SUCCESS);
  EXPECT_EQ(hsa_signal_destroy(stale), HSA_STATUS_ERROR_INVALID_SIGNAL);
}

TEST_F(HsaTest, RefusesNullPointers) {
  EXPECT_EQ(hsa_iterate_agents(nullptr, nullptr),
            HSA_STATUS_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(hsa_agent_get_info(gpu, HSA_AGENT_INFO_NAME, nullptr),
            HSA_STATUS_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(hsa_signal_create(0, 0, nullptr, nullptr),
            HSA_STATUS_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(hsa_memory_copy(nullptr, &gpu, 8),
            HSA_STATUS_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(hsa_amd_memory_pool_allocate(fine, 8, 0, nullptr),
            HSA_STATUS_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(hsa_queue_create(gpu, 64, 0, nullptr, nullptr, 0, 0, nullptr),
            HSA_STATUS_ERROR_INVALID_ARGUMENT);
  hsa_code_object_reader_t reader;
  EXPECT_EQ(hsa_code_object_reader_create_from_memory(nullptr, 8, &reader),
            HSA_STATUS_ERROR_INVALID_ARGUMENT);
}

TEST_F(HsaTest, SignalsCount) {
  hsa_signal_t signal = makeSignal(5);
  hsa_signal_add_relaxed(signal, 3);
  hsa_signal_subtract_scacq_screl(signal, 2);
  EXPECT_EQ(hsa_signal_load_relaxed(signal), 6);
  hsa_signal_and_relaxed(signal, 2);
  hsa_signal_or_relaxed(signal, 9);
  hsa_signal_xor_relaxed(signal, 1);
  EXPECT_EQ(hsa_signal_exchange_relaxed(signal, -1), 10);
  EXPECT_EQ(hsa_signal_cas_relaxed(signal, 0, 7), -1);
  EXPECT_EQ(hsa_signal_load_relaxed(signal), -1);
  EXPECT_EQ(hsa_signal_cas_relaxed(signal, -1, 7), -1);
  volatile hsa_signal_value_t *value = nullptr;
  EXPECT_EQ(hsa_amd_signal_value_pointer(signal, &value), HSA_STATUS_SUCCESS);
  EXPECT_EQ(*value, 7);
}

TEST_F(HsaTest, WaitsForEveryCondition) {
  hsa_signal_t signal = makeSignal(4);
  auto wait = [&](hsa_signal_condition_t condition, int64_t compare) {
    return hsa_signal_wait_scacquire(signal, condition, compare, UINT64_MAX,
                                     HSA_WAIT_STATE_BLOCKED);
  };
  EXPECT_EQ(wait(HSA_SIGNAL_CONDITION_EQ, 4), 4);
  EXPECT_EQ(wait(HSA_SIGNAL_CONDITION_NE, 5), 4);
  EXPECT_EQ(wait(HSA_SIGNAL_CONDITION_LT, 5), 4);
  EXPECT_EQ(wait(HSA_SIGNAL_CONDITION_GTE, 4), 4);
  // The timeout: the value that does not satisfy the condition comes back.
  EXPECT_EQ(hsa_signal_wait_relaxed(signal, HSA_SIGNAL_CONDITION_EQ, 0,
                                    kSecond / 1000, HSA_WAIT_STATE_ACTIVE),
            4);
  std::thread other([&] { hsa_signal_store_screlease(signal, 0); });
  EXPECT_TRUE(finished(signal));
  other.join();
}

TEST_F(HsaTest, WaitsForAnyOfSeveral) {
  hsa_signal_t signals[] = {makeSignal(1), makeSignal(1)};
  hsa_signal_condition_t conditions[] = {HSA_SIGNAL_CONDITION_EQ,
                                         HSA_SIGNAL_CONDITION_EQ};
  hsa_signal_value_t values[] = {0, 0}, satisfying = 9;
  EXPECT_EQ(hsa_amd_signal_wait_any(2, signals, conditions, values, 1000,
                                    HSA_WAIT_STATE_BLOCKED, &satisfying),
            UINT32_MAX);
  std::thread other([&] { hsa_signal_store_relaxed(signals[1], 0); });
  EXPECT_EQ(hsa_amd_signal_wait_any(2, signals, conditions, values, UINT64_MAX,
                                    HSA_WAIT_STATE_BLOCKED, &satisfying),
            1u);
  other.join();
  EXPECT_EQ(satisfying, 0);

  hsa_signal_group_t group{};
  ASSERT_EQ(hsa_signal_group_create(2, signals, 0, nullptr, &group),
            HSA_STATUS_SUCCESS);
  hsa_signal_t which{};
  EXPECT_EQ(hsa_signal_group_wait_any_scacquire(group, conditions, values,
                                                HSA_WAIT_STATE_BLOCKED, &which,
                                                &satisfying),
            HSA_STATUS_SUCCESS);
  EXPECT_EQ(which.handle, signals[1].handle);
  EXPECT_EQ(hsa_signal_group_destroy(group), HSA_STATUS_SUCCESS);
}

TEST_F(HsaTest, CallsHandlersUntilTheyDecline) {
  struct State {
    hsa_signal_t signal, done;
    std::atomic<int> calls{0};
  } state;
  state.signal = makeSignal(1);
  state.done = makeSignal(1);
  auto handler = [](hsa_signal_value_t, void *data) {
    auto *state = static_cast<State *>(data);
    hsa_signal_store_relaxed(state->signal, 1);
    if (++state->calls < 3)
      return true;
    hsa_signal_store_relaxed(state->done, 0);
    return false;
  };
  ASSERT_EQ(hsa_amd_signal_async_handler(state.signal, HSA_SIGNAL_CONDITION_LT,
                                         1, handler, &state),
            HSA_STATUS_SUCCESS);
  for (int expected = 1; expected <= 3; ++expected) {
    hsa_signal_store_relaxed(state.signal, 0);
    while (state.calls < expected)
      std::this_thread::yield();
  }
  EXPECT_TRUE(finished(state.done));
  EXPECT_EQ(state.calls, 3);
}

TEST_F(HsaTest, AsynchronousFunctionsRun) {
  hsa_signal_t signal = makeSignal(1);
  ASSERT_EQ(hsa_amd_async_function(
                [](void *data) {
                  hsa_signal_store_relaxed(*static_cast<hsa_signal_t *>(data),
                                           0);
                },
                &signal),
            HSA_STATUS_SUCCESS);
  EXPECT_TRUE(finished(signal));
}

TEST_F(HsaTest, MemoryIsLimited) {
  void *address = nullptr;
  EXPECT_EQ(hsa_amd_memory_pool_allocate(vram, uint64_t(1) << 50, 0, &address),
            HSA_STATUS_ERROR_INVALID_ALLOCATION);
  EXPECT_EQ(hsa_amd_memory_pool_allocate(group, 64, 0, &address),
            HSA_STATUS_ERROR_INVALID_ALLOCATION);
  EXPECT_EQ(hsa_amd_memory_pool_allocate(vram, 0, 0, &address),
            HSA_STATUS_ERROR_INVALID_ARGUMENT);
  int local = 0;
  EXPECT_EQ(hsa_amd_memory_pool_free(&local),
            HSA_STATUS_ERROR_INVALID_ALLOCATION);
}

TEST_F(HsaTest, PointersAreKnown) {
  auto *device = allocate(vram, 100);
  std::vector<uint32_t> host(1000);
  void *locked = nullptr;
  ASSERT_EQ(hsa_amd_memory_lock(host.data(), 4000, &gpu, 1, &locked),
            HSA_STATUS_SUCCESS);
  EXPECT_EQ(locked, host.data());

  hsa_amd_pointer_info_t info{};
  info.size = sizeof(info);
  uint32_t count = 0;
  hsa_agent_t *agents = nullptr;
  ASSERT_EQ(
      hsa_amd_pointer_info(device + 50, &info, std::malloc, &count, &agents),
      HSA_STATUS_SUCCESS);
  EXPECT_EQ(info.type, HSA_EXT_POINTER_TYPE_HSA);
  EXPECT_EQ(info.agentBaseAddress, device);
  EXPECT_EQ(info.hostBaseAddress, nullptr);
  EXPECT_EQ(info.sizeInBytes, 400u);
  ASSERT_EQ(count, 1u);
  EXPECT_EQ(agents[0].handle, gpu.handle);
  std::free(agents);

  ASSERT_EQ(hsa_amd_pointer_info(&host[10], &info, nullptr, nullptr, nullptr),
            HSA_STATUS_SUCCESS);
  EXPECT_EQ(info.type, HSA_EXT_POINTER_TYPE_LOCKED);
  EXPECT_EQ(info.hostBaseAddress, host.data());
  EXPECT_EQ(hsa_amd_memory_unlock(host.data()), HSA_STATUS_SUCCESS);
  ASSERT_EQ(hsa_amd_pointer_info(&host[10], &info, nullptr, nullptr, nullptr),
            HSA_STATUS_SUCCESS);
  EXPECT_EQ(info.type, HSA_EXT_POINTER_TYPE_UNKNOWN);
  EXPECT_EQ(hsa_amd_memory_unlock(host.data()),
            HSA_STATUS_ERROR_INVALID_ARGUMENT);
}

TEST_F(HsaTest, LocksNest) {
  std::vector<uint32_t> host(1000);
  void *locked = nullptr;
  auto lock = [&](size_t first, size_t count) {
    return hsa_amd_memory_lock(&host[first], count * 4, nullptr, 0, &locked);
  };
  EXPECT_EQ(lock(0, 500), HSA_STATUS_SUCCESS);
  EXPECT_EQ(lock(0, 500), HSA_STATUS_SUCCESS);
  EXPECT_EQ(lock(100, 10), HSA_STATUS_SUCCESS);
  EXPECT_EQ(lock(400, 200), HSA_STATUS_ERROR_OUT_OF_RESOURCES);
  EXPECT_EQ(hsa_amd_memory_unlock(&host[100]), HSA_STATUS_SUCCESS);
  EXPECT_EQ(hsa_amd_memory_unlock(&host[0]), HSA_STATUS_SUCCESS);
  EXPECT_EQ(hsa_amd_memory_unlock(&host[0]), HSA_STATUS_SUCCESS);
  EXPECT_EQ(hsa_amd_memory_unlock(&host[0]), HSA_STATUS_ERROR_INVALID_ARGUMENT);
}

TEST_F(HsaTest, CopiesAndFills) {
  auto *device = allocate(vram, 8);
  std::vector<uint32_t> data(8), back(8);
  std::iota(data.begin(), data.end(), 1);
  EXPECT_EQ(hsa_memory_copy(device, data.data(), 32), HSA_STATUS_SUCCESS);
  EXPECT_EQ(hsa_amd_memory_fill(device + 2, 9, 3), HSA_STATUS_SUCCESS);
  EXPECT_EQ(hsa_memory_copy(back.data(), device, 32), HSA_STATUS_SUCCESS);
  EXPECT_THAT(back, ElementsAre(1, 2, 9, 9, 9, 6, 7, 8));
  // Past the end, and where there is nothing.
  EXPECT_EQ(hsa_memory_copy(back.data(), device + 1, 32),
            HSA_STATUS_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(hsa_amd_memory_fill(device + 6, 9, 3),
            HSA_STATUS_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(hsa_memory_copy(back.data(), reinterpret_cast<void *>(16), 32),
            HSA_STATUS_ERROR_INVALID_ARGUMENT);
}

TEST_F(HsaTest, CopiesWaitForTheirDependencies) {
  auto *a = allocate(vram, 4), *b = allocate(vram, 4);
  auto *in = allocate(fine, 4), *out = allocate(fine, 4);
  std::iota(in, in + 4, 1);
  hsa_signal_t gate = makeSignal(1), first = makeSignal(1),
               second = makeSignal(1), third = makeSignal(1),
               free = makeSignal(1);
  // Submitted in the wrong order; the last one waits for nothing.
  ASSERT_EQ(hsa_amd_memory_async_copy(out, cpu, b, gpu, 16, 1, &second, third),
            HSA_STATUS_SUCCESS);
  ASSERT_EQ(hsa_amd_memory_async_copy(b, gpu, a, gpu, 16, 1, &first, second),
            HSA_STATUS_SUCCESS);
  ASSERT_EQ(hsa_amd_memory_async_copy(a, gpu, in, cpu, 16, 1, &gate, first),
            HSA_STATUS_SUCCESS);
  ASSERT_EQ(hsa_amd_memory_async_copy(in, cpu, in, cpu, 0, 0, nullptr, free),
            HSA_STATUS_SUCCESS);
  EXPECT_TRUE(finished(free));
  EXPECT_EQ(hsa_signal_load_relaxed(first), 1);
  hsa_signal_store_screlease(gate, 0);
  EXPECT_TRUE(finished(third));
  EXPECT_THAT(std::vector<uint32_t>(out, out + 4), ElementsAre(1, 2, 3, 4));
}

TEST_F(HsaTest, CopiesNeedMemoryThatTheCardReaches) {
  auto *device = allocate(vram, 4);
  std::vector<uint32_t> plain(4);
  hsa_signal_t done = makeSignal(1);
  EXPECT_EQ(hsa_amd_memory_async_copy(device, gpu, plain.data(), cpu, 16, 0,
                                      nullptr, done),
            HSA_STATUS_ERROR_INVALID_ARGUMENT);
  EXPECT_THAT(gfx803_emulator_last_fault(), HasSubstr("lock"));
  void *hidden = allocateBytes(fine, 16, /*access=*/false);
  EXPECT_EQ(
      hsa_amd_memory_async_copy(device, gpu, hidden, cpu, 16, 0, nullptr, done),
      HSA_STATUS_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(hsa_amd_memory_async_copy(device, gpu, device + 2, gpu, 16, 0,
                                      nullptr, done),
            HSA_STATUS_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(hsa_signal_load_relaxed(done), 1);
}

TEST_F(HsaTest, CopiesBoxes) {
  // A 2 by 2 corner of 3 by 4 dwords, into the end of a 2 by 3 array.
  auto *from = allocate(fine, 12), *to = allocate(vram, 6),
       *back = allocate(fine, 6);
  std::iota(from, from + 12, 0);
  ASSERT_EQ(hsa_amd_memory_fill(to, 99, 6), HSA_STATUS_SUCCESS);
  hsa_pitched_ptr_t target{to, 12, 24}, source{from, 16, 48};
  hsa_dim3_t targetOffset{4, 0, 0}, sourceOffset{8, 1, 0}, range{8, 2, 1};
  hsa_signal_t done = makeSignal(1);
  ASSERT_EQ(hsa_amd_memory_async_copy_rect(&target, &targetOffset, &source,
                                           &sourceOffset, &range, gpu,
                                           hsaHostToDevice, 0, nullptr, done),
            HSA_STATUS_SUCCESS);
  EXPECT_TRUE(finished(done));
  ASSERT_EQ(hsa_memory_copy(back, to, 24), HSA_STATUS_SUCCESS);
  EXPECT_THAT(std::vector<uint32_t>(back, back + 6),
              ElementsAre(99, 6, 7, 99, 10, 11));
  range.y = 3;
  EXPECT_EQ(hsa_amd_memory_async_copy_rect(&target, &targetOffset, &source,
                                           &sourceOffset, &range, gpu,
                                           hsaHostToDevice, 0, nullptr, done),
            HSA_STATUS_ERROR_INVALID_ARGUMENT);
}

TEST_F(HsaTest, RefusesQueuesItCannotMake) {
  hsa_queue_t *queue = nullptr;
  auto create = [&](hsa_agent_t agent, uint32_t packets) {
    return hsa_queue_create(agent, packets, HSA_QUEUE_TYPE_MULTI, nullptr,
                            nullptr, 0, 0, &queue);
  };
  EXPECT_EQ(create(cpu, 64), HSA_STATUS_ERROR_INVALID_QUEUE_CREATION);
  EXPECT_EQ(create(gpu, 32), HSA_STATUS_ERROR_INVALID_QUEUE_CREATION);
  EXPECT_EQ(create(gpu, 1 << 20), HSA_STATUS_ERROR_INVALID_QUEUE_CREATION);
  EXPECT_EQ(create(gpu, 65), HSA_STATUS_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(create({7}, 64), HSA_STATUS_ERROR_INVALID_AGENT);
}

TEST_F(HsaTest, RefusesGarbageAsCode) {
  std::vector<char> bytes(1000, 'x');
  hsa_code_object_reader_t reader;
  ASSERT_EQ(hsa_code_object_reader_create_from_memory(bytes.data(),
                                                      bytes.size(), &reader),
            HSA_STATUS_SUCCESS);
  hsa_executable_t executable;
  ASSERT_EQ(hsa_executable_create_alt(HSA_PROFILE_BASE,
                                      HSA_DEFAULT_FLOAT_ROUNDING_MODE_DEFAULT,
                                      nullptr, &executable),
            HSA_STATUS_SUCCESS);
  EXPECT_EQ(hsa_executable_load_agent_code_object(executable, gpu, reader,
                                                  nullptr, nullptr),
            HSA_STATUS_ERROR_INVALID_CODE_OBJECT);
  EXPECT_EQ(hsa_executable_load_agent_code_object(executable, cpu, reader,
                                                  nullptr, nullptr),
            HSA_STATUS_ERROR_INVALID_AGENT);
  EXPECT_EQ(hsa_executable_destroy(executable), HSA_STATUS_SUCCESS);
  EXPECT_EQ(hsa_code_object_reader_create_from_file(-1, &reader),
            HSA_STATUS_ERROR_INVALID_FILE);
}
