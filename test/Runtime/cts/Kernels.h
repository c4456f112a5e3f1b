/*===- Kernels.h - One source of kernels for every device ---------*- C -*-===
 *
 * Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===
 *
 * Kernels.cl is compiled as OpenCL C for a card, where each work item runs the
 * body, and as C for the host, where the body runs once for a workgroup. What
 * differs is here: EACH_ITEM is a block on a card and a loop on the host, so
 * the steps between barriers are blocks of their own.
 *
 *===----------------------------------------------------------------------===*/

#ifdef __OPENCL_C_VERSION__

typedef unsigned int u32;
typedef unsigned long u64;

#define GLOBAL global
#define KERNEL_2(name, localBytes, T0, a0, T1, a1)                             \
  kernel void name(T0 a0, T1 a1)
#define KERNEL_4(name, localBytes, T0, a0, T1, a1, T2, a2, T3, a3)             \
  kernel void name(T0 a0, T1 a1, T2 a2, T3 a3)
#define KERNEL_6(name, localBytes, T0, a0, T1, a1, T2, a2, T3, a3, T4, a4, T5, \
                 a5)                                                           \
  kernel void name(T0 a0, T1 a1, T2 a2, T3 a3, T4 a4, T5 a5)

#define EACH_ITEM
#define BARRIER                                                                \
  __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");                       \
  __builtin_amdgcn_s_barrier();                                                \
  __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup")
#define LOCAL_ARRAY(type, name, count) local type name[count]

/* Hidden arguments of code object ABI 5, by their offsets. */
#define HIDDEN(type, offset)                                                   \
  (*(constant type *)((constant char *)__builtin_amdgcn_implicitarg_ptr() +    \
                      (offset)))
#define WHOLE_GROUPS(d) HIDDEN(u32, 4 * (d))
#define GROUP_SIZE(d) ((u32)HIDDEN(ushort, 12 + 2 * (d)))
#define REMAINDER(d) ((u32)HIDDEN(ushort, 18 + 2 * (d)))
#define GRID_DIMS ((u32)HIDDEN(ushort, 64))

static u32 itemId(int d) {
  return d == 0   ? __builtin_amdgcn_workitem_id_x()
         : d == 1 ? __builtin_amdgcn_workitem_id_y()
                  : __builtin_amdgcn_workitem_id_z();
}
static u32 groupId(int d) {
  return d == 0   ? __builtin_amdgcn_workgroup_id_x()
         : d == 1 ? __builtin_amdgcn_workgroup_id_y()
                  : __builtin_amdgcn_workgroup_id_z();
}
#define LOCAL_ID(d) itemId(d)
#define GROUP_ID(d) groupId(d)

#else

#include "sparsec/abi.h"

typedef uint32_t u32;
typedef uint64_t u64;

#define GLOBAL
#define KERNEL_BEGIN(name, localBytes)                                         \
  static void name##_run(const sparsec_host_workgroup *, const void *);        \
  const sparsec_host_kernel name = {SPARSEC_HOST_KERNEL_MAGIC, name##_run,     \
                                    sizeof(struct name##_arguments),           \
                                    localBytes};
#define KERNEL_2(name, localBytes, T0, a0, T1, a1)                             \
  struct name##_arguments {                                                    \
    T0 a0;                                                                     \
    T1 a1;                                                                     \
  };                                                                           \
  KERNEL_BEGIN(name, localBytes)                                               \
  static void name##_body(const sparsec_host_workgroup *group, T0 a0, T1 a1);  \
  static void name##_run(const sparsec_host_workgroup *group,                  \
                         const void *arguments) {                              \
    const struct name##_arguments *a = arguments;                              \
    name##_body(group, a->a0, a->a1);                                          \
  }                                                                            \
  static void name##_body(const sparsec_host_workgroup *group, T0 a0, T1 a1)
#define KERNEL_4(name, localBytes, T0, a0, T1, a1, T2, a2, T3, a3)             \
  struct name##_arguments {                                                    \
    T0 a0;                                                                     \
    T1 a1;                                                                     \
    T2 a2;                                                                     \
    T3 a3;                                                                     \
  };                                                                           \
  KERNEL_BEGIN(name, localBytes)                                               \
  static void name##_body(const sparsec_host_workgroup *group, T0 a0, T1 a1,   \
                          T2 a2, T3 a3);                                       \
  static void name##_run(const sparsec_host_workgroup *group,                  \
                         const void *arguments) {                              \
    const struct name##_arguments *a = arguments;                              \
    name##_body(group, a->a0, a->a1, a->a2, a->a3);                            \
  }                                                                            \
  static void name##_body(const sparsec_host_workgroup *group, T0 a0, T1 a1,   \
                          T2 a2, T3 a3)
#define KERNEL_6(name, localBytes, T0, a0, T1, a1, T2, a2, T3, a3, T4, a4, T5, \
                 a5)                                                           \
  struct name##_arguments {                                                    \
    T0 a0;                                                                     \
    T1 a1;                                                                     \
    T2 a2;                                                                     \
    T3 a3;                                                                     \
    T4 a4;                                                                     \
    T5 a5;                                                                     \
  };                                                                           \
  KERNEL_BEGIN(name, localBytes)                                               \
  static void name##_body(const sparsec_host_workgroup *group, T0 a0, T1 a1,   \
                          T2 a2, T3 a3, T4 a4, T5 a5);                         \
  static void name##_run(const sparsec_host_workgroup *group,                  \
                         const void *arguments) {                              \
    const struct name##_arguments *a = arguments;                              \
    name##_body(group, a->a0, a->a1, a->a2, a->a3, a->a4, a->a5);              \
  }                                                                            \
  static void name##_body(const sparsec_host_workgroup *group, T0 a0, T1 a1,   \
                          T2 a2, T3 a3, T4 a4, T5 a5)

#define EACH_ITEM                                                              \
  for (u32 item[3] = {0, 0, 0}; item[2] < group->items[2]; ++item[2])          \
    for (item[1] = 0; item[1] < group->items[1]; ++item[1])                    \
      for (item[0] = 0; item[0] < group->items[0]; ++item[0])
#define BARRIER (void)0
#define LOCAL_ARRAY(type, name, count) type *name = group->local

#define WHOLE_GROUPS(d) (group->grid[d] / group->workgroup[d])
#define GROUP_SIZE(d) (group->workgroup[d])
#define REMAINDER(d) (group->grid[d] % group->workgroup[d])
#define IS_ONE(d) (group->grid[d] == 1 && group->workgroup[d] == 1)
#define GRID_DIMS (!IS_ONE(2) ? 3u : !IS_ONE(1) ? 2u : 1u)
#define LOCAL_ID(d) (item[d])
#define GROUP_ID(d) (group->id[d])

#endif

#define GLOBAL_ID(d) (GROUP_ID(d) * GROUP_SIZE(d) + LOCAL_ID(d))
