// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Small kernels for the tests of `gfx803-emulator run`. The tests put the
// version of the code object for VERSION and the metadata's for MINOR.

.amdgcn_target "amdgcn-amd-amdhsa--gfx803"
.amdhsa_code_object_version VERSION
.text

// scale(x, y, a, n): y[i] = a * x[i] for i < n.
.globl scale
.p2align 8
.type scale,@function
scale:
  s_load_dwordx4 s[4:7], s[0:1], 0x0
  s_load_dwordx2 s[8:9], s[0:1], 0x10
  s_lshl_b32 s3, s2, 6
  v_add_u32_e32 v0, vcc, s3, v0
  s_waitcnt lgkmcnt(0)
  v_cmp_gt_u32_e32 vcc, s9, v0
  s_and_saveexec_b64 s[10:11], vcc
  s_cbranch_execz .Ldone
  v_lshlrev_b32_e32 v1, 2, v0
  v_mov_b32_e32 v3, s5
  v_add_u32_e32 v2, vcc, s4, v1
  v_addc_u32_e32 v3, vcc, 0, v3, vcc
  flat_load_dword v4, v[2:3]
  v_mov_b32_e32 v3, s7
  v_add_u32_e32 v2, vcc, s6, v1
  v_addc_u32_e32 v3, vcc, 0, v3, vcc
  s_waitcnt vmcnt(0) lgkmcnt(0)
  v_mul_f32_e32 v4, s8, v4
  flat_store_dword v[2:3], v4
.Ldone:
  s_endpgm
.size scale, .-scale

// dump(out, ...): the dwords of its own arguments, one a lane.
.globl dump
.p2align 8
.type dump,@function
dump:
  s_load_dwordx2 s[4:5], s[0:1], 0x0
  v_lshlrev_b32_e32 v1, 2, v0
  v_mov_b32_e32 v3, s1
  v_add_u32_e32 v2, vcc, s0, v1
  v_addc_u32_e32 v3, vcc, 0, v3, vcc
  flat_load_dword v4, v[2:3]
  s_waitcnt vmcnt(0) lgkmcnt(0)
  v_mov_b32_e32 v3, s5
  v_add_u32_e32 v2, vcc, s4, v1
  v_addc_u32_e32 v3, vcc, 0, v3, vcc
  flat_store_dword v[2:3], v4
  s_endpgm
.size dump, .-dump

// tile(out, tile): the offset of `tile` in LDS, through LDS.
.globl tile
.p2align 8
.type tile,@function
tile:
  s_load_dwordx4 s[4:7], s[0:1], 0x0
  s_mov_b32 m0, -1
  s_waitcnt lgkmcnt(0)
  v_lshlrev_b32_e32 v1, 2, v0
  v_add_u32_e32 v1, vcc, s6, v1
  ds_write_b32 v1, v1
  s_waitcnt lgkmcnt(0)
  ds_read_b32 v4, v1
  s_waitcnt lgkmcnt(0)
  v_lshlrev_b32_e32 v1, 2, v0
  v_mov_b32_e32 v3, s5
  v_add_u32_e32 v2, vcc, s4, v1
  v_addc_u32_e32 v3, vcc, 0, v3, vcc
  flat_store_dword v[2:3], v4
  s_endpgm
.size tile, .-tile

.rodata
.p2align 6
.amdhsa_kernel scale
  .amdhsa_next_free_vgpr 5
  .amdhsa_next_free_sgpr 16
  .amdhsa_user_sgpr_kernarg_segment_ptr 1
  .amdhsa_kernarg_size 24
.end_amdhsa_kernel
.amdhsa_kernel dump
  .amdhsa_next_free_vgpr 5
  .amdhsa_next_free_sgpr 16
  .amdhsa_user_sgpr_kernarg_segment_ptr 1
  .amdhsa_kernarg_size 192
.end_amdhsa_kernel
.amdhsa_kernel tile
  .amdhsa_next_free_vgpr 5
  .amdhsa_next_free_sgpr 16
  .amdhsa_group_segment_fixed_size 20
  .amdhsa_user_sgpr_kernarg_segment_ptr 1
  .amdhsa_kernarg_size 16
.end_amdhsa_kernel

.amdgpu_metadata
amdhsa.version: [1, MINOR]
amdhsa.target: amdgcn-amd-amdhsa--gfx803
amdhsa.kernels:
  - .name: scale
    .symbol: scale.kd
    .kernarg_segment_size: 24
    .kernarg_segment_align: 8
    .group_segment_fixed_size: 0
    .private_segment_fixed_size: 0
    .wavefront_size: 64
    .sgpr_count: 22
    .vgpr_count: 5
    .max_flat_workgroup_size: 256
    .args:
      - {.name: x, .offset: 0, .size: 8, .value_kind: global_buffer, .address_space: global}
      - {.name: y, .offset: 8, .size: 8, .value_kind: global_buffer, .address_space: global}
      - {.name: a, .offset: 16, .size: 4, .value_kind: by_value}
      - {.name: n, .offset: 20, .size: 4, .value_kind: by_value}
  - .name: dump
    .symbol: dump.kd
    .kernarg_segment_size: 192
    .kernarg_segment_align: 8
    .group_segment_fixed_size: 0
    .private_segment_fixed_size: 0
    .wavefront_size: 64
    .sgpr_count: 22
    .vgpr_count: 5
    .max_flat_workgroup_size: 256
    .args:
      - {.name: out, .offset: 0, .size: 8, .value_kind: global_buffer, .address_space: global}
      - {.name: i8, .offset: 8, .size: 1, .value_kind: by_value}
      - {.name: u8, .offset: 9, .size: 1, .value_kind: by_value}
      - {.name: i16, .offset: 10, .size: 2, .value_kind: by_value}
      - {.name: f16, .offset: 12, .size: 2, .value_kind: by_value}
      - {.name: bf16, .offset: 14, .size: 2, .value_kind: by_value}
      - {.name: f32, .offset: 16, .size: 4, .value_kind: by_value}
      - {.name: f64, .offset: 24, .size: 8, .value_kind: by_value}
      - {.name: i64, .offset: 32, .size: 8, .value_kind: by_value}
      - {.name: pair, .offset: 40, .size: 12, .value_kind: by_value}
      - {.name: none, .offset: 56, .size: 8, .value_kind: global_buffer, .address_space: global}
      - {.offset: 64, .size: 4, .value_kind: hidden_block_count_x}
      - {.offset: 68, .size: 4, .value_kind: hidden_block_count_y}
      - {.offset: 72, .size: 4, .value_kind: hidden_block_count_z}
      - {.offset: 76, .size: 2, .value_kind: hidden_group_size_x}
      - {.offset: 78, .size: 2, .value_kind: hidden_group_size_y}
      - {.offset: 80, .size: 2, .value_kind: hidden_group_size_z}
      - {.offset: 82, .size: 2, .value_kind: hidden_remainder_x}
      - {.offset: 84, .size: 2, .value_kind: hidden_remainder_y}
      - {.offset: 86, .size: 2, .value_kind: hidden_remainder_z}
      - {.offset: 88, .size: 8, .value_kind: hidden_global_offset_x}
      - {.offset: 96, .size: 2, .value_kind: hidden_grid_dims}
      - {.offset: 104, .size: 8, .value_kind: hidden_heap_v1}
      - {.offset: 112, .size: 4, .value_kind: hidden_private_base}
      - {.offset: 116, .size: 4, .value_kind: hidden_shared_base}
      - {.offset: 120, .size: 8, .value_kind: hidden_queue_ptr}
      - {.offset: 128, .size: 4, .value_kind: hidden_dynamic_lds_size}
  - .name: tile
    .symbol: tile.kd
    .kernarg_segment_size: 16
    .kernarg_segment_align: 8
    .group_segment_fixed_size: 20
    .private_segment_fixed_size: 0
    .wavefront_size: 64
    .sgpr_count: 22
    .vgpr_count: 5
    .max_flat_workgroup_size: 64
    .reqd_workgroup_size: [64, 1, 1]
    .args:
      - {.name: out, .offset: 0, .size: 8, .value_kind: global_buffer, .address_space: global}
      - {.name: tile, .offset: 8, .size: 4, .value_kind: dynamic_shared_pointer, .address_space: local}
.end_amdgpu_metadata
