// A weight that is expanded when the model runs.
func.func @main() -> tensor<2x3xf32> {
  %v = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %i = arith.constant dense<[2, 0]> : tensor<2xi16>
  %o = arith.constant dense<[0, 1, 2]> : tensor<3xi32>
  %c = sparsec.assemble %v, %i, %o : tensor<2xf32>, tensor<2xi16>, tensor<3xi32> to tensor<2x3xf32, #sparsec.csr<index = i16>>
  %d = sparsec.decompress %c : tensor<2x3xf32, #sparsec.csr<index = i16>> to tensor<2x3xf32>
  return %d : tensor<2x3xf32>
}
