/*===- DeviceModel.c - A compiled model with kernels, by hand -----*- C -*-===
 *
 * Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===
 *
 * A stand-in for a model compiled for a device: the code object is embedded
 * (KERNELS names its file), the weights are in the image, and the entries drive
 * the device. DeviceModelTest.cpp runs it.
 *
 *===----------------------------------------------------------------------===*/

#include "sparsec/abi.h"

#include <string.h>

#define COUNT 1000
#define STRING(...) #__VA_ARGS__
#define EXPAND(...) STRING(__VA_ARGS__)

__asm__(".pushsection .rodata\n"
        ".balign 64\n"
        ".hidden kernels_begin\n"
        ".globl kernels_begin\n"
        "kernels_begin: .incbin \"" KERNELS "\"\n"
        ".hidden kernels_end\n"
        ".globl kernels_end\n"
        "kernels_end:\n"
        ".popsection\n");
extern __attribute__((visibility("hidden"))) const char kernels_begin[],
    kernels_end[];

static float weights[COUNT];
static const char *const kernels[] = {"scale", "step", "poke"};
enum { SCALE, STEP, POKE };

/* Complete before sparsec_load can see it. */
sparsec_device_image_desc sparsec_device_image = {
    sizeof(sparsec_device_image_desc),
    3,
    kernels,
    kernels_begin,
    0,
    weights,
    sizeof(weights)};
__attribute__((constructor)) static void fill(void) {
  sparsec_device_image.code_bytes = (uint64_t)(kernels_end - kernels_begin);
  for (int i = 0; i < COUNT; ++i)
    weights[i] = (float)(i % 17) - 8;
}

typedef struct {
  float *allocated, *aligned;
  int64_t offset, sizes[1], strides[1];
} memref1;

typedef struct {
  uint64_t y, x, w;
  uint32_t n;
} scale_arguments;

/* y = w * x */
static void run_main(void *results, const void *const *inputs) {
  const memref1 *x = inputs[0];
  const uint64_t bytes = COUNT * sizeof(float);
  uint64_t memory = sparsec_rt_device_alloc(2 * 4096);
  uint64_t filled =
      sparsec_rt_copy_in(memory, x->aligned + x->offset, bytes, 0);
  scale_arguments arguments = {memory + 4096, memory,
                               sparsec_rt_device_weights(), COUNT};
  uint32_t grid[3] = {COUNT, 1, 1}, group[3] = {256, 1, 1};
  uint64_t computed = sparsec_rt_launch(SCALE, grid, group, 0, &arguments,
                                        sizeof(arguments), filled);
  memref1 y = {0, 0, 0, {COUNT}, {1}};
  y.allocated = y.aligned = sparsec_rt_alloc(64, bytes);
  sparsec_rt_copy_out(y.aligned, memory + 4096, bytes, computed);
  memcpy(results, &y, sizeof(y));
}

#define WEIGHT(i) ((float)((i) % 17) - 8)
#define TEN(i)                                                                 \
  WEIGHT(i), WEIGHT(i + 1), WEIGHT(i + 2), WEIGHT(i + 3), WEIGHT(i + 4),       \
      WEIGHT(i + 5), WEIGHT(i + 6), WEIGHT(i + 7), WEIGHT(i + 8),              \
      WEIGHT(i + 9)
#define HUNDRED(i)                                                             \
  TEN(i), TEN(i + 10), TEN(i + 20), TEN(i + 30), TEN(i + 40), TEN(i + 50),     \
      TEN(i + 60), TEN(i + 70), TEN(i + 80), TEN(i + 90)
#define WINDOW 100
#define PLACE 512
/* Part of the file, which `weights` is not. */
static const float streamed[COUNT] = {
    HUNDRED(0),   HUNDRED(100), HUNDRED(200), HUNDRED(300), HUNDRED(400),
    HUNDRED(500), HUNDRED(600), HUNDRED(700), HUNDRED(800), HUNDRED(900)};

/* The same, with a tenth of the weights at a time. */
static void run_stream(void *results, const void *const *inputs) {
  const memref1 *x = inputs[0];
  const uint64_t bytes = COUNT * sizeof(float);
  uint64_t memory = sparsec_rt_device_alloc(2 * 4096);
  uint64_t places = sparsec_rt_device_alloc(2 * PLACE);
  uint64_t filled =
      sparsec_rt_copy_in(memory, x->aligned + x->offset, bytes, 0);
  uint32_t grid[3] = {WINDOW, 1, 1}, group[3] = {64, 1, 1};
  uint64_t last = 0;
  for (uint64_t w = 0; w < COUNT / WINDOW; ++w) {
    uint64_t place = places + w % 2 * PLACE;
    sparsec_rt_stream(place, streamed + w * WINDOW, WINDOW * sizeof(float));
    uint64_t at = memory + w * WINDOW * sizeof(float);
    scale_arguments arguments = {at + 4096, at, place, WINDOW};
    last = sparsec_rt_launch(SCALE, grid, group, 0, &arguments,
                             sizeof(arguments), filled);
  }
  memref1 y = {0, 0, 0, {COUNT}, {1}};
  y.allocated = y.aligned = sparsec_rt_alloc(64, bytes);
  sparsec_rt_copy_out(y.aligned, memory + 4096, bytes, last);
  memcpy(results, &y, sizeof(y));
}

/* A kernel that writes where it must not. */
static void run_fault(void *results, const void *const *inputs) {
  uint64_t memory = sparsec_rt_device_alloc(64);
  uint64_t arguments[2] = {memory, UINT64_C(1) << 38};
  uint32_t one[3] = {1, 1, 1};
  sparsec_rt_wait(sparsec_rt_launch(POKE, one, one, 0, arguments, 16, 0));
  sparsec_rt_fail("the fault went unnoticed");
}

/* A kernel that the model has not. */
static void run_unknown(void *results, const void *const *inputs) {
  uint32_t one[3] = {1, 1, 1};
  sparsec_rt_launch(99, one, one, 0, 0, 0, 0);
}

/* More memory than there is. */
static void run_huge(void *results, const void *const *inputs) {
  sparsec_rt_device_alloc(UINT64_C(1) << 45);
}

/* Memory that is not the run's. */
static void run_free(void *results, const void *const *inputs) {
  uint64_t memory = sparsec_rt_device_alloc(100);
  sparsec_rt_device_free(0);
  sparsec_rt_device_free(memory);
  sparsec_rt_device_free(memory);
}

static const sparsec_tensor_type vector[] = {{SPARSEC_F32, 1, {COUNT}}};
static const sparsec_entry entries[] = {
    {"main", run_main, 1, 1, vector, vector, 0, 12288},
    {"stream", run_stream, 1, 1, vector, vector, 0, 16384},
    {"fault", run_fault, 0, 0, 0, 0, 0, -1},
    {"unknown", run_unknown, 0, 0, 0, 0, 0, -1},
    {"huge", run_huge, 0, 0, 0, 0, 0, -1},
    {"free", run_free, 0, 0, 0, 0, 0, -1},
};
const sparsec_module_desc sparsec_module = {
    SPARSEC_ABI_MAGIC,
    SPARSEC_ABI_VERSION,
    sizeof(sparsec_module_desc),
    EXPAND(TARGET),
    "",
    "",
    1,
    sizeof(entries) / sizeof(entries[0]),
    entries,
    0,
    0,
    0,
};
