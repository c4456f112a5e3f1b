/*===- main.c - Run a compiled model from C ----------------------*- C -*-===
 *
 * Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===
 *
 *   run_model model.so
 *
 * Lists the model's weights and runs its entry on ones, a batch of one.
 *
 *===----------------------------------------------------------------------===*/

#include <sparsec/runtime.h>

#include <stdio.h>
#include <stdlib.h>

static int fail(const char *reason) {
  fprintf(stderr, "run_model: %s\n", reason);
  return 1;
}

/* An f32 tensor of ones; dimensions that are known at run time only are 1. */
static sparsec_tensor ones(const sparsec_tensor_type *type) {
  sparsec_tensor tensor = {NULL, *type};
  size_t count = 1;
  for (uint32_t i = 0; i < type->rank; ++i) {
    if (tensor.type.shape[i] < 0)
      tensor.type.shape[i] = 1;
    count *= (size_t)tensor.type.shape[i];
  }
  float *data = malloc(count * sizeof(float) + 1);
  if (data)
    for (size_t i = 0; i < count; ++i)
      data[i] = 1.0f;
  tensor.data = data;
  return tensor;
}

int main(int argc, char **argv) {
  if (argc != 2)
    return fprintf(stderr, "usage: run_model model.so\n"), 2;
  sparsec_model *model;
  if (sparsec_load(argv[1], "host", &model) != SPARSEC_OK)
    return fail(sparsec_last_error());

  const sparsec_module_desc *description = sparsec_describe(model);
  for (uint32_t i = 0; i < description->num_weights; ++i) {
    const sparsec_weight *weight = &description->weights[i];
    printf("%s: %s, %lld of %lld bytes\n", weight->name, weight->format,
           (long long)weight->compressed_bytes, (long long)weight->dense_bytes);
  }

  const sparsec_entry *entry;
  if (sparsec_find_entry(model, NULL, &entry) != SPARSEC_OK)
    return fail(sparsec_last_error());
  if (entry->num_inputs != 1 || entry->num_results != 1 ||
      entry->inputs[0].dtype != SPARSEC_F32 ||
      entry->results[0].dtype != SPARSEC_F32)
    return fail("this example runs entries with one f32 argument and result");

  sparsec_tensor input = ones(&entry->inputs[0]), result;
  if (!input.data)
    return fail("out of memory");
  if (sparsec_run(model, NULL, &input, 1, &result, 1, NULL) != SPARSEC_OK)
    return fail(sparsec_last_error());
  size_t count = 1;
  for (uint32_t i = 0; i < result.type.rank; ++i)
    count *= (size_t)result.type.shape[i];
  printf("result:");
  for (size_t i = 0; i < count; ++i)
    printf(" %g", (double)((const float *)result.data)[i]);
  printf("\n");

  sparsec_tensor_release(&result);
  free(input.data);
  sparsec_unload(model);
  return 0;
}
