//===- LoaderFuzzTest.cpp - Damaged code objects --------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whatever is done to the bytes of a code object, reading it gives an object
// that can be loaded and started, or one line that says why not. Most changes
// go where the loader looks: headers, symbols, relocations, metadata and
// descriptors.
//
// GFX803_FUZZ_SEED and GFX803_FUZZ_COUNT choose other mutations, and more.
//
//===----------------------------------------------------------------------===//

#include "LoaderTestUtils.h"

#include "tools/gfx803-emulator/loader/CodeObject.h"
#include "tools/gfx803-emulator/loader/ElfFile.h"

#include <algorithm>
#include <cstdlib>
#include <random>
#include <vector>

using namespace gfx803;

namespace {

struct Range {
  size_t begin, end;
};

/// One valid file, and where in it the loader looks.
struct Sample {
  std::string bytes;
  std::vector<Range> places;

  explicit Sample(std::string file) : bytes(std::move(file)) {
    ElfFile elf(bytes.data(), bytes.size());
    std::string error;
    EXPECT_TRUE(elf.read(error)) << error;
    auto add = [&](std::string_view part, size_t most) {
      size_t begin = size_t(part.data() - bytes.data());
      places.push_back({begin, begin + std::min(part.size(), most)});
    };
    llvm::ELF::Elf64_Ehdr header;
    std::memcpy(&header, bytes.data(), sizeof(header));
    places.push_back({0, sizeof(header)});
    places.push_back({size_t(header.e_phoff),
                      size_t(header.e_phoff) +
                          header.e_phnum * sizeof(llvm::ELF::Elf64_Phdr)});
    add(elf.metadata, elf.metadata.size());
    for (unsigned i = 0; i < header.e_phnum; ++i) {
      llvm::ELF::Elf64_Phdr one;
      std::memcpy(&one, bytes.data() + header.e_phoff + i * sizeof(one),
                  sizeof(one));
      if (one.p_type == llvm::ELF::PT_DYNAMIC) {
        places.push_back(
            {size_t(one.p_offset), size_t(one.p_offset + one.p_filesz)});
        addTables(one, elf, add);
      }
    }
    for (const ElfSymbol &symbol : elf.symbols)
      if (symbol.size == 64)
        add(elf.at(symbol.value), 64);
  }

private:
  /// The tables that the dynamic segment points to.
  template <class Add>
  void addTables(const llvm::ELF::Elf64_Phdr &dynamic, const ElfFile &elf,
                 Add add) {
    for (size_t at = 0; at + 16 <= dynamic.p_filesz; at += 16) {
      uint64_t entry[2];
      std::memcpy(entry, bytes.data() + dynamic.p_offset + at, sizeof(entry));
      if (entry[0] == llvm::ELF::DT_SYMTAB ||
          entry[0] == llvm::ELF::DT_STRTAB || entry[0] == llvm::ELF::DT_RELA ||
          entry[0] == llvm::ELF::DT_HASH || entry[0] == llvm::ELF::DT_GNU_HASH)
        add(elf.at(entry[1]), 256);
    }
  }
};

class Mutator {
public:
  explicit Mutator(uint64_t seed) : random(seed) {}

  std::string mutate(const Sample &sample) {
    std::string bytes = sample.bytes;
    for (unsigned changes = 1 + pick(4); changes > 0 && !bytes.empty();
         --changes)
      change(bytes, sample);
    return bytes;
  }
  uint64_t pick(uint64_t below) { return random() % below; }

private:
  void change(std::string &bytes, const Sample &sample) {
    Range place = {0, bytes.size()};
    if (pick(8) != 0) {
      Range chosen = sample.places[pick(sample.places.size())];
      if (chosen.begin < chosen.end && chosen.end <= bytes.size())
        place = chosen;
    }
    size_t at = place.begin + pick(place.end - place.begin);
    switch (pick(6)) {
    case 0:
      bytes[at] ^= char(1 << pick(8));
      break;
    case 1:
      bytes[at] = char(pick(256));
      break;
    case 2: // as a number of the file, at its own alignment
      at = at / 8 * 8;
      write(bytes, at, interesting(bytes.size()), 8);
      break;
    case 3:
      at = at / 4 * 4;
      write(bytes, at, interesting(bytes.size()), 4);
      break;
    case 4: // what MessagePack begins lists, maps and long values with
      bytes[at] = "\x80\x8f\x90\x9f\xa0\xbf\xc4\xc6\xc7\xc9\xd4\xd8\xd9\xdb"
                  "\xdc\xdd\xde\xdf\xff\x00"[pick(20)];
      break;
    default:
      if (pick(8) == 0)
        bytes.resize(pick(4) ? at : bytes.size() - 1 - pick(64) % bytes.size());
      else // copy a piece over another
        for (size_t i = 0, from = pick(bytes.size()); i < 16; ++i)
          if (at + i < bytes.size() && from + i < bytes.size())
            bytes[at + i] = bytes[from + i];
    }
  }
  uint64_t interesting(uint64_t size) {
    const uint64_t values[] = {0,
                               1,
                               3,
                               63,
                               64,
                               0x7fffffff,
                               0x80000000,
                               0xffffffff,
                               ~uint64_t(0),
                               ~uint64_t(0) - 63,
                               uint64_t(1) << 63,
                               size,
                               size - 1,
                               size + 1,
                               0x1000,
                               pick(size + 1)};
    return values[pick(std::size(values))];
  }
  static void write(std::string &bytes, size_t at, uint64_t value,
                    size_t count) {
    if (at + count <= bytes.size())
      std::memcpy(bytes.data() + at, &value, count);
  }

  std::mt19937_64 random;
};

/// Stops kernels that would run for long.
class Limit : public Tracer {
public:
  void before(Wave &, const Instruction &) override {
    if (++count > 200)
      throw Fault{FaultKind::Trap, "enough", 0};
  }
  void after(Wave &, const Instruction &) override {}

private:
  unsigned count = 0;
};

/// Starts each kernel with arguments that are all zero.
void start(Machine &machine, const LoadedCode &code) {
  for (const KernelInfo &kernel : code.code().kernels) {
    DispatchRequest request;
    request.grid = request.workgroup = {64, 1, 1};
    request.kernelObject = code.at(kernel.descriptor);
    request.groupBytes = kernel.groupBytes;
    request.privateBytes = std::min(kernel.privateBytes, 65536u);
    request.kernarg = machine.memory.allocate(MemoryKind::System,
                                              std::max(kernel.kernargBytes, 1u),
                                              kernel.kernargAlignment);
    ASSERT_NE(request.kernarg, 0u);
    DispatchReport report;
    Fault fault;
    Limit limit;
    machine.run(request, report, fault, &limit);
    machine.memory.release(request.kernarg);
  }
}

uint64_t fromEnvironment(const char *name, uint64_t otherwise) {
  const char *text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 0) : otherwise;
}

TEST(LoaderFuzzTest, AnyBytes) {
  uint64_t seed = fromEnvironment("GFX803_FUZZ_SEED", 803);
  uint64_t count = fromEnvironment("GFX803_FUZZ_COUNT", 10000);
  std::printf("seed %llu, %llu mutations\n",
              static_cast<unsigned long long>(seed),
              static_cast<unsigned long long>(count));
  std::vector<Sample> samples;
  for (int version : {4, 5, 6})
    samples.emplace_back(readObject(version));
  Config config;
  config.vramBytes = 64 << 20;
  config.threads = 1;
  Machine machine(config);
  uint64_t read = 0, loaded = 0;
  for (uint64_t i = 0; i < count; ++i) {
    SCOPED_TRACE("mutation " + std::to_string(i));
    // Each has its own seed, so that one can be run alone.
    Mutator mutator(seed * 1000003 + i);
    std::string bytes = mutator.mutate(samples[mutator.pick(samples.size())]);
    // Memory that ends where the file does, for sanitizers.
    std::vector<char> exact(bytes.begin(), bytes.end());
    std::string error;
    auto object = CodeObject::read(exact.data(), exact.size(), error);
    if (!object) {
      ASSERT_FALSE(error.empty());
      ASSERT_TRUE(std::all_of(error.begin(), error.end(), [](char c) {
        return c >= ' ' && c <= '~';
      })) << error;
      continue;
    }
    ++read;
    auto code = LoadedCode::load(machine, std::move(object), error);
    if (!code) {
      ASSERT_FALSE(error.empty());
      continue;
    }
    ++loaded;
    start(machine, *code);
  }
  std::printf("%llu could be read, %llu loaded\n",
              static_cast<unsigned long long>(read),
              static_cast<unsigned long long>(loaded));
  // Both outcomes must be common for the test to mean something.
  EXPECT_GT(loaded, count / 100);
  EXPECT_LT(read, count * 95 / 100);
  EXPECT_EQ(machine.memory.deviceBytesUsed(), 0u);
}

} // namespace
