// Windows that fit a cache, inside of loops over parts of a batch.
//
// RUN: sparsec-opt %s --sparsec-tile-windows="window-bytes=96 batch-bytes=1024" --canonicalize | FileCheck %s
// RUN: sparsec-opt %s --sparsec-tile-windows="memory-budget=320 window-bytes=96" --canonicalize --cse | FileCheck %s --check-prefix=BUDGET

// Three rows of eight are 96 bytes. With each window go 32 + 40 bytes of x and y
// for each of the 40 rows of the batch, 2880: three parts, of whole groups of 16.
// CHECK-LABEL: @rows(
// CHECK-DAG: %[[C9:.*]] = arith.constant 9 : index
// CHECK-DAG: %[[C3:.*]] = arith.constant 3 : index
// CHECK: scf.for %[[M:.*]] = %{{.*}} to %c32 step %c16
// CHECK: scf.for %[[I:.*]] = %{{.*}} to %[[C9]] step %[[C3]]
// CHECK: sparsec.decompress %{{.*}} to tensor<3x8xf32>
// CHECK: linalg.matmul {{.*}} outs(%{{.*}} : tensor<16x3xf32>)
// CHECK: linalg.matmul {{.*}} outs(%{{.*}} : tensor<16x1xf32>)
// The rest of the batch.
// CHECK: scf.for %{{.*}} = %{{.*}} to %[[C9]] step %[[C3]]
// CHECK: linalg.matmul {{.*}} outs(%{{.*}} : tensor<8x3xf32>)
// CHECK: linalg.matmul {{.*}} outs(%{{.*}} : tensor<8x1xf32>)
func.func @rows(%x: tensor<40x8xf32>, %v: tensor<?xf32>, %i: tensor<?xi32>, %o: tensor<11xi32>, %y: tensor<40x10xf32>) -> tensor<40x10xf32> {
  %w = sparsec.assemble %v, %i, %o : tensor<?xf32>, tensor<?xi32>, tensor<11xi32> to tensor<10x8xf32, #sparsec.csr>
  %d = sparsec.decompress %w : tensor<10x8xf32, #sparsec.csr> to tensor<10x8xf32>
  %0 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
         ins(%x, %d : tensor<40x8xf32>, tensor<10x8xf32>) outs(%y : tensor<40x10xf32>) -> tensor<40x10xf32>
  return %0 : tensor<40x10xf32>
}

// Sums over windows, for each part.
// A sum has eight rows at least in a window.
// CHECK-LABEL: @sums(
// CHECK: scf.for {{.*}} step %c16
// CHECK: scf.for {{.*}} iter_args(%{{.*}}) -> (tensor<16x8xf32>)
// CHECK: sparsec.decompress %{{.*}} to tensor<8x8xf32>
func.func @sums(%x: tensor<40x30xf32>, %v: tensor<?xf32>, %i: tensor<?xi32>, %o: tensor<31xi32>, %y: tensor<40x8xf32>) -> tensor<40x8xf32> {
  %w = sparsec.assemble %v, %i, %o : tensor<?xf32>, tensor<?xi32>, tensor<31xi32> to tensor<30x8xf32, #sparsec.csr>
  %d = sparsec.decompress %w : tensor<30x8xf32, #sparsec.csr> to tensor<30x8xf32>
  %0 = linalg.matmul ins(%x, %d : tensor<40x30xf32>, tensor<30x8xf32>) outs(%y : tensor<40x8xf32>) -> tensor<40x8xf32>
  return %0 : tensor<40x8xf32>
}

// Images are a batch, rows of their pixels are not.
// CHECK-LABEL: @convolution(
// CHECK: scf.for {{.*}} step %c16
// CHECK: scf.for
// CHECK: linalg.conv_2d_nchw_fchw {{.*}} outs(%{{.*}} : tensor<16x3x4x4xf32>)
func.func @convolution(%x: tensor<40x2x5x5xf32>, %v: tensor<?xf32>, %i: tensor<?xi32>, %o: tensor<11xi32>, %y: tensor<40x10x4x4xf32>) -> tensor<40x10x4x4xf32> {
  %w = sparsec.assemble %v, %i, %o : tensor<?xf32>, tensor<?xi32>, tensor<11xi32> to tensor<10x8xf32, #sparsec.csr>
  %d = sparsec.decompress %w : tensor<10x8xf32, #sparsec.csr> to tensor<10x8xf32>
  %f = tensor.expand_shape %d [[0], [1, 2, 3]] output_shape [10, 2, 2, 2] : tensor<10x8xf32> into tensor<10x2x2x2xf32>
  %0 = linalg.conv_2d_nchw_fchw ins(%x, %f : tensor<40x2x5x5xf32>, tensor<10x2x2x2xf32>) outs(%y : tensor<40x10x4x4xf32>) -> tensor<40x10x4x4xf32>
  return %0 : tensor<40x10x4x4xf32>
}

// One image has no batch.
// CHECK-LABEL: @one_image(
// CHECK-COUNT-1: scf.for
// CHECK-NOT: scf.for
// CHECK: return
func.func @one_image(%x: tensor<1x2x50x5xf32>, %v: tensor<?xf32>, %i: tensor<?xi32>, %o: tensor<11xi32>, %y: tensor<1x10x49x4xf32>) -> tensor<1x10x49x4xf32> {
  %w = sparsec.assemble %v, %i, %o : tensor<?xf32>, tensor<?xi32>, tensor<11xi32> to tensor<10x8xf32, #sparsec.csr>
  %d = sparsec.decompress %w : tensor<10x8xf32, #sparsec.csr> to tensor<10x8xf32>
  %f = tensor.expand_shape %d [[0], [1, 2, 3]] output_shape [10, 2, 2, 2] : tensor<10x8xf32> into tensor<10x2x2x2xf32>
  %0 = linalg.conv_2d_nchw_fchw ins(%x, %f : tensor<1x2x50x5xf32>, tensor<10x2x2x2xf32>) outs(%y : tensor<1x10x49x4xf32>) -> tensor<1x10x49x4xf32>
  return %0 : tensor<1x10x49x4xf32>
}

// Of two sums the windows would be the outer one: the order of additions stays.
// CHECK-LABEL: @inner_sum(
// CHECK-NOT: scf.for
// CHECK: return
func.func @inner_sum(%x: tensor<40x2x10xf32>, %v: tensor<?xf32>, %i: tensor<?xi32>, %o: tensor<11xi32>, %y: tensor<40x8xf32>) -> tensor<40x8xf32> {
  %w = sparsec.assemble %v, %i, %o : tensor<?xf32>, tensor<?xi32>, tensor<11xi32> to tensor<10x8xf32, #sparsec.csr>
  %d = sparsec.decompress %w : tensor<10x8xf32, #sparsec.csr> to tensor<10x8xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(m, n, a, b) -> (m, a, b)>, affine_map<(m, n, a, b) -> (b, n)>, affine_map<(m, n, a, b) -> (m, n)>],
                       iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
         ins(%x, %d : tensor<40x2x10xf32>, tensor<10x8xf32>) outs(%y : tensor<40x8xf32>) {
    ^bb0(%a: f32, %b: f32, %s: f32):
      %p = arith.mulf %a, %b : f32
      %t = arith.addf %s, %p : f32
      linalg.yield %t : f32
  } -> tensor<40x8xf32>
  return %0 : tensor<40x8xf32>
}

// The destination is only a shape.
// CHECK-LABEL: @first_operand(
// CHECK: scf.for
// CHECK: sparsec.decompress %{{.*}} to tensor<3x8xf32>
func.func @first_operand(%x: tensor<10x8xf32>, %v: tensor<?xf32>, %i: tensor<?xi32>, %o: tensor<11xi32>) -> tensor<10x8xf32> {
  %w = sparsec.assemble %v, %i, %o : tensor<?xf32>, tensor<?xi32>, tensor<11xi32> to tensor<10x8xf32, #sparsec.csr>
  %d = sparsec.decompress %w : tensor<10x8xf32, #sparsec.csr> to tensor<10x8xf32>
  %0 = linalg.add ins(%d, %x : tensor<10x8xf32>, tensor<10x8xf32>) outs(%d : tensor<10x8xf32>) -> tensor<10x8xf32>
  return %0 : tensor<10x8xf32>
}

// A budget for one weight, but not for two: each is expanded where it is read,
// and CSE does not make one of what is expanded twice.
// BUDGET-LABEL: @again(
// BUDGET: %[[A:.*]] = sparsec.decompress %[[W:.*]] {sparsec.expansion
// BUDGET-NOT: sparsec.decompress
// BUDGET: linalg.add ins(%{{.*}}, %[[A]] :
// BUDGET: %[[B:.*]] = sparsec.decompress
// BUDGET-NOT: sparsec.decompress
// BUDGET: linalg.sub ins(%{{.*}}, %[[B]] :
// BUDGET: %[[C:.*]] = sparsec.decompress %[[W]] {sparsec.expansion
// BUDGET: linalg.mul ins(%{{.*}}, %[[C]] :
func.func @again(%v: tensor<?x32x32xf32>, %i: tensor<?xi32>, %o: tensor<2xi32>, %v2: tensor<?x16x16xf32>, %i2: tensor<?xi32>, %o2: tensor<2xi32>, %y: tensor<10x8xf32>) -> tensor<10x8xf32> {
  %w = sparsec.assemble %v, %i, %o : tensor<?x32x32xf32>, tensor<?xi32>, tensor<2xi32> to tensor<10x8xf32, #sparsec.block<32x32>>
  %w2 = sparsec.assemble %v2, %i2, %o2 : tensor<?x16x16xf32>, tensor<?xi32>, tensor<2xi32> to tensor<10x8xf32, #sparsec.block<16x16>>
  %a = sparsec.decompress %w : tensor<10x8xf32, #sparsec.block<32x32>> to tensor<10x8xf32>
  %b = sparsec.decompress %w2 : tensor<10x8xf32, #sparsec.block<16x16>> to tensor<10x8xf32>
  %0 = linalg.add ins(%y, %a : tensor<10x8xf32>, tensor<10x8xf32>) outs(%y : tensor<10x8xf32>) -> tensor<10x8xf32>
  %1 = linalg.sub ins(%0, %b : tensor<10x8xf32>, tensor<10x8xf32>) outs(%y : tensor<10x8xf32>) -> tensor<10x8xf32>
  %2 = linalg.mul ins(%1, %a : tensor<10x8xf32>, tensor<10x8xf32>) outs(%y : tensor<10x8xf32>) -> tensor<10x8xf32>
  return %2 : tensor<10x8xf32>
}
