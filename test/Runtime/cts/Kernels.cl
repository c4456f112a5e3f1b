/*===- Kernels.cl - What the conformance suite launches -----------*- C -*-===
 *
 * Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*/

#include "Kernels.h"

/* Products and sums round separately on every device. */
#pragma clang fp contract(off)

/* The last workgroup is partial unless n is a multiple of its size. */
KERNEL_4(saxpy, 0, GLOBAL float *, y, GLOBAL const float *, x, u32, n, float,
         a) {
  EACH_ITEM {
    u32 i = GLOBAL_ID(0);
    if (i < n)
      y[i] = a * x[i] + y[i];
  }
}

/* What a model with a weight vector does. */
KERNEL_4(scale, 0, GLOBAL float *, y, GLOBAL const float *, x,
         GLOBAL const float *, w, u32, n) {
  EACH_ITEM {
    u32 i = GLOBAL_ID(0);
    if (i < n)
      y[i] = w[i] * x[i];
  }
}

/* Arguments of every size, with padding between them. */
KERNEL_6(scalars, 0, GLOBAL u64 *, out, char, a, u64, b, short, c, double, d,
         u32, e) {
  EACH_ITEM {
    out[0] = (u64)a;
    out[1] = b;
    out[2] = (u64)c;
    out[3] = (u64)(d * 4);
    out[4] = e;
  }
}

/* Each item of a grid of up to three dimensions says where it is: x, y, z of
 * the item, then of its workgroup, ten bits each. */
KERNEL_4(places, 0, GLOBAL u64 *, out, u32, width, u32, height, u32, unused) {
  EACH_ITEM {
    u32 at = (GLOBAL_ID(2) * height + GLOBAL_ID(1)) * width + GLOBAL_ID(0);
    out[at] = (u64)LOCAL_ID(0) | (u64)LOCAL_ID(1) << 10 |
              (u64)LOCAL_ID(2) << 20 | (u64)GROUP_ID(0) << 30 |
              (u64)GROUP_ID(1) << 40 | (u64)GROUP_ID(2) << 50;
  }
}

/* What the launch says of itself. */
KERNEL_2(shape, 0, GLOBAL u32 *, out, u32, unused) {
  EACH_ITEM {
    for (int d = 0; d < 3; ++d) {
      out[d] = WHOLE_GROUPS(d);
      out[3 + d] = GROUP_SIZE(d);
      out[6 + d] = REMAINDER(d);
    }
    out[9] = GRID_DIMS;
  }
}

/* Sums of 256 numbers each, by a tree in local memory. */
KERNEL_2(sums, 256 * 4, GLOBAL u32 *, out, GLOBAL const u32 *, in) {
  LOCAL_ARRAY(u32, tree, 256);
  EACH_ITEM { tree[LOCAL_ID(0)] = in[GLOBAL_ID(0)]; }
  BARRIER;
  for (u32 step = 128; step != 0; step /= 2) {
    EACH_ITEM {
      if (LOCAL_ID(0) < step)
        tree[LOCAL_ID(0)] += tree[LOCAL_ID(0) + step];
    }
    BARRIER;
  }
  EACH_ITEM {
    if (LOCAL_ID(0) == 0)
      out[GROUP_ID(0)] = tree[0];
  }
}

/* The order of launches shows in the result. */
KERNEL_2(step, 0, GLOBAL u32 *, x, u32, k) {
  EACH_ITEM { x[GLOBAL_ID(0)] = x[GLOBAL_ID(0)] * 3 + k; }
}

/* Takes a while: one step of a generator `rounds` times. */
KERNEL_2(spin, 0, GLOBAL u32 *, x, u32, rounds) {
  EACH_ITEM {
    u32 value = x[GLOBAL_ID(0)];
    for (u32 i = 0; i < rounds; ++i)
      value = value * 1664525u + 1013904223u;
    x[GLOBAL_ID(0)] = value;
  }
}

/* Writes wherever it is told to. */
KERNEL_2(poke, 0, GLOBAL u32 *, x, u64, index) {
  EACH_ITEM { x[index] = 1; }
}
