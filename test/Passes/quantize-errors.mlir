// RUN: sparsec-opt %s -split-input-file --sparsec-quantize -verify-diagnostics

// No scale makes a byte of an infinity; nor of a NaN, which has no magnitude.
func.func @infinite(%x: tensor<2xf32>, %o: tensor<2xf32>) -> tensor<2xf32> {
  %w = arith.constant dense<[[1.0, 0.0], [0.5, 0xFF800000]]> : tensor<2x2xf32>
  // expected-error @+1 {{cannot quantize weight 'fc1': element [1, 1] is not finite, and int8 has no such value}}
  %c = sparsec.compress %w {sparsec.weight = {name = "fc1"}} : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.auto>
  %y = sparsec.matmul ins(%c, %x : tensor<2x2xf32, #sparsec.auto>, tensor<2xf32>) outs(%o : tensor<2xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

// -----

func.func @nan(%x: tensor<2xf32>, %o: tensor<2xf32>) -> tensor<2xf32> {
  %w = arith.constant dense<[[1.0, 0x7E00], [0.5, 1.0]]> : tensor<2x2xf16>
  // expected-error @+1 {{cannot quantize weight 'weight': element [0, 1] is not finite}}
  %c = sparsec.compress %w : tensor<2x2xf16> to tensor<2x2xf16, #sparsec.auto>
  %y = sparsec.matmul ins(%c, %x : tensor<2x2xf16, #sparsec.auto>, tensor<2xf32>) outs(%o : tensor<2xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}
