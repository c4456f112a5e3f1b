func.func @main(%x: tensor<3xf32>) -> tensor<2xf32> {
  %w = arith.constant dense<[[-0.0, 0.0, 1.0], [0.0, -0.0, 0.0]]> : tensor<2x3xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  %y = linalg.matvec ins(%w, %x : tensor<2x3xf32>, tensor<3xf32>) outs(%f : tensor<2xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}
