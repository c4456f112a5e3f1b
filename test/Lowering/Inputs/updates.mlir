// The transposed product of a weight that has other products too, so that it is packed
// as it is; nothing but shapes.
func.func @main(%x: tensor<256x7xf32>, %z: tensor<512x64xf32>)
    -> (tensor<512x7xf32>, tensor<256x64xf32>) {
  %w = arith.constant dense<1.0> : tensor<256x512xf32>
  %c0 = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<512x7xf32>
  %zero = linalg.fill ins(%c0 : f32) outs(%empty : tensor<512x7xf32>) -> tensor<512x7xf32>
  %y = linalg.matmul
      indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>,
                       affine_map<(m, n, k) -> (m, n)>]
      ins(%w, %x : tensor<256x512xf32>, tensor<256x7xf32>)
      outs(%zero : tensor<512x7xf32>) -> tensor<512x7xf32>
  %empty2 = tensor.empty() : tensor<256x64xf32>
  %zero2 = linalg.fill ins(%c0 : f32) outs(%empty2 : tensor<256x64xf32>) -> tensor<256x64xf32>
  %u = linalg.matmul ins(%w, %z : tensor<256x512xf32>, tensor<512x64xf32>)
      outs(%zero2 : tensor<256x64xf32>) -> tensor<256x64xf32>
  return %y, %u : tensor<512x7xf32>, tensor<256x64xf32>
}
