// RUN: sparsec-opt %s -split-input-file -verify-diagnostics --sparsec-tile-windows=memory-budget=100

// A row of 32 bytes beside 96 that have to be whole.
// expected-error @+1 {{a memory budget of 100 bytes is too small: the smallest that works is 128, for what function 'f' holds of decompressed weights}}
func.func @f(%x: tensor<2x8xf32>, %v: tensor<?xf32>, %i: tensor<?xi32>, %o: tensor<4xi32>, %y: tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<3x8xf32>) {
  %w = sparsec.assemble %v, %i, %o : tensor<?xf32>, tensor<?xi32>, tensor<4xi32> to tensor<3x8xf32, #sparsec.csr>
  %v2 = sparsec.assemble %v, %i, %o : tensor<?xf32>, tensor<?xi32>, tensor<4xi32> to tensor<3x8xf32, #sparsec.csr>
  %d = sparsec.decompress %w : tensor<3x8xf32, #sparsec.csr> to tensor<3x8xf32>
  %d2 = sparsec.decompress %v2 : tensor<3x8xf32, #sparsec.csr> to tensor<3x8xf32>
  %0 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
         ins(%x, %d : tensor<2x8xf32>, tensor<3x8xf32>) outs(%y : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0, %d2 : tensor<2x3xf32>, tensor<3x8xf32>
}
