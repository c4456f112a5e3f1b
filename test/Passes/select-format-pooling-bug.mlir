// RUN: sparsec-opt %s --sparsec-select-format | FileCheck %s

// FAILS TODAY: the window of a pooling has a shape and no values; it is not a
// weight, so it must not be listed as a filter.
// CHECK: sparsec.weights = []
func.func @pool(%x: tensor<1x4x4x2xf32>, %o: tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> {
  %k = arith.constant dense<0.0> : tensor<3x3xf32>
  %0 = linalg.pooling_nhwc_max ins(%x, %k: tensor<1x4x4x2xf32>, tensor<3x3xf32>) outs(%o : tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  return %0: tensor<1x2x2x2xf32>
}
