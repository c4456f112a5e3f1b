// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kernels for HsaQueueTest.cpp. Workgroups have 64 work items.

static uint globalId(void) {
  return __builtin_amdgcn_workgroup_id_x() * 64 +
         __builtin_amdgcn_workitem_id_x();
}

kernel void saxpy(global float *y, global const float *x, float a, uint n) {
  uint i = globalId();
  if (i < n)
    y[i] = a * x[i] + y[i];
}

// Launched with one work item: log[0] entries follow it.
kernel void append(global uint *log, uint value) {
  uint count = log[0];
  log[1 + count] = value;
  log[0] = count + 1;
}

kernel void poke(global uint *at, uint value) { *at = value; }

// Changes a signal behind the API's back.
kernel void release(global long *value) { *value = 0; }

__attribute__((visibility("default"))) global uint table[4] = {2, 3, 5, 7};

kernel void look_up(global uint *out) {
  uint i = globalId();
  out[i] = table[i & 3];
}

kernel void reverse(global uint *data, local uint *scratch) {
  uint i = __builtin_amdgcn_workitem_id_x();
  scratch[i] = data[i];
  __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
  __builtin_amdgcn_s_barrier();
  __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");
  data[i] = scratch[63 - i];
}

kernel void trap(void) { __builtin_trap(); }
