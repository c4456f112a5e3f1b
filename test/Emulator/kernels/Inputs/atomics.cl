// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Atomic operations on global memory and on LDS.

#include "kernels.h"

#define ADD(at, value) __atomic_fetch_add(at, value, __ATOMIC_RELAXED)

KERNEL void histogramGlobal(global uint *bins, global const uint *from, uint n,
                            uint mask) {
  uint i = groupX() * 128 + localX();
  if (i < n)
    ADD(&bins[from[i] & mask], 1u);
}

KERNEL void histogramLds(global uint *bins, global const uint *from, uint n) {
  local uint own[64];
  uint lane = localX();
  if (lane < 64)
    own[lane] = 0;
  sync();
  for (uint i = groupX() * 256 + lane; i < n; i += 1024)
    ADD(&own[from[i] & 63], 1u);
  sync();
  if (lane < 64)
    ADD(&bins[lane], own[lane]);
}

KERNEL void sumLong(global long *sums, global const long *from, uint n) {
  local long own;
  if (localX() == 0)
    own = 0;
  sync();
  uint i = groupX() * 256 + localX();
  if (i < n)
    ADD(&own, from[i]);
  sync();
  if (localX() == 0)
    ADD(&sums[groupX() & 1], own);
}

/// No float atomics on this card: a loop of compare and exchange.
static void addFloat(volatile global float *at, float value) {
  union {
    uint bits;
    float value;
  } old, sum;
  old.value = *at;
  do {
    sum.value = old.value + value;
  } while (!__atomic_compare_exchange_n((volatile global uint *)at, &old.bits,
                                        sum.bits, false, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED));
}

KERNEL void sumFloat(global float *sums, global const float *from, uint n) {
  uint i = groupX() * 64 + localX();
  if (i < n)
    addFloat(&sums[i & 3], from[i]);
}

KERNEL void everyKind(global uint *to, global const uint *from, uint n) {
  uint i = groupX() * 64 + localX();
  if (i >= n)
    return;
  uint value = from[i];
  __atomic_fetch_min(&to[0], value, __ATOMIC_RELAXED);
  __atomic_fetch_max(&to[1], value, __ATOMIC_RELAXED);
  __atomic_fetch_and(&to[2], value | 0xffff0000, __ATOMIC_RELAXED);
  __atomic_fetch_or(&to[3], value & 0xffff, __ATOMIC_RELAXED);
  __atomic_fetch_xor(&to[4], value, __ATOMIC_RELAXED);
  __atomic_fetch_sub(&to[5], value, __ATOMIC_RELAXED);
  __atomic_fetch_min((global int *)&to[6], (int)value, __ATOMIC_RELAXED);
  __atomic_fetch_max((global int *)&to[7], (int)value, __ATOMIC_RELAXED);
}

/// Tickets: each of the values before the sum is given out once.
KERNEL void tickets(global uint *owners, global uint *counter) {
  uint mine = ADD(counter, 1u);
  owners[mine] = groupX() * 64 + localX();
}

/// The workgroup that comes last finishes the work of all.
KERNEL void lastOne(global uint *total, global uint *parts, global uint *done,
                    global const uint *from, uint groups) {
  local uint own, last;
  uint lane = localX();
  if (lane == 0)
    own = 0;
  sync();
  ADD(&own, from[groupX() * 128 + lane]);
  sync();
  if (lane == 0) {
    parts[groupX()] = own;
    last = __atomic_fetch_add(done, 1u, __ATOMIC_ACQ_REL) == groups - 1;
  }
  sync();
  if (last && lane == 0) {
    uint sum = 0;
    for (uint i = 0; i < groups; ++i)
      sum += parts[i];
    *total = sum;
  }
}
