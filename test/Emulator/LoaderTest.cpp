//===- LoaderTest.cpp - Reading and loading code objects ------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LoaderTestUtils.h"

#include "tools/gfx803-emulator/loader/CodeObject.h"

#include <algorithm>
#include <cstring>
#include <gmock/gmock.h>

using namespace gfx803;
using testing::HasSubstr;

namespace {

class LoaderTest : public testing::TestWithParam<int> {
protected:
  std::unique_ptr<CodeObject> read(const std::string &bytes) {
    error.clear();
    return CodeObject::read(bytes.data(), bytes.size(), error);
  }
  uint32_t dword(Machine &machine, uint64_t address) {
    uint32_t value = 0;
    const std::byte *from = machine.memory.translate(address, 4);
    EXPECT_TRUE(from);
    if (from)
      std::memcpy(&value, from, 4);
    return value;
  }
  std::string error;
};

const VariableInfo *variable(const CodeObject &object, const char *name) {
  for (const VariableInfo &one : object.variables)
    if (one.name == name)
      return &one;
  return nullptr;
}

TEST_P(LoaderTest, ReadsKernels) {
  auto object = read(readObject(GetParam()));
  ASSERT_TRUE(object) << error;
  EXPECT_EQ(object->abiVersion, unsigned(GetParam()));
  EXPECT_EQ(object->isa, "amdgcn-amd-amdhsa--gfx803");
  ASSERT_EQ(object->kernels.size(), 2u);

  const KernelInfo *gather = object->kernel("gather");
  ASSERT_TRUE(gather);
  EXPECT_EQ(gather, object->kernel("gather.kd"));
  EXPECT_EQ(gather->kernargBytes, 12u);
  EXPECT_EQ(gather->requiredWorkgroup, (std::array<uint32_t, 3>{64, 1, 1}));
  EXPECT_EQ(gather->maxFlatWorkgroup, 64u);
  EXPECT_GT(gather->sgprs, 0u);
  EXPECT_GT(gather->vgprs, 0u);
  ASSERT_EQ(gather->arguments.size(), 2u);
  EXPECT_EQ(gather->arguments[0].valueKind, "global_buffer");
  EXPECT_EQ(gather->arguments[0].addressSpace, "global");
  EXPECT_EQ(gather->arguments[1].valueKind, "by_value");
  EXPECT_EQ(gather->arguments[1].offset, 8u);
  EXPECT_EQ(gather->arguments[1].bytes, 4u);

  const KernelInfo *shapes = object->kernel("shapes");
  ASSERT_TRUE(shapes);
  EXPECT_EQ(shapes->arguments[1].bytes, 8u);
  EXPECT_EQ(shapes->arguments[2].valueKind, "dynamic_shared_pointer");
  bool hidden = std::any_of(
      shapes->arguments.begin(), shapes->arguments.end(),
      [](auto &one) { return one.valueKind == "hidden_group_size_x"; });
  EXPECT_EQ(hidden, GetParam() >= 5);
  EXPECT_FALSE(object->kernel("counter"));
}

TEST_P(LoaderTest, ReadsVariables) {
  auto object = read(readObject(GetParam()));
  ASSERT_TRUE(object) << error;
  const VariableInfo *zeros = variable(*object, "zeros");
  ASSERT_TRUE(zeros);
  EXPECT_EQ(zeros->bytes, 4000u);
  EXPECT_FALSE(zeros->constant);
  const VariableInfo *table = variable(*object, "table");
  ASSERT_TRUE(table);
  EXPECT_TRUE(table->constant);
}

TEST_P(LoaderTest, LoadsRelocatesAndUnloads) {
  Machine machine{Config()};
  auto object = read(readObject(GetParam()));
  ASSERT_TRUE(object) << error;
  uint64_t counter = variable(*object, "counter")->address;
  uint64_t where = variable(*object, "where")->address;
  uint64_t zeros = variable(*object, "zeros")->address;
  uint64_t descriptor = object->kernel("gather")->descriptor;

  auto first = LoadedCode::load(machine, std::move(object), error);
  ASSERT_TRUE(first) << error;
  auto second = LoadedCode::load(machine, read(readObject(GetParam())), error);
  ASSERT_TRUE(second) << error;
  for (const LoadedCode *code : {first.get(), second.get()}) {
    EXPECT_EQ(dword(machine, code->at(counter)), 7u);
    uint64_t pointer = dword(machine, code->at(where)) |
                       uint64_t(dword(machine, code->at(where) + 4)) << 32;
    EXPECT_EQ(pointer, code->at(counter));
    EXPECT_EQ(machine.kernelName(code->at(descriptor)), "gather");
    // What no file holds counts as written, too.
    auto allocation = machine.memory.find(code->base());
    ASSERT_TRUE(allocation);
    for (uint64_t at = zeros; at < zeros + 4000; at += 4) {
      ASSERT_EQ(dword(machine, code->at(at)), 0u);
      ASSERT_EQ(allocation->shadow[at / 4], 15);
    }
  }
  uint64_t base = first->base();
  EXPECT_NE(base, second->base());
  first.reset();
  EXPECT_FALSE(machine.memory.find(base));
  second.reset();
  EXPECT_EQ(machine.memory.deviceBytesUsed(), 0u);
}

TEST_P(LoaderTest, NeedsMemory) {
  Config config;
  config.vramBytes = 4096;
  Machine machine(config);
  EXPECT_FALSE(LoadedCode::load(machine, read(readObject(GetParam())), error));
  EXPECT_THAT(error, HasSubstr("not enough device memory for an image of"));
  EXPECT_EQ(machine.memory.deviceBytesUsed(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Versions, LoaderTest, testing::Values(4, 5, 6));

} // namespace
