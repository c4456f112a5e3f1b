// RUN: sparsec-opt %s --sparsec-from-linalg | FileCheck %s

// FAILS TODAY: stays linalg. Unit dimensions of the constant are dropped without
// asking which loops they follow, so a weight with one output loses its matrix.
// CHECK-LABEL: @one_output
// CHECK: sparsec.matmul
func.func @one_output(%x: tensor<1x3x64xf32>, %o: tensor<1x3x1xf32>) -> tensor<1x3x1xf32> {
  %w = arith.constant dense<1.0> : tensor<1x64x1xf32>
  %0 = linalg.batch_matmul ins(%x, %w : tensor<1x3x64xf32>, tensor<1x64x1xf32>) outs(%o : tensor<1x3x1xf32>) -> tensor<1x3x1xf32>
  return %0 : tensor<1x3x1xf32>
}
