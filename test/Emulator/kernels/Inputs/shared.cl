// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// LDS, barriers, and lanes that read one another.

#include "kernels.h"

KERNEL void reduceTree(global float *sums, global const float *from, uint n) {
  local float part[256];
  uint lane = localX(), i = groupX() * 256 + lane;
  part[lane] = i < n ? from[i] : 0;
  sync();
  for (uint half_ = 128; half_ > 0; half_ /= 2) {
    if (lane < half_)
      part[lane] += part[lane + half_];
    sync();
  }
  if (lane == 0)
    sums[groupX()] = part[0];
}

#define DPP(value, control, rows)                                              \
  __builtin_amdgcn_update_dpp(0, value, control, rows, 0xf, false)

/// Within rows of 16, then row 15 to row 16 and 31 to 32 of lanes.
KERNEL void reduceDpp(global int *sums, global const int *from) {
  int value = from[groupX() * 64 + localX()];
  value += DPP(value, 0x111, 0xf);
  value += DPP(value, 0x112, 0xf);
  value += DPP(value, 0x114, 0xf);
  value += DPP(value, 0x118, 0xf);
  value += DPP(value, 0x142, 0xa);
  value += DPP(value, 0x143, 0xc);
  int sum = __builtin_amdgcn_readlane(value, 63);
  if (localX() == 0)
    sums[groupX()] = sum;
}

/// Butterflies by ds_swizzle up to 16 lanes apart, the last by ds_bpermute.
KERNEL void reduceSwizzle(global uint *greatest, global const uint *from) {
  uint lane = localX();
  uint value = from[groupX() * 64 + lane], other;
#define STEP(distance)                                                         \
  other = __builtin_amdgcn_ds_swizzle(value, (distance) << 10 | 0x1f);         \
  value = value > other ? value : other;
  STEP(1)
  STEP(2)
  STEP(4)
  STEP(8)
  STEP(16)
  other = __builtin_amdgcn_ds_bpermute((lane ^ 32) * 4, value);
  value = value > other ? value : other;
  greatest[groupX() * 64 + lane] = value;
}

/// Inclusive sums of each workgroup's part, in two buffers taken in turn.
KERNEL void prefixSum(global uint *to, global const uint *from) {
  local uint sums[2][256];
  uint lane = localX(), i = groupX() * 256 + lane, now = 0;
  sums[0][lane] = from[i];
  sync();
  for (uint step = 1; step < 256; step *= 2) {
    uint value = sums[now][lane];
    if (lane >= step)
      value += sums[now][lane - step];
    now ^= 1;
    sums[now][lane] = value;
    sync();
  }
  to[i] = sums[now][lane];
}

/// Ranks by ballot and mbcnt: the odd values, packed to the front.
KERNEL void compactOdd(global uint *to, global uint *counts,
                       global const uint *from) {
  uint value = from[groupX() * 64 + localX()];
  ulong odd = __builtin_amdgcn_ballot_w64(value & 1);
  uint rank = __builtin_amdgcn_mbcnt_hi(
      (uint)(odd >> 32), __builtin_amdgcn_mbcnt_lo((uint)odd, 0));
  if (value & 1)
    to[groupX() * 64 + rank] = value;
  if (localX() == 0)
    counts[groupX()] = __builtin_popcountl(odd);
}

KERNEL void transpose(global uint *to, global const uint *from, uint width,
                      uint height) {
  local uint tile[16][17];
  uint x = groupX() * 16 + localX(), y = groupY() * 16 + localY();
  if (x < width && y < height)
    tile[localY()][localX()] = from[y * width + x];
  sync();
  x = groupY() * 16 + localX();
  y = groupX() * 16 + localY();
  if (x < height && y < width)
    to[y * height + x] = tile[localX()][localY()];
}

KERNEL void gemm(global float *c, global const float *a, global const float *b,
                 uint m, uint n, uint k) {
  local float left[16][16], right[16][16];
  uint x = localX(), y = localY();
  uint row = groupY() * 16 + y, column = groupX() * 16 + x;
  float sum = 0;
  for (uint at = 0; at < k; at += 16) {
    left[y][x] = row < m && at + x < k ? a[row * k + at + x] : 0;
    right[y][x] = column < n && at + y < k ? b[(at + y) * n + column] : 0;
    sync();
    for (uint i = 0; i < 16; ++i)
      sum += left[y][i] * right[i][x];
    sync();
  }
  if (row < m && column < n)
    c[row * n + column] = sum;
}

/// Sixteen waves: reverses the items of a workgroup through LDS.
KERNEL void reverse(global ulong *to, global const ulong *from) {
  local ulong all[1024];
  uint lane = localX(), i = groupX() * 1024 + lane;
  all[lane] = from[i];
  sync();
  to[i] = all[1023 - lane] + lane;
}

/// LDS whose size the packet gives.
KERNEL void dynamic(global uint *to, global const uint *from,
                    local uint *shared, uint count) {
  uint lane = localX(), base = groupX() * count;
  for (uint i = lane; i < count; i += 64)
    shared[i] = from[base + i];
  sync();
  for (uint i = lane; i < count; i += 64)
    to[base + i] = shared[i * 7 % count];
}

/// Narrow and wide LDS accesses, also to parts of what another lane wrote.
KERNEL void narrow(global uint *to, global const uint *from) {
  local uint words[128];
  local uchar *bytes = (local uchar *)words;
  local ushort *shorts = (local ushort *)words;
  uint lane = localX();
  uint value = from[groupX() * 128 + lane];
  bytes[4 * lane + 3] = value >> 24;
  bytes[4 * lane + 2] = value >> 16;
  shorts[2 * lane] = (ushort)value;
  sync();
  uint other = lane ^ 77;
  uint4 near = *(local uint4 *)(words + (lane & ~3u));
  to[groupX() * 128 + lane] =
      bytes[4 * other + 1] << 16 |
      shorts[2 * other + 1] ^ near.x ^ near.y ^ near.z ^ near.w;
}
