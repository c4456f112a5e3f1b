// What is not a weight of format auto with products for users.
//
// RUN: sparsec-opt %s -split-input-file --sparsec-select-format 2>/dev/null | FileCheck %s
// RUN: sparsec-opt %s -split-input-file --sparsec-select-format 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// A format that the model gives stays, and is listed.
// REMARK: remark: weight 'weight' is stored as csr: given by the model
// CHECK: format = "csr"
// CHECK-SAME: reason = "given by the model"
// CHECK-LABEL: @given
// CHECK: to tensor<2x2xf32, #sparsec.csr>
func.func @given() -> tensor<2x2xf32, #sparsec.csr> {
  %w = arith.constant dense<1.0> : tensor<2x2xf32>
  %c = sparsec.compress %w : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.csr>
  return %c : tensor<2x2xf32, #sparsec.csr>
}

// -----

// With the format in the type, the operand may be anything.
// CHECK: sparsec.weights = []
// CHECK-LABEL: @runtime
// CHECK: sparsec.compress %{{.*}} to tensor<?x2xf32, #sparsec.csr>
func.func @runtime(%w: tensor<?x2xf32>) -> tensor<?x2xf32, #sparsec.csr> {
  %c = sparsec.compress %w : tensor<?x2xf32> to tensor<?x2xf32, #sparsec.csr>
  return %c : tensor<?x2xf32, #sparsec.csr>
}

// -----

// A weight that is used twice is analysed and listed once.
// REMARK: remark: weight 'weight' is stored as csr<index = i16>
// CHECK: sparsec.weights = [{{.*}}, shape = array<i64: 8, 2>}]}
// CHECK-LABEL: @twice
// CHECK-COUNT-2: sparsec.compress {{.*}} to tensor<8x2xf32, #sparsec.csr<index = i16>>
func.func @twice(%x: tensor<2xf32>, %o: tensor<8xf32>, %p: tensor<2xf32>) -> tensor<2xf32> {
  %w = arith.constant dense<0.0> : tensor<8x2xf32>
  %c = sparsec.compress %w : tensor<8x2xf32> to tensor<8x2xf32, #sparsec.auto>
  %d = sparsec.compress %w : tensor<8x2xf32> to tensor<8x2xf32, #sparsec.auto>
  %0 = sparsec.matmul ins(%c, %x : tensor<8x2xf32, #sparsec.auto>, tensor<2xf32>) outs(%o : tensor<8xf32>) -> tensor<8xf32>
  %1 = sparsec.matmul ins(%0, %d : tensor<8xf32>, tensor<8x2xf32, #sparsec.auto>) outs(%p : tensor<2xf32>) -> tensor<2xf32>
  return %1 : tensor<2xf32>
}

// -----

// A dense weight is its constant for all that read it, and is compressed again for
// those that want another format.
// REMARK: remark: weight 'weight' is stored as dense
// CHECK-LABEL: @dense_users
// CHECK: %[[W:.*]] = arith.constant dense<1.0{{.*}}
// CHECK: %[[C:.*]] = sparsec.compress %[[W]] : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.csr>
// CHECK: return %[[W]], %[[C]]
func.func @dense_users() -> (tensor<2x2xf32>, tensor<2x2xf32, #sparsec.csr>) {
  %w = arith.constant dense<1.0> : tensor<2x2xf32>
  %c = sparsec.compress %w : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.auto>
  %d = sparsec.decompress %c : tensor<2x2xf32, #sparsec.auto> to tensor<2x2xf32>
  %e = sparsec.convert %c : tensor<2x2xf32, #sparsec.auto> to tensor<2x2xf32, #sparsec.csr>
  return %d, %e : tensor<2x2xf32>, tensor<2x2xf32, #sparsec.csr>
}

// -----

// Filters are listed; they are computed dense.
// CHECK: sparsec.weights = [{{.*}}format = "dense", name = "filter", negative_zeros = 0 : i64, nnz = 0 : i64, reason = "a convolution is computed dense", {{.*}}shape = array<i64: 3, 3, 2, 2>
// CHECK-LABEL: @filter
func.func @filter(%x: tensor<1x4x4x2xf32>, %o: tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> {
  %k = arith.constant dense<0.0> : tensor<3x3x2x2xf32>
  %0 = linalg.conv_2d_nhwc_hwcf ins(%x, %k : tensor<1x4x4x2xf32>, tensor<3x3x2x2xf32>) outs(%o : tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  return %0: tensor<1x2x2x2xf32>
}

// -----

// The window of a pooling has a shape and no values.
// CHECK: sparsec.weights = []
// CHECK-LABEL: @pool
func.func @pool(%x: tensor<1x4x4x2xf32>, %o: tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> {
  %k = arith.constant dense<0.0> : tensor<3x3xf32>
  %0 = linalg.pooling_nhwc_max ins(%x, %k: tensor<1x4x4x2xf32>, tensor<3x3xf32>) outs(%o : tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  return %0: tensor<1x2x2x2xf32>
}

// -----

// Elements that no format stores are not listed.
// CHECK: sparsec.weights = []
// CHECK-LABEL: @complex_filter
func.func @complex_filter(%x: tensor<1x4x4x2xcomplex<f32>>, %o: tensor<1x2x2x2xcomplex<f32>>) -> tensor<1x2x2x2xcomplex<f32>> {
  %k = arith.constant dense<(0.0, 0.0)> : tensor<3x3x2x2xcomplex<f32>>
  %0 = linalg.conv_2d_nhwc_hwcf ins(%x, %k : tensor<1x4x4x2xcomplex<f32>>, tensor<3x3x2x2xcomplex<f32>>)
      outs(%o : tensor<1x2x2x2xcomplex<f32>>) -> tensor<1x2x2x2xcomplex<f32>>
  return %0: tensor<1x2x2x2xcomplex<f32>>
}
