// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Arithmetic in half, float and double.

#include "kernels.h"

#pragma OPENCL EXTENSION cl_khr_fp16 : enable
#pragma OPENCL EXTENSION cl_khr_fp64 : enable

KERNEL void halves(global half *to, global const half *a, global const half *b,
                   uint n) {
  uint i = groupX() * 64 + localX();
  if (i < n)
    to[i] = a[i] * b[i] - a[i] / b[i];
}

KERNEL void halfFunctions(global half *to, global const half *from, uint n) {
  uint i = groupX() * 64 + localX();
  if (i >= n)
    return;
  half x = from[i];
  to[i * 4] = __builtin_sqrtf16(x);
  to[i * 4 + 1] = __builtin_floorf16(x);
  to[i * 4 + 2] = __builtin_fmaf16(x, x, (half)1);
  to[i * 4 + 3] = (half)(int)x + (half)(float)x;
}

KERNEL void doubles(global double *to, global const double *a,
                    global const double *b, uint n) {
  uint i = groupX() * 64 + localX();
  if (i >= n)
    return;
  to[i * 4] = a[i] * b[i] + a[i];
  to[i * 4 + 1] = a[i] / b[i];
  to[i * 4 + 2] = __builtin_sqrt(__builtin_fabs(a[i]));
  to[i * 4 + 3] = __builtin_floor(a[i]) - (double)(int)b[i];
}

KERNEL void divide(global float *to, global const float *a,
                   global const float *b, uint n) {
  uint i = groupX() * 64 + localX();
  if (i >= n)
    return;
  to[i * 2] = a[i] / b[i];
  to[i * 2 + 1] = __builtin_sqrtf(__builtin_fabsf(a[i]));
}

/// A row a wave: the greatest, the sum of powers, the quotients.
KERNEL void softmax(global float *to, global const float *from, uint columns) {
  uint lane = localX(), row = groupX() * columns;
  local float shared[64];
  float greatest = -__builtin_inff();
  for (uint i = lane; i < columns; i += 64)
    greatest = __builtin_fmaxf(greatest, from[row + i]);
  shared[lane] = greatest;
  sync();
  for (uint step = 32; step > 0; step /= 2) {
    if (lane < step)
      shared[lane] = __builtin_fmaxf(shared[lane], shared[lane + step]);
    sync();
  }
  greatest = shared[0];
  sync();
  float sum = 0;
  for (uint i = lane; i < columns; i += 64)
    sum += __builtin_amdgcn_exp2f((from[row + i] - greatest) * 1.44269504f);
  shared[lane] = sum;
  sync();
  for (uint step = 32; step > 0; step /= 2) {
    if (lane < step)
      shared[lane] += shared[lane + step];
    sync();
  }
  float scale = __builtin_amdgcn_rcpf(shared[0]);
  for (uint i = lane; i < columns; i += 64)
    to[row + i] =
        __builtin_amdgcn_exp2f((from[row + i] - greatest) * 1.44269504f) *
        scale;
}

KERNEL void logarithms(global float *to, global const float *from, uint n) {
  uint i = groupX() * 64 + localX();
  if (i < n)
    to[i] = __builtin_amdgcn_logf(from[i]) + __builtin_amdgcn_rsqf(from[i]);
}

/// Every conversion between the three and integers.
KERNEL void conversions(global double *to, global const double *from, uint n) {
  uint i = groupX() * 64 + localX();
  if (i >= n)
    return;
  double x = from[i];
  double sum = (double)(half)x;
  sum += (double)(float)x;
  sum += (double)(int)x + (double)(long)(x * 1e9);
  sum += (double)(uint)__builtin_fabs(x);
  sum += (double)(ulong)__builtin_fabs(x * 1e9);
  sum += (double)(float)(long)(x * 1e6);
  to[i] = sum;
}
