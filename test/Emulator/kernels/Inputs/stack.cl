// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Private memory, spilled registers, calls.

#include "kernels.h"

/// An array that lanes index each in their own way: scratch at every level.
KERNEL void scatterPrivate(global uint *to, global const uint *from) {
  uint own[64];
  uint i = groupX() * 64 + localX();
  for (uint k = 0; k < 64; ++k)
    own[k] = k * k;
  for (uint k = 0; k < 64; ++k) {
    uint at = (from[i] >> (k & 15)) + k;
    own[at & 63] += own[(at * 5 + localX()) & 63] ^ k;
  }
  uint sum = 0;
  for (uint k = 0; k < 64; ++k)
    sum = sum * 31 + own[k];
  to[i] = sum;
}

KERNEL void narrowPrivate(global uint *to, global const uint *from) {
  uchar own[40];
  ushort wide[20];
  uint i = groupX() * 64 + localX(), value = from[i];
  for (uint k = 0; k < 40; ++k)
    own[(k * 7) % 40] = (uchar)(value >> (k & 7));
  for (uint k = 0; k < 20; ++k)
    wide[(k + value) % 20] = own[2 * k] << 8 | own[2 * k + 1];
  uint sum = 0;
  for (uint k = 0; k < 20; ++k)
    sum = (sum << 3 | sum >> 29) ^ wide[k];
  to[i] = sum;
}

/// More values than the 24 registers that ten waves a SIMD leave.
__attribute__((amdgpu_waves_per_eu(10, 10))) kernel void
spills(global uint *to, global const uint *from) {
  uint i = groupX() * 64 + localX();
  uint kept[48];
#pragma unroll
  for (uint k = 0; k < 48; ++k)
    kept[k] = from[i + k] * (k + 1);
#pragma unroll
  for (uint round = 0; round < 3; ++round) {
#pragma unroll
    for (uint k = 0; k < 48; ++k)
      kept[k] = kept[k] * kept[(k + 17) % 48] + (kept[(k + 31) % 48] >> 7);
  }
  uint sum = 0;
#pragma unroll
  for (uint k = 0; k < 48; ++k)
    sum ^= kept[k] + k;
  to[i] = sum;
}

static __attribute__((noinline)) uint mix(uint a, uint b) {
  return (a ^ b * 0x9e3779b9) + (a >> 5);
}

static __attribute__((noinline)) uint twice(uint a, private uint *seen) {
  *seen += a & 7;
  return mix(mix(a, *seen), a);
}

KERNEL void calls(global uint *to, global const uint *from) {
  uint i = groupX() * 64 + localX(), seen = 0;
  uint value = from[i];
  for (uint k = 0; k < (value & 7) + 1; ++k)
    value = twice(value + k, &seen);
  to[i] = value ^ seen;
}

/// Generic pointers: each lane to private, LDS or global memory, as it chooses.
KERNEL void generic_(global uint *to, global uint *from) {
  local uint shared[64];
  uint own[4];
  uint lane = localX(), i = groupX() * 64 + lane;
  shared[lane] = from[i] + 1;
  for (uint k = 0; k < 4; ++k)
    own[k] = from[i] + 2 + k;
  sync();
  uint *at = from + i;
  if (lane % 3 == 1)
    at = shared + (lane ^ 1);
  if (lane % 3 == 2)
    at = own + (lane & 3);
  *at += 5;
  to[i] = *at * 2;
}

constant uint kSquares[16] = {0,  1,  4,   9,   16,  25,  36,  49,
                              64, 81, 100, 121, 144, 169, 196, 225};

/// A table in the code object's own memory.
KERNEL void tables(global uint *to, global const uint *from) {
  uint i = groupX() * 64 + localX();
  to[i] = kSquares[from[i] & 15] * 3 + kSquares[groupX() & 15];
}
