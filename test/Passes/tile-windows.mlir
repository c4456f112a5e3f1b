// Weights are expanded a window at a time.
//
// RUN: sparsec-opt %s --sparsec-tile-windows=memory-budget=96 --canonicalize | FileCheck %s
// RUN: sparsec-opt %s --sparsec-tile-windows=window-rows=4 --canonicalize | FileCheck %s --check-prefix=ROWS

// 96 bytes are three of ten rows. The last row is a window of its own.
// CHECK-LABEL: @rows(
// CHECK-DAG: %[[C9:.*]] = arith.constant 9 : index
// CHECK-DAG: %[[C3:.*]] = arith.constant 3 : index
// CHECK: %[[W:.*]] = sparsec.assemble
// CHECK-NOT: sparsec.decompress
// CHECK: %[[LOOP:.*]] = scf.for %[[I:.*]] = %{{.*}} to %[[C9]] step %[[C3]] iter_args(%[[ACC:.*]] = %{{.*}})
// CHECK: %[[OUT:.*]] = tensor.extract_slice %[[ACC]][0, %[[I]]] [%{{.*}}, 3] [1, 1]
// CHECK: %[[V:.*]] = sparsec.window %[[W]][%[[I]]] : {{.*}} to tensor<3x8xf32, #sparsec.csr>
// CHECK: %[[D:.*]] = sparsec.decompress %[[V]] {{.*}} : {{.*}} to tensor<3x8xf32>
// CHECK: %[[Y:.*]] = linalg.matmul {{.*}} ins(%{{.*}}, %[[D]] : {{.*}}) outs(%[[OUT]]
// CHECK: tensor.insert_slice %[[Y]] into %[[ACC]][0, %[[I]]]
// CHECK: scf.yield
// CHECK: sparsec.window %[[W]][%{{.*}}] : {{.*}} to tensor<1x8xf32, #sparsec.csr>
// CHECK: %[[LAST:.*]] = tensor.insert_slice %{{.*}} into %[[LOOP]][0, 9]
// CHECK: return %[[LAST]]
//
// ROWS-LABEL: @rows(
// ROWS: sparsec.decompress %{{.*}} to tensor<4x8xf32>
// ROWS: sparsec.decompress %{{.*}} to tensor<2x8xf32>
func.func @rows(%x: tensor<?x8xf32>, %v: tensor<?xf32>, %i: tensor<?xi32>, %o: tensor<11xi32>, %y: tensor<?x10xf32>) -> tensor<?x10xf32> {
  %w = sparsec.assemble %v, %i, %o : tensor<?xf32>, tensor<?xi32>, tensor<11xi32> to tensor<10x8xf32, #sparsec.csr>
  %d = sparsec.decompress %w : tensor<10x8xf32, #sparsec.csr> to tensor<10x8xf32>
  %0 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
         ins(%x, %d : tensor<?x8xf32>, tensor<10x8xf32>) outs(%y : tensor<?x10xf32>) -> tensor<?x10xf32>
  return %0 : tensor<?x10xf32>
}

// Windows along the sum add up one after the other.
// CHECK-LABEL: @sum(
// CHECK: scf.for %[[I:.*]] = {{.*}} iter_args(%[[ACC:.*]] = %{{.*}}) -> (tensor<2x8xf32>)
// CHECK: %[[P:.*]] = tensor.extract_slice %{{.*}}[0, %[[I]]] [2, 3] [1, 1]
// CHECK: %[[D:.*]] = sparsec.decompress %{{.*}} to tensor<3x8xf32>
// CHECK: linalg.matmul ins(%[[P]], %[[D]] : {{.*}}) outs(%{{.*}} : tensor<2x8xf32>)
func.func @sum(%x: tensor<2x10xf32>, %v: tensor<?xf32>, %i: tensor<?xi32>, %o: tensor<11xi32>, %y: tensor<2x8xf32>) -> tensor<2x8xf32> {
  %w = sparsec.assemble %v, %i, %o : tensor<?xf32>, tensor<?xi32>, tensor<11xi32> to tensor<10x8xf32, #sparsec.csr>
  %d = sparsec.decompress %w : tensor<10x8xf32, #sparsec.csr> to tensor<10x8xf32>
  %0 = linalg.matmul ins(%x, %d : tensor<2x10xf32>, tensor<10x8xf32>) outs(%y : tensor<2x8xf32>) -> tensor<2x8xf32>
  return %0 : tensor<2x8xf32>
}

// A filter is a weight in another shape.
// CHECK-LABEL: @convolution(
// CHECK: scf.for
// CHECK: %[[D:.*]] = sparsec.decompress %{{.*}} to tensor<3x8xf32>
// CHECK: %[[F:.*]] = tensor.expand_shape %[[D]] {{.*}} into tensor<3x2x2x2xf32>
// CHECK: linalg.conv_2d_nchw_fchw ins(%{{.*}}, %[[F]] : {{.*}}) outs(%{{.*}} : tensor<1x3x4x4xf32>)
func.func @convolution(%x: tensor<1x2x5x5xf32>, %v: tensor<?xf32>, %i: tensor<?xi32>, %o: tensor<11xi32>, %y: tensor<1x10x4x4xf32>) -> tensor<1x10x4x4xf32> {
  %w = sparsec.assemble %v, %i, %o : tensor<?xf32>, tensor<?xi32>, tensor<11xi32> to tensor<10x8xf32, #sparsec.csr>
  %d = sparsec.decompress %w : tensor<10x8xf32, #sparsec.csr> to tensor<10x8xf32>
  %f = tensor.expand_shape %d [[0], [1, 2, 3]] output_shape [10, 2, 2, 2] : tensor<10x8xf32> into tensor<10x2x2x2xf32>
  %0 = linalg.conv_2d_nchw_fchw ins(%x, %f : tensor<1x2x5x5xf32>, tensor<10x2x2x2xf32>) outs(%y : tensor<1x10x4x4xf32>) -> tensor<1x10x4x4xf32>
  return %0 : tensor<1x10x4x4xf32>
}

// Kernels read the weight of a product as it is: no bytes at all. Only where rows are
// asked for it is expanded, with the epilogue in the loop,
// CHECK-LABEL: @product(
// CHECK-NOT: sparsec.decompress
// CHECK-NOT: scf.for
// CHECK: return
//
// ROWS-LABEL: @product(
// ROWS: scf.for
// ROWS: %[[D:.*]] = sparsec.decompress %{{.*}} to tensor<4x8xf32>
// ROWS: sparsec.matmul transpose_rhs zero_init ins(%{{.*}}, %[[D]] : tensor<2x8xf32>, tensor<4x8xf32>) outs(%{{.*}} : tensor<2x4xf32>) epilogue
// ROWS: scf.yield
// ROWS: sparsec.decompress %{{.*}} to tensor<2x8xf32>
func.func @product(%x: tensor<2x8xf32>, %v: tensor<?xf32>, %i: tensor<?xi32>, %o: tensor<11xi32>, %y: tensor<2x10xf32>, %bias: tensor<10xf32>) -> tensor<2x10xf32> {
  %w = sparsec.assemble %v, %i, %o : tensor<?xf32>, tensor<?xi32>, tensor<11xi32> to tensor<10x8xf32, #sparsec.csr>
  %0 = sparsec.matmul transpose_rhs zero_init ins(%x, %w : tensor<2x8xf32>, tensor<10x8xf32, #sparsec.csr>) outs(%y : tensor<2x10xf32>)
         epilogue (%bias : tensor<10xf32>) [affine_map<(m, n) -> (n)>] {
    ^bb0(%s: f32, %b: f32):
      %1 = arith.addf %s, %b : f32
      sparsec.yield %1 : f32
  } -> tensor<2x10xf32>
  return %0 : tensor<2x10xf32>
}

// or behind it where the loop is the sum.
// ROWS-LABEL: @product_sum(
// ROWS: %[[ZERO:.*]] = linalg.fill
// ROWS: scf.for {{.*}} iter_args(%{{.*}} = %[[ZERO]]) -> (tensor<2x8xf32>)
// ROWS: sparsec.matmul ins(%{{.*}} : tensor<2x4xf32>, tensor<4x8xf32>) outs(%{{.*}} : tensor<2x8xf32>)
// ROWS: scf.yield
// ROWS: linalg.generic {{.*}} ins(%{{.*}} : tensor<2x8xf32>) outs(%{{.*}} : tensor<2x8xf16>)
// ROWS: arith.truncf
func.func @product_sum(%x: tensor<2x10xf32>, %v: tensor<?xf32>, %i: tensor<?xi32>, %o: tensor<11xi32>, %y: tensor<2x8xf16>) -> tensor<2x8xf16> {
  %w = sparsec.assemble %v, %i, %o : tensor<?xf32>, tensor<?xi32>, tensor<11xi32> to tensor<10x8xf32, #sparsec.csr>
  %0 = sparsec.matmul zero_init ins(%x, %w : tensor<2x10xf32>, tensor<10x8xf32, #sparsec.csr>) outs(%y : tensor<2x8xf16>) -> tensor<2x8xf16>
  return %0 : tensor<2x8xf16>
}

// The windows of two weights count together, and start at whole blocks.
// CHECK-LABEL: @two(
// CHECK: scf.for {{.*}} step %c4{{.*}}
// CHECK: sparsec.decompress %{{.*}} to tensor<4x3xf32>
// CHECK: sparsec.decompress %{{.*}} to tensor<4x3xf32>
func.func @two(%x: tensor<10x3xf32>, %v: tensor<?x4x4xf32>, %c: tensor<?xi32>, %r: tensor<4xi32>, %v2: tensor<?xf32>, %i2: tensor<?xi32>, %o2: tensor<11xi32>) -> tensor<10x3xf32> {
  %w = sparsec.assemble %v, %c, %r : tensor<?x4x4xf32>, tensor<?xi32>, tensor<4xi32> to tensor<10x3xf32, #sparsec.block<4x4>>
  %w2 = sparsec.assemble %v2, %i2, %o2 : tensor<?xf32>, tensor<?xi32>, tensor<11xi32> to tensor<10x3xf32, #sparsec.csr>
  %d = sparsec.decompress %w : tensor<10x3xf32, #sparsec.block<4x4>> to tensor<10x3xf32>
  %d2 = sparsec.decompress %w2 : tensor<10x3xf32, #sparsec.csr> to tensor<10x3xf32>
  %e = tensor.empty() : tensor<10x3xf32>
  %0 = linalg.map ins(%x, %d, %d2 : tensor<10x3xf32>, tensor<10x3xf32>, tensor<10x3xf32>) outs(%e : tensor<10x3xf32>)
    (%a: f32, %b: f32, %f: f32, %out: f32) {
      %s = arith.mulf %a, %b : f32
      %t = arith.addf %s, %f : f32
      linalg.yield %t : f32
    }
  return %0 : tensor<10x3xf32>
}

// What is computed from weights alone would be dense again at the end: it is whole.
// CHECK-LABEL: @weights_only(
// CHECK: sparsec.decompress %{{.*}} to tensor<4x2xf32>
// CHECK-NOT: scf.for
// CHECK: return
func.func @weights_only(%v: tensor<?xf32>, %i: tensor<?xi32>, %o: tensor<5xi32>) -> tensor<2x4xf32> {
  %w = sparsec.assemble %v, %i, %o : tensor<?xf32>, tensor<?xi32>, tensor<5xi32> to tensor<4x2xf32, #sparsec.csr>
  %d = sparsec.decompress %w : tensor<4x2xf32, #sparsec.csr> to tensor<4x2xf32>
  %e = tensor.empty() : tensor<2x4xf32>
  %0 = linalg.transpose ins(%d : tensor<4x2xf32>) outs(%e : tensor<2x4xf32>) permutation = [1, 0]
  return %0 : tensor<2x4xf32>
}
