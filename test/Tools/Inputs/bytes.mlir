// Bytes by bytes, summed in 32 bits.
func.func @main(%x: tensor<3xi8>) -> tensor<2xi32> {
  %w = arith.constant dense<[[127, -2, 127], [0, 0, 127]]> : tensor<2x3xi8>
  %zero = arith.constant 0 : i32
  %empty = tensor.empty() : tensor<2xi32>
  %init = linalg.fill ins(%zero : i32) outs(%empty : tensor<2xi32>) -> tensor<2xi32>
  %y = linalg.matvec ins(%w, %x : tensor<2x3xi8>, tensor<3xi8>) outs(%init : tensor<2xi32>) -> tensor<2xi32>
  return %y : tensor<2xi32>
}
