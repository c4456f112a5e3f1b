// One weight that is nothing but its shape.
func.func @main(%x: tensor<512x512xf32>) -> tensor<512x512xf32> {
  %w = arith.constant dense<1.0> : tensor<512x512xf32>
  %c0 = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<512x512xf32>
  %zero = linalg.fill ins(%c0 : f32) outs(%empty : tensor<512x512xf32>) -> tensor<512x512xf32>
  %y = linalg.matmul ins(%w, %x : tensor<512x512xf32>, tensor<512x512xf32>)
      outs(%zero : tensor<512x512xf32>) -> tensor<512x512xf32>
  return %y : tensor<512x512xf32>
}
