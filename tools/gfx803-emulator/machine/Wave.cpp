//===- Wave.cpp - The state of one wavefront ------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/gfx803-emulator/machine/Wave.h"

#include <algorithm>
#include <cstring>

using namespace gfx803;

Wave::Wave(unsigned vgprs, unsigned sgprs)
    : vgprs(vgprs), sgprs(sgprs), vector(new uint32_t[vgprs * kLanes]()),
      vectorPoison(new uint8_t[vgprs * kLanes]) {
  std::memset(vectorPoison.get(), 0xf, vgprs * kLanes);
  vMayPoison.fill(true);
  sPoison.fill(~0u);
}

void Wave::trustAll() {
  std::memset(vectorPoison.get(), 0, vgprs * kLanes);
  vMayPoison.fill(false);
  sPoison.fill(0);
}

void Wave::pend(std::vector<Pending> &counter, Pending operation) {
  counter.push_back(operation);
  pendingRegisters += operation.count;
  for (unsigned i = 0; i < operation.count; ++i) {
    unsigned reg = operation.first + i;
    ++(operation.vectorRegister ? vPending[reg] : sPending[reg]);
  }
}

void Wave::wait(std::vector<Pending> &counter, unsigned count) {
  if (counter.size() <= count)
    return;
  // An operation is surely done if its being outstanding would imply more than
  // `count` outstanding ones: itself, and the later ones of its kind where
  // those return in order.
  std::array<unsigned, 5> later{};
  for (size_t i = counter.size(); i-- > 0;) {
    Pending &operation = counter[i];
    bool inOrder =
        operation.kind == Pending::Vector || operation.kind == Pending::Lds;
    unsigned implied = 1 + (inOrder ? later[operation.kind] : 0);
    ++later[operation.kind];
    if (implied <= count)
      continue;
    pendingRegisters -= operation.count;
    for (unsigned k = 0; k < operation.count; ++k) {
      unsigned reg = operation.first + k;
      --(operation.vectorRegister ? vPending[reg] : sPending[reg]);
    }
    operation.count = 0xff;
  }
  counter.erase(std::remove_if(counter.begin(), counter.end(),
                               [](const Pending &operation) {
                                 return operation.count == 0xff;
                               }),
                counter.end());
}
