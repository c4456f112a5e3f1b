// One weight of bytes that is nothing but its shape.
func.func @main(%x: tensor<512xf32>) -> tensor<1024xf32> {
  %w = arith.constant dense<1> : tensor<1024x512xi8>
  %c0 = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<1024xf32>
  %zero = linalg.fill ins(%c0 : f32) outs(%empty : tensor<1024xf32>) -> tensor<1024xf32>
  %y = linalg.matvec ins(%w, %x : tensor<1024x512xi8>, tensor<512xf32>)
      outs(%zero : tensor<1024xf32>) -> tensor<1024xf32>
  return %y : tensor<1024xf32>
}
