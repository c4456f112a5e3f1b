// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What random programs are made of, in the common subset of C and OpenCL C.
// Everything is defined for every operand, and the same on every machine: the
// bits of NaNs, which are not, are never looked at.

#ifdef __OPENCL_C_VERSION__
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
typedef uchar u8;
typedef ushort u16;
typedef uint u32;
typedef ulong u64;
typedef char i8;
typedef short i16;
typedef int i32;
typedef long i64;
#define GLOBAL global
#define LOCAL local
#else
#include <stdint.h>
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t i8;
typedef int16_t i16;
typedef int32_t i32;
typedef int64_t i64;
#define GLOBAL
#define LOCAL
#define private
#endif
typedef float f32;
typedef double f64;

#define LANES 128
#define WORDS 32
#define MASK 1023

static inline u32 rotate32(u32 x, u32 by) {
  return x << (by & 31) | x >> (-by & 31);
}
static inline u32 divU(u32 a, u32 b) { return b ? a / b : a; }
static inline u32 remU(u32 a, u32 b) { return b ? a % b : b; }
static inline u64 divW(u64 a, u64 b) { return b ? a / b : a; }
static inline u64 remW(u64 a, u64 b) { return b ? a % b : b; }
static inline i32 divI(i32 a, i32 b) {
  return b == 0 || b == -1 ? (i32)(0u - (u32)a) : a / b;
}
static inline i32 remI(i32 a, i32 b) { return b == 0 || b == -1 ? 0 : a % b; }
static inline u32 high(u32 a, u32 b) { return (u32)((u64)a * b >> 32); }
static inline i32 highI(i32 a, i32 b) { return (i32)((i64)a * b >> 32); }
static inline u32 zeros(u32 x) { return x ? (u32)__builtin_clz(x) : 32; }
static inline u32 trailing(u64 x) { return x ? (u32)__builtin_ctzl(x) : 64; }

static inline u32 bits(f32 x) {
  union {
    f32 f;
    u32 u;
  } both;
  both.f = x;
  return x != x ? 0x7fc00000u : both.u;
}
static inline f32 ofBits(u32 x) {
  union {
    u32 u;
    f32 f;
  } both;
  both.u = x;
  return both.f;
}
static inline u64 wideBits(f64 x) {
  union {
    f64 f;
    u64 u;
  } both;
  both.f = x;
  return x != x ? 0x7ff8000000000000u : both.u;
}
static inline u32 toU(f32 x) {
  return x > -1 && x < 4294967040.0f ? (u32)x : 7;
}
static inline i32 toI(f32 x) {
  return x > -2147483520.0f && x < 2147483520.0f ? (i32)x : -7;
}
static inline u64 toW(f64 x) { return x > -1 && x < 1e19 ? (u64)x : 9; }
static inline f32 least(f32 a, f32 b) { return a < b ? a : b; }
static inline f32 most(f32 a, f32 b) { return a > b ? a : b; }
static inline f32 sign(f32 a, f32 b) {
  return b != b ? a : __builtin_copysignf(a, b);
}
