// RUN: sparsec-opt %s -split-input-file --sparsec-host-kernels -verify-diagnostics

// Kernels read component arrays; nothing packs at run time.
func.func @argument(%w: tensor<12x20xf32, #sparsec.csr>, %x: memref<20xf32>, %y: memref<12xf32>) {
  // expected-error @+1 {{cannot generate code for a weight of type 'tensor<12x20xf32, #sparsec.csr>' that is not packed; run sparsec-pack-weights}}
  sparsec.matmul ins(%w, %x : tensor<12x20xf32, #sparsec.csr>, memref<20xf32>) outs(%y : memref<12xf32>)
  return
}

// -----

// The length of a row is part of the kernel.
func.func @dynamic(%w: tensor<12x?xf32, #sparsec.csr>, %x: memref<?xf32>, %y: memref<12xf32>) {
  // expected-error @+1 {{cannot generate code for a weight of type 'tensor<12x?xf32, #sparsec.csr>': its inner dimension is dynamic}}
  sparsec.matmul ins(%w, %x : tensor<12x?xf32, #sparsec.csr>, memref<?xf32>) outs(%y : memref<12xf32>)
  return
}

// -----

// Kernels write memory.
func.func @tensors(%w: tensor<12x20xf32>, %x: tensor<20xf32>, %y: tensor<12xf32>) -> tensor<12xf32> {
  // expected-error @+1 {{is not bufferized}}
  %0 = sparsec.matmul ins(%w, %x : tensor<12x20xf32>, tensor<20xf32>) outs(%y : tensor<12xf32>) -> tensor<12xf32>
  return %0 : tensor<12xf32>
}

// -----

// So are the arrays of a weight.
func.func @arrays(%v: tensor<4xf32>, %i: tensor<4xi32>, %o: tensor<13xi32>, %x: memref<20xf32>, %y: memref<12xf32>) {
  %w = sparsec.assemble %v, %i, %o : tensor<4xf32>, tensor<4xi32>, tensor<13xi32> to tensor<12x20xf32, #sparsec.csr>
  // expected-error @+1 {{component arrays are not bufferized}}
  sparsec.matmul ins(%w, %x : tensor<12x20xf32, #sparsec.csr>, memref<20xf32>) outs(%y : memref<12xf32>)
  return
}
