/*===- gfx803_emulator.h - What only the stand-in can tell --------*- C -*-===//
 *
 * Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===//
 *
 * The stand-in for libhsa-runtime64.so.1 exports these beside the HSA API,
 * under the symbol version GFX803_EMULATOR_1. A program that also runs on
 * hardware looks them up with dlsym and does without where there are none.
 *
 * They may be called from any thread, between hsa_init and the last
 * hsa_shut_down. A string that a function gives belongs to the stand-in and
 * stays valid until the same thread calls that function again.
 *
 *===----------------------------------------------------------------------===*/

#ifndef GFX803_EMULATOR_H
#define GFX803_EMULATOR_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One finished dispatch. Times are modelled, never measured. */
typedef struct gfx803_emulator_dispatch_info {
  uint64_t index;             /* the first dispatch of the process has 0 */
  uint64_t completion_signal; /* the packet's, or 0 */
  const char *kernel;         /* "saxpy", without ".kd" */
  uint64_t workgroups, waves;
  uint64_t instructions;   /* executed by waves */
  uint64_t bytes;          /* that loads and stores of active lanes and
                              scalar loads asked for */
  uint64_t memory_bytes;   /* 64 for each cache line of device or system
                              memory that was read or written */
  double modelled_seconds; /* the largest of the lower bounds */
  const char *json;        /* all counts, as one JSON object */
} gfx803_emulator_dispatch_info;

/* How many dispatches finished without a fault so far. */
uint64_t gfx803_emulator_dispatch_count(void);

/* The dispatch with this index; the last 65536 are kept. 1 on success, 0 if it
 * is not finished, too old, or `out` is null. A dispatch can be looked up as
 * soon as its completion signal was decremented. */
int gfx803_emulator_dispatch(uint64_t index,
                             gfx803_emulator_dispatch_info *out);

/* The latest dispatch that decremented this completion signal (its handle).
 * 1 on success, 0 if there is none among those kept. */
int gfx803_emulator_dispatch_of_signal(uint64_t completion_signal,
                                       gfx803_emulator_dispatch_info *out);

/* The sentence that goes with the latest error the stand-in found: a kernel
 * that faulted, a packet or a code object that was refused. Null if none. */
const char *gfx803_emulator_last_fault(void);

/* These sentences are also printed on stderr, a line each; 0 stops that, for a
 * program that reports them itself. */
void gfx803_emulator_print_faults(int print);

#ifdef __cplusplus
}
#endif

#endif /* GFX803_EMULATOR_H */
