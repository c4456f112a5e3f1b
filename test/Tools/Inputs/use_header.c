/* Runs the model of double.mlir through its generated header. */
#include "double.h"

#include <stdio.h>

int main(void) {
  const float input[6] = {1, 1.5, 2, 2.5, 3, 3.5};
  sparsec_model *model;
  sparsec_tensor result;
  if (sparsec_load("double.so", "host", &model) != SPARSEC_OK ||
      double_main(model, input, 2, &result) != SPARSEC_OK) {
    puts(sparsec_last_error());
    return 1;
  }
  printf("%s[%dx%d]:", sparsec_dtype_name(result.type.dtype),
         (int)result.type.shape[0], (int)result.type.shape[1]);
  for (int i = 0; i < 6; ++i)
    printf(" %g", ((const float *)result.data)[i]);
  puts("");
  sparsec_tensor_release(&result);
  sparsec_unload(model);
  return 0;
}
