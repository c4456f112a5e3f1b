// One weight that is nothing but its shape: too few rows for tiles.
func.func @main(%x: tensor<512x64xf32>) -> tensor<16x64xf32> {
  %w = arith.constant dense<1.0> : tensor<16x512xf32>
  %c0 = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<16x64xf32>
  %zero = linalg.fill ins(%c0 : f32) outs(%empty : tensor<16x64xf32>) -> tensor<16x64xf32>
  %y = linalg.matmul ins(%w, %x : tensor<16x512xf32>, tensor<512x64xf32>)
      outs(%zero : tensor<16x64xf32>) -> tensor<16x64xf32>
  return %y : tensor<16x64xf32>
}
