//===- HsaQueueTest.cpp - The stand-in's queues, code objects and times ---===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HsaTestUtils.h"

#include <chrono>
#include <fcntl.h>
#include <numeric>
#include <unistd.h>

using namespace sparsec::test;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace {
struct Saxpy {
  float *y;
  const float *x;
  float a;
  uint32_t n;
};
struct Append {
  uint32_t *log;
  uint32_t value;
};
struct Poke {
  uint32_t *at;
  uint32_t value;
};

/// Long enough for a queue to do what it should not.
void settle() { std::this_thread::sleep_for(std::chrono::milliseconds(20)); }
} // namespace

TEST_F(HsaKernelTest, RunsAKernel) {
  constexpr uint32_t n = 1000;
  auto *y = allocate<float>(vram, n), *x = allocate<float>(vram, n);
  std::vector<float> hostX(n), hostY(n), result(n);
  std::iota(hostX.begin(), hostX.end(), 0);
  std::iota(hostY.begin(), hostY.end(), 100);
  ASSERT_EQ(hsa_memory_copy(x, hostX.data(), n * 4), HSA_STATUS_SUCCESS);
  ASSERT_EQ(hsa_memory_copy(y, hostY.data(), n * 4), HSA_STATUS_SUCCESS);
  hsa_signal_t done = makeSignal(1);
  submit(queue, packet("saxpy", 1024, Saxpy{y, x, 2, n}, done));
  ASSERT_TRUE(finished(done)) << gfx803_emulator_last_fault();
  ASSERT_EQ(hsa_memory_copy(result.data(), y, n * 4), HSA_STATUS_SUCCESS);
  for (uint32_t i = 0; i < n; ++i)
    EXPECT_EQ(result[i], 2 * hostX[i] + hostY[i]);

  gfx803_emulator_dispatch_info info;
  ASSERT_EQ(gfx803_emulator_dispatch_of_signal(done.handle, &info), 1);
  EXPECT_STREQ(info.kernel, "saxpy");
  EXPECT_EQ(info.workgroups, 16u);
  EXPECT_EQ(info.waves, 16u);
  EXPECT_GT(info.instructions, 16u * 5);
  EXPECT_GE(info.bytes, n * 12u);
  EXPECT_GT(info.modelled_seconds, 0);
  EXPECT_THAT(info.json, HasSubstr("saxpy"));
  EXPECT_EQ(gfx803_emulator_dispatch_count(), 1u);
  EXPECT_EQ(gfx803_emulator_dispatch(0, &info), 1);
  EXPECT_EQ(gfx803_emulator_dispatch(1, &info), 0);
}

TEST_F(HsaKernelTest, UsesLdsAndVariables) {
  auto *data = allocate(fine, 64);
  struct {
    uint32_t *data;
    uint32_t scratch;
  } arguments{data, 0};
  std::iota(data, data + 64, 0);
  hsa_signal_t done = makeSignal(2);
  auto reverse = packet("reverse", 64, arguments, done);
  reverse.group_segment_size += 64 * 4;
  submit(queue, reverse);
  auto *out = allocate(fine, 64);
  submit(queue, packet("look_up", 64, out, done));
  ASSERT_TRUE(finished(done)) << gfx803_emulator_last_fault();
  for (uint32_t i = 0; i < 64; ++i) {
    EXPECT_EQ(data[i], 63 - i);
    EXPECT_EQ(out[i], (std::vector<uint32_t>{2, 3, 5, 7})[i % 4]);
  }
}

TEST_F(HsaKernelTest, KeepsTheOrderOfAQueue) {
  constexpr uint32_t count = 300; // goes round the ring of 64 several times
  auto *log = allocate(fine, count + 1);
  log[0] = 0;
  hsa_signal_t done = makeSignal(count);
  for (uint32_t i = 0; i < count; ++i)
    submit(queue, packet("append", 1, Append{log, i}, done));
  ASSERT_TRUE(finished(done)) << gfx803_emulator_last_fault();
  EXPECT_EQ(log[0], count);
  for (uint32_t i = 0; i < count; ++i)
    ASSERT_EQ(log[1 + i], i);
  EXPECT_EQ(hsa_queue_load_read_index_scacquire(queue), count);
}

TEST_F(HsaKernelTest, WaitsForDoorbellAndHeader) {
  auto *log = allocate(fine, 3);
  log[0] = 0;
  hsa_signal_t done = makeSignal(2);
  uint64_t first = write(queue, packet("append", 1, Append{log, 1}, done));
  uint64_t second = write(queue, packet("append", 1, Append{log, 2}, done));
  publish(queue, second, kDispatchHeader);
  hsa_signal_store_screlease(queue->doorbell_signal, second);
  settle();
  EXPECT_EQ(hsa_signal_load_scacquire(done), 2); // the first has no header yet
  publish(queue, first, kDispatchHeader);
  // The doorbell was rung beyond it; ringing for it again does not go back.
  hsa_signal_store_screlease(queue->doorbell_signal, first);
  ASSERT_TRUE(finished(done));
  EXPECT_THAT(std::vector<uint32_t>(log, log + 3), ElementsAre(2, 1, 2));

  hsa_signal_t silent = makeSignal(1);
  auto *other = allocate(fine, 2);
  other[0] = 0;
  uint64_t third = write(queue, packet("append", 1, Append{other, 1}, silent));
  publish(queue, third, kDispatchHeader);
  settle();
  EXPECT_EQ(hsa_signal_load_scacquire(silent), 1); // no doorbell
  hsa_signal_store_screlease(queue->doorbell_signal, third);
  ASSERT_TRUE(finished(silent));
}

TEST_F(HsaKernelTest, BarrierPacketsWait) {
  auto *log = allocate(fine, 3);
  log[0] = 0;
  hsa_signal_t a = makeSignal(1), b = makeSignal(1), both = makeSignal(1),
               either = makeSignal(1), done = makeSignal(1);
  hsa_barrier_or_packet_t any{};
  any.dep_signal[0] = a;
  any.dep_signal[3] = b;
  any.completion_signal = either;
  submit(queue, any, HSA_PACKET_TYPE_BARRIER_OR);
  hsa_barrier_and_packet_t all{};
  all.dep_signal[1] = a;
  all.dep_signal[4] = b;
  all.completion_signal = both;
  submit(queue, all, HSA_PACKET_TYPE_BARRIER_AND);
  submit(queue, packet("append", 1, Append{log, 1}, done));
  settle();
  EXPECT_EQ(hsa_signal_load_scacquire(either), 1);
  hsa_signal_store_screlease(b, 0);
  EXPECT_TRUE(finished(either));
  settle();
  EXPECT_EQ(hsa_signal_load_scacquire(both), 1);
  EXPECT_EQ(hsa_signal_load_scacquire(done), 1);
  hsa_signal_store_screlease(a, 0);
  EXPECT_TRUE(finished(both));
  EXPECT_TRUE(finished(done));
}

TEST_F(HsaKernelTest, QueuesDependOnEachOtherAndOnCopies) {
  Errors otherErrors;
  hsa_queue_t *other = makeQueue(otherErrors);
  auto *device = allocate(vram, 2);
  auto *host = allocate(fine, 2);
  host[0] = 0;
  hsa_signal_t copied = makeSignal(1), added = makeSignal(1),
               again = makeSignal(1), back = makeSignal(1);
  hsa_barrier_and_packet_t barrier{};
  barrier.dep_signal[0] = added;
  submit(other, barrier, HSA_PACKET_TYPE_BARRIER_AND);
  submit(other, packet("poke", 1, Poke{device + 1, 8}, again));
  barrier.dep_signal[0] = copied;
  submit(queue, barrier, HSA_PACKET_TYPE_BARRIER_AND);
  submit(queue, packet("append", 1, Append{device, 7}, added));
  ASSERT_EQ(
      hsa_amd_memory_async_copy(host, cpu, device, gpu, 8, 1, &again, back),
      HSA_STATUS_SUCCESS);
  ASSERT_EQ(
      hsa_amd_memory_async_copy(device, gpu, host, cpu, 4, 0, nullptr, copied),
      HSA_STATUS_SUCCESS);
  ASSERT_TRUE(finished(back)) << gfx803_emulator_last_fault();
  EXPECT_THAT(std::vector<uint32_t>(host, host + 2), ElementsAre(1, 8));
}

TEST_F(HsaKernelTest, SeesSignalsThatKernelsChange) {
  hsa_signal_t signal = makeSignal(1), done = makeSignal(1);
  volatile hsa_signal_value_t *value = nullptr;
  ASSERT_EQ(hsa_amd_signal_value_pointer(signal, &value), HSA_STATUS_SUCCESS);
  hsa_barrier_and_packet_t barrier{};
  barrier.dep_signal[0] = signal;
  barrier.completion_signal = done;
  Errors otherErrors;
  hsa_queue_t *other = makeQueue(otherErrors);
  submit(other, barrier, HSA_PACKET_TYPE_BARRIER_AND);
  submit(queue, packet("release", 1, value));
  EXPECT_TRUE(finished(signal)) << gfx803_emulator_last_fault();
  EXPECT_TRUE(finished(done));
}

TEST_F(HsaKernelTest, ManyThreadsShareAQueue) {
  constexpr uint32_t threads = 4, each = 50;
  auto *out = allocate(fine, threads * each);
  hsa_signal_t done = makeSignal(threads * each);
  std::vector<hsa_kernel_dispatch_packet_t> packets;
  for (uint32_t i = 0; i < threads * each; ++i)
    packets.push_back(packet("poke", 1, Poke{out + i, i + 1}, done));
  std::vector<std::thread> workers;
  for (uint32_t t = 0; t < threads; ++t)
    workers.emplace_back([&, t] {
      for (uint32_t i = 0; i < each; ++i)
        submit(queue, packets[t * each + i]);
    });
  for (std::thread &worker : workers)
    worker.join();
  ASSERT_TRUE(finished(done)) << gfx803_emulator_last_fault();
  for (uint32_t i = 0; i < threads * each; ++i)
    EXPECT_EQ(out[i], i + 1);
}

//===----------------------------------------------------------------------===//
// Code objects and times
//===----------------------------------------------------------------------===//

TEST_F(HsaKernelTest, LooksUpSymbols) {
  hsa_executable_symbol_t saxpy = symbol("saxpy"), found;
  EXPECT_EQ(info<hsa_symbol_kind_t>(saxpy, HSA_EXECUTABLE_SYMBOL_INFO_TYPE),
            HSA_SYMBOL_KIND_KERNEL);
  auto length = info<uint32_t>(saxpy, HSA_EXECUTABLE_SYMBOL_INFO_NAME_LENGTH);
  std::string name(length, ' ');
  ASSERT_EQ(hsa_executable_symbol_get_info(
                saxpy, HSA_EXECUTABLE_SYMBOL_INFO_NAME, name.data()),
            HSA_STATUS_SUCCESS);
  EXPECT_EQ(name, "saxpy.kd");
  // A kernel's symbol is its descriptor's, and the gpu agent's.
  EXPECT_EQ(
      hsa_executable_get_symbol_by_name(executable, "saxpy", &gpu, &found),
      HSA_STATUS_ERROR_INVALID_SYMBOL_NAME);
  EXPECT_EQ(hsa_executable_get_symbol_by_name(executable, "saxpy.kd", nullptr,
                                              &found),
            HSA_STATUS_ERROR_INVALID_SYMBOL_NAME);

  ASSERT_EQ(
      hsa_executable_get_symbol_by_name(executable, "table", &gpu, &found),
      HSA_STATUS_SUCCESS);
  EXPECT_EQ(info<uint32_t>(found, HSA_EXECUTABLE_SYMBOL_INFO_VARIABLE_SIZE),
            16u);
  auto address =
      info<uint64_t>(found, HSA_EXECUTABLE_SYMBOL_INFO_VARIABLE_ADDRESS);
  std::vector<uint32_t> values(4);
  ASSERT_EQ(hsa_memory_copy(values.data(),
                            reinterpret_cast<const void *>(address), 16),
            HSA_STATUS_SUCCESS);
  EXPECT_THAT(values, ElementsAre(2, 3, 5, 7));
  uint64_t object;
  EXPECT_EQ(hsa_executable_symbol_get_info(
                found, HSA_EXECUTABLE_SYMBOL_INFO_KERNEL_OBJECT, &object),
            HSA_STATUS_ERROR_INVALID_ARGUMENT);

  std::vector<std::string> names;
  auto collect = [](hsa_executable_t, hsa_agent_t, hsa_executable_symbol_t one,
                    void *data) {
    uint32_t length = 0;
    hsa_executable_symbol_get_info(one, HSA_EXECUTABLE_SYMBOL_INFO_NAME_LENGTH,
                                   &length);
    std::string name(length, ' ');
    hsa_executable_symbol_get_info(one, HSA_EXECUTABLE_SYMBOL_INFO_NAME,
                                   name.data());
    static_cast<std::vector<std::string> *>(data)->push_back(name);
    return HSA_STATUS_SUCCESS;
  };
  ASSERT_EQ(
      hsa_executable_iterate_agent_symbols(executable, gpu, collect, &names),
      HSA_STATUS_SUCCESS);
  EXPECT_THAT(names, AllOf(Contains("append.kd"), Contains("table")));
}

TEST_F(HsaKernelTest, LoadsFromFilesAndTellsWhatItLoaded) {
  int file = open(SPARSEC_TEST_HSA_KERNELS, O_RDONLY);
  ASSERT_GE(file, 0);
  hsa_code_object_reader_t reader;
  ASSERT_EQ(hsa_code_object_reader_create_from_file(file, &reader),
            HSA_STATUS_SUCCESS);
  hsa_executable_t other;
  ASSERT_EQ(hsa_executable_create_alt(HSA_PROFILE_BASE,
                                      HSA_DEFAULT_FLOAT_ROUNDING_MODE_DEFAULT,
                                      nullptr, &other),
            HSA_STATUS_SUCCESS);
  hsa_loaded_code_object_t loaded;
  ASSERT_EQ(hsa_executable_load_agent_code_object(other, gpu, reader, nullptr,
                                                  &loaded),
            HSA_STATUS_SUCCESS);
  EXPECT_EQ(hsa_executable_load_agent_code_object(other, gpu, reader, nullptr,
                                                  nullptr),
            HSA_STATUS_ERROR_VARIABLE_ALREADY_DEFINED);
  EXPECT_EQ(hsa_executable_load_agent_code_object(executable, gpu, reader,
                                                  nullptr, nullptr),
            HSA_STATUS_ERROR_FROZEN_EXECUTABLE);

  // Not frozen, so not yet to be launched.
  hsa_executable_symbol_t poke;
  ASSERT_EQ(hsa_executable_get_symbol_by_name(other, "poke.kd", &gpu, &poke),
            HSA_STATUS_SUCCESS);
  submit(queue, rawPacket(poke, 1, nullptr, {0}));
  ASSERT_TRUE(finished(errors.signal));
  EXPECT_THAT(errors.statuses,
              ElementsAre(HSA_STATUS_ERROR_INVALID_CODE_OBJECT));

  hsa_ven_amd_loader_1_03_pfn_t table{};
  ASSERT_EQ(hsa_system_get_major_extension_table(HSA_EXTENSION_AMD_LOADER, 1,
                                                 sizeof(table), &table),
            HSA_STATUS_SUCCESS);
  auto object = info<uint64_t>(poke, HSA_EXECUTABLE_SYMBOL_INFO_KERNEL_OBJECT);
  auto *descriptor = reinterpret_cast<const void *>(object);
  const void *host = nullptr;
  ASSERT_EQ(table.hsa_ven_amd_loader_query_host_address(descriptor, &host),
            HSA_STATUS_SUCCESS);
  std::vector<std::byte> copy(64);
  ASSERT_EQ(hsa_memory_copy(copy.data(), descriptor, 64), HSA_STATUS_SUCCESS);
  EXPECT_EQ(std::memcmp(copy.data(), host, 64), 0);
  hsa_executable_t owner{};
  ASSERT_EQ(table.hsa_ven_amd_loader_query_executable(descriptor, &owner),
            HSA_STATUS_SUCCESS);
  EXPECT_EQ(owner.handle, other.handle);
  uint32_t length = 0;
  ASSERT_EQ(table.hsa_ven_amd_loader_loaded_code_object_get_info(
                loaded, HSA_VEN_AMD_LOADER_LOADED_CODE_OBJECT_INFO_URI_LENGTH,
                &length),
            HSA_STATUS_SUCCESS);
  std::string uri(length, ' ');
  ASSERT_EQ(
      table.hsa_ven_amd_loader_loaded_code_object_get_info(
          loaded, HSA_VEN_AMD_LOADER_LOADED_CODE_OBJECT_INFO_URI, uri.data()),
      HSA_STATUS_SUCCESS);
  EXPECT_THAT(uri, AllOf(HasSubstr("file://"), HasSubstr("#offset=0&size=")));
  size_t segments = 0;
  ASSERT_EQ(
      table.hsa_ven_amd_loader_query_segment_descriptors(nullptr, &segments),
      HSA_STATUS_SUCCESS);
  EXPECT_GE(segments, 2u);

  EXPECT_EQ(hsa_executable_destroy(other), HSA_STATUS_SUCCESS);
  EXPECT_EQ(hsa_code_object_reader_destroy(reader), HSA_STATUS_SUCCESS);
  close(file);
}

TEST_F(HsaKernelTest, TimesAreMonotonic) {
  auto *out = allocate(vram, 64);
  hsa_signal_t plain = makeSignal(1);
  submit(queue, packet("look_up", 64, out, plain));
  ASSERT_TRUE(finished(plain)) << gfx803_emulator_last_fault();
  hsa_amd_profiling_dispatch_time_t time;
  EXPECT_EQ(hsa_amd_profiling_get_dispatch_time(gpu, plain, &time),
            HSA_STATUS_ERROR);

  ASSERT_EQ(hsa_amd_profiling_set_profiler_enabled(queue, 1),
            HSA_STATUS_SUCCESS);
  uint64_t last = 0;
  ASSERT_EQ(hsa_system_get_info(HSA_SYSTEM_INFO_TIMESTAMP, &last),
            HSA_STATUS_SUCCESS);
  for (int i = 0; i < 5; ++i) {
    hsa_signal_t done = makeSignal(1);
    submit(queue, packet("look_up", 64, out, done));
    ASSERT_TRUE(finished(done));
    ASSERT_EQ(hsa_amd_profiling_get_dispatch_time(gpu, done, &time),
              HSA_STATUS_SUCCESS);
    EXPECT_GE(time.start, last);
    EXPECT_GT(time.end, time.start);
    last = time.end;
  }

  auto *host = allocate(fine, 1 << 20);
  auto *device = allocate(vram, 1 << 20);
  ASSERT_EQ(hsa_amd_profiling_async_copy_enable(true), HSA_STATUS_SUCCESS);
  hsa_signal_t copied = makeSignal(1);
  ASSERT_EQ(hsa_amd_memory_async_copy(device, gpu, host, cpu, 4 << 20, 0,
                                      nullptr, copied),
            HSA_STATUS_SUCCESS);
  ASSERT_TRUE(finished(copied));
  hsa_amd_profiling_async_copy_time_t copyTime;
  ASSERT_EQ(hsa_amd_profiling_get_async_copy_time(copied, &copyTime),
            HSA_STATUS_SUCCESS);
  // 4 MiB at what PCIe 3.0 x16 carries.
  EXPECT_NEAR(double(copyTime.end - copyTime.start), (4 << 20) / 15.754, 1000);
}
