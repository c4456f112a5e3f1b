/*===- sparsec/abi.h - What compiled models and the runtime agree on -*- C
 * -*-===
 *
 * Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===
 *
 * The only header that both generated code and the runtime include. A compiled
 * model is a shared library that exports one object, `sparsec_module`, and may
 * call only the functions declared at the end of this file (and libm, and
 * libomp through OpenMP's own ABI). A model with kernels for a device exports a
 * second object, `sparsec_device_image`.
 *
 * All structs are laid out by the C ABI of x86-64; their sizes are asserted in
 * the runtime. Strings are UTF-8 and zero terminated. Everything reachable from
 * `sparsec_module` is constant and lives as long as the library is loaded.
 *
 *===----------------------------------------------------------------------===*/

#ifndef SPARSEC_ABI_H
#define SPARSEC_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "SPARSECM" read as a little-endian 64-bit integer. */
#define SPARSEC_ABI_MAGIC UINT64_C(0x4d43455352415053)

/* Grows by one when a field or a function changes meaning. A runtime refuses a
 * model with another version: magic and version never move. */
#define SPARSEC_ABI_VERSION 4u

/* The symbol a model exports. */
#define SPARSEC_MODULE_SYMBOL "sparsec_module"

#define SPARSEC_MAX_RANK 8

/* Element types. The numbers are part of the ABI. */
typedef enum sparsec_dtype {
  SPARSEC_F32 = 1,
  SPARSEC_F16 = 2,
  SPARSEC_BF16 = 3,
  SPARSEC_I8 = 4,
  SPARSEC_I32 = 5,
  SPARSEC_I64 = 6,
  SPARSEC_I1 = 7, /* one byte an element, 0 or 1 */
  SPARSEC_F64 = 8
} sparsec_dtype;

/* The type of an argument or a result. A dimension of -1 is known at run time
 * only. */
typedef struct sparsec_tensor_type {
  uint32_t dtype; /* sparsec_dtype */
  uint32_t rank;
  int64_t shape[SPARSEC_MAX_RANK];
} sparsec_tensor_type;

/* A tensor as generated code sees it: the layout of a ranked MLIR memref
 * descriptor. What follows is `int64_t sizes[rank]` and `int64_t
 * strides[rank]`, strides in elements. */
typedef struct sparsec_descriptor {
  void *allocated; /* what to free; equal to aligned here */
  void *aligned;
  int64_t offset; /* in elements, from aligned */
  int64_t sizes_and_strides[2 * SPARSEC_MAX_RANK];
} sparsec_descriptor;

/* Runs one function of the model. `inputs[i]` points to the descriptor of
 * argument i (rank sizes, then rank strides); `results` is room for the result
 * descriptors, one behind the other without padding (24 + 16 * rank bytes
 * each). Each result is newly allocated with sparsec_rt_alloc and belongs to
 * the caller. Inputs are row-major, contiguous, 64-byte aligned and are not
 * written. */
typedef void (*sparsec_entry_fn)(void *results, const void *const *inputs);

typedef struct sparsec_entry {
  const char *name;
  sparsec_entry_fn run;
  uint32_t num_inputs;
  uint32_t num_results;
  const sparsec_tensor_type *inputs;
  const sparsec_tensor_type *results;
  /* Upper bounds in bytes, stated by the compiler; -1 where a size is known at
   * run time only. Decompressed: weights held expanded at one time. Working:
   * all that sparsec_rt_alloc and sparsec_rt_device_alloc hand out at one time
   * during a run, results included. A run that would exceed one is ended. */
  int64_t bound_decompressed_bytes;
  int64_t bound_working_bytes;
} sparsec_entry;

/* One format that a weight could have had. */
typedef struct sparsec_candidate {
  const char *format;
  int64_t bytes;
  double seconds; /* predicted, of all products with the weight; -1 if the
                     compiler's cost table does not say */
} sparsec_candidate;

/* One weight of the model. */
typedef struct sparsec_weight {
  const char *name;
  uint32_t dtype;
  uint32_t rank;
  int64_t shape[SPARSEC_MAX_RANK];
  const char *format; /* as the dialect prints it, or "dense" */
  const char *reason; /* why this format, one sentence */
  int64_t nnz;
  int64_t dense_bytes;
  int64_t compressed_bytes; /* stored; of what is left where dense */
  int64_t negative_zeros;   /* of the nonzeros, those that are -0.0 */
  int64_t removed_rows;     /* of those in `shape`, rows and columns that are */
  int64_t removed_cols;     /* not stored, since they change nothing */
  uint32_t num_candidates;
  uint32_t reserved;
  const sparsec_candidate *candidates;
} sparsec_weight;

/* What a compiled model exports. */
typedef struct sparsec_module_desc {
  uint64_t magic;
  uint32_t abi_version;
  uint32_t struct_bytes; /* sizeof(sparsec_module_desc) */
  const char *target;    /* "host", "gfx803" */
  const char *cpu;       /* the CPU the code needs, "" for any x86-64 */
  const char *features;  /* comma-separated names from /proc/cpuinfo that the
                            code needs, "" for none beyond x86-64 */
  uint32_t strict_fp;    /* 1 if compiled with --strict-fp */
  uint32_t num_entries;
  const sparsec_entry *entries;
  uint32_t num_weights;
  uint32_t reserved;
  const sparsec_weight *weights;
} sparsec_module_desc;

/*===----------------------------------------------------------------------===
 * Kernels for a device. The entries of such a model run on the CPU all the same
 * and drive the device through the functions below.
 *===----------------------------------------------------------------------===*/

/* The symbol a model with kernels exports; others have none. */
#define SPARSEC_DEVICE_IMAGE_SYMBOL "sparsec_device_image"

/* What sparsec_load brings to the device. */
typedef struct sparsec_device_image_desc {
  uint32_t struct_bytes; /* sizeof(sparsec_device_image_desc) */
  uint32_t num_kernels;
  const char *const
      *kernels;     /* their names; sparsec_rt_launch takes an index */
  const void *code; /* a code object for the model's target */
  uint64_t code_bytes;
  const void *weights; /* copied to the device once, when the model is loaded;
                          what is streamed is behind them */
  uint64_t weights_bytes;
} sparsec_device_image_desc;

/* The code object of the device "host" is a shared library that exports, under
 * each kernel's name, a sparsec_host_kernel. Its function is called for each
 * workgroup, from several threads at once, and runs all of its work items. */
typedef struct sparsec_host_workgroup {
  uint32_t grid[3];      /* in work items */
  uint32_t workgroup[3]; /* as launched */
  uint32_t id[3];        /* of this workgroup */
  uint32_t items[3];     /* of this workgroup: fewer at the end of the grid */
  void *local;           /* of this workgroup, 64-byte aligned, not cleared */
} sparsec_host_workgroup;

/* "SPARSECK" read as a little-endian 64-bit integer. */
#define SPARSEC_HOST_KERNEL_MAGIC UINT64_C(0x4b43455352415053)

typedef struct sparsec_host_kernel {
  uint64_t magic;
  void (*run)(const sparsec_host_workgroup *group, const void *arguments);
  uint32_t argument_bytes;
  uint32_t local_bytes; /* what a launch may add to */
} sparsec_host_kernel;

/*===----------------------------------------------------------------------===
 * What generated code may call. All of these act on the run that the calling
 * thread is in.
 *===----------------------------------------------------------------------===*/

/* `bytes` bytes aligned to `alignment` (a power of two), counted as working
 * memory. Does not return if there is no memory: the run ends with
 * SPARSEC_OUT_OF_MEMORY. Called on the thread that runs the entry only. */
void *sparsec_rt_alloc(uint64_t alignment, uint64_t bytes);
void sparsec_rt_free(void *pointer);

/* Ends the run with SPARSEC_INVALID_ARGUMENT and this message. Called on the
 * thread that runs the entry only. Does not return. */
void sparsec_rt_fail(const char *message);

/* The number of threads worth starting for `work` multiply-adds: at least 1. */
int64_t sparsec_rt_threads(int64_t work);

/* Counts `bytes` of weights as held expanded; a negative number takes them
 * back. What is not taken back counts until the run ends. Ends the run beyond
 * the entry's bound. Called on the thread that runs the entry only. */
void sparsec_rt_decompressed(int64_t bytes);

/* Rows [begin, end) of `total` of an array of the model's weights have been
 * read, and those behind them are next: what was read may leave memory, from
 * where it comes back out of the file when it is read again. */
void sparsec_rt_streamed(const void *array, int64_t bytes, int64_t begin,
                         int64_t end, int64_t total);

/* The functions below act on the device that the model was loaded for. They are
 * called on the thread that runs the entry only, and do not return if they
 * fail: the run ends with the status and the reason.
 *
 * Copies and launches are only issued; what they return is a ticket. Kernels
 * run one after the other in the order of issue, and so do copies, but a kernel
 * and a copy overlap unless the later one names the earlier one's ticket as
 * `after`; 0 is the ticket of nothing. Naming the last of a kind covers those
 * before it. The end of the entry waits for everything. */

/* The address of the model's weights on the device. */
uint64_t sparsec_rt_device_weights(void);

/* Device memory at a multiple of 256, of undefined contents. It belongs to the
 * run; freeing it is optional, and waits for what was issued. */
uint64_t sparsec_rt_device_alloc(uint64_t bytes);
void sparsec_rt_device_free(uint64_t memory);

/* `from` may change once the call has returned. */
uint64_t sparsec_rt_copy_in(uint64_t to, const void *from, uint64_t bytes,
                            uint64_t after);
/* `to` is written once sparsec_rt_wait has returned, or the entry has ended. */
uint64_t sparsec_rt_copy_out(void *to, uint64_t from, uint64_t bytes,
                             uint64_t after);
/* The ranges do not overlap. */
uint64_t sparsec_rt_copy_within(uint64_t to, uint64_t from, uint64_t bytes,
                                uint64_t after);

/* Brings a window of the model's weights, a read-only part of its file that
 * leaves host memory again, to the device, where the kernels that
 * are launched from now on find it. For two places that are taken in turns: the
 * copy does not wait for the kernels that were launched since the last call,
 * but for those before, which were the last to read what it overwrites. */
void sparsec_rt_stream(uint64_t to, const void *from, uint64_t bytes);

/* Grid and workgroup are in work items; the last workgroup of a dimension may
 * be partial. `arguments` is a C struct with the kernel's explicit arguments,
 * and copied. `local_bytes` of local memory come on top of the kernel's own. */
uint64_t sparsec_rt_launch(uint32_t kernel, const uint32_t grid[3],
                           const uint32_t workgroup[3], uint32_t local_bytes,
                           const void *arguments, uint32_t argument_bytes,
                           uint64_t after);

/* Waits until a copy or launch is over. */
void sparsec_rt_wait(uint64_t ticket);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* SPARSEC_ABI_H */
