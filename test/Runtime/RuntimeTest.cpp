//===- RuntimeTest.cpp - Loading and running models -----------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loads and runs stand-ins for compiled models. They are all built from
// HandWrittenModel.c, as shared libraries in C linked with libsparsec_rt.so.1,
// and must lie in the directory SPARSEC_TEST_MODEL_DIR:
//
//   model.so               (nothing)
//   one-entry.so           -DONE_ENTRY
//   no-main.so             -DNO_MAIN
//   older-abi.so           -DABI_VERSION=0
//   newer-abi.so           -DABI_VERSION=99 -DCALLS_UNKNOWN
//   unknown-function.so    -DCALLS_UNKNOWN
//   bad-magic.so           -DMAGIC=1
//   bad-size.so            -DSTRUCT_BYTES=8
//   bad-rank.so            -DRESULT_RANK=9
//   no-module.so           -DNO_MODULE
//   needs-feature.so       -DNEEDS_FEATURE=sparse9000
//   other-target.so        -DTARGET=gfx803
//
// Those with CALLS_UNKNOWN have an undefined symbol: no -Wl,-z,defs for them.
// This file is compiled with OpenMP and linked with libsparsec_rt.so.1 and, as
// it exports nothing internal, with runtime/core/ElfCheck.cpp as a source.
//
//===----------------------------------------------------------------------===//

#include "sparsec/runtime.h"
#include "runtime/core/ElfCheck.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <elf.h>
#include <filesystem>
#include <fstream>
#include <malloc.h>
#include <numeric>
#include <omp.h>
#include <random>
#include <thread>
#include <vector>
#include <xmmintrin.h>

// Asked for by the "huge" entry: null, as from malloc, not the end of the test.
extern "C" const char *__asan_default_options() {
  return "allocator_may_return_null=1";
}

using testing::HasSubstr;
namespace fs = std::filesystem;

static std::string modelPath(const std::string &name) {
  return std::string(SPARSEC_TEST_MODEL_DIR) + "/" + name + ".so";
}

/// A folder that goes away with the test.
class Scratch {
public:
  Scratch() {
    std::string pattern = testing::TempDir() + "/sparsec-XXXXXX";
    folder = ::mkdtemp(pattern.data());
  }
  ~Scratch() { fs::remove_all(folder); }
  std::string operator/(const std::string &name) const {
    return folder + "/" + name;
  }

private:
  std::string folder;
};

static std::string readAll(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
static void writeAll(const std::string &path, const std::string &bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

/// The message of a load that fails as expected.
static std::string loadError(const std::string &path, sparsec_status expected,
                             const char *device = "host") {
  sparsec_model *model = reinterpret_cast<sparsec_model *>(1);
  EXPECT_EQ(sparsec_load(path.c_str(), device, &model), expected) << path;
  EXPECT_EQ(model, nullptr);
  return sparsec_last_error();
}

static sparsec_tensor f32(std::vector<float> &data,
                          std::vector<int64_t> shape) {
  sparsec_tensor tensor = {data.data(),
                           {SPARSEC_F32, uint32_t(shape.size()), {}}};
  std::copy(shape.begin(), shape.end(), tensor.type.shape);
  return tensor;
}

static std::vector<float> valuesOf(const sparsec_tensor &tensor) {
  int64_t count =
      std::accumulate(tensor.type.shape, tensor.type.shape + tensor.type.rank,
                      int64_t(1), std::multiplies<int64_t>());
  const float *data = static_cast<const float *>(tensor.data);
  return {data, data + count};
}

class RuntimeTest : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_EQ(sparsec_load(modelPath("model").c_str(), "host", &model),
              SPARSEC_OK)
        << sparsec_last_error();
  }
  void TearDown() override { sparsec_unload(model); }

  /// Runs an entry that has no inputs and one result.
  sparsec_status run(const char *entry, sparsec_tensor &result,
                     sparsec_stats *stats = nullptr) {
    return sparsec_run(model, entry, nullptr, 0, &result, 1, stats);
  }
  /// The message of a run that fails because of its arguments.
  std::string argumentError(std::vector<sparsec_tensor> inputs,
                            size_t numResults = 1) {
    sparsec_tensor results[4];
    std::memset(results, 0x55, sizeof(results));
    sparsec_tensor before = results[0];
    EXPECT_EQ(sparsec_run(model, "main", inputs.data(), inputs.size(), results,
                          numResults, nullptr),
              SPARSEC_INVALID_ARGUMENT);
    EXPECT_EQ(std::memcmp(&before, results, sizeof(before)), 0)
        << "results were written by a run that failed";
    return sparsec_last_error();
  }

  sparsec_model *model = nullptr;
};

//===----------------------------------------------------------------------===//
// Loading
//===----------------------------------------------------------------------===//

TEST(LoadTest, RefusesByStatusAndMessage) {
  Scratch scratch;
  EXPECT_THAT(loadError(scratch / "none.so", SPARSEC_NOT_FOUND),
              HasSubstr("none.so: No such file"));
  EXPECT_EQ(loadError(modelPath("model"), SPARSEC_NOT_FOUND, "abacus"),
            "unknown device \"abacus\"; this build has: host, hsa, emulator");
  // Said before anybody looks for a card.
  EXPECT_EQ(loadError(modelPath("model"), SPARSEC_UNSUPPORTED, "hsa"),
            modelPath("model") +
                " was compiled for host, device hsa runs gfx803: use "
                "--device=host or compile it with --target=gfx803");
  EXPECT_THAT(loadError(scratch / "", SPARSEC_INVALID_ARTEFACT),
              HasSubstr("not a regular file"));
  writeAll(scratch / "text.so", std::string(1000, 'x'));
  EXPECT_THAT(loadError(scratch / "text.so", SPARSEC_INVALID_ARTEFACT),
              HasSubstr("text.so is not a compiled model: not an ELF file"));

  auto expect = [](const char *name, sparsec_status status,
                   const std::string &message) {
    EXPECT_EQ(loadError(modelPath(name), status), modelPath(name) + message);
  };
  expect("newer-abi", SPARSEC_INVALID_ARTEFACT,
         " was compiled for sparsec ABI 99, this runtime has 4: update the "
         "runtime or compile the model again");
  expect("older-abi", SPARSEC_INVALID_ARTEFACT,
         " was compiled for sparsec ABI 0, this runtime has 4: compile the "
         "model again");
  expect("bad-magic", SPARSEC_INVALID_ARTEFACT,
         " is not a compiled model: its sparsec_module has a wrong magic "
         "number");
  expect("no-module", SPARSEC_INVALID_ARTEFACT,
         " is not a compiled model: it does not export sparsec_module");
  expect("bad-size", SPARSEC_INVALID_ARTEFACT,
         " is damaged: its description has 8 bytes, ABI 4 has 72");
  expect("bad-rank", SPARSEC_INVALID_ARTEFACT,
         " is damaged: entry \"main\" has rank 9 in its results, at most 8");
  expect("needs-feature", SPARSEC_UNSUPPORTED,
         " needs a CPU with sparse9000 (compiled for znver4): compile it with "
         "--cpu=native here or --cpu=x86-64");
  expect("other-target", SPARSEC_UNSUPPORTED,
         " was compiled for gfx803, not for the host: choose another device "
         "or compile it with --target=host");
  EXPECT_THAT(
      loadError(modelPath("unknown-function"), SPARSEC_INVALID_ARTEFACT),
      HasSubstr("undefined symbol: sparsec_rt_not_yet_invented"));
}

TEST(LoadTest, OpensModelsOfAnyDeviceToDescribeThem) {
  sparsec_model *model = nullptr;
  ASSERT_EQ(sparsec_open(modelPath("other-target").c_str(), &model),
            SPARSEC_OK);
  EXPECT_STREQ(sparsec_describe(model)->target, "gfx803");
  const sparsec_entry *entry = nullptr;
  ASSERT_EQ(sparsec_find_entry(model, nullptr, &entry), SPARSEC_OK);
  EXPECT_EQ(sparsec_run(model, entry->name, nullptr, 0, nullptr, 0, nullptr),
            SPARSEC_INVALID_ARGUMENT);
  EXPECT_THAT(sparsec_last_error(), HasSubstr("opened to be described"));
  sparsec_unload(model);
  EXPECT_EQ(sparsec_open(nullptr, &model), SPARSEC_INVALID_ARGUMENT);
  EXPECT_EQ(sparsec_open("x.so", nullptr), SPARSEC_INVALID_ARGUMENT);
  EXPECT_EQ(sparsec_open(modelPath("bad-magic").c_str(), &model),
            SPARSEC_INVALID_ARTEFACT);
}

TEST(LoadTest, RefusesNullArguments) {
  sparsec_model *model;
  EXPECT_EQ(sparsec_load(nullptr, "host", &model), SPARSEC_INVALID_ARGUMENT);
  EXPECT_EQ(sparsec_load("x.so", nullptr, &model), SPARSEC_INVALID_ARGUMENT);
  EXPECT_EQ(sparsec_load("x.so", "host", nullptr), SPARSEC_INVALID_ARGUMENT);
  const sparsec_entry *entry;
  EXPECT_EQ(sparsec_find_entry(nullptr, "main", &entry),
            SPARSEC_INVALID_ARGUMENT);
  sparsec_unload(nullptr);
  sparsec_tensor_release(nullptr);
}

TEST(LoadTest, TakesPathsWithoutSlash) {
  fs::path before = fs::current_path();
  fs::current_path(SPARSEC_TEST_MODEL_DIR);
  sparsec_model *model;
  EXPECT_EQ(sparsec_load("model.so", "host", &model), SPARSEC_OK)
      << sparsec_last_error();
  sparsec_unload(model);
  fs::current_path(before);
}

TEST(LoadTest, RefusesEveryTruncation) {
  Scratch scratch;
  std::string whole = readAll(modelPath("one-entry"));
  ASSERT_GT(whole.size(), 1000u);
  std::string path = scratch / "short.so";
  writeAll(path, whole);
  for (size_t length = whole.size(); length-- > 0;) {
    fs::resize_file(path, length);
    sparsec_model *model;
    ASSERT_EQ(sparsec_load(path.c_str(), "host", &model),
              SPARSEC_INVALID_ARTEFACT)
        << length << " of " << whole.size() << " bytes";
    ASSERT_THAT(sparsec_last_error(), HasSubstr(path));
  }
}

TEST(LoadTest, CheckerSurvivesFlippedHeaders) {
  Scratch scratch;
  std::string path = scratch / "flipped.so";
  const std::string whole = readAll(modelPath("one-entry"));
  Elf64_Ehdr header;
  std::memcpy(&header, whole.data(), sizeof(header));
  // Where the checker looks: the three kinds of headers.
  std::vector<size_t> places;
  auto add = [&](uint64_t begin, uint64_t bytes) {
    for (uint64_t i = begin; i < begin + bytes; ++i)
      places.push_back(i);
  };
  add(0, sizeof(header));
  add(header.e_phoff, header.e_phnum * sizeof(Elf64_Phdr));
  add(header.e_shoff, header.e_shnum * sizeof(Elf64_Shdr));

  unsigned seed = std::random_device()();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  unsigned refused = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = whole;
    for (int flips = 1 + int(random() % 4); flips-- > 0;)
      bytes[places[random() % places.size()]] ^= char(1 + random() % 255);
    writeAll(path, bytes);
    sparsec::rt::Text why;
    sparsec_status status = sparsec::rt::checkModelFile(path.c_str(), why);
    ASSERT_TRUE(status == SPARSEC_OK || status == SPARSEC_INVALID_ARTEFACT);
    ASSERT_EQ(status == SPARSEC_OK, *why.c_str() == '\0') << why.c_str();
    refused += status != SPARSEC_OK;
  }
  EXPECT_GT(refused, 1000u);
}

// dlopen alone would give the old library for the old path.
TEST(LoadTest, SeesThatAFileWasReplaced) {
  Scratch scratch;
  std::string path = scratch / "m.so";
  sparsec_model *models[3];
  const char *variants[] = {"model", "one-entry", "no-main"};
  uint32_t entries[] = {13, 1, 12};
  for (int i = 0; i < 3; ++i) {
    fs::copy_file(modelPath(variants[i]), scratch / "new.so");
    fs::rename(scratch / "new.so", path);
    ASSERT_EQ(sparsec_load(path.c_str(), "host", &models[i]), SPARSEC_OK)
        << sparsec_last_error();
  }
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(sparsec_describe(models[i])->num_entries, entries[i]);
  sparsec_unload(models[1]);
  sparsec_model *again;
  ASSERT_EQ(sparsec_load(path.c_str(), "host", &again), SPARSEC_OK);
  EXPECT_EQ(sparsec_describe(again), sparsec_describe(models[2]));
  for (sparsec_model *model : {models[0], models[2], again})
    sparsec_unload(model);
}

TEST(LoadTest, FindsEntries) {
  const sparsec_entry *entry;
  sparsec_model *model;
  ASSERT_EQ(sparsec_load(modelPath("one-entry").c_str(), "host", &model),
            SPARSEC_OK);
  EXPECT_EQ(sparsec_find_entry(model, nullptr, &entry), SPARSEC_OK);
  EXPECT_STREQ(entry->name, "main");
  EXPECT_EQ(sparsec_find_entry(model, "mian", &entry), SPARSEC_NOT_FOUND);
  EXPECT_STREQ(sparsec_last_error(),
               "the model has no entry \"mian\"; it has: main");
  sparsec_unload(model);

  ASSERT_EQ(sparsec_load(modelPath("no-main").c_str(), "host", &model),
            SPARSEC_OK);
  EXPECT_EQ(sparsec_find_entry(model, nullptr, &entry), SPARSEC_NOT_FOUND);
  EXPECT_THAT(sparsec_last_error(), HasSubstr("name one of fail, huge, "));
  sparsec_unload(model);
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

TEST_F(RuntimeTest, AddsAndReportsWhatItUsed) {
  std::vector<float> a = {1, 2, 3, 4, 5, 6, 7, 8}, b(8, 10);
  sparsec_tensor inputs[] = {f32(a, {2, 4}), f32(b, {2, 4})}, sum;
  sparsec_stats stats;
  ASSERT_EQ(sparsec_run(model, nullptr, inputs, 2, &sum, 1, &stats), SPARSEC_OK)
      << sparsec_last_error();
  EXPECT_EQ(sum.type.rank, 2u);
  EXPECT_EQ(sum.type.shape[0], 2);
  EXPECT_EQ(sum.type.shape[1], 4);
  EXPECT_EQ(valuesOf(sum),
            (std::vector<float>{11, 12, 13, 14, 15, 16, 17, 18}));
  EXPECT_EQ(stats.peak_working_bytes, 32);
  EXPECT_EQ(stats.bound_working_bytes, -1);
  EXPECT_EQ(stats.peak_decompressed_bytes, 0);
  EXPECT_EQ(stats.compressed_bytes, 320);
  EXPECT_EQ(stats.dense_bytes, 1020);
  EXPECT_GE(stats.seconds, 0);
  sparsec_tensor_release(&sum);
  EXPECT_EQ(sum.data, nullptr);
  sparsec_tensor_release(&sum);
}

TEST_F(RuntimeTest, TakesUnalignedAndEmptyInputs) {
  std::vector<float> room(16, 1), b(4, 10);
  for (size_t shift = 0; shift < 8; ++shift) {
    // To the byte, not to the element.
    char *data = reinterpret_cast<char *>(room.data()) + shift;
    float values[] = {1, 2, 3, 4};
    std::memcpy(data, values, sizeof(values));
    sparsec_tensor inputs[] = {f32(b, {1, 4}), f32(b, {1, 4})}, sum;
    inputs[0].data = data;
    sparsec_stats stats;
    ASSERT_EQ(sparsec_run(model, "main", inputs, 2, &sum, 1, &stats),
              SPARSEC_OK);
    EXPECT_EQ(valuesOf(sum), (std::vector<float>{11, 12, 13, 14}));
    EXPECT_EQ(stats.peak_working_bytes, 16) << "copies of inputs count";
    sparsec_tensor_release(&sum);
  }
  sparsec_tensor empty = f32(b, {0, 4}), sum;
  empty.data = nullptr;
  sparsec_tensor inputs[] = {empty, empty};
  ASSERT_EQ(sparsec_run(model, "main", inputs, 2, &sum, 1, nullptr),
            SPARSEC_OK);
  EXPECT_EQ(sum.type.shape[0], 0);
  EXPECT_NE(sum.data, nullptr);
  sparsec_tensor_release(&sum);
}

TEST_F(RuntimeTest, RefusesWrongArguments) {
  std::vector<float> data(256);
  sparsec_tensor good = f32(data, {2, 4});
  EXPECT_EQ(argumentError({good}), "entry \"main\" wants 2 inputs, got 1");
  EXPECT_EQ(argumentError({good, good}, 2),
            "entry \"main\" gives 1 result, there is room for 2");
  EXPECT_EQ(argumentError({f32(data, {3, 64}), good}),
            "input 0 has type f32[3x64], entry \"main\" wants f32[?x4]");
  EXPECT_EQ(argumentError({good, f32(data, {4})}),
            "input 1 has type f32[4], entry \"main\" wants f32[?x4]");
  EXPECT_EQ(argumentError({f32(data, {-3, 4}), good}),
            "dimension 0 of input 0 is negative: -3");
  EXPECT_EQ(argumentError({f32(data, {-1, 4}), good}),
            "dimension 0 of input 0 is negative: -1");
  EXPECT_EQ(argumentError({f32(data, {INT64_MAX, 4}), good}),
            "input 0 is larger than the address space");
  sparsec_tensor bad = good;
  bad.type.dtype = SPARSEC_BF16;
  EXPECT_EQ(argumentError({bad, good}),
            "input 0 has type bf16[2x4], entry \"main\" wants f32[?x4]");
  bad.type.dtype = 99;
  EXPECT_EQ(argumentError({bad, good}),
            "input 0 has the unknown element type 99");
  bad = good;
  bad.type.rank = 1000;
  EXPECT_EQ(argumentError({bad, good}), "input 0 has rank 1000, at most 8");
  bad = good;
  bad.data = nullptr;
  EXPECT_EQ(argumentError({good, bad}), "input 1 has no data");

  sparsec_tensor out;
  EXPECT_EQ(sparsec_run(model, "main", nullptr, 2, &out, 1, nullptr),
            SPARSEC_INVALID_ARGUMENT);
  EXPECT_EQ(sparsec_run(model, "fail", nullptr, 0, nullptr, 1, nullptr),
            SPARSEC_INVALID_ARGUMENT);
  EXPECT_EQ(sparsec_run(nullptr, "main", nullptr, 0, &out, 1, nullptr),
            SPARSEC_INVALID_ARGUMENT);
  EXPECT_EQ(sparsec_run(model, "none", nullptr, 0, &out, 1, nullptr),
            SPARSEC_NOT_FOUND);
  EXPECT_THAT(sparsec_last_error(), HasSubstr("it has: main, fail, huge"));
}

TEST_F(RuntimeTest, EndsRunsThatFail) {
  sparsec_tensor out = {};
  EXPECT_EQ(run("fail", out), SPARSEC_INVALID_ARGUMENT);
  EXPECT_STREQ(sparsec_last_error(), "the model gives up");
  EXPECT_EQ(run("huge", out), SPARSEC_OUT_OF_MEMORY);
  EXPECT_STREQ(sparsec_last_error(),
               "entry \"huge\" asked for 2305843009213693952 bytes and there "
               "is no memory for them");
  EXPECT_EQ(run("misaligned", out), SPARSEC_INVALID_ARTEFACT);
  EXPECT_EQ(run("wrong", out), SPARSEC_INVALID_ARTEFACT);
  EXPECT_EQ(out.data, nullptr);

  std::vector<float> a(8), b(4);
  EXPECT_EQ(argumentError({f32(a, {2, 4}), f32(b, {1, 4})}),
            "the inputs have different numbers of rows");
}

TEST_F(RuntimeTest, ChecksResults) {
  std::vector<float> data(8);
  sparsec_tensor out = {}, outs[4] = {};
  EXPECT_EQ(run("small", out), SPARSEC_INVALID_ARTEFACT);
  EXPECT_STREQ(sparsec_last_error(), "entry \"small\" returned 16 bytes for "
                                     "result 0, which has 32");
  EXPECT_EQ(run("wrong", out), SPARSEC_INVALID_ARTEFACT);
  EXPECT_STREQ(sparsec_last_error(),
               "entry \"wrong\" returned f32[3x4] as result 0, which should "
               "be f32[2x4]");
  EXPECT_EQ(outs[0].data, nullptr);
}

TEST_F(RuntimeTest, MakesViewsContiguous) {
  std::vector<float> in = {1, 2, 3, 4, 5, 6};
  sparsec_tensor input = f32(in, {2, 3}), out[3];
  ASSERT_EQ(sparsec_run(model, "views", &input, 1, out, 3, nullptr), SPARSEC_OK)
      << sparsec_last_error();
  EXPECT_EQ(valuesOf(out[0]), (std::vector<float>{1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(valuesOf(out[1]), (std::vector<float>{3, 6}));
  EXPECT_EQ(valuesOf(out[2]), in);
  for (sparsec_tensor &tensor : out)
    sparsec_tensor_release(&tensor);
}

TEST_F(RuntimeTest, GivesEachResultItsOwnMemory) {
  alignas(64) float aligned[8] = {8, 7, 6, 5, 4, 3, 2, 1};
  std::vector<float> counted = {1, 2, 3, 4, 5, 6, 7, 8};
  std::vector<float> given(aligned, aligned + 8);
  for (int shift : {0, 1}) {
    // Aligned, the input is the caller's memory; else a copy in the run's.
    std::vector<float> room(32);
    void *data = aligned;
    if (shift)
      data = std::memcpy(room.data() + 1, aligned, sizeof(aligned));
    sparsec_tensor input = {data, {SPARSEC_F32, 2, {2, 4}}}, out[4];
    ASSERT_EQ(sparsec_run(model, "aliases", &input, 1, out, 4, nullptr),
              SPARSEC_OK)
        << sparsec_last_error();
    EXPECT_EQ(valuesOf(out[0]), counted);
    EXPECT_EQ(valuesOf(out[1]), counted);
    EXPECT_EQ(valuesOf(out[2]), given);
    EXPECT_EQ(valuesOf(out[3]), counted);
    EXPECT_NE(out[0].data, out[1].data);
    EXPECT_NE(out[2].data, data);
    for (sparsec_tensor &tensor : out)
      sparsec_tensor_release(&tensor);
  }
}

TEST_F(RuntimeTest, FreesWhatRunsLeaveBehind) {
  sparsec_tensor out;
  sparsec_stats stats;
  ASSERT_EQ(run("leak", out, &stats), SPARSEC_OK);
  EXPECT_EQ(stats.peak_working_bytes, 480) << "10 + 20 rows of 16 bytes";
  EXPECT_LE(stats.peak_working_bytes, stats.bound_working_bytes);
  sparsec_tensor_release(&out);
  // Under AddressSanitizer its leak checker says the same at exit, and
  // mallinfo2 knows nothing.
  size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(run("fail", out), SPARSEC_INVALID_ARGUMENT);
    ASSERT_EQ(run("huge", out), SPARSEC_OUT_OF_MEMORY);
    ASSERT_EQ(run("leak", out), SPARSEC_OK);
    sparsec_tensor_release(&out);
  }
  size_t after = mallinfo2().uordblks + mallinfo2().hblkhd;
  EXPECT_LT(after, before + (1 << 20));
}

TEST_F(RuntimeTest, EndsRunsThatExceedTheirBounds) {
  auto runWindows = [&](float atATime) {
    sparsec_tensor input = {&atATime, {SPARSEC_F32, 0, {}}};
    EXPECT_EQ(sparsec_run(model, "windows", &input, 1, nullptr, 0, nullptr),
              SPARSEC_INVALID_ARTEFACT);
    return std::string(sparsec_last_error());
  };
  EXPECT_EQ(
      runWindows(3),
      "entry \"windows\" would hold 300 bytes of decompressed weights, and "
      "states 200 as the most; compile the model again");
  EXPECT_EQ(
      runWindows(1),
      "entry \"windows\" would hold 120 bytes of working memory, and states "
      "100 as the most; compile the model again");
}

TEST_F(RuntimeTest, AlignsMemoryAndPadsIt) {
  for (int64_t alignment : {1, 8, 64, 128, 4096, 1 << 21}) {
    for (int64_t bytes : {0, 1, 63, 64, 65, 100000}) {
      int64_t want[] = {alignment, bytes};
      sparsec_tensor input = {want, {SPARSEC_I64, 1, {2}}}, out;
      sparsec_stats stats;
      ASSERT_EQ(sparsec_run(model, "memory", &input, 1, &out, 1, &stats),
                SPARSEC_OK)
          << sparsec_last_error();
      EXPECT_EQ(stats.peak_working_bytes, bytes);
      EXPECT_EQ(out.type.shape[0], bytes);
      EXPECT_NE(out.data, nullptr);
      sparsec_tensor_release(&out);
    }
  }
}

TEST_F(RuntimeTest, KeepsDenormalsWhateverTheCallerHasSet) {
  float tiny = 1e-20f;
  sparsec_tensor input = {&tiny, {SPARSEC_F32, 0, {}}}, out;
  unsigned before = _mm_getcsr(), flushing = before | 0x8040; // FTZ and DAZ
  _mm_setcsr(flushing);
  sparsec_status status =
      sparsec_run(model, "square", &input, 1, &out, 1, nullptr);
  unsigned after = _mm_getcsr();
  _mm_setcsr(before);
  ASSERT_EQ(status, SPARSEC_OK) << sparsec_last_error();
  EXPECT_EQ(after, flushing);
  EXPECT_GT(*static_cast<float *>(out.data), 0.f);
  sparsec_tensor_release(&out);
}

TEST_F(RuntimeTest, ResultsOutliveModelAndThread) {
  sparsec_tensor sum;
  std::thread([&] {
    sparsec_model *other;
    ASSERT_EQ(sparsec_load(modelPath("one-entry").c_str(), "host", &other),
              SPARSEC_OK);
    std::vector<float> a(4, 1), b(4, 2);
    sparsec_tensor inputs[] = {f32(a, {1, 4}), f32(b, {1, 4})};
    ASSERT_EQ(sparsec_run(other, "main", inputs, 2, &sum, 1, nullptr),
              SPARSEC_OK);
    sparsec_unload(other);
  }).join();
  EXPECT_EQ(valuesOf(sum), std::vector<float>(4, 3));
  sparsec_tensor_release(&sum);
}

TEST_F(RuntimeTest, RunsOnManyThreadsAtOnce) {
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        std::vector<float> a(size_t(4 * (t + 1)), float(t)), b(a.size(), 1);
        sparsec_tensor in[] = {f32(a, {t + 1, 4}), f32(b, {t + 1, 4})}, out;
        sparsec_stats stats;
        // Failures between successes, each with this thread's own message.
        wrong += run("fail", out) != SPARSEC_INVALID_ARGUMENT;
        wrong += std::strcmp(sparsec_last_error(), "the model gives up") != 0;
        wrong +=
            sparsec_run(model, "main", in, 2, &out, 1, &stats) != SPARSEC_OK;
        wrong += stats.peak_working_bytes != 16 * (t + 1);
        wrong += valuesOf(out) != std::vector<float>(a.size(), float(t + 1));
        sparsec_tensor_release(&out);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong, 0);
}

static sparsec_model *nestedModel;
static sparsec_tensor nestedResult;
static std::vector<sparsec_status> nestedStatus;

// A run inside a run: the inner one's failure ends the inner one.
TEST_F(RuntimeTest, Nests) {
  nestedModel = model;
  nestedStatus.clear();
  void (*callback)() = [] {
    sparsec_tensor out;
    nestedStatus.push_back(
        sparsec_run(nestedModel, "fail", nullptr, 0, &out, 1, nullptr));
    nestedStatus.push_back(sparsec_run(nestedModel, "leak", nullptr, 0,
                                       &nestedResult, 1, nullptr));
    // Released within another run than the one that made it.
    sparsec_tensor_release(&nestedResult);
    sparsec_rt_free(sparsec_rt_alloc(64, 1000));
  };
  int64_t address;
  std::memcpy(&address, &callback, sizeof(address));
  sparsec_tensor input = {&address, {SPARSEC_I64, 0, {}}};
  sparsec_stats stats;
  ASSERT_EQ(sparsec_run(model, "call", &input, 1, nullptr, 0, &stats),
            SPARSEC_OK);
  EXPECT_EQ(nestedStatus, (std::vector<sparsec_status>{SPARSEC_INVALID_ARGUMENT,
                                                       SPARSEC_OK}));
  EXPECT_EQ(stats.peak_working_bytes, 1000);
  EXPECT_EQ(stats.peak_decompressed_bytes, 128);
  EXPECT_EQ(stats.bound_decompressed_bytes, 128);
}

//===----------------------------------------------------------------------===//
// The rest
//===----------------------------------------------------------------------===//

TEST(ThreadsTest, FollowTheWork) {
  omp_set_num_threads(4);
  EXPECT_EQ(sparsec_rt_threads(-1), 1);
  EXPECT_EQ(sparsec_rt_threads(0), 1);
  EXPECT_EQ(sparsec_rt_threads(65535), 1);
  EXPECT_EQ(sparsec_rt_threads(65536), 2);
  EXPECT_EQ(sparsec_rt_threads(3 * 32768), 3);
  EXPECT_EQ(sparsec_rt_threads(INT64_MAX), 4);
  std::atomic<int> other = 0;
#pragma omp parallel num_threads(2)
  other += sparsec_rt_threads(INT64_MAX) != 1;
  EXPECT_EQ(other, 0);
}

TEST(CallbacksTest, WorkOutsideARun) {
  void *memory = sparsec_rt_alloc(64, 100);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % 64, 0u);
  sparsec_rt_free(memory);
  sparsec_rt_decompressed(100);
  GTEST_FLAG_SET(death_test_style, "threadsafe"); // OpenMP has threads by now
  EXPECT_DEATH(sparsec_rt_fail("why"), "failure outside a run: why");
}

TEST(TypesTest, HaveSizesAndNames) {
  struct {
    uint32_t dtype;
    size_t bytes;
    const char *name;
  } types[] = {{SPARSEC_F32, 4, "f32"},   {SPARSEC_F16, 2, "f16"},
               {SPARSEC_BF16, 2, "bf16"}, {SPARSEC_I8, 1, "i8"},
               {SPARSEC_I32, 4, "i32"},   {SPARSEC_I64, 8, "i64"},
               {SPARSEC_I1, 1, "i1"},     {SPARSEC_F64, 8, "f64"},
               {0, 0, "unknown"},         {99, 0, "unknown"}};
  for (auto &type : types) {
    EXPECT_EQ(sparsec_dtype_bytes(type.dtype), type.bytes);
    EXPECT_STREQ(sparsec_dtype_name(type.dtype), type.name);
  }
}
