// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Plain access to memory, grids of all shapes, divergent control flow.

#include "kernels.h"

KERNEL void saxpy(global float *y, global const float *x, float a, uint n) {
  uint i = groupX() * 256 + localX();
  if (i < n)
    y[i] = a * x[i] + y[i];
}

/// Also without a uniform base: each lane strides through memory.
KERNEL void strided(global uint *to, global const uint *from, uint n,
                    uint stride) {
  uint i = groupX() * 64 + localX();
  for (uint at = i; at < n; at += 64 * stride)
    to[at] = from[n - 1 - at] ^ at;
}

KERNEL void grid2(global uint *to, uint width, uint height) {
  uint x = groupX() * 16 + localX(), y = groupY() * 8 + localY();
  to[y * width + x] = x * 1000 + y + height;
}

KERNEL void grid3(global uint *to, uint width, uint height) {
  uint x = groupX() * 4 + localX(), y = groupY() * 4 + localY(),
       z = groupZ() * 4 + localZ();
  to[(z * height + y) * width + x] = x | y << 8 | z << 16;
}

/// What the hidden arguments and the packet say of the grid.
KERNEL void sizes(global uint *to) {
  uint index = groupX() * 64 + localX();
  global uint *at = to + index * 4;
  at[0] = __builtin_amdgcn_workgroup_size_x();
  at[1] = __builtin_amdgcn_grid_size_x();
  at[2] = __builtin_amdgcn_workgroup_size_y();
  at[3] = groupX();
}

KERNEL void bytes(global uchar *to, global const uchar *from,
                  global short *sums, global const short *shorts, uint n) {
  uint i = groupX() * 64 + localX();
  if (i >= n)
    return;
  to[i] = from[i] * 3 + 7;
  char narrow = (char)from[n - 1 - i];
  sums[i] = (short)(shorts[i] - narrow);
}

struct Padded {
  char tag;
  int value;
  short part;
  float weight;
};

/// Copies with their padding, which nobody wrote, through private memory.
KERNEL void structs(global struct Padded *to, global const struct Padded *from,
                    uint n) {
  uint i = groupX() * 64 + localX();
  if (i >= n)
    return;
  struct Padded copy = from[i];
  struct Padded other;
  other.tag = copy.tag + 1;
  other.value = copy.value * 2;
  other.part = -copy.part;
  other.weight = copy.weight * 0.5f;
  to[i] = i & 1 ? other : copy;
}

/// Steps of the Collatz sequence: each lane loops as often as it must.
KERNEL void collatz(global uint *steps, uint n, uint limit) {
  uint i = groupX() * 128 + localX();
  if (i >= n)
    return;
  uint value = i + 1, count = 0;
  while (value != 1) {
    if (count == limit) {
      steps[i] = ~0u;
      return;
    }
    value = value & 1 ? 3 * value + 1 : value >> 1;
    ++count;
  }
  steps[i] = count;
}

/// Nested loops with continue, break and a switch, all divergent.
KERNEL void tangled(global int *to, global const int *from, uint n) {
  uint i = groupX() * 64 + localX();
  if (i >= n)
    return;
  int sum = 0;
  for (int outer = 0; outer < (from[i] & 15); ++outer) {
    if ((outer ^ from[i]) & 1)
      continue;
    for (int inner = outer; inner < 20; ++inner) {
      if ((sum & 0xff) == 0x7f)
        break;
      switch ((inner + from[i]) & 3) {
      case 0:
        sum += inner * from[i];
        break;
      case 1:
        sum ^= 0x55;
        continue;
      case 2:
        if (sum < 0)
          goto done;
        sum -= outer << 3;
      default:
        sum += 1;
      }
    }
  }
done:
  to[i] = sum;
}
