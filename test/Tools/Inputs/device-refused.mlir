// A size that only the device knows.
func.func @main(%x: tensor<4xf32>, %n: tensor<1xi64>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %size = tensor.extract %n[%c0] : tensor<1xi64>
  %i = arith.index_cast %size : i64 to index
  %y = tensor.extract_slice %x[0] [%i] [1] : tensor<4xf32> to tensor<?xf32>
  return %y : tensor<?xf32>
}
