/*===- HandWrittenModel.c - What the compiler emits, by hand -----*- C -*-===
 *
 * Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===
 *
 * A stand-in for a compiled model, so that the runtime is tested without the
 * compiler. RuntimeTest.cpp lists the variants that are built from it.
 *
 *===----------------------------------------------------------------------===*/

#include "sparsec/abi.h"

#include <stddef.h>
#include <string.h>

/* Each variant leaves some of this out. */
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-const-variable"

#ifndef MAGIC
#define MAGIC SPARSEC_ABI_MAGIC
#endif
#ifndef ABI_VERSION
#define ABI_VERSION SPARSEC_ABI_VERSION
#endif
#ifndef STRUCT_BYTES
#define STRUCT_BYTES sizeof(sparsec_module_desc)
#endif
#ifndef TARGET
#define TARGET host
#endif
#ifndef RESULT_RANK
#define RESULT_RANK 2
#endif
#define STRING(...) #__VA_ARGS__
#define EXPAND(...) STRING(__VA_ARGS__)

/* Descriptors of rank 0, 1 and 2 as the ABI packs them. */
typedef struct {
  char *allocated, *aligned;
  int64_t offset;
} memref0;
typedef struct {
  char *allocated, *aligned;
  int64_t offset, sizes[1], strides[1];
} memref1;
typedef struct {
  float *allocated, *aligned;
  int64_t offset, sizes[2], strides[2];
} memref2;

static memref2 new2(int64_t rows, int64_t columns) {
  float *data = sparsec_rt_alloc(64, (uint64_t)(rows * columns) * 4);
  return (memref2){data, data, 0, {rows, columns}, {columns, 1}};
}

/* main: f32[?x4] + f32[?x4], as fast or slow as you like. */
static void run_main(void *results, const void *const *inputs) {
  const memref2 *a = inputs[0], *b = inputs[1];
  memref2 *sum = results;
  if (a->sizes[0] != b->sizes[0])
    sparsec_rt_fail("the inputs have different numbers of rows");
  *sum = new2(a->sizes[0], 4);
  for (int64_t i = 0; i < 4 * a->sizes[0]; ++i)
    sum->aligned[i] = a->aligned[i] + b->aligned[i];
}

/* fail: holds memory and fails. */
static void run_fail(void *results, const void *const *inputs) {
  (void)inputs;
  for (int i = 0; i < 3; ++i)
    *(memref2 *)results = new2(1024, 256);
  sparsec_rt_fail("the model gives up");
  ((memref2 *)results)->aligned[0] = 1; /* never reached */
}

/* huge: holds memory and asks for more than there is. */
static void run_huge(void *results, const void *const *inputs) {
  (void)inputs;
  *(memref2 *)results = new2(1024, 256);
  memset(sparsec_rt_alloc(64, UINT64_C(1) << 61), 1, 1);
}

/* misaligned: asks for an impossible alignment. */
static void run_misaligned(void *results, const void *const *inputs) {
  (void)inputs, (void)results;
  memset(sparsec_rt_alloc(48, 16), 1, 16);
}

/* views: the transpose of an f32[2x3], its last column, and its rows again. */
static void run_views(void *results, const void *const *inputs) {
  const memref2 *in = inputs[0];
  memref2 copy = new2(2, 3);
  memcpy(copy.aligned, in->aligned, 24);
  char *next = results;
  memref2 transposed = {copy.aligned, copy.aligned, 0, {3, 2}, {1, 3}};
  memcpy(next, &transposed, sizeof(transposed));
  next += sizeof(transposed);
  memref1 column = {(char *)copy.aligned, (char *)copy.aligned, 2, {2}, {3}};
  memcpy(next, &column, sizeof(column));
  next += sizeof(column);
  memcpy(next, &copy, sizeof(copy));
}

/* aliases: one buffer twice, the input, and a constant. */
static void run_aliases(void *results, const void *const *inputs) {
  static float constant[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  memref2 *out = results;
  out[0] = out[1] = new2(2, 4);
  memcpy(out[0].aligned, constant, sizeof(constant));
  out[2] = *(const memref2 *)inputs[0];
  out[3] = (memref2){constant, constant, 0, {2, 4}, {4, 1}};
}

/* leak: frees one buffer of four and leaves two behind. */
static void run_leak(void *results, const void *const *inputs) {
  (void)inputs;
  memref2 first = new2(10, 4), second = new2(20, 4);
  sparsec_rt_free(second.allocated);
  sparsec_rt_free(NULL);
  new2(5, 4);
  memset(first.aligned, 0, 160);
  *(memref2 *)results = new2(1, 4);
  memset(((memref2 *)results)->aligned, 0, 16);
}

/* wrong: promises f32[2x4], returns more. */
static void run_wrong(void *results, const void *const *inputs) {
  (void)inputs;
  *(memref2 *)results = new2(3, 4);
}

/* small: promises f32[?x4], returns less memory than its sizes say. */
static void run_small(void *results, const void *const *inputs) {
  (void)inputs;
  *(memref2 *)results = new2(1, 4);
  ((memref2 *)results)->sizes[0] = 2;
}

/* square: of a scalar. A denormal product is kept only in the default mode of
 * the CPU. */
static void run_square(void *results, const void *const *inputs) {
  const memref0 *in = inputs[0];
  memref0 *out = results;
  out->allocated = out->aligned = sparsec_rt_alloc(1, 4);
  out->offset = 0;
  float value;
  memcpy(&value, in->aligned, 4);
  volatile float square = value * value;
  value = square;
  memcpy(out->aligned, &value, 4);
}

/* memory: takes an alignment and a number of bytes and returns that many, all
 * of the slack behind them read. */
static void run_memory(void *results, const void *const *inputs) {
  int64_t want[2];
  memcpy(want, ((const memref1 *)inputs[0])->aligned, sizeof(want));
  char *data = sparsec_rt_alloc((uint64_t)want[0], (uint64_t)want[1]);
  char slack = 0;
  for (int i = 0; i < 64; ++i)
    slack |= data[want[1] + i];
  if ((uintptr_t)data % (uint64_t)want[0] != 0 || (uintptr_t)data % 64 != 0)
    sparsec_rt_fail("not aligned");
  if (slack)
    sparsec_rt_fail("slack is not zero");
  memset(data, 1, (size_t)want[1]);
  *(memref1 *)results = (memref1){data, data, 0, {want[1]}, {1}};
}

/* call: takes the address of a function and calls it, two weights expanded. */
static void run_call(void *results, const void *const *inputs) {
  (void)results;
  void (*function)(void);
  memcpy(&function, ((const memref0 *)inputs[0])->aligned, sizeof(function));
  sparsec_rt_decompressed(100);
  sparsec_rt_decompressed(28);
  function();
}

/* windows: ten weights of 100 bytes expanded, as many at a time as the input
 * says, in working memory of 30 bytes each. */
static void run_windows(void *results, const void *const *inputs) {
  (void)results;
  const memref0 *count = inputs[0];
  int64_t atATime = (int64_t)*(float *)count->aligned;
  for (int64_t i = 0; i < 10; ++i) {
    sparsec_rt_decompressed(100);
    sparsec_rt_alloc(64, 30);
    if (i + 1 >= atATime)
      sparsec_rt_decompressed(-100);
  }
}

#ifdef CALLS_UNKNOWN
void sparsec_rt_not_yet_invented(void);
void use_unknown(void) { sparsec_rt_not_yet_invented(); }
#endif

#define TYPE(NAME, ...) static const sparsec_tensor_type NAME[] = {__VA_ARGS__}
TYPE(two_rows, {SPARSEC_F32, 2, {-1, 4}}, {SPARSEC_F32, 2, {-1, 4}});
TYPE(rows, {SPARSEC_F32, RESULT_RANK, {-1, 4}});
TYPE(two_by_three, {SPARSEC_F32, 2, {2, 3}});
TYPE(views, {SPARSEC_F32, 2, {3, 2}}, {SPARSEC_F32, 1, {-1}},
     {SPARSEC_F32, 2, {2, 3}});
TYPE(two_by_four, {SPARSEC_F32, 2, {2, 4}}, {SPARSEC_F32, 2, {2, 4}},
     {SPARSEC_F32, 2, {-1, 4}}, {SPARSEC_F32, 2, {2, 4}});
TYPE(scalar, {SPARSEC_F32, 0, {0}});
TYPE(pair, {SPARSEC_I64, 1, {2}});
TYPE(bytes, {SPARSEC_I8, 1, {-1}});
TYPE(address, {SPARSEC_I64, 0, {0}});

static const sparsec_entry entries[] = {
#ifndef NO_MAIN
    {"main", run_main, 2, 1, two_rows, rows, 0, -1},
#endif
#ifndef ONE_ENTRY
    {"fail", run_fail, 0, 1, NULL, rows, 0, 3 << 20},
    {"huge", run_huge, 0, 1, NULL, rows, 0, -1},
    {"misaligned", run_misaligned, 0, 1, NULL, rows, 0, -1},
    {"views", run_views, 1, 3, two_by_three, views, 0, 24},
    {"aliases", run_aliases, 1, 4, rows, two_by_four, 0, 32},
    {"leak", run_leak, 0, 1, NULL, rows, 0, 480},
    {"wrong", run_wrong, 0, 1, NULL, two_by_four, 0, 48},
    {"small", run_small, 0, 1, NULL, rows, 0, 16},
    {"square", run_square, 1, 1, scalar, scalar, 0, 4},
    {"memory", run_memory, 1, 1, pair, bytes, 0, -1},
    {"call", run_call, 1, 0, address, NULL, 128, 1000},
    {"windows", run_windows, 1, 0, scalar, NULL, 200, 100},
#endif
};

static const sparsec_candidate candidates[] = {{"#sparsec.bitmask", 300, 1e-6},
                                               {"dense", 1000, -1}};

static const sparsec_weight weights[] = {{"w0",
                                          SPARSEC_F32,
                                          2,
                                          {10, 25},
                                          "#sparsec.bitmask",
                                          "smallest",
                                          50,
                                          1000,
                                          300,
                                          3,
                                          0,
                                          0,
                                          2,
                                          0,
                                          candidates},
                                         {"w1",
                                          SPARSEC_F32,
                                          1,
                                          {5},
                                          "dense",
                                          "too small to compress",
                                          5,
                                          20,
                                          20,
                                          0,
                                          0,
                                          0,
                                          0,
                                          0,
                                          NULL}};

#ifndef NO_MODULE
__attribute__((visibility("default")))
const sparsec_module_desc sparsec_module = {MAGIC,
                                            ABI_VERSION,
                                            STRUCT_BYTES,
                                            EXPAND(TARGET),
#ifdef NEEDS_FEATURE
                                            "znver4",
                                            "sse2," EXPAND(NEEDS_FEATURE),
#else
                                            "",
                                            "",
#endif
                                            0,
                                            sizeof(entries) /
                                                sizeof(entries[0]),
                                            entries,
                                            2,
                                            0,
                                            weights};
#endif
