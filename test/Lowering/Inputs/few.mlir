// One weight that is nothing but its shape, seven columns.
func.func @main(%x: tensor<512x7xf32>) -> tensor<1024x7xf32> {
  %w = arith.constant dense<1.0> : tensor<1024x512xf32>
  %c0 = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<1024x7xf32>
  %zero = linalg.fill ins(%c0 : f32) outs(%empty : tensor<1024x7xf32>) -> tensor<1024x7xf32>
  %y = linalg.matmul ins(%w, %x : tensor<1024x512xf32>, tensor<512x7xf32>)
      outs(%zero : tensor<1024x7xf32>) -> tensor<1024x7xf32>
  return %y : tensor<1024x7xf32>
}
