// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A sum over two waves. BARRIERS says which of its two kinds of barrier it has:
// 1 before the tree, 2 between its levels.

static void sync(void) {
  __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
  __builtin_amdgcn_s_barrier();
  __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");
}

kernel void reduce(global uint *sum, global const uint *from) {
  local uint part[256];
  uint lane = __builtin_amdgcn_workitem_id_x();
  part[lane] = from[lane];
  if (BARRIERS & 1)
    sync();
  for (uint step = 128; step > 0; step /= 2) {
    if (lane < step)
      part[lane] += part[lane + step];
    if (BARRIERS & 2)
      sync();
  }
  if (lane == 0)
    *sum = part[0];
}
