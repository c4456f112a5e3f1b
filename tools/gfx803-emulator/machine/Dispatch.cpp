//===- Dispatch.cpp - A dispatch from packet to end -----------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a wave finds in its registers when it starts is from LLVM's "User Guide
// for AMDGPU Backend", sections "Kernel Descriptor" and "Initial Kernel
// Execution State".
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/Worker.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <fstream>
#include <numeric>
#include <random>
#include <thread>

using namespace gfx803;

namespace {

/// Workgroups that one worker keeps going at a time, if they use scratch: those
/// that wait for another keep theirs.
constexpr unsigned kScratchGroups = 32;
/// Where the runtime put the base of FLAT scratch, below the allocation.
constexpr uint64_t kHiddenBaseOffset = 0x10000;

struct Descriptor {
  uint32_t groupBytes, privateBytes, rsrc1, rsrc2;
  int64_t entry;
  uint16_t properties;

  explicit Descriptor(const std::byte *bytes) {
    std::memcpy(&groupBytes, bytes, 4);
    std::memcpy(&privateBytes, bytes + 4, 4);
    std::memcpy(&entry, bytes + 16, 8);
    std::memcpy(&rsrc1, bytes + 48, 4);
    std::memcpy(&rsrc2, bytes + 52, 4);
    std::memcpy(&properties, bytes + 56, 2);
  }
};

enum Property {
  kPrivateBuffer = 1,
  kDispatchPointer = 2,
  kQueuePointer = 4,
  kKernargPointer = 8,
  kDispatchId = 16,
  kFlatScratchInit = 32,
  kPrivateSize = 64,
  kWave32 = 1 << 10
};

unsigned occupancy(const Resources &resources) {
  unsigned waves = kMaxWavesPerSimd;
  waves = std::min(waves, 256 / std::max(resources.vgprs, 4u));
  waves = std::min(waves, 800 / std::max(resources.sgprs, 16u));
  if (resources.ldsBytes) {
    // LDS is handed out in units of 512 bytes.
    unsigned groups = kMaxLdsBytes / ((resources.ldsBytes + 511) / 512 * 512);
    unsigned perUnit = groups * resources.wavesPerWorkgroup;
    waves = std::min(waves, std::max(1u, perUnit / kSimdsPerUnit));
  }
  return std::max(waves, 1u);
}

class Dispatch {
public:
  Dispatch(Machine &machine, CodeCache &code, const DispatchRequest &request,
           DispatchReport &report, Tracer *tracer)
      : machine(machine), code(code), request(request), report(report),
        tracer(tracer) {}

  void run();

private:
  [[noreturn]] void refuse(const std::string &why) {
    throw Fault{FaultKind::BadPacket, "kernel " + launch.kernel + ": " + why,
                request.kernelObject};
  }
  void prepare();
  void allocateScratch(unsigned threads);
  void work(unsigned thread);
  std::unique_ptr<Workgroup> start(uint64_t number, unsigned slot);
  void initialise(Wave &wave, const Workgroup &group, uint64_t firstItem,
                  const std::array<uint32_t, 3> &sizes, unsigned scratchSlot);
  void collect();

  Machine &machine;
  CodeCache &code;
  const DispatchRequest &request;
  DispatchReport &report;
  Tracer *tracer;
  Launch launch;
  uint64_t groups = 0;
  uint64_t first = 0, step = 1; ///< of the order of workgroups

  std::vector<std::unique_ptr<Worker>> workers;
  std::atomic<uint64_t> next{0};
  std::atomic<bool> stop{false};
  std::mutex faultMutex;
  bool faulted = false;
  uint32_t faultSerial = 0;
  Fault fault;
};

} // namespace

void Dispatch::prepare() {
  launch.request = &request;
  launch.kernel = machine.kernelName(request.kernelObject);
  report.kernel = launch.kernel;
  report.grid = request.grid;
  report.workgroup = request.workgroup;

  const std::byte *bytes = machine.memory.translate(request.kernelObject, 64);
  if (!bytes || request.kernelObject % 64 != 0)
    refuse("no kernel descriptor at the address in the packet");
  Descriptor descriptor(bytes);
  launch.entry = request.kernelObject + uint64_t(descriptor.entry);
  launch.rsrc1 = descriptor.rsrc1;
  launch.rsrc2 = descriptor.rsrc2;
  launch.properties = descriptor.properties;
  if (descriptor.properties & kWave32)
    refuse("it is compiled for waves of 32 lanes, which gfx803 has not");

  uint64_t items = 1;
  groups = 1;
  for (unsigned d = 0; d < 3; ++d) {
    if (request.workgroup[d] == 0 || request.grid[d] == 0)
      refuse("the grid and the workgroup need at least one item a dimension");
    items *= request.workgroup[d];
    launch.groups[d] =
        uint32_t((uint64_t(request.grid[d]) + request.workgroup[d] - 1) /
                 request.workgroup[d]);
    groups *= launch.groups[d];
    if (items > kMaxWorkgroupItems)
      refuse("a workgroup may have " + std::to_string(kMaxWorkgroupItems) +
             " items at most");
    if (groups >= UINT32_MAX)
      refuse("more workgroups than can be counted");
  }
  if (request.groupBytes > kMaxLdsBytes)
    refuse("a workgroup may have " + std::to_string(kMaxLdsBytes) +
           " bytes of LDS, not " + std::to_string(request.groupBytes));

  Resources &resources = launch.resources;
  resources.vgprs = ((launch.rsrc1 & 63) + 1) * 4;
  resources.sgprs = ((launch.rsrc1 >> 6 & 15) / 2 + 1) * 16;
  resources.ldsBytes = request.groupBytes;
  resources.scratchBytes = request.privateBytes;
  resources.wavesPerWorkgroup = unsigned((items + kLanes - 1) / kLanes);
  resources.wavesPerSimd = occupancy(resources);
  report.resources = resources;

  // Every workgroup once, in an order that looks like none.
  if (machine.config.shuffle && groups > 1) {
    std::mt19937_64 random(machine.config.seed);
    first = random() % groups;
    step = random() % groups;
    while (std::gcd(step, groups) != 1)
      ++step;
  }
}

void Dispatch::allocateScratch(unsigned threads) {
  launch.scratchLaneBytes = (request.privateBytes + 3) / 4 * 4;
  if (!launch.scratchLaneBytes)
    return;
  // The wave's offset goes to FLAT_SCRATCH in units of 256 bytes.
  launch.scratchWaveBytes =
      (uint64_t(launch.scratchLaneBytes) * kLanes + 1023) / 1024 * 1024;
  launch.scratchBytes = launch.scratchWaveBytes *
                        launch.resources.wavesPerWorkgroup * kScratchGroups *
                        threads;
  launch.scratchBase =
      machine.memory.allocate(MemoryKind::Device, launch.scratchBytes, 65536);
  if (!launch.scratchBase || launch.scratchBytes > UINT32_MAX)
    refuse("not enough device memory for " +
           std::to_string(launch.scratchBytes) + " bytes of scratch");
  launch.hiddenScratchBase = launch.scratchBase - kHiddenBaseOffset;
}

//===----------------------------------------------------------------------===//
// The start of a wave
//===----------------------------------------------------------------------===//

void Dispatch::initialise(Wave &wave, const Workgroup &group,
                          uint64_t firstItem,
                          const std::array<uint32_t, 3> &sizes,
                          unsigned scratchSlot) {
  uint32_t rsrc1 = launch.rsrc1, rsrc2 = launch.rsrc2;
  wave.pc = launch.entry;
  // Round and denormal modes, DX10_CLAMP, IEEE_MODE.
  wave.mode =
      (rsrc1 >> 12 & 0xff) | (rsrc1 >> 21 & 1) << 8 | (rsrc1 >> 23 & 1) << 9;

  uint64_t items = uint64_t(sizes[0]) * sizes[1] * sizes[2];
  unsigned lanes = unsigned(std::min<uint64_t>(kLanes, items - firstItem));
  wave.exec = wave.launchMask =
      lanes == kLanes ? ~uint64_t(0) : (uint64_t(1) << lanes) - 1;
  unsigned ids = std::min((rsrc2 >> 11 & 3) + 1, std::min(3u, wave.vgprs));
  for (unsigned lane = 0; lane < lanes; ++lane) {
    uint64_t item = firstItem + lane;
    uint32_t id[3] = {uint32_t(item % sizes[0]),
                      uint32_t(item / sizes[0] % sizes[1]),
                      uint32_t(item / sizes[0] / sizes[1])};
    for (unsigned d = 0; d < ids; ++d) {
      wave.v(d)[lane] = id[d];
      wave.vPoison(d)[lane] = 0;
    }
  }
  for (unsigned d = 0; d < ids; ++d)
    wave.vMayPoison[d] = lanes != kLanes;

  unsigned at = 0;
  auto put = [&](uint64_t value, unsigned dwords) {
    for (unsigned i = 0; i < dwords && at < wave.s.size(); ++i, ++at) {
      wave.s[at] = uint32_t(value >> 32 * i);
      wave.sPoison[at] = 0;
    }
  };
  uint64_t scratchOffset = launch.scratchWaveBytes * scratchSlot;
  wave.scratchBase = launch.scratchBase + scratchOffset;
  if (launch.properties & kPrivateBuffer) {
    // Dwords of 64 lanes side by side: swizzled, elements of 4 bytes, an index
    // stride of 64, the lane added to the index.
    put(launch.scratchBase | uint64_t(1) << 63, 2);
    put(uint32_t(std::min<uint64_t>(launch.scratchBytes, UINT32_MAX)), 1);
    put(1u << 19 | 3u << 21 | 1u << 23 | 4u << 15 | 4u << 12, 1);
  }
  if (launch.properties & kDispatchPointer)
    put(request.packet, 2);
  if (launch.properties & kQueuePointer)
    put(request.queue, 2);
  if (launch.properties & kKernargPointer)
    put(request.kernarg, 2);
  if (launch.properties & kDispatchId)
    put(request.dispatchId, 2);
  if (launch.properties & kFlatScratchInit) {
    put(kHiddenBaseOffset, 1);
    put(launch.scratchLaneBytes, 1);
  }
  if (launch.properties & kPrivateSize)
    put(launch.scratchLaneBytes, 1);
  at = std::max(at, rsrc2 >> 1 & 31);
  for (unsigned d = 0; d < 3; ++d)
    if (rsrc2 >> (7 + d) & 1)
      put(group.id[d], 1);
  if (rsrc2 >> 10 & 1) // waves in the workgroup, and whether this is the first
    put(launch.resources.wavesPerWorkgroup | uint32_t(wave.index == 0) << 6, 1);
  if (rsrc2 & 1)
    put(scratchOffset, 1);
}

std::unique_ptr<Workgroup> Dispatch::start(uint64_t number, unsigned slot) {
  auto group = std::make_unique<Workgroup>();
  group->serial = uint32_t(number + 1);
  group->scratchSlot = slot;
  std::array<uint32_t, 3> sizes;
  uint64_t rest = number, items = 1;
  for (unsigned d = 0; d < 3; ++d) {
    group->id[d] = uint32_t(rest % launch.groups[d]);
    rest /= launch.groups[d];
    // The last workgroup of a dimension may be smaller.
    uint64_t first = uint64_t(group->id[d]) * request.workgroup[d];
    sizes[d] = uint32_t(
        std::min<uint64_t>(request.workgroup[d], request.grid[d] - first));
    items *= sizes[d];
  }
  unsigned waves = unsigned((items + kLanes - 1) / kLanes);
  group->lds = std::make_unique<Lds>(request.groupBytes,
                                     machine.config.ldsRaces && waves > 1);
  unsigned perGroup = launch.resources.wavesPerWorkgroup;
  for (unsigned i = 0; i < waves; ++i) {
    auto wave =
        std::make_unique<Wave>(launch.resources.vgprs, launch.resources.sgprs);
    wave->index = i;
    wave->workgroup = group->id;
    if (!machine.config.uninitialised)
      wave->trustAll();
    unsigned scratchSlot = slot * perGroup + i;
    initialise(*wave, *group, uint64_t(i) * kLanes, sizes, scratchSlot);
    if (launch.scratchBytes)
      machine.memory.forget(launch.scratchBase +
                                launch.scratchWaveBytes * scratchSlot,
                            launch.scratchWaveBytes);
    group->waves.push_back(std::move(wave));
  }
  return group;
}

//===----------------------------------------------------------------------===//
// Threads
//===----------------------------------------------------------------------===//

void Dispatch::work(unsigned thread) {
  Worker &worker = *workers[thread];
  // Workgroups that have started; the first runs next. More than one only when
  // some wait for others.
  std::deque<std::unique_ptr<Workgroup>> active;
  std::vector<unsigned> freeSlots;
  for (unsigned i = kScratchGroups; i-- > 0;)
    freeSlots.push_back(thread * kScratchGroups + i);
  uint32_t serial = 0;
  try {
    size_t blocked = 0;
    while (!stop) {
      bool room = !launch.scratchBytes || !freeSlots.empty();
      if (blocked == active.size() && room) {
        uint64_t number = next.fetch_add(1);
        if (number < groups) {
          unsigned slot = 0;
          if (launch.scratchBytes) {
            slot = freeSlots.back();
            freeSlots.pop_back();
          }
          active.push_front(start(
              uint64_t(((unsigned __int128)(number)*step + first) % groups),
              slot));
        }
        blocked = 0;
      } else if (blocked == active.size()) {
        blocked = 0;
      }
      if (active.empty())
        return;
      std::unique_ptr<Workgroup> group = std::move(active.front());
      active.pop_front();
      serial = group->serial;
      if (worker.run(*group) == Worker::Progress::Blocked) {
        active.push_back(std::move(group));
        ++blocked;
        continue;
      }
      blocked = 0;
      ++worker.counters.workgroups;
      worker.counters.waves += group->waves.size();
      for (auto &wave : group->waves)
        worker.counters.longestWaveClocks =
            std::max(worker.counters.longestWaveClocks, wave->clocks);
      if (launch.scratchBytes)
        freeSlots.push_back(group->scratchSlot);
      // Its successor starts when the others have had their turn.
      blocked = active.size();
    }
  } catch (const Fault &caught) {
    stop = true;
    std::lock_guard<std::mutex> lock(faultMutex);
    // Of several the one of the first workgroup.
    if (!faulted || serial < faultSerial) {
      fault = caught;
      faultSerial = serial;
    }
    faulted = true;
  } catch (const std::bad_alloc &) {
    stop = true;
    std::lock_guard<std::mutex> lock(faultMutex);
    fault = {FaultKind::Resources,
             "kernel " + launch.kernel +
                 ": the host has not enough memory to emulate it",
             0};
    faulted = true;
  }
}

void Dispatch::collect() {
  Counters &counters = report.counters;
  std::vector<std::unique_ptr<Traffic>> traffic;
  for (auto &worker : workers) {
    const auto &clocks = worker->clocks;
    auto of = [&](InstClass cls) { return clocks[unsigned(cls)]; };
    worker->counters.valuClocks = of(InstClass::Valu) +
                                  of(InstClass::ValuQuarter) +
                                  of(InstClass::ValuSlow);
    worker->counters.saluClocks = of(InstClass::Salu) + of(InstClass::Smem);
    worker->counters.branchClocks = of(InstClass::Branch);
    counters.add(worker->counters);
    traffic.push_back(std::move(worker->traffic));
  }
  Traffic::unite(traffic, counters.memoryReadLines, counters.memoryWriteLines);
  report.time = modelTime(counters, report.resources);
}

void Dispatch::run() {
  prepare();
  unsigned threads = machine.config.threads;
  if (threads == 0)
    threads = std::max(1u, std::thread::hardware_concurrency());
  threads = unsigned(std::min<uint64_t>(threads, groups));
  if (tracer)
    threads = 1;
  allocateScratch(threads);
  for (unsigned i = 0; i < threads; ++i)
    workers.push_back(std::make_unique<Worker>(machine, code, launch, tracer));
  std::vector<std::thread> others;
  for (unsigned i = 1; i < threads; ++i)
    others.emplace_back([this, i] { work(i); });
  work(0);
  for (std::thread &other : others)
    other.join();
  collect();
  if (launch.scratchBase)
    machine.memory.release(launch.scratchBase);
  if (faulted)
    throw fault;
}

//===----------------------------------------------------------------------===//
// Machine
//===----------------------------------------------------------------------===//

Machine::Machine(Config config)
    : config(config), memory(config.vramBytes),
      code(std::make_unique<CodeCache>()) {}
Machine::~Machine() = default;

void Machine::addCode(CodeRange range) { code->add(memory, range); }
void Machine::removeCode(uint64_t address) { code->remove(address); }

void Machine::nameKernel(uint64_t descriptor, std::string name) {
  std::lock_guard<std::mutex> lock(namesMutex);
  names[descriptor] = std::move(name);
}

std::string Machine::kernelName(uint64_t descriptor) const {
  std::lock_guard<std::mutex> lock(namesMutex);
  auto found = names.find(descriptor);
  return found == names.end() ? "?" : found->second;
}

std::string Machine::disassemble(const Instruction &instruction) const {
  return code->print(instruction);
}

bool Machine::run(const DispatchRequest &request, DispatchReport &report,
                  Fault &fault, Tracer *tracer) {
  memory.beginDispatch();
  bool good = true;
  try {
    Dispatch(*this, *code, request, report, tracer).run();
  } catch (const Fault &caught) {
    fault = caught;
    good = false;
  }
  memory.endDispatch();
  if (!config.countersFile.empty()) {
    std::lock_guard<std::mutex> lock(countersMutex);
    std::ofstream(config.countersFile, std::ios::app) << report.json() << '\n';
  }
  return good;
}
