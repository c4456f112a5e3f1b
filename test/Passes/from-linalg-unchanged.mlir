// Contractions that sparsec.matmul does not take stay what they are. Each case says
// why it must.
//
// RUN: sparsec-opt %s --sparsec-from-linalg | FileCheck %s --implicit-check-not=sparsec.

// Weights that are arguments are not known now.
// CHECK-LABEL: @no_constant
// CHECK: linalg.matmul
func.func @no_constant(%x: tensor<3x4xf32>, %w: tensor<4x2xf32>, %o: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %0 = linalg.matmul ins(%x, %w : tensor<3x4xf32>, tensor<4x2xf32>) outs(%o : tensor<3x2xf32>) -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}

// Nor are those that are computed.
// CHECK-LABEL: @computed
// CHECK: linalg.matmul
func.func @computed(%x: tensor<3x4xf32>, %o: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %w = arith.constant dense<1.0> : tensor<4x2xf32>
  %e = tensor.empty() : tensor<4x2xf32>
  %v = linalg.exp ins(%w : tensor<4x2xf32>) outs(%e : tensor<4x2xf32>) -> tensor<4x2xf32>
  %0 = linalg.matmul ins(%x, %v : tensor<3x4xf32>, tensor<4x2xf32>) outs(%o : tensor<3x2xf32>) -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}

// The sum would lose half of an f64.
// CHECK-LABEL: @f64
// CHECK: linalg.matmul
func.func @f64(%x: tensor<3x4xf64>, %o: tensor<3x2xf64>) -> tensor<3x2xf64> {
  %w = arith.constant dense<1.0> : tensor<4x2xf64>
  %0 = linalg.matmul ins(%x, %w : tensor<3x4xf64>, tensor<4x2xf64>) outs(%o : tensor<3x2xf64>) -> tensor<3x2xf64>
  return %0 : tensor<3x2xf64>
}

// Of integers only bytes are weights.
// CHECK-LABEL: @integers
// CHECK: linalg.matmul
func.func @integers(%x: tensor<3x4xi16>, %o: tensor<3x2xi32>) -> tensor<3x2xi32> {
  %w = arith.constant dense<1> : tensor<4x2xi16>
  %0 = linalg.matmul ins(%x, %w : tensor<3x4xi16>, tensor<4x2xi16>) outs(%o : tensor<3x2xi32>) -> tensor<3x2xi32>
  return %0 : tensor<3x2xi32>
}

// A batch of two weights is no matrix,
// CHECK-LABEL: @batched_weight
// CHECK: linalg.batch_matmul
func.func @batched_weight(%x: tensor<2x3x4xf32>, %o: tensor<2x3x2xf32>) -> tensor<2x3x2xf32> {
  %w = arith.constant dense<1.0> : tensor<2x4x2xf32>
  %0 = linalg.batch_matmul ins(%x, %w : tensor<2x3x4xf32>, tensor<2x4x2xf32>) outs(%o : tensor<2x3x2xf32>) -> tensor<2x3x2xf32>
  return %0 : tensor<2x3x2xf32>
}

// nor is a vector.
// CHECK-LABEL: @constant_vector
// CHECK: linalg.matvec
func.func @constant_vector(%x: tensor<3x4xf32>, %o: tensor<3xf32>) -> tensor<3xf32> {
  %w = arith.constant dense<1.0> : tensor<4xf32>
  %0 = linalg.matvec ins(%x, %w : tensor<3x4xf32>, tensor<4xf32>) outs(%o : tensor<3xf32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// A convolution slides: two loops walk along one dimension.
// CHECK-LABEL: @convolution
// CHECK: linalg.conv_2d
func.func @convolution(%x: tensor<1x6x6x2xf32>, %o: tensor<1x4x4x5xf32>) -> tensor<1x4x4x5xf32> {
  %w = arith.constant dense<1.0> : tensor<3x3x2x5xf32>
  %0 = linalg.conv_2d_nhwc_hwcf ins(%x, %w : tensor<1x6x6x2xf32>, tensor<3x3x2x5xf32>) outs(%o : tensor<1x4x4x5xf32>) -> tensor<1x4x4x5xf32>
  return %0 : tensor<1x4x4x5xf32>
}

// The largest sum is another ring.
// CHECK-LABEL: @tropical
// CHECK: arith.maximumf
func.func @tropical(%x: tensor<3x4xf32>, %o: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %w = arith.constant dense<1.0> : tensor<4x2xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<3x4xf32>, tensor<4x2xf32>) outs(%o : tensor<3x2xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %m = arith.addf %a, %b : f32
      %s = arith.maximumf %c, %m : f32
      linalg.yield %s : f32
  } -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}

// Products are subtracted.
// CHECK-LABEL: @difference
// CHECK: arith.subf
func.func @difference(%x: tensor<3x4xf32>, %o: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %w = arith.constant dense<1.0> : tensor<4x2xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<3x4xf32>, tensor<4x2xf32>) outs(%o : tensor<3x2xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %m = arith.mulf %a, %b : f32
      %s = arith.subf %c, %m : f32
      linalg.yield %s : f32
  } -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}

// The weight is squared and x not read.
// CHECK-LABEL: @square
// CHECK: arith.mulf
func.func @square(%x: tensor<3x4xf32>, %o: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %w = arith.constant dense<1.0> : tensor<4x2xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<3x4xf32>, tensor<4x2xf32>) outs(%o : tensor<3x2xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %m = arith.mulf %b, %b : f32
      %s = arith.addf %c, %m : f32
      linalg.yield %s : f32
  } -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}

// Nothing is summed: an elementwise product.
// CHECK-LABEL: @no_sum
// CHECK: arith.mulf
func.func @no_sum(%x: tensor<4x2xf32>, %o: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %w = arith.constant dense<1.0> : tensor<4x2xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(m, n) -> (m, n)>, affine_map<(m, n) -> (m, n)>, affine_map<(m, n) -> (m, n)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%x, %w : tensor<4x2xf32>, tensor<4x2xf32>) outs(%o : tensor<4x2xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %m = arith.mulf %a, %b : f32
      %s = arith.addf %c, %m : f32
      linalg.yield %s : f32
  } -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}

// Summed over two loops.
// CHECK-LABEL: @two_sums
// CHECK: arith.mulf
func.func @two_sums(%x: tensor<3x4x2xf32>, %o: tensor<3xf32>) -> tensor<3xf32> {
  %w = arith.constant dense<1.0> : tensor<4x2xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(m, j, k) -> (m, j, k)>, affine_map<(m, j, k) -> (j, k)>, affine_map<(m, j, k) -> (m)>],
      iterator_types = ["parallel", "reduction", "reduction"]}
      ins(%x, %w : tensor<3x4x2xf32>, tensor<4x2xf32>) outs(%o : tensor<3xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %m = arith.mulf %a, %b : f32
      %s = arith.addf %c, %m : f32
      linalg.yield %s : f32
  } -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// The weight is read along its diagonal.
// CHECK-LABEL: @diagonal
// CHECK: arith.mulf
func.func @diagonal(%x: tensor<3x4xf32>, %o: tensor<3xf32>) -> tensor<3xf32> {
  %w = arith.constant dense<1.0> : tensor<4x4xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(m, k) -> (m, k)>, affine_map<(m, k) -> (k, k)>, affine_map<(m, k) -> (m)>],
      iterator_types = ["parallel", "reduction"]}
      ins(%x, %w : tensor<3x4xf32>, tensor<4x4xf32>) outs(%o : tensor<3xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %m = arith.mulf %a, %b : f32
      %s = arith.addf %c, %m : f32
      linalg.yield %s : f32
  } -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// x too has the loop of the outputs: a row of weights for each of its rows.
// CHECK-LABEL: @x_has_o
// CHECK: arith.mulf
func.func @x_has_o(%x: tensor<2x4xf32>, %o: tensor<2xf32>) -> tensor<2xf32> {
  %w = arith.constant dense<1.0> : tensor<4x2xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(n, k) -> (n, k)>, affine_map<(n, k) -> (k, n)>, affine_map<(n, k) -> (n)>],
      iterator_types = ["parallel", "reduction"]}
      ins(%x, %w : tensor<2x4xf32>, tensor<4x2xf32>) outs(%o : tensor<2xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %m = arith.mulf %a, %b : f32
      %s = arith.addf %c, %m : f32
      linalg.yield %s : f32
  } -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// Products on buffers have been lowered already.
// CHECK-LABEL: @buffers
// CHECK: linalg.matmul
func.func @buffers(%x: memref<3x4xf32>, %w: memref<4x2xf32>, %o: memref<3x2xf32>) {
  linalg.matmul ins(%x, %w : memref<3x4xf32>, memref<4x2xf32>) outs(%o : memref<3x2xf32>)
  return
}
