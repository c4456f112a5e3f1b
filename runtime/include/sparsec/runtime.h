/*===- sparsec/runtime.h - Load and run compiled models ----------*- C -*-===
 *
 * Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===
 *
 *   sparsec_model *model;
 *   if (sparsec_load("model.so", "host", &model) != SPARSEC_OK)
 *     return puts(sparsec_last_error()), 1;
 *   sparsec_tensor in = {data, {SPARSEC_F32, 2, {1, 64}}}, out;
 *   if (sparsec_run(model, "main", &in, 1, &out, 1, NULL) != SPARSEC_OK)
 *     return puts(sparsec_last_error()), 1;
 *   ... out.data, out.type.shape ...
 *   sparsec_tensor_release(&out);
 *   sparsec_unload(model);
 *
 * Every function that can fail returns a status; the reason is a sentence from
 * sparsec_last_error() on the same thread. Nothing is thrown and nothing
 * aborts. A model may be run from several threads at once.
 *
 *===----------------------------------------------------------------------===*/

#ifndef SPARSEC_RUNTIME_H
#define SPARSEC_RUNTIME_H

#include "sparsec/abi.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum sparsec_status {
  SPARSEC_OK = 0,
  SPARSEC_NOT_FOUND = 1,        /* no such file, entry or device */
  SPARSEC_INVALID_ARTEFACT = 2, /* not a model, damaged, or another ABI */
  SPARSEC_INVALID_ARGUMENT = 3, /* wrong number, type or shape of tensors */
  SPARSEC_OUT_OF_MEMORY = 4,
  SPARSEC_UNSUPPORTED = 5, /* the model needs what this machine has not */
  SPARSEC_FAULT = 6        /* a kernel failed on the device */
} sparsec_status;

typedef struct sparsec_model sparsec_model;

/* A dense row-major tensor in host memory. All dimensions are known. */
typedef struct sparsec_tensor {
  void *data;
  sparsec_tensor_type type;
} sparsec_tensor;

/* What one run used. */
typedef struct sparsec_stats {
  int64_t peak_decompressed_bytes;
  int64_t bound_decompressed_bytes; /* -1: not known before the run */
  int64_t peak_working_bytes;
  int64_t bound_working_bytes; /* -1: not known before the run */
  int64_t compressed_bytes;    /* of all weights, as stored */
  int64_t dense_bytes;         /* of all weights, if dense */
  int64_t peak_device_bytes;   /* of a device's memory: weights that stay there
                                  and what the run had; -1: no device */
  double seconds;              /* wall time of the entry alone */
} sparsec_stats;

/* What all launches of one kernel have cost since the model was loaded. */
typedef struct sparsec_kernel_stats {
  const char *name; /* lives as long as the model */
  int64_t launches;
  double seconds; /* by the device's own clock; modelled on the emulator */
  /* Known on the emulator only, else -1: the wave instructions that were
   * executed, the bytes that they loaded and stored, and a lower bound of the
   * time on a card. */
  int64_t waves;
  int64_t instructions;
  int64_t bytes;
  double modelled_seconds;
} sparsec_kernel_stats;

/* A kernel or a copy of a run, or what the host does in their place. */
typedef struct sparsec_trace_event {
  const char *name; /* lives as long as the model */
  double start;     /* in seconds, from the first event on */
  double seconds;
  int64_t bytes;    /* that were copied; -1: a kernel */
  int32_t is_copy;  /* 1: by a copy engine; 0: by the compute units */
  int32_t modelled; /* 1: times are those of a model, not measured */
} sparsec_trace_event;

/* Loads a compiled model for a device: "host"; "hsa", a gfx803 card driven by
 * libhsa-runtime64.so.1; or "emulator", the same with the stand-in that lies
 * beside this library as gfx803-emulator/libhsa-runtime64.so.1, or where the
 * environment variable SPARSEC_GFX803_EMULATOR says. */
sparsec_status sparsec_load(const char *path, const char *device,
                            sparsec_model **model);
/* Opens a compiled model for any device, present or not, to describe it. Only
 * sparsec_describe, sparsec_find_entry and sparsec_unload may follow. */
sparsec_status sparsec_open(const char *path, sparsec_model **model);
void sparsec_unload(sparsec_model *model);

/* The model's own description: entries, weights, bounds. Never null. */
const sparsec_module_desc *sparsec_describe(const sparsec_model *model);

/* The entry of this name; with a null name, the only one, or "main". */
sparsec_status sparsec_find_entry(const sparsec_model *model, const char *name,
                                  const sparsec_entry **entry);

/* Runs an entry. `results` are written only on success; release each. Inputs
 * need not be aligned. `stats` may be null. */
sparsec_status sparsec_run(sparsec_model *model, const char *entry,
                           const sparsec_tensor *inputs, size_t num_inputs,
                           sparsec_tensor *results, size_t num_results,
                           sparsec_stats *stats);

/* The kernels that were launched, in the order in which the model lists them.
 * Writes at most `room` of them to `kernels` (null: none) and returns how many
 * there are. */
size_t sparsec_kernels(const sparsec_model *model,
                       sparsec_kernel_stats *kernels, size_t room);

/* Records what runs do from now on: kernels and copies; on the host, for a
 * model that streams its weights, "compute" for each window, and "read ahead"
 * until the pages of the next are in memory. Not while the model runs. */
sparsec_status sparsec_trace(sparsec_model *model);
/* What was recorded, in the order of issue, one run after the other. Writes at
 * most `room` events (null: none) and returns how many there are. */
size_t sparsec_trace_events(const sparsec_model *model,
                            sparsec_trace_event *events, size_t room);

/* Frees the data of a result of sparsec_run. */
void sparsec_tensor_release(sparsec_tensor *tensor);

/* Bytes of one element; 0 for an unknown type. */
size_t sparsec_dtype_bytes(uint32_t dtype);
/* "f32", "f16", ...; "unknown" for an unknown type. */
const char *sparsec_dtype_name(uint32_t dtype);

/* The reason of the last failure on this thread, one sentence; "" if none. */
const char *sparsec_last_error(void);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* SPARSEC_RUNTIME_H */
