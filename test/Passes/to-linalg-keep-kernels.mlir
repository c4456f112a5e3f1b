// With keep-kernels, what a target has kernels for stays: products whose weight is
// packed, a window of such a weight, or dense.
//
// RUN: sparsec-opt %s --sparsec-to-linalg=keep-kernels | FileCheck %s


// CHECK-LABEL: @packed
// CHECK: %[[C:.*]] = sparsec.assemble
// CHECK: sparsec.matmul ins(%[[C]], %{{.*}} : tensor<2x3xf32, #sparsec.csr>, tensor<3xf32>)
func.func @packed(%v: tensor<4xf32>, %i: tensor<4xi32>, %o: tensor<3xi32>, %x: tensor<3xf32>, %y: tensor<2xf32>) -> tensor<2xf32> {
  %c = sparsec.assemble %v, %i, %o : tensor<4xf32>, tensor<4xi32>, tensor<3xi32> to tensor<2x3xf32, #sparsec.csr>
  %0 = sparsec.matmul ins(%c, %x : tensor<2x3xf32, #sparsec.csr>, tensor<3xf32>) outs(%y : tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// CHECK-LABEL: @window
// CHECK: %[[C:.*]] = sparsec.assemble
// CHECK: %[[W:.*]] = sparsec.window %[[C]]
// CHECK: sparsec.matmul ins(%[[W]]
func.func @window(%v: tensor<4xf32>, %i: tensor<4xi32>, %o: tensor<3xi32>, %x: tensor<3xf32>, %y: tensor<1xf32>, %r: index) -> tensor<1xf32> {
  %c = sparsec.assemble %v, %i, %o : tensor<4xf32>, tensor<4xi32>, tensor<3xi32> to tensor<2x3xf32, #sparsec.csr>
  %w = sparsec.window %c[%r] : tensor<2x3xf32, #sparsec.csr> to tensor<1x3xf32, #sparsec.csr>
  %0 = sparsec.matmul ins(%w, %x : tensor<1x3xf32, #sparsec.csr>, tensor<3xf32>) outs(%y : tensor<1xf32>) -> tensor<1xf32>
  return %0 : tensor<1xf32>
}

// CHECK-LABEL: @dense
// CHECK: sparsec.matmul ins(%{{.*}}, %{{.*}} : tensor<2x3xf32>, tensor<3xf32>)
func.func @dense(%w: tensor<2x3xf32>, %x: tensor<3xf32>, %y: tensor<2xf32>) -> tensor<2xf32> {
  %0 = sparsec.matmul ins(%w, %x : tensor<2x3xf32>, tensor<3xf32>) outs(%y : tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// A weight that is compressed at run time has no kernel.
// CHECK-LABEL: @runtime
// CHECK-NOT: sparsec.
// CHECK: linalg.generic
func.func @runtime(%w: tensor<2x3xf32>, %x: tensor<3xf32>, %y: tensor<2xf32>) -> tensor<2xf32> {
  %c = sparsec.compress %w : tensor<2x3xf32> to tensor<2x3xf32, #sparsec.csr>
  %0 = sparsec.matmul ins(%c, %x : tensor<2x3xf32, #sparsec.csr>, tensor<3xf32>) outs(%y : tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// Expanding has a kernel too. The product keeps its packed weight.
// CHECK-LABEL: @decompressed
// CHECK: sparsec.assemble
// CHECK: sparsec.decompress
// CHECK: sparsec.matmul
func.func @decompressed(%v: tensor<4xf32>, %i: tensor<4xi32>, %o: tensor<3xi32>, %x: tensor<3xf32>, %y: tensor<2xf32>) -> (tensor<2x3xf32>, tensor<2xf32>) {
  %c = sparsec.assemble %v, %i, %o : tensor<4xf32>, tensor<4xi32>, tensor<3xi32> to tensor<2x3xf32, #sparsec.csr>
  %d = sparsec.decompress %c : tensor<2x3xf32, #sparsec.csr> to tensor<2x3xf32>
  %0 = sparsec.matmul ins(%c, %x : tensor<2x3xf32, #sparsec.csr>, tensor<3xf32>) outs(%y : tensor<2xf32>) -> tensor<2xf32>
  return %d, %0 : tensor<2x3xf32>, tensor<2xf32>
}

// So has a weight that something else wants: it is expanded as a whole.
// CHECK-LABEL: @returned
// CHECK: %[[C:.*]] = sparsec.assemble
// CHECK: %[[D:.*]] = sparsec.decompress %[[C]]
// CHECK: return %[[D]] : tensor<2x3xf32>
func.func @returned(%v: tensor<4xf32>, %i: tensor<4xi32>, %o: tensor<3xi32>) -> tensor<2x3xf32, #sparsec.csr> {
  %c = sparsec.assemble %v, %i, %o : tensor<4xf32>, tensor<4xi32>, tensor<3xi32> to tensor<2x3xf32, #sparsec.csr>
  return %c : tensor<2x3xf32, #sparsec.csr>
}
