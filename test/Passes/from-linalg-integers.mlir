// Weights of signed bytes, times floats and times bytes.

// RUN: sparsec-opt %s --sparsec-from-linalg | FileCheck %s

// CHECK-LABEL: @bytes_by_floats
// CHECK: sparsec.compress %{{.*}} : tensor<2x4xi8> to tensor<2x4xi8, #sparsec.auto>
// CHECK: sparsec.matmul ins(%{{.*}}, %{{.*}} : tensor<2x4xi8, #sparsec.auto>, tensor<4x3xf32>) outs(%{{.*}} : tensor<2x3xf32>)
func.func @bytes_by_floats(%x: tensor<4x3xf32>, %o: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %w = arith.constant dense<[[1, 0, -128, 127], [0, 2, 0, -1]]> : tensor<2x4xi8>
  %y = linalg.matmul ins(%w, %x : tensor<2x4xi8>, tensor<4x3xf32>) outs(%o : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// CHECK-LABEL: @bytes_by_bytes
// CHECK: sparsec.matmul ins(%{{.*}}, %{{.*}} : tensor<2x4xi8, #sparsec.auto>, tensor<4xi8>) outs(%{{.*}} : tensor<2xi32>)
func.func @bytes_by_bytes(%x: tensor<4xi8>, %o: tensor<2xi32>) -> tensor<2xi32> {
  %w = arith.constant dense<[[1, 0, -128, 127], [0, 2, 0, -1]]> : tensor<2x4xi8>
  %y = linalg.matvec ins(%w, %x : tensor<2x4xi8>, tensor<4xi8>) outs(%o : tensor<2xi32>) -> tensor<2xi32>
  return %y : tensor<2xi32>
}

// CHECK-LABEL: @vecmat
// CHECK: sparsec.matmul ins(%{{.*}}, %{{.*}} : tensor<4xf32>, tensor<4x2xi8, #sparsec.auto>) outs(%{{.*}} : tensor<2xf32>)
func.func @vecmat(%x: tensor<4xf32>, %o: tensor<2xf32>) -> tensor<2xf32> {
  %w = arith.constant dense<[[1, 0], [-128, 127], [0, 2], [0, -1]]> : tensor<4x2xi8>
  %y = linalg.vecmat ins(%x, %w : tensor<4xf32>, tensor<4x2xi8>) outs(%o : tensor<2xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

// CHECK-LABEL: @generic
// CHECK: sparsec.matmul ins(%{{.*}}, %{{.*}} : tensor<4xi8>, tensor<4x2xi8, #sparsec.auto>) outs(%{{.*}} : tensor<2xi32>)
func.func @generic(%x: tensor<4xi8>, %o: tensor<2xi32>) -> tensor<2xi32> {
  %w = arith.constant dense<[[1, 0], [-128, 127], [0, 2], [0, -1]]> : tensor<4x2xi8>
  %y = linalg.generic {indexing_maps = [affine_map<(m, k) -> (k, m)>, affine_map<(m, k) -> (k)>, affine_map<(m, k) -> (m)>],
      iterator_types = ["parallel", "reduction"]}
      ins(%w, %x : tensor<4x2xi8>, tensor<4xi8>) outs(%o : tensor<2xi32>) {
    ^bb0(%a: i8, %b: i8, %c: i32):
      %p = arith.extsi %a : i8 to i32
      %q = arith.extsi %b : i8 to i32
      %m = arith.muli %p, %q : i32
      %s = arith.addi %c, %m : i32
      linalg.yield %s : i32
  } -> tensor<2xi32>
  return %y : tensor<2xi32>
}

// Bytes without a sign are other numbers.
// CHECK-LABEL: @unsigned
// CHECK-NOT: sparsec.matmul
// CHECK: linalg.matmul
func.func @unsigned(%x: tensor<4x3xi8>, %o: tensor<2x3xi32>) -> tensor<2x3xi32> {
  %w = arith.constant dense<[[1, 0, -128, 127], [0, 2, 0, -1]]> : tensor<2x4xi8>
  %y = linalg.matmul {cast = #linalg.type_fn<cast_unsigned>} ins(%w, %x : tensor<2x4xi8>, tensor<4x3xi8>) outs(%o : tensor<2x3xi32>) -> tensor<2x3xi32>
  return %y : tensor<2x3xi32>
}

// Sums in bytes or in 64 bits are none of ours.
// CHECK-LABEL: @other_sums
// CHECK-NOT: sparsec.matmul
// CHECK: linalg.matmul
// CHECK: linalg.matmul
func.func @other_sums(%x: tensor<4x3xi8>, %o: tensor<2x3xi64>, %p: tensor<2x3xi8>) -> (tensor<2x3xi64>, tensor<2x3xi8>) {
  %w = arith.constant dense<[[1, 0, -128, 127], [0, 2, 0, -1]]> : tensor<2x4xi8>
  %y = linalg.matmul ins(%w, %x : tensor<2x4xi8>, tensor<4x3xi8>) outs(%o : tensor<2x3xi64>) -> tensor<2x3xi64>
  %z = linalg.matmul ins(%w, %x : tensor<2x4xi8>, tensor<4x3xi8>) outs(%p : tensor<2x3xi8>) -> tensor<2x3xi8>
  return %y, %z : tensor<2x3xi64>, tensor<2x3xi8>
}
