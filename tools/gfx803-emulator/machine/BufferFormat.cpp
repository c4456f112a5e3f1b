//===- BufferFormat.cpp - MUBUF with the element format of the descriptor -===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Data and number formats of buffers: AMD, "Graphics Core Next Architecture,
// Generation 3", section 8.1.5 and the tables of the buffer resource.
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/Opcodes.h"
#include "tools/gfx803-emulator/machine/VectorMemory.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>

using namespace gfx803;

namespace {

/// Components of equal width; the packed formats (10_11_11, 2_10_10_10, ...)
/// are for images, and refused.
struct DataFormat {
  uint8_t bytes, components; ///< of one component
};
constexpr DataFormat kDataFormats[16] = {
    {0, 0}, {1, 1}, {2, 1}, {1, 2}, {4, 1}, {2, 2}, {0, 0}, {0, 0},
    {0, 0}, {0, 0}, {1, 4}, {4, 2}, {2, 4}, {4, 3}, {4, 4}, {0, 0}};

enum NumberFormat {
  kUnorm,
  kSnorm,
  kUscaled,
  kSscaled,
  kUint,
  kSint,
  kFloat = 7
};

struct Format {
  DataFormat data;
  unsigned number;
  uint8_t select[4]; ///< what a destination component gets: 0, 1, 4 = x ...

  Format(Worker &worker, const Instruction &inst) {
    uint32_t word = worker.need32(inst.srsrc + 3u, "a buffer descriptor");
    data = kDataFormats[word >> 15 & 15];
    number = word >> 12 & 7;
    for (unsigned i = 0; i < 4; ++i)
      select[i] = word >> 3 * i & 7;
    bool floats = number == kFloat && data.bytes >= 2;
    bool integers = number <= kSint && (data.bytes <= 2 || number >= kUint);
    if (data.bytes == 0 || !(floats || integers))
      worker.fault(FaultKind::IllegalInstruction,
                   "the descriptor's data format " +
                       std::to_string(word >> 15 & 15) +
                       " with number format " + std::to_string(number) +
                       " is not emulated");
  }
};

int64_t signedOf(uint32_t bits, unsigned bytes) {
  unsigned shift = 64 - 8 * bytes;
  return int64_t(uint64_t(bits) << shift) >> shift;
}

uint32_t decode(const Format &format, uint32_t bits) {
  unsigned bytes = format.data.bytes;
  double most = std::ldexp(1.0, int(8 * bytes)) - 1,
         mostSigned = std::ldexp(1.0, int(8 * bytes) - 1) - 1;
  auto asFloat = [](double value) { return bitCast<uint32_t>(float(value)); };
  switch (format.number) {
  case kUnorm:
    return asFloat(bits / most);
  case kSnorm:
    return asFloat(std::max(double(signedOf(bits, bytes)) / mostSigned, -1.0));
  case kUscaled:
    return asFloat(bits);
  case kSscaled:
    return asFloat(double(signedOf(bits, bytes)));
  case kUint:
    return bits;
  case kSint:
    return uint32_t(signedOf(bits, bytes));
  default:
    return bytes == 2 ? bitCast<uint32_t>(halfToFloat(bits)) : bits;
  }
}

uint32_t encode(const Format &format, uint32_t value) {
  unsigned bytes = format.data.bytes;
  double most = std::ldexp(1.0, int(8 * bytes)) - 1,
         mostSigned = std::ldexp(1.0, int(8 * bytes) - 1) - 1;
  double number = bitCast<float>(value);
  if (std::isnan(number))
    number = 0;
  auto whole = [](double x, double low, double high) {
    return uint32_t(int64_t(std::nearbyint(std::clamp(x, low, high))));
  };
  switch (format.number) {
  case kUnorm:
    return whole(std::clamp(number, 0.0, 1.0) * most, 0, most);
  case kSnorm:
    return whole(std::clamp(number, -1.0, 1.0) * mostSigned, -mostSigned,
                 mostSigned);
  case kUscaled:
    return whole(number, 0, most);
  case kSscaled:
    return whole(number, -mostSigned - 1, mostSigned);
  case kUint:
    return uint32_t(std::min<uint64_t>(value, uint64_t(most)));
  case kSint:
    return uint32_t(std::clamp<int64_t>(
        int32_t(value), -int64_t(mostSigned) - 1, int64_t(mostSigned)));
  default:
    return bytes == 2 ? floatToHalf(bitCast<float>(value), Rounding::Nearest)
                      : value;
  }
}

/// Registers hold one dword a component; `op.elements` says how many.
void executeFormat(Worker &worker, Wave &wave, const Instruction &inst) {
  const auto &op = *static_cast<const MemoryOp *>(inst.opcode->data);
  Format format(worker, inst);
  unsigned bytes = format.data.bytes * format.data.components;
  LaneAddresses lanes;
  findBufferLanes(worker, wave, inst, bytes, lanes);
  bool load = op.action == MemoryAction::Load;
  if (load)
    checkLoadTarget(worker, wave, inst.dst, op.elements, Pending::Vector);
  else
    for (unsigned i = 0; i < op.elements; ++i)
      worker.checkVector(inst.vdata + i);

  MemoryOp component = op;
  component.bytes = format.data.bytes;
  MemoryOp dword = op;
  dword.bytes = 4;
  for (uint64_t rest = wave.exec; rest; rest &= rest - 1) {
    unsigned i = unsigned(__builtin_ctzll(rest));
    bool inside = lanes.mask >> i & 1 && lanes.inside[i] == bytes;
    if (load) {
      Element parts[4];
      for (unsigned c = 0; inside && c < format.data.components; ++c) {
        accessMemory(worker, component,
                     lanes.address[i] + c * format.data.bytes, i, false,
                     parts[c]);
        uint32_t bits = 0;
        std::memcpy(&bits, parts[c].bytes, format.data.bytes);
        bits = decode(format, bits);
        std::memcpy(parts[c].bytes, &bits, 4);
        parts[c].poison = parts[c].poison ? 15 : 0;
      }
      bool integer = format.number == kUint || format.number == kSint;
      for (unsigned c = 0; c < op.elements; ++c) {
        Element value;
        unsigned from = format.select[c];
        uint32_t one = integer ? 1 : 0x3f800000;
        if (from == 1)
          std::memcpy(value.bytes, &one, 4);
        else if (from >= 4)
          value = parts[from - 4];
        putElement(worker, wave, dword, inst.dst + c, i, value);
      }
      continue;
    }
    for (unsigned c = 0; inside && c < format.data.components; ++c) {
      // Components without a register are stored as zero.
      Element value;
      if (c < op.elements)
        takeElement(wave, dword, inst.vdata + c, i, value);
      uint32_t bits;
      std::memcpy(&bits, value.bytes, 4);
      bits = encode(format, bits);
      std::memcpy(value.bytes, &bits, 4);
      value.poison = value.poison ? (1u << format.data.bytes) - 1 : 0;
      accessMemory(worker, component, lanes.address[i] + c * format.data.bytes,
                   i, false, value);
    }
  }
  worker.counters.lanesActive += uint64_t(__builtin_popcountll(wave.exec));
  worker.counters.lanesPossible += kLanes;
  worker.counters.vmemClocks += 16;
  uint64_t moved = uint64_t(__builtin_popcountll(lanes.mask)) * bytes;
  (load ? worker.counters.loadBytes : worker.counters.storeBytes) += moved;
  countLines(worker, op, bytes, lanes);
  MemoryOp results = op;
  results.bytes = uint8_t(4 * op.elements);
  pendTransfer(worker, wave, inst, results, false);
}

#define ROW(name, cls, action, count)                                          \
  {"BUFFER_" name, executeFormat, InstClass::cls, 4, [] {                      \
     static const MemoryOp op = {                                              \
         MemoryAction::action, 4, false, Atomic::Swap, count, false, false};   \
     return static_cast<const void *>(&op);                                    \
   }()}
#define LOAD(name, count) ROW("LOAD_FORMAT_" name, VmemLoad, Load, count)
#define STORE(name, count) ROW("STORE_FORMAT_" name, VmemStore, Store, count)

const Opcode kTable[] = {
    LOAD("X", 1),  LOAD("XY", 2),  LOAD("XYZ", 3),  LOAD("XYZW", 4),
    STORE("X", 1), STORE("XY", 2), STORE("XYZ", 3), STORE("XYZW", 4),
};

} // namespace

OpcodeTable gfx803::bufferFormatOpcodes() {
  return {kTable, std::size(kTable)};
}
