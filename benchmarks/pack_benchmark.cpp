//===- pack_benchmark.cpp - Speed of packing and expanding ----------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every rate is in bytes of the dense matrix a second, whatever the format
// stores, so rows compare. 8192 x 8192 f32, 90 % of it zero.
//
//===----------------------------------------------------------------------===//

#include "runtime/formats/Format.h"

#include <algorithm>
#include <benchmark/benchmark.h>
#include <cstring>
#include <vector>

using namespace sparsec::formats;

namespace {

constexpr int64_t kSize = 8192;

/// Made once: filling it takes longer than packing it.
const DenseView &matrix() {
  // Not a Buffer: weights that come to us do not lie in huge pages.
  static std::vector<uint32_t> elements(kSize * kSize);
  static const DenseView view = [] {
    uint64_t state = 0x9e3779b97f4a7c15;
    for (int64_t i = 0; i < kSize * kSize; ++i) {
      state ^= state << 13; // xorshift64
      state ^= state >> 7;
      state ^= state << 17;
      uint32_t one = 0x3f800000 | uint32_t(state & 0x7fffff);
      elements[size_t(i)] = (state >> 32) % 10 == 0 ? one : 0;
    }
    DenseView result;
    result.data = elements.data();
    result.rows = result.cols = result.rowStride = kSize;
    return result;
  }();
  return view;
}

void finish(benchmark::State &state, int64_t storedBytes) {
  state.SetBytesProcessed(int64_t(state.iterations()) * kSize * kSize * 4);
  state.counters["ratio"] =
      double(kSize * kSize * 4) / double(std::max<int64_t>(storedBytes, 1));
}

void runAnalyze(benchmark::State &state) {
  DenseView dense = matrix();
  for (auto _ : state)
    benchmark::DoNotOptimize(analyze(dense));
  state.SetBytesProcessed(int64_t(state.iterations()) * kSize * kSize * 4);
}

void runPack(benchmark::State &state, FormatPtr format) {
  DenseView dense = matrix();
  int64_t bytes = 0;
  for (auto _ : state) {
    PackedMatrix packed;
    Status status = format->pack(dense, packed);
    if (!status.ok())
      return state.SkipWithError(status.message().c_str());
    bytes = packed.storedBytes();
  }
  finish(state, bytes);
}

/// The packed matrix that the other benchmarks start from.
bool packFor(benchmark::State &state, const Format &format,
             PackedMatrix &packed) {
  Status status = format.pack(matrix(), packed);
  if (!status.ok())
    state.SkipWithError(status.message().c_str());
  return status.ok();
}

void runUnpack(benchmark::State &state, FormatPtr format) {
  PackedMatrix packed;
  if (!packFor(state, *format, packed))
    return;
  Buffer out(kSize * kSize * 4);
  std::memset(out.data(), 1, size_t(out.size())); // page faults are not ours
  MutableDenseView dense{out.data(), kSize, kSize, kSize, 1, 4};
  for (auto _ : state) {
    format->unpack(PackedView(packed), dense);
    benchmark::ClobberMemory();
  }
  finish(state, packed.storedBytes());
}

void runValidate(benchmark::State &state, FormatPtr format) {
  PackedMatrix packed;
  if (!packFor(state, *format, packed))
    return;
  for (auto _ : state)
    if (Status status = format->validate(PackedView(packed)); !status.ok())
      return state.SkipWithError(status.message().c_str());
  finish(state, packed.storedBytes());
}

void runConvertFromCsr(benchmark::State &state, FormatPtr format) {
  PackedMatrix packed;
  FormatPtr csr = makeCsr(16);
  int64_t bytes = 0;
  if (!packFor(state, *csr, packed))
    return;
  for (auto _ : state) {
    PackedMatrix result;
    Status status = convert(*csr, PackedView(packed), *format, result);
    if (!status.ok())
      return state.SkipWithError(status.message().c_str());
    bytes = result.storedBytes();
  }
  finish(state, bytes);
}

} // namespace

int main(int argc, char **argv) {
  auto add = [](const std::string &name, auto... args) {
    benchmark::RegisterBenchmark(name.c_str(), args...)
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
  };
  add("analyze", runAnalyze);
  const FormatPtr formats[] = {makeBitmask(), makeCsr(16),   makeCsr(32),
                               makeCsc(16),   makeCsc(32),   makeBlock(4),
                               makeBlock(8),  makeBlock(16), makeBlock(32)};
  for (const FormatPtr &format : formats) {
    std::string name = format->spelling();
    add("pack/" + name, runPack, format);
    add("unpack/" + name, runUnpack, format);
    add("validate/" + name, runValidate, format);
    add("convert_from_csr/" + name, runConvertFromCsr, format);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
