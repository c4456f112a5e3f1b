// RUN: sparsec-opt %s -split-input-file -verify-diagnostics

// FAILS TODAY: a window larger than its source cannot lie inside, at any offset.
func.func @f(%w: tensor<16x32xf32, #sparsec.csr>, %i: index) -> tensor<32x32xf32, #sparsec.csr> {
  // expected-error @+1 {{runs past the end}}
  %0 = sparsec.window %w[%i] : tensor<16x32xf32, #sparsec.csr> to tensor<32x32xf32, #sparsec.csr>
  return %0 : tensor<32x32xf32, #sparsec.csr>
}

// -----

// FAILS TODAY: epilogue operands are not checked: a memref beside tensors; what
// comes out of sparsec-to-linalg does not verify.
func.func @f(%x: tensor<4x8xf32>, %w: tensor<8x2xf32>, %o: tensor<4x2xf32>, %b: memref<2xf32>) -> tensor<4x2xf32> {
  // expected-error @+1 {{expects dense operands to be all tensors or all memrefs}}
  %0 = sparsec.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x2xf32>) outs(%o : tensor<4x2xf32>)
    epilogue(%b : memref<2xf32>) [affine_map<(i, j) -> (j)>] {
    ^bb0(%s: f32, %c: f32):
      %n = arith.addf %s, %c : f32
      sparsec.yield %n : f32
  } -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}
