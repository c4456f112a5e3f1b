// Contractions with a constant matrix become sparsec.matmul on #sparsec.auto.
//
// RUN: sparsec-opt %s --sparsec-from-linalg | FileCheck %s

// CHECK-LABEL: @matmul
// CHECK: %[[W:.*]] = arith.constant dense<{{.*}}> : tensor<4x2xf32>
// CHECK: %[[C:.*]] = sparsec.compress %[[W]] {{.*}} : tensor<4x2xf32> to tensor<4x2xf32, #sparsec.auto>
// CHECK: %[[Y:.*]] = sparsec.matmul ins(%{{.*}}, %[[C]] : tensor<?x4xf32>, tensor<4x2xf32, #sparsec.auto>) outs(%{{.*}} : tensor<?x2xf32>)
// CHECK: return %[[Y]]
func.func @matmul(%x: tensor<?x4xf32>, %o: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[1.0, 0.0], [0.0, 2.0], [0.0, 0.0], [3.0, 0.0]]> : tensor<4x2xf32>
  %0 = linalg.matmul ins(%x, %w : tensor<?x4xf32>, tensor<4x2xf32>) outs(%o : tensor<?x2xf32>) -> tensor<?x2xf32>
  return %0 : tensor<?x2xf32>
}

// CHECK-LABEL: @weight_on_the_left
// CHECK: sparsec.matmul ins(%{{.*}}, %{{.*}} : tensor<2x4xf32, #sparsec.auto>, tensor<4x?xf32>)
func.func @weight_on_the_left(%x: tensor<4x?xf32>, %o: tensor<2x?xf32>) -> tensor<2x?xf32> {
  %w = arith.constant dense<1.0> : tensor<2x4xf32>
  %0 = linalg.matmul ins(%w, %x : tensor<2x4xf32>, tensor<4x?xf32>) outs(%o : tensor<2x?xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: @transpose_b
// CHECK: sparsec.matmul transpose_rhs ins(%{{.*}}, %{{.*}} : tensor<?x4xf32>, tensor<2x4xf32, #sparsec.auto>)
func.func @transpose_b(%x: tensor<?x4xf32>, %o: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x4xf32>
  %0 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
     ins(%x, %w : tensor<?x4xf32>, tensor<2x4xf32>) outs(%o : tensor<?x2xf32>) -> tensor<?x2xf32>
  return %0 : tensor<?x2xf32>
}

// CHECK-LABEL: @transpose_a
// CHECK: sparsec.matmul transpose_lhs ins(%{{.*}}, %{{.*}} : tensor<4x?xf32>, tensor<4x2xf32, #sparsec.auto>)
func.func @transpose_a(%x: tensor<4x?xf32>, %o: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<1.0> : tensor<4x2xf32>
  %0 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
     ins(%x, %w : tensor<4x?xf32>, tensor<4x2xf32>) outs(%o : tensor<?x2xf32>) -> tensor<?x2xf32>
  return %0 : tensor<?x2xf32>
}

// CHECK-LABEL: @matvec
// CHECK: sparsec.matmul ins(%{{.*}}, %{{.*}} : tensor<2x4xf32, #sparsec.auto>, tensor<4xf32>)
func.func @matvec(%x: tensor<4xf32>, %o: tensor<2xf32>) -> tensor<2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x4xf32>
  %0 = linalg.matvec ins(%w, %x : tensor<2x4xf32>, tensor<4xf32>) outs(%o : tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// CHECK-LABEL: @vecmat
// CHECK: sparsec.matmul ins(%{{.*}}, %{{.*}} : tensor<4xf32>, tensor<4x2xf32, #sparsec.auto>)
func.func @vecmat(%x: tensor<4xf32>, %o: tensor<2xf32>) -> tensor<2xf32> {
  %w = arith.constant dense<1.0> : tensor<4x2xf32>
  %0 = linalg.vecmat ins(%x, %w : tensor<4xf32>, tensor<4x2xf32>) outs(%o : tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// The weight stays as it is in the file.
// CHECK-LABEL: @absorbed_transpose
// CHECK-NOT: linalg.transpose
// CHECK: sparsec.matmul transpose_rhs ins(%{{.*}}, %{{.*}} : tensor<?x64xf32>, tensor<10x64xf32, #sparsec.auto>)
func.func @absorbed_transpose(%x: tensor<?x64xf32>, %o: tensor<?x10xf32>) -> tensor<?x10xf32> {
  %w = arith.constant dense<1.0> : tensor<10x64xf32>
  %e = tensor.empty() : tensor<64x10xf32>
  %t = linalg.transpose ins(%w : tensor<10x64xf32>) outs(%e : tensor<64x10xf32>) permutation = [1, 0]
  %0 = linalg.matmul ins(%x, %t : tensor<?x64xf32>, tensor<64x10xf32>) outs(%o : tensor<?x10xf32>) -> tensor<?x10xf32>
  return %0 : tensor<?x10xf32>
}

// One weight for the whole batch: the batch becomes rows.
// CHECK-LABEL: @batch(
// CHECK-NOT: linalg.broadcast
// CHECK-DAG: %[[X:.*]] = tensor.collapse_shape %{{.*}} {{\[\[}}0, 1], [2]] : tensor<?x3x4xf32> into tensor<?x4xf32>
// CHECK-DAG: %[[O:.*]] = tensor.collapse_shape %{{.*}} {{\[\[}}0, 1], [2]] : tensor<?x3x2xf32> into tensor<?x2xf32>
// CHECK: %[[Y:.*]] = sparsec.matmul ins(%[[X]], %{{.*}} : tensor<?x4xf32>, tensor<4x2xf32, #sparsec.auto>) outs(%[[O]] : tensor<?x2xf32>)
// CHECK: tensor.expand_shape %[[Y]] {{\[\[}}0, 1], [2]] {{.*}} into tensor<?x3x2xf32>
func.func @batch(%x: tensor<?x3x4xf32>, %o: tensor<?x3x2xf32>, %n: index) -> tensor<?x3x2xf32> {
  %w = arith.constant dense<1.0> : tensor<4x2xf32>
  %e = tensor.empty(%n) : tensor<?x4x2xf32>
  %b = linalg.broadcast ins(%w : tensor<4x2xf32>) outs(%e : tensor<?x4x2xf32>) dimensions = [0]
  %0 = linalg.batch_matmul ins(%x, %b : tensor<?x3x4xf32>, tensor<?x4x2xf32>) outs(%o : tensor<?x3x2xf32>) -> tensor<?x3x2xf32>
  return %0 : tensor<?x3x2xf32>
}

// A weight with a batch dimension of one is a matrix,
// CHECK-LABEL: @batch_of_one
// CHECK: sparsec.matmul ins(%{{.*}}, %{{.*}} : tensor<3x4xf32>, tensor<4x2xf32, #sparsec.auto>)
func.func @batch_of_one(%x: tensor<1x3x4xf32>, %o: tensor<1x3x2xf32>) -> tensor<1x3x2xf32> {
  %w = arith.constant dense<1.0> : tensor<1x4x2xf32>
  %0 = linalg.batch_matmul ins(%x, %w : tensor<1x3x4xf32>, tensor<1x4x2xf32>) outs(%o : tensor<1x3x2xf32>) -> tensor<1x3x2xf32>
  return %0 : tensor<1x3x2xf32>
}

// and remains one where it has a single column.
// CHECK-LABEL: @one_output
// CHECK: sparsec.matmul ins(%{{.*}}, %{{.*}} : tensor<3x4xf32>, tensor<4x1xf32, #sparsec.auto>)
func.func @one_output(%x: tensor<1x3x4xf32>, %o: tensor<1x3x1xf32>) -> tensor<1x3x1xf32> {
  %w = arith.constant dense<1.0> : tensor<1x4x1xf32>
  %0 = linalg.batch_matmul ins(%x, %w : tensor<1x3x4xf32>, tensor<1x4x1xf32>) outs(%o : tensor<1x3x1xf32>) -> tensor<1x3x1xf32>
  return %0 : tensor<1x3x1xf32>
}

// Rows of the result between batch and columns: transposed, folded, transposed back.
// CHECK-LABEL: @batch_left
// CHECK: linalg.transpose {{.*}} permutation = [0, 2, 1]
// CHECK: sparsec.matmul transpose_rhs ins(%{{.*}}, %{{.*}} : tensor<15x4xf32>, tensor<2x4xf32, #sparsec.auto>)
// CHECK: tensor.expand_shape
// CHECK: linalg.transpose {{.*}} permutation = [0, 2, 1]
func.func @batch_left(%x: tensor<5x4x3xf32>, %o: tensor<5x2x3xf32>) -> tensor<5x2x3xf32> {
  %w = arith.constant dense<1.0> : tensor<2x4xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(b, m, n, k) -> (m, k)>, affine_map<(b, m, n, k) -> (b, k, n)>, affine_map<(b, m, n, k) -> (b, m, n)>],
     iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%w, %x : tensor<2x4xf32>, tensor<5x4x3xf32>) outs(%o : tensor<5x2x3xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %m = arith.mulf %b, %a : f32
      %s = arith.addf %m, %c : f32
      linalg.yield %s : f32
  } -> tensor<5x2x3xf32>
  return %0 : tensor<5x2x3xf32>
}

// Narrow elements that are summed in f32.
// CHECK-LABEL: @narrow
// CHECK: sparsec.matmul ins(%{{.*}}, %{{.*}} : tensor<2x4xf16>, tensor<4x2xbf16, #sparsec.auto>) outs(%{{.*}} : tensor<2x2xf32>)
func.func @narrow(%x: tensor<2x4xf16>, %o: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %w = arith.constant dense<1.0> : tensor<4x2xbf16>
  %0 = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>],
     iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : tensor<2x4xf16>, tensor<4x2xbf16>) outs(%o : tensor<2x2xf32>) {
    ^bb0(%a: f16, %b: bf16, %c: f32):
      %d = arith.extf %a : f16 to f32
      %e = arith.extf %b : bf16 to f32
      %m = arith.mulf %d, %e : f32
      %s = arith.addf %c, %m : f32
      linalg.yield %s : f32
  } -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}

// A weight has the name of its resource, or a number. Equal constants are one weight.
// CHECK-LABEL: @names
// CHECK: sparsec.compress %{{.*}} {sparsec.weight = {name = "fc1.weight"}}
// CHECK: sparsec.compress %{{.*}} {sparsec.weight = {name = "[[NAME:w[0-9]+]]"}}
// CHECK: sparsec.compress %{{.*}} {sparsec.weight = {name = "[[NAME]]"}}
func.func @names(%x: tensor<2x2xf32>, %o: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %w = arith.constant dense_resource<fc1.weight> : tensor<2x2xf32>
  %v = arith.constant dense<[[0.0, 7.0], [0.0, 0.0]]> : tensor<2x2xf32>
  %0 = linalg.matmul ins(%x, %w : tensor<2x2xf32>, tensor<2x2xf32>) outs(%o : tensor<2x2xf32>) -> tensor<2x2xf32>
  %1 = linalg.matmul ins(%0, %v : tensor<2x2xf32>, tensor<2x2xf32>) outs(%o : tensor<2x2xf32>) -> tensor<2x2xf32>
  %2 = linalg.matmul ins(%1, %v : tensor<2x2xf32>, tensor<2x2xf32>) outs(%o : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %2 : tensor<2x2xf32>
}

{-#
  dialect_resources: { builtin: { fc1.weight: "0x040000000000803f000000000000000000004040" } }
#-}
