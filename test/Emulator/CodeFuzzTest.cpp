//===- CodeFuzzTest.cpp - Any bytes as code -------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random programs, made of words that look like instructions of each encoding,
// end or are stopped with a fault: nothing they do reaches the emulator itself.
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/Disassembler.h"
#include "tools/gfx803-emulator/machine/Machine.h"

#include <cstring>
#include <gtest/gtest.h>
#include <random>

using namespace gfx803;

namespace {

/// Stops programs that would run forever.
class Limit : public Tracer {
public:
  void before(Wave &, const Instruction &) override {
    if (++count > 400)
      throw Fault{FaultKind::Trap, "enough", 0};
  }
  void after(Wave &, const Instruction &) override {}
  unsigned count = 0;
};

constexpr size_t kCodeWords = 256;

class Program {
public:
  explicit Program(uint64_t seed) : random(seed) {}

  std::vector<uint32_t> code() {
    std::vector<uint32_t> words;
    while (words.size() < kCodeWords) {
      std::vector<uint32_t> next;
      add(next);
      // Mostly what decodes: else hardly a program gets beyond its start.
      unsigned bytes;
      if (pick(200) == 0 ||
          !disassembler()
               .name(next.data(), unsigned(next.size()), bytes)
               .empty())
        words.insert(words.end(), next.begin(), next.end());
    }
    words.resize(kCodeWords);
    words.back() = 0xbf810000; // s_endpgm
    return words;
  }
  uint32_t pick(uint32_t limit) { return uint32_t(random() % limit); }
  uint32_t any() { return uint32_t(random()); }

private:
  static Disassembler &disassembler() {
    static Disassembler one;
    return one;
  }

  /// A register or constant code, mostly one that exists.
  uint32_t source() {
    switch (pick(4)) {
    case 0:
      return pick(20);
    case 1:
      return 128 + pick(81);
    case 2:
      return pick(8) ? 256 + pick(16) : pick(512);
    default:
      return 256 + pick(16);
    }
  }
  uint32_t scalar() { return pick(16) ? pick(20) : pick(128); }

  void add(std::vector<uint32_t> &words) {
    uint32_t vdst = pick(16), second = any();
    switch (pick(13)) {
    case 0: // VOP2, VOPC or VOP1
      words.push_back(pick(64) << 25 | vdst << 17 | pick(256) << 9 | source());
      break;
    case 1: // SDWA and DPP
      words.push_back(pick(62) << 25 | vdst << 17 | pick(16) << 9 | 249 |
                      pick(2));
      words.push_back((second & ~0xffu) | pick(16));
      break;
    case 2: // SOP2, SOPK
      words.push_back(0x80000000u | pick(0x7d) << 23 | scalar() << 16 |
                      pick(128) << 8 | pick(256));
      break;
    case 3: // SOP1, SOPC
      words.push_back((pick(2) ? 0xbe800000u : 0xbf000000u) | scalar() << 16 |
                      pick(256) << 8 | pick(256));
      break;
    case 4: // SOPP, branches nearby
      words.push_back(0xbf800000u | pick(32) << 16 |
                      (pick(4) ? pick(16) : pick(65536)));
      break;
    case 5: // SMEM
      words.push_back(0xc0000000u | pick(44) << 18 | pick(4) << 16 |
                      scalar() << 6 | pick(10));
      words.push_back(pick(4) ? pick(256) : second);
      break;
    case 6:
    case 7: // VOP3
      words.push_back(0xd0000000u | pick(1024) << 16 | pick(0x10000 >> 1) << 1 |
                      vdst);
      words.push_back((pick(4) ? 0 : second & 0xf8000000u) | source() << 18 |
                      source() << 9 | source());
      break;
    case 8: // LDS
      words.push_back(0xd8000000u | pick(256) << 17 |
                      (pick(2) ? pick(64) : pick(65536)));
      words.push_back(pick(16) << 24 | pick(16) << 16 | pick(16) << 8 |
                      pick(16));
      break;
    case 9: // FLAT
      words.push_back(0xdc000000u | pick(128) << 18 | pick(4) << 16);
      words.push_back(vdst << 24 | pick(16) << 8 | pick(2) * 4);
      break;
    case 10:
    case 11: // MUBUF
      words.push_back(0xe0000000u | pick(128) << 18 | pick(32) << 12 |
                      pick(4096));
      words.push_back((128 + pick(64)) << 24 | pick(5) << 16 | vdst << 8 |
                      pick(16));
      break;
    default:
      words.push_back(second);
      break;
    }
  }

  std::mt19937_64 random;
};

/// Runs one program; true if it ended by itself.
bool runProgram(Machine &machine, uint64_t seed, std::string &message) {
  Program program(seed);
  std::vector<uint32_t> code = program.code();
  uint64_t image =
      machine.memory.allocate(MemoryKind::Device, 64 + kCodeWords * 4);
  std::byte *bytes = machine.memory.translate(image, 64 + kCodeWords * 4);
  std::memset(bytes, 0, 64);
  int64_t entry = 64;
  uint32_t rsrc1 = 5 | 3 << 6 | (program.any() & 0xaff000),
           rsrc2 = 1 | 14 << 1 | 7 << 7 | 2 << 11;
  uint16_t properties = 0x7f;
  std::memcpy(bytes + 16, &entry, 8);
  std::memcpy(bytes + 48, &rsrc1, 4);
  std::memcpy(bytes + 52, &rsrc2, 4);
  std::memcpy(bytes + 56, &properties, 2);
  std::memcpy(bytes + 64, code.data(), kCodeWords * 4);
  machine.addCode({image + 64, kCodeWords * 4});
  uint64_t buffer = machine.memory.allocate(MemoryKind::System, 4096);

  DispatchRequest request;
  request.workgroup = {64 + program.pick(2) * 36, 1 + program.pick(2), 1};
  request.grid = {200, 3, 1};
  request.privateBytes = program.pick(3) * 20;
  request.groupBytes = program.pick(3) * 500;
  request.kernelObject = image;
  request.kernarg = request.packet = request.queue = buffer;
  DispatchReport report;
  Fault fault;
  Limit limit;
  bool ended = machine.run(request, report, fault, &limit);
  EXPECT_TRUE(ended || !fault.message.empty());
  message = fault.message;
  machine.removeCode(image + 64);
  machine.memory.release(image);
  machine.memory.release(buffer);
  return ended;
}

} // namespace

TEST(CodeFuzz, NothingReachesTheEmulator) {
  uint64_t seed = std::random_device()();
  if (const char *given = std::getenv("SPARSEC_SEED"))
    seed = std::strtoull(given, nullptr, 10);
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  for (bool strict : {true, false}) {
    Config config;
    config.vramBytes = 64 << 20;
    if (!strict)
      for (const char *name : {"pending-loads", "uninitialised",
                               "out-of-bounds", "lds-races", "wave-order"})
        config.relax(name);
    Machine machine(config);
    unsigned ended = 0;
    std::string message;
    for (uint64_t i = 0; i < 4000; ++i) {
      SCOPED_TRACE("program " + std::to_string(seed + i));
      ended += runProgram(machine, seed + i, message);
    }
    EXPECT_EQ(machine.memory.deviceBytesUsed(), 0u);
    std::printf("%s: %u of 4000 programs ended; last fault: %s\n",
                strict ? "strict" : "relaxed", ended, message.c_str());
  }
}
