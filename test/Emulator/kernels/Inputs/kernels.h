// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What the kernels share: there is no device library here, so the few functions
// they need of it are built from the compiler's own.

#define KERNEL kernel __attribute__((amdgpu_flat_work_group_size(1, 1024)))

static inline uint localX(void) { return __builtin_amdgcn_workitem_id_x(); }
static inline uint localY(void) { return __builtin_amdgcn_workitem_id_y(); }
static inline uint localZ(void) { return __builtin_amdgcn_workitem_id_z(); }
static inline uint groupX(void) { return __builtin_amdgcn_workgroup_id_x(); }
static inline uint groupY(void) { return __builtin_amdgcn_workgroup_id_y(); }
static inline uint groupZ(void) { return __builtin_amdgcn_workgroup_id_z(); }

static inline void sync(void) {
  __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
  __builtin_amdgcn_s_barrier();
  __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");
}
