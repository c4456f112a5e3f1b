// Weights stay handles; everything else becomes buffers.
//
// RUN: sparsec-opt %s --sparsec-bufferize --canonicalize | FileCheck %s

// The arrays of a weight are buffers, the weight is a tensor that stands for them.
// CHECK-LABEL: @weight(
// CHECK-SAME: %[[X:.*]]: memref<4xf32>) -> memref<3xf32>
// CHECK: %[[V:.*]] = memref.get_global @{{.*}} : memref<2xf32>
// CHECK: %[[VALUES:.*]] = bufferization.to_tensor %[[V]]
// CHECK: %[[W:.*]] = sparsec.assemble %[[VALUES]], {{.*}} to tensor<3x4xf32, #sparsec.csr>
// CHECK: %[[Y:.*]] = memref.alloc() {{.*}} : memref<3xf32>
// CHECK: sparsec.matmul zero_init ins(%[[W]], %[[X]] : tensor<3x4xf32, #sparsec.csr>, memref<4xf32>) outs(%[[Y]] : memref<3xf32>)
// CHECK: return %[[Y]]
func.func @weight(%x: tensor<4xf32>) -> tensor<3xf32> {
  %v = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %i = arith.constant dense<[0, 3]> : tensor<2xi32>
  %o = arith.constant dense<[0, 1, 1, 2]> : tensor<4xi32>
  %w = sparsec.assemble %v, %i, %o : tensor<2xf32>, tensor<2xi32>, tensor<4xi32> to tensor<3x4xf32, #sparsec.csr>
  %e = tensor.empty() : tensor<3xf32>
  %0 = sparsec.matmul zero_init ins(%w, %x : tensor<3x4xf32, #sparsec.csr>, tensor<4xf32>) outs(%e : tensor<3xf32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// The arrays of a caller are not written: the product starts from a copy of outs,
// CHECK-LABEL: @outs_is_input(
// CHECK-SAME: %{{.*}}: memref<2x4xf32>, %{{.*}}: memref<4xf32>, %[[O:.*]]: memref<2xf32>)
// CHECK: %[[NEW:.*]] = memref.alloc
// CHECK: memref.copy %[[O]], %[[NEW]]
// CHECK: sparsec.matmul {{.*}} outs(%[[NEW]] : memref<2xf32>)
func.func @outs_is_input(%w: tensor<2x4xf32>, %x: tensor<4xf32>, %o: tensor<2xf32>) -> tensor<2xf32> {
  %0 = sparsec.matmul ins(%w, %x : tensor<2x4xf32>, tensor<4xf32>) outs(%o : tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// which zero_init does not read.
// CHECK-LABEL: @zero_init(
// CHECK: memref.alloc
// CHECK-NOT: memref.copy
// CHECK: sparsec.matmul zero_init
func.func @zero_init(%w: tensor<2x4xf32>, %x: tensor<4xf32>, %o: tensor<2xf32>) -> tensor<2xf32> {
  %0 = sparsec.matmul zero_init ins(%w, %x : tensor<2x4xf32>, tensor<4xf32>) outs(%o : tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// An epilogue and its operands come along.
// CHECK-LABEL: @epilogue(
// CHECK-SAME: %[[B:[a-z0-9]*]]: memref<2xf32>)
// CHECK: sparsec.matmul zero_init ins({{.*}}) outs({{.*}}) epilogue (%[[B]] : memref<2xf32>)
// CHECK: sparsec.yield
func.func @epilogue(%w: tensor<2x4xf32>, %x: tensor<4xf32>, %b: tensor<2xf32>) -> tensor<2xf32> {
  %e = tensor.empty() : tensor<2xf32>
  %0 = sparsec.matmul zero_init ins(%w, %x : tensor<2x4xf32>, tensor<4xf32>) outs(%e : tensor<2xf32>)
      epilogue (%b : tensor<2xf32>) [affine_map<(i) -> (i)>] {
    ^bb0(%s: f32, %c: f32):
      %1 = arith.addf %s, %c : f32
      sparsec.yield %1 : f32
  } -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// A window is a handle too.
// CHECK-LABEL: @window(
// CHECK: %[[W:.*]] = sparsec.window
// CHECK: sparsec.matmul {{.*}}ins(%[[W]], %{{.*}} : tensor<1x4xf32, #sparsec.csr>, memref<4xf32>)
func.func @window(%x: tensor<4xf32>, %r: index) -> tensor<1xf32> {
  %v = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %i = arith.constant dense<[0, 3]> : tensor<2xi32>
  %o = arith.constant dense<[0, 1, 1, 2]> : tensor<4xi32>
  %c = sparsec.assemble %v, %i, %o : tensor<2xf32>, tensor<2xi32>, tensor<4xi32> to tensor<3x4xf32, #sparsec.csr>
  %w = sparsec.window %c[%r] : tensor<3x4xf32, #sparsec.csr> to tensor<1x4xf32, #sparsec.csr>
  %e = tensor.empty() : tensor<1xf32>
  %0 = sparsec.matmul zero_init ins(%w, %x : tensor<1x4xf32, #sparsec.csr>, tensor<4xf32>) outs(%e : tensor<1xf32>) -> tensor<1xf32>
  return %0 : tensor<1xf32>
}

// A weight that is expanded gets a buffer; a window of unknown size, one of that size.
// CHECK-LABEL: @decompress(
// CHECK-SAME: %[[I:[a-z0-9]+]]: index, %[[N:[a-z0-9]+]]: index)
// CHECK: %[[W:.*]] = sparsec.assemble
// CHECK: %[[V:.*]] = sparsec.window %[[W]][%[[I]], %[[N]]]
// CHECK: %[[M:.*]] = memref.alloc(%[[N]]) {{.*}} : memref<?x8xf32>
// CHECK: sparsec.expand %[[V]] into %[[M]] : tensor<?x8xf32, #sparsec.csr> into memref<?x8xf32>
// CHECK: return %[[M]]
func.func private @decompress(%i: index, %n: index) -> tensor<?x8xf32> {
  %values = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %indices = arith.constant dense<[0, 3]> : tensor<2xi32>
  %offsets = arith.constant dense<[0, 1, 1, 2]> : tensor<4xi32>
  %w = sparsec.assemble %values, %indices, %offsets : tensor<2xf32>, tensor<2xi32>, tensor<4xi32> to tensor<3x8xf32, #sparsec.csr>
  %v = sparsec.window %w[%i, %n] : tensor<3x8xf32, #sparsec.csr> to tensor<?x8xf32, #sparsec.csr>
  %d = sparsec.decompress %v : tensor<?x8xf32, #sparsec.csr> to tensor<?x8xf32>
  return %d : tensor<?x8xf32>
}
