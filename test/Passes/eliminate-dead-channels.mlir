// RUN: sparsec-opt %s -split-input-file --sparsec-eliminate-dead-channels | FileCheck %s

// The second row of the weight is zero and its bias negative: behind the relu the
// channel is zero whatever x is. The third is not read by the second product.
// CHECK-LABEL: @both
// CHECK-DAG: %[[W:.*]] = arith.constant dense<{{\[\[}}1.000000e+00, 2.000000e+00], [5.000000e+00, 0.000000e+00]]> : tensor<2x2xf32>
// CHECK-DAG: %[[B:.*]] = arith.constant dense<[1.000000e-01, 4.000000e-01]> : tensor<2xf32>
// CHECK-DAG: %[[V:.*]] = arith.constant dense<{{\[\[}}1.000000e+00, 4.000000e+00]]> : tensor<1x2xf32>
// CHECK-DAG: sparsec.compress %[[W]] {sparsec.weight = {name = "w", removed_nonzeros = 2 : i64, removed_rows = 2 : i64}}
// CHECK-DAG: sparsec.compress %[[V]] {sparsec.weight = {name = "v", removed_cols = 2 : i64, removed_nonzeros = 1 : i64}}
// CHECK-DAG: %[[Y:.*]] = sparsec.matmul {{.*}} -> tensor<?x2xf32>
// CHECK: linalg.generic {{.*}} ins(%[[Y]], %[[B]] : tensor<?x2xf32>, tensor<2xf32>) outs(%{{.*}} : tensor<?x2xf32>)
// CHECK: return {{.*}} : tensor<?x1xf32>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
func.func @both(%x: tensor<?x2xf32>, %n: index) -> tensor<?x1xf32> {
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[1.0, 2.0], [0.0, 0.0], [3.0, 4.0], [5.0, 0.0]]> : tensor<4x2xf32>
  %b = arith.constant dense<[0.1, -0.2, 0.3, 0.4]> : tensor<4xf32>
  %v = arith.constant dense<[[1.0, 2.0, 0.0, 4.0]]> : tensor<1x4xf32>
  %cw = sparsec.compress %w {sparsec.weight = {name = "w"}} : tensor<4x2xf32> to tensor<4x2xf32, #sparsec.auto>
  %cv = sparsec.compress %v {sparsec.weight = {name = "v"}} : tensor<1x4xf32> to tensor<1x4xf32, #sparsec.auto>
  %e = tensor.empty(%n) : tensor<?x4xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x4xf32>) -> tensor<?x4xf32>
  %y = sparsec.matmul transpose_rhs ins(%x, %cw : tensor<?x2xf32>, tensor<4x2xf32, #sparsec.auto>) outs(%f : tensor<?x4xf32>) -> tensor<?x4xf32>
  %z = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y, %b : tensor<?x4xf32>, tensor<4xf32>) outs(%e : tensor<?x4xf32>) {
  ^bb0(%in: f32, %bias: f32, %out: f32):
    %0 = arith.addf %in, %bias : f32
    %1 = arith.cmpf ugt, %0, %zero : f32
    %2 = arith.select %1, %0, %zero : f32
    linalg.yield %2 : f32
  } -> tensor<?x4xf32>
  %g = tensor.empty(%n) : tensor<?x1xf32>
  %h = linalg.fill ins(%zero : f32) outs(%g : tensor<?x1xf32>) -> tensor<?x1xf32>
  %r = sparsec.matmul transpose_rhs ins(%z, %cv : tensor<?x4xf32>, tensor<1x4xf32, #sparsec.auto>) outs(%h : tensor<?x1xf32>) -> tensor<?x1xf32>
  return %r : tensor<?x1xf32>
}

// -----

// One channel that nobody reads makes another one such: the first weight loses its
// first row, the weight between its column.
// CHECK-LABEL: @through
// CHECK-DAG: arith.constant dense<{{\[\[}}0.000000e+00, 7.000000e+00]]> : tensor<1x2xf32>
// CHECK-DAG: arith.constant dense<9.000000e+00> : tensor<1x1xf32>
// CHECK-DAG: arith.constant dense<{{\[\[}}2.000000e+00], [3.000000e+00]]> : tensor<2x1xf32>
func.func @through(%x: tensor<2xf32>) -> tensor<2xf32> {
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[1.0, 2.0], [0.0, 7.0]]> : tensor<2x2xf32>
  %u = arith.constant dense<[[8.0, 0.0], [0.0, 9.0]]> : tensor<2x2xf32>
  %v = arith.constant dense<[[0.0, 2.0], [0.0, 3.0]]> : tensor<2x2xf32>
  %cw = sparsec.compress %w : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.auto>
  %cu = sparsec.compress %u : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.auto>
  %cv = sparsec.compress %v : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.auto>
  %e = tensor.empty() : tensor<2xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  %0 = sparsec.matmul ins(%cw, %x : tensor<2x2xf32, #sparsec.auto>, tensor<2xf32>) outs(%f : tensor<2xf32>) -> tensor<2xf32>
  %1 = sparsec.matmul ins(%cu, %0 : tensor<2x2xf32, #sparsec.auto>, tensor<2xf32>) outs(%f : tensor<2xf32>) -> tensor<2xf32>
  %2 = sparsec.matmul ins(%cv, %1 : tensor<2x2xf32, #sparsec.auto>, tensor<2xf32>) outs(%f : tensor<2xf32>) -> tensor<2xf32>
  return %2 : tensor<2xf32>
}

// -----

// A product of (k, m) x (k, n): the weight's columns are the outputs.
// CHECK-LABEL: @transposed
// CHECK-DAG: sparsec.compress {{.*}} {sparsec.weight = {removed_cols = 1 : i64, removed_nonzeros = 0 : i64}} : tensor<2x1xf32>
// CHECK-DAG: sparsec.compress {{.*}} {sparsec.weight = {removed_nonzeros = 2 : i64, removed_rows = 1 : i64}} : tensor<1x2xf32>
func.func @transposed(%x: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[1.0, 0.0], [2.0, 0.0]]> : tensor<2x2xf32>
  %v = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %cw = sparsec.compress %w : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.auto>
  %cv = sparsec.compress %v : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.auto>
  %e = tensor.empty() : tensor<3x2xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<3x2xf32>) -> tensor<3x2xf32>
  %0 = sparsec.matmul ins(%x, %cw : tensor<3x2xf32>, tensor<2x2xf32, #sparsec.auto>) outs(%f : tensor<3x2xf32>) -> tensor<3x2xf32>
  %1 = sparsec.matmul ins(%0, %cv : tensor<3x2xf32>, tensor<2x2xf32, #sparsec.auto>) outs(%f : tensor<3x2xf32>) -> tensor<3x2xf32>
  return %1 : tensor<3x2xf32>
}
