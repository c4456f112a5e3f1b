// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What a loader meets: variables of each kind, a pointer that needs a
// relocation, kernels whose metadata have arguments of each kind.

#define VISIBLE __attribute__((visibility("default")))
VISIBLE __global int counter = 7;
VISIBLE __global int zeros[1000];
VISIBLE __constant int table[4] = {1, 2, 3, 5};
// The address is only known when the image is loaded.
VISIBLE __global int *__global where = &counter;

__kernel __attribute__((reqd_work_group_size(64, 1, 1))) void
gather(__global int *out, int n) {
  int i = (int)__builtin_amdgcn_workitem_id_x();
  if (i < n)
    out[i] = table[i & 3] * 1000 + *where + zeros[i];
}

struct Pair {
  float a;
  short b;
};

__kernel void shapes(__global float *out, struct Pair pair, __local int *tile) {
  int i = (int)__builtin_amdgcn_workitem_id_x();
  tile[i] = i;
  out[i * __builtin_amdgcn_workgroup_size_x()] = pair.a + pair.b + tile[i];
}
