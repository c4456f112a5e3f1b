// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A loop of buffer loads and multiply-adds, as SpMM kernels have it: for how
// fast the emulator executes it. Arguments: x, y (f32[workgroups * 256]), rounds.

.amdgcn_target "amdgcn-amd-amdhsa--gfx803"
.text
.globl loop
.p2align 8
.type loop,@function
loop:
  s_load_dwordx4 s[8:11], s[0:1], 0x0
  s_load_dword s7, s[0:1], 0x10
  s_lshl_b32 s6, s2, 10
  v_lshlrev_b32_e32 v0, 2, v0
  v_add_u32_e32 v0, vcc, s6, v0
  v_mov_b32_e32 v1, 0
  v_mov_b32_e32 v2, 0
  s_waitcnt lgkmcnt(0)
  s_mov_b32 s12, s8
  s_mov_b32 s13, s9
  s_mov_b32 s14, -1
  s_mov_b32 s15, 0x24fac
next:
  buffer_load_dword v3, v0, s[12:15], 0 offen
  buffer_load_dword v4, v0, s[12:15], 0 offen
  s_sub_u32 s7, s7, 1
  s_cmp_lg_u32 s7, 0
  s_waitcnt vmcnt(1)
  v_mac_f32_e32 v1, v3, v3
  v_mac_f32_e32 v2, 0.5, v3
  s_waitcnt vmcnt(0)
  v_mac_f32_e32 v1, v4, v3
  v_mac_f32_e32 v2, 2.0, v4
  s_cbranch_scc1 next
  v_add_f32_e32 v1, v1, v2
  s_mov_b32 s12, s10
  s_mov_b32 s13, s11
  buffer_store_dword v1, v0, s[12:15], 0 offen
  s_endpgm
.size loop, .-loop

.rodata
.p2align 6
.amdhsa_kernel loop
  .amdhsa_user_sgpr_kernarg_segment_ptr 1
  .amdhsa_user_sgpr_count 2
  .amdhsa_system_sgpr_workgroup_id_x 1
  .amdhsa_next_free_vgpr 5
  .amdhsa_next_free_sgpr 16
  .amdhsa_kernarg_size 20
  .amdhsa_float_denorm_mode_32 0
.end_amdhsa_kernel

.amdgpu_metadata
amdhsa.version: [1, 2]
amdhsa.kernels:
  - .name: loop
    .symbol: loop.kd
    .kernarg_segment_size: 20
    .kernarg_segment_align: 8
    .group_segment_fixed_size: 0
    .private_segment_fixed_size: 0
    .wavefront_size: 64
    .sgpr_count: 16
    .vgpr_count: 5
    .max_flat_workgroup_size: 256
    .args:
      - {.name: x, .offset: 0, .size: 8, .value_kind: global_buffer, .address_space: global}
      - {.name: y, .offset: 8, .size: 8, .value_kind: global_buffer, .address_space: global}
      - {.name: rounds, .offset: 16, .size: 4, .value_kind: by_value}
.end_amdgpu_metadata
