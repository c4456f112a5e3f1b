// RUN: sparsec-opt %s -verify-diagnostics --sparsec-tile-windows=window-rows=6

func.func @f(%x: tensor<2x8xf32>, %v: tensor<?x4x4xf32>, %c: tensor<?xi32>, %r: tensor<4xi32>, %y: tensor<2x10xf32>) -> tensor<2x10xf32> {
  %w = sparsec.assemble %v, %c, %r : tensor<?x4x4xf32>, tensor<?xi32>, tensor<4xi32> to tensor<10x8xf32, #sparsec.block<4x4>>
  // expected-error @+1 {{window-rows=6 does not suit a weight in blocks: use a multiple of 4}}
  %0 = sparsec.matmul transpose_rhs zero_init ins(%x, %w : tensor<2x8xf32>, tensor<10x8xf32, #sparsec.block<4x4>>) outs(%y : tensor<2x10xf32>) -> tensor<2x10xf32>
  return %0 : tensor<2x10xf32>
}
