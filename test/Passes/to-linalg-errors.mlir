// RUN: sparsec-opt %s -split-input-file --sparsec-to-linalg -verify-diagnostics

// The number of columns cannot be read off the arrays.
func.func @dynamic(%v: tensor<?xf32>, %i: tensor<?xi32>, %o: tensor<?xi32>) -> tensor<?x?xf32, #sparsec.csr> {
  // expected-error @+2 {{cannot expand 'tensor<?x?xf32, #sparsec.csr>': its shape is not static}}
  // expected-error @+1 {{failed to legalize operation 'sparsec.assemble'}}
  %c = sparsec.assemble %v, %i, %o : tensor<?xf32>, tensor<?xi32>, tensor<?xi32> to tensor<?x?xf32, #sparsec.csr>
  return %c : tensor<?x?xf32, #sparsec.csr>
}

// -----

// The reference is written on values.
func.func @buffers(%w: tensor<3x4xf32, #sparsec.csr>, %x: memref<4xf32>, %o: memref<3xf32>) {
  // expected-error @+2 {{is lowered to linalg on tensors only}}
  // expected-error @+1 {{failed to legalize operation 'sparsec.matmul'}}
  sparsec.matmul ins(%w, %x : tensor<3x4xf32, #sparsec.csr>, memref<4xf32>) outs(%o : memref<3xf32>)
  return
}
