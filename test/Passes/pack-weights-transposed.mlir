// A weight whose products all add up along its columns is packed transposed.
//
// RUN: sparsec-opt %s --sparsec-pack-weights --split-input-file | FileCheck %s

// CHECK: module attributes {sparsec.weights = [{compressed_bytes = 34 : i64, format = "csr<index = i16>", name = "w", reason = "asked for; stored transposed"}]}
// CHECK-LABEL: @both_sides(
// CHECK-DAG: %[[V:.*]] = arith.constant dense<[1.000000e+00, 3.000000e+00, 2.000000e+00]> : tensor<3xf32>
// CHECK-DAG: %[[I:.*]] = arith.constant dense<[0, 1, 0]> : tensor<3xi16>
// CHECK-DAG: %[[O:.*]] = arith.constant dense<[0, 1, 2, 3]> : tensor<4xi32>
// CHECK: %[[W:.*]] = sparsec.assemble %[[V]], %[[I]], %[[O]] {{.*}} to tensor<3x2xf32, #sparsec.csr<index = i16>>
// CHECK: sparsec.matmul transpose_rhs ins(%{{.*}}, %[[W]] :
// CHECK: sparsec.matmul ins(%[[W]], %{{.*}} :
module attributes {sparsec.weights = [{name = "w", format = "csr<index = i16>", reason = "asked for", compressed_bytes = 30 : i64}]} {
func.func @both_sides(%x: tensor<5x2xf32>, %z: tensor<2x5xf32>, %y: tensor<5x3xf32>, %u: tensor<3x5xf32>) -> (tensor<5x3xf32>, tensor<3x5xf32>) {
  %w = arith.constant dense<[[1.0, 0.0, 2.0], [0.0, 3.0, 0.0]]> : tensor<2x3xf32>
  %c = sparsec.compress %w {sparsec.weight = {name = "w"}} : tensor<2x3xf32> to tensor<2x3xf32, #sparsec.csr<index = i16>>
  %0 = sparsec.matmul ins(%x, %c : tensor<5x2xf32>, tensor<2x3xf32, #sparsec.csr<index = i16>>) outs(%y : tensor<5x3xf32>) -> tensor<5x3xf32>
  %1 = sparsec.matmul transpose_lhs ins(%c, %z : tensor<2x3xf32, #sparsec.csr<index = i16>>, tensor<2x5xf32>) outs(%u : tensor<3x5xf32>) -> tensor<3x5xf32>
  return %0, %1 : tensor<5x3xf32>, tensor<3x5xf32>
}
}

// -----

// One product adds up along the rows, in another function.
// CHECK-LABEL: @one_way(
// CHECK: to tensor<2x3xf32, #sparsec.bitmask>
// CHECK: sparsec.matmul ins(
func.func @one_way(%x: tensor<5x2xf32>, %y: tensor<5x3xf32>) -> tensor<5x3xf32> {
  %w = arith.constant dense<[[1.0, 0.0, 2.0], [0.0, 3.0, 0.0]]> : tensor<2x3xf32>
  %c = sparsec.compress %w : tensor<2x3xf32> to tensor<2x3xf32, #sparsec.bitmask>
  %0 = sparsec.matmul ins(%x, %c : tensor<5x2xf32>, tensor<2x3xf32, #sparsec.bitmask>) outs(%y : tensor<5x3xf32>) -> tensor<5x3xf32>
  return %0 : tensor<5x3xf32>
}
// CHECK-LABEL: @other_way(
// CHECK: to tensor<2x3xf32, #sparsec.bitmask>
func.func @other_way(%x: tensor<3xf32>, %y: tensor<2xf32>) -> tensor<2xf32> {
  %w = arith.constant dense<[[1.0, 0.0, 2.0], [0.0, 3.0, 0.0]]> : tensor<2x3xf32>
  %c = sparsec.compress %w : tensor<2x3xf32> to tensor<2x3xf32, #sparsec.bitmask>
  %0 = sparsec.matmul ins(%c, %x : tensor<2x3xf32, #sparsec.bitmask>, tensor<3xf32>) outs(%y : tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----

// csc is compressed by columns; a use that is no product sees the matrix as it is.
// CHECK-LABEL: @kept(
// CHECK-DAG: sparsec.assemble {{.*}} to tensor<2x3xf32, #sparsec.csc<index = i16>>
// CHECK-DAG: sparsec.assemble {{.*}} to tensor<2x3xf32, #sparsec.csr<index = i16>>
// CHECK: sparsec.matmul ins(
// CHECK: sparsec.matmul ins(
func.func @kept(%x: tensor<5x2xf32>, %y: tensor<5x3xf32>) -> (tensor<5x3xf32>, tensor<5x3xf32>, tensor<2x3xf32>) {
  %w = arith.constant dense<[[1.0, 0.0, 2.0], [0.0, 3.0, 0.0]]> : tensor<2x3xf32>
  %c = sparsec.compress %w : tensor<2x3xf32> to tensor<2x3xf32, #sparsec.csc<index = i16>>
  %0 = sparsec.matmul ins(%x, %c : tensor<5x2xf32>, tensor<2x3xf32, #sparsec.csc<index = i16>>) outs(%y : tensor<5x3xf32>) -> tensor<5x3xf32>
  %d = sparsec.compress %w : tensor<2x3xf32> to tensor<2x3xf32, #sparsec.csr<index = i16>>
  %1 = sparsec.matmul ins(%x, %d : tensor<5x2xf32>, tensor<2x3xf32, #sparsec.csr<index = i16>>) outs(%y : tensor<5x3xf32>) -> tensor<5x3xf32>
  %e = sparsec.decompress %d : tensor<2x3xf32, #sparsec.csr<index = i16>> to tensor<2x3xf32>
  return %0, %1, %e : tensor<5x3xf32>, tensor<5x3xf32>, tensor<2x3xf32>
}

// -----

// 16-bit indices reach 65536 columns; the transpose has one more.
// CHECK-LABEL: @narrow(
// CHECK: to tensor<1x65537xf32, #sparsec.csr>
// CHECK: sparsec.matmul transpose_rhs ins(
func.func @narrow(%x: tensor<2x65537xf32>, %y: tensor<2x1xf32>) -> tensor<2x1xf32> {
  %w = arith.constant dense<1.0> : tensor<65537x1xf32>
  %c = sparsec.compress %w : tensor<65537x1xf32> to tensor<65537x1xf32, #sparsec.csr<index = i16>>
  %0 = sparsec.matmul ins(%x, %c : tensor<2x65537xf32>, tensor<65537x1xf32, #sparsec.csr<index = i16>>) outs(%y : tensor<2x1xf32>) -> tensor<2x1xf32>
  return %0 : tensor<2x1xf32>
}
