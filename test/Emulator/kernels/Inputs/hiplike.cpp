// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The same machine from C++, as HIP code uses it: templates, lambdas, function
// pointers, virtual functions, variables that the kernels share.

#define KERNEL                                                                 \
  extern "C" __attribute__((amdgpu_kernel, visibility("protected"),            \
                            amdgpu_flat_work_group_size(1, 1024))) void
#define SHARED static __attribute__((address_space(3), loader_uninitialized))

using uint = unsigned;

static uint item() {
  return __builtin_amdgcn_workgroup_id_x() *
             __builtin_amdgcn_workgroup_size_x() +
         __builtin_amdgcn_workitem_id_x();
}

static void sync() {
  __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
  __builtin_amdgcn_s_barrier();
  __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");
}

template <class T, int N> struct Vec {
  T at[N];
  friend T dot(const Vec &a, const Vec &b) {
    T sum = 0;
    for (int i = 0; i < N; ++i)
      sum += a.at[i] * b.at[i];
    return sum;
  }
};

KERNEL dots(float *to, const Vec<float, 3> *a, const Vec<float, 3> *b, uint n) {
  uint i = item();
  if (i < n)
    to[i] = dot(a[i], b[i]);
}

template <class Combine> static uint reduce(uint value, Combine combine) {
  SHARED uint part[256];
  uint lane = __builtin_amdgcn_workitem_id_x();
  part[lane] = value;
  sync();
  for (uint step = 128; step > 0; step /= 2) {
    if (lane < step)
      part[lane] = combine(part[lane], part[lane + step]);
    sync();
  }
  return part[0];
}

KERNEL reductions(uint *to, const uint *from) {
  uint value = from[item()];
  uint sum = reduce(value, [](uint a, uint b) { return a + b; });
  uint most = reduce(value, [](uint a, uint b) { return a > b ? a : b; });
  if (__builtin_amdgcn_workitem_id_x() == 0) {
    to[2 * __builtin_amdgcn_workgroup_id_x()] = sum;
    to[2 * __builtin_amdgcn_workgroup_id_x() + 1] = most;
  }
}

static uint triple(uint x) { return 3 * x; }
static uint negate(uint x) { return ~x; }
static uint swap(uint x) { return x << 16 | x >> 16; }

/// Lanes call different functions through pointers.
KERNEL pointers(uint *to, const uint *from) {
  uint (*const table[])(uint) = {triple, negate, swap};
  uint i = item();
  to[i] = table[from[i] % 3](from[i]);
}

struct Shape {
  virtual uint area(uint scale) const { return scale; }
};
struct Square : Shape {
  uint side;
  explicit Square(uint side) : side(side) {}
  uint area(uint scale) const override { return side * side * scale; }
};
struct Oblong : Shape {
  uint a, b;
  Oblong(uint a, uint b) : a(a), b(b) {}
  uint area(uint scale) const override { return a * b * scale; }
};

KERNEL shapes(uint *to, const uint *from) {
  uint i = item();
  Square square(from[i] & 0xff);
  Oblong oblong(from[i] & 0xf, i);
  const Shape *shape = &oblong;
  if (from[i] & 0x100)
    shape = &square;
  to[i] = shape->area(3);
}

/// Initialised and zero-filled variables of the code object.
__attribute__((address_space(1), visibility("protected"))) uint seeds[4] = {
    11, 22, 33, 44};
__attribute__((address_space(1), visibility("protected"))) uint scores[4];

KERNEL variables(uint *to) {
  uint lane = __builtin_amdgcn_workitem_id_x();
  __atomic_fetch_add(&scores[lane & 3], seeds[lane & 3] + lane,
                     __ATOMIC_RELAXED);
  sync();
  if (lane < 4)
    to[lane] = scores[lane];
}

/// Long integers: division and multiplication become many instructions.
KERNEL longs(unsigned long *to, const unsigned long *from, uint n) {
  uint i = item();
  if (i + 1 >= n)
    return;
  unsigned long a = from[i], b = from[i + 1] >> (i & 63);
  to[3 * i] = b ? a / b : 0;
  to[3 * i + 1] = b ? (unsigned long)((long)a % (long)(b | 2)) : 1;
  to[3 * i + 2] = (unsigned long)((unsigned __int128)a * b >> 64);
}
