// The worked example of dialect/Attrs.td in each format:
//
//     1 0 0 2
//     0 0 0 0
//     0 3 4 5
//
// RUN: sparsec-opt %s --sparsec-pack-weights | FileCheck %s

// CHECK-LABEL: @bitmask(
// CHECK-DAG: %[[V:.*]] = arith.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00, 5.000000e+00]> : tensor<5xf32>
// CHECK-DAG: %[[I:.*]] = arith.constant dense<{{\[\[}}9], [0], [14]]> : tensor<3x1xi64>
// CHECK-DAG: %[[O:.*]] = arith.constant dense<[0, 2, 2, 5]> : tensor<4xi32>
// CHECK: sparsec.assemble %[[V]], %[[I]], %[[O]] : tensor<5xf32>, tensor<3x1xi64>, tensor<4xi32> to tensor<3x4xf32, #sparsec.bitmask>
func.func @bitmask() -> tensor<3x4xf32, #sparsec.bitmask> {
  %w = arith.constant dense<[[1.0, 0.0, 0.0, 2.0], [0.0, 0.0, 0.0, 0.0], [0.0, 3.0, 4.0, 5.0]]> : tensor<3x4xf32>
  %c = sparsec.compress %w : tensor<3x4xf32> to tensor<3x4xf32, #sparsec.bitmask>
  return %c : tensor<3x4xf32, #sparsec.bitmask>
}

// CHECK-LABEL: @csr(
// CHECK-DAG: %[[V:.*]] = arith.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00, 5.000000e+00]> : tensor<5xf32>
// CHECK-DAG: %[[I:.*]] = arith.constant dense<[0, 3, 1, 2, 3]> : tensor<5xi32>
// CHECK-DAG: %[[O:.*]] = arith.constant dense<[0, 2, 2, 5]> : tensor<4xi32>
// CHECK: sparsec.assemble %[[V]], %[[I]], %[[O]] : tensor<5xf32>, tensor<5xi32>, tensor<4xi32> to tensor<3x4xf32, #sparsec.csr>
func.func @csr() -> tensor<3x4xf32, #sparsec.csr> {
  %w = arith.constant dense<[[1.0, 0.0, 0.0, 2.0], [0.0, 0.0, 0.0, 0.0], [0.0, 3.0, 4.0, 5.0]]> : tensor<3x4xf32>
  %c = sparsec.compress %w : tensor<3x4xf32> to tensor<3x4xf32, #sparsec.csr>
  return %c : tensor<3x4xf32, #sparsec.csr>
}

// CHECK-LABEL: @csr16(
// CHECK-DAG: %[[V:.*]] = arith.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00, 5.000000e+00]> : tensor<5xf32>
// CHECK-DAG: %[[I:.*]] = arith.constant dense<[0, 3, 1, 2, 3]> : tensor<5xi16>
// CHECK-DAG: %[[O:.*]] = arith.constant dense<[0, 2, 2, 5]> : tensor<4xi32>
// CHECK: sparsec.assemble %[[V]], %[[I]], %[[O]] : tensor<5xf32>, tensor<5xi16>, tensor<4xi32> to tensor<3x4xf32, #sparsec.csr<index = i16>>
func.func @csr16() -> tensor<3x4xf32, #sparsec.csr<index = i16>> {
  %w = arith.constant dense<[[1.0, 0.0, 0.0, 2.0], [0.0, 0.0, 0.0, 0.0], [0.0, 3.0, 4.0, 5.0]]> : tensor<3x4xf32>
  %c = sparsec.compress %w : tensor<3x4xf32> to tensor<3x4xf32, #sparsec.csr<index = i16>>
  return %c : tensor<3x4xf32, #sparsec.csr<index = i16>>
}

// CHECK-LABEL: @csc(
// CHECK-DAG: %[[V:.*]] = arith.constant dense<[1.000000e+00, 3.000000e+00, 4.000000e+00, 2.000000e+00, 5.000000e+00]> : tensor<5xf32>
// CHECK-DAG: %[[I:.*]] = arith.constant dense<[0, 2, 2, 0, 2]> : tensor<5xi32>
// CHECK-DAG: %[[O:.*]] = arith.constant dense<[0, 1, 2, 3, 5]> : tensor<5xi32>
// CHECK: sparsec.assemble %[[V]], %[[I]], %[[O]] : tensor<5xf32>, tensor<5xi32>, tensor<5xi32> to tensor<3x4xf32, #sparsec.csc>
func.func @csc() -> tensor<3x4xf32, #sparsec.csc> {
  %w = arith.constant dense<[[1.0, 0.0, 0.0, 2.0], [0.0, 0.0, 0.0, 0.0], [0.0, 3.0, 4.0, 5.0]]> : tensor<3x4xf32>
  %c = sparsec.compress %w : tensor<3x4xf32> to tensor<3x4xf32, #sparsec.csc>
  return %c : tensor<3x4xf32, #sparsec.csc>
}

// CHECK-LABEL: @csc16(
// CHECK-DAG: %[[V:.*]] = arith.constant dense<[1.000000e+00, 3.000000e+00, 4.000000e+00, 2.000000e+00, 5.000000e+00]> : tensor<5xf32>
// CHECK-DAG: %[[I:.*]] = arith.constant dense<[0, 2, 2, 0, 2]> : tensor<5xi16>
// CHECK-DAG: %[[O:.*]] = arith.constant dense<[0, 1, 2, 3, 5]> : tensor<5xi32>
// CHECK: sparsec.assemble %[[V]], %[[I]], %[[O]] : tensor<5xf32>, tensor<5xi16>, tensor<5xi32> to tensor<3x4xf32, #sparsec.csc<index = i16>>
func.func @csc16() -> tensor<3x4xf32, #sparsec.csc<index = i16>> {
  %w = arith.constant dense<[[1.0, 0.0, 0.0, 2.0], [0.0, 0.0, 0.0, 0.0], [0.0, 3.0, 4.0, 5.0]]> : tensor<3x4xf32>
  %c = sparsec.compress %w : tensor<3x4xf32> to tensor<3x4xf32, #sparsec.csc<index = i16>>
  return %c : tensor<3x4xf32, #sparsec.csc<index = i16>>
}

// CHECK-LABEL: @block(
// CHECK-DAG: %[[V:.*]] = arith.constant dense<{{\[\[\[}}1.000000e+00, 0.000000e+00, 0.000000e+00, 2.000000e+00], [0.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00], [0.000000e+00, 3.000000e+00, 4.000000e+00, 5.000000e+00], [0.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00]]]> : tensor<1x4x4xf32>
// CHECK-DAG: %[[I:.*]] = arith.constant dense<0> : tensor<1xi32>
// CHECK-DAG: %[[O:.*]] = arith.constant dense<[0, 1]> : tensor<2xi32>
// CHECK: sparsec.assemble %[[V]], %[[I]], %[[O]] : tensor<1x4x4xf32>, tensor<1xi32>, tensor<2xi32> to tensor<3x4xf32, #sparsec.block<4x4>>
func.func @block() -> tensor<3x4xf32, #sparsec.block<4x4>> {
  %w = arith.constant dense<[[1.0, 0.0, 0.0, 2.0], [0.0, 0.0, 0.0, 0.0], [0.0, 3.0, 4.0, 5.0]]> : tensor<3x4xf32>
  %c = sparsec.compress %w : tensor<3x4xf32> to tensor<3x4xf32, #sparsec.block<4x4>>
  return %c : tensor<3x4xf32, #sparsec.block<4x4>>
}

// Only +0.0 is not stored: -0.0, denormals and NaN are.
// CHECK-LABEL: @lossless
// CHECK-DAG: arith.constant dense<[-0.000000e+00, 1.401300e-45, 0x7FC00000]> : tensor<3xf32>
// CHECK-DAG: arith.constant dense<[0, 2, 3]> : tensor<3xi32>
func.func @lossless() -> tensor<1x4xf32, #sparsec.csr> {
  %w = arith.constant dense<[[-0.0, 0.0, 1.4e-45, 0x7FC00000]]> : tensor<1x4xf32>
  %c = sparsec.compress %w : tensor<1x4xf32> to tensor<1x4xf32, #sparsec.csr>
  return %c : tensor<1x4xf32, #sparsec.csr>
}

// Nothing to store, and nothing but one value.
// CHECK-LABEL: @splats
// CHECK-DAG: arith.constant dense<> : tensor<0xf32>
// CHECK-DAG: arith.constant dense<0> : tensor<3xi32>
// CHECK-DAG: arith.constant dense<7.000000e+00> : tensor<4xf32>
// CHECK-DAG: arith.constant dense<[0, 2, 4]> : tensor<3xi32>
func.func @splats() -> (tensor<2x2xf32, #sparsec.csr>, tensor<2x2xf32, #sparsec.csr>) {
  %w = arith.constant dense<0.0> : tensor<2x2xf32>
  %v = arith.constant dense<7.0> : tensor<2x2xf32>
  %c = sparsec.compress %w : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.csr>
  %d = sparsec.compress %v : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.csr>
  return %c, %d : tensor<2x2xf32, #sparsec.csr>, tensor<2x2xf32, #sparsec.csr>
}

// A weight that is used twice is packed once; its name stays, its dense values go.
// CHECK-LABEL: @twice
// CHECK-NOT: tensor<2x2xf32>
// CHECK: %[[C:.*]] = sparsec.assemble {{.*}} {sparsec.weight = {name = "fc"}}
// CHECK-NOT: sparsec.assemble
// CHECK: return %[[C]], %[[C]]
func.func @twice() -> (tensor<2x2xf32, #sparsec.csr>, tensor<2x2xf32, #sparsec.csr>) {
  %w = arith.constant dense<[[0.0, 1.0], [0.0, 0.0]]> : tensor<2x2xf32>
  %c = sparsec.compress %w {sparsec.weight = {name = "fc"}} : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.csr>
  %d = sparsec.compress %w {sparsec.weight = {name = "fc"}} : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.csr>
  return %c, %d : tensor<2x2xf32, #sparsec.csr>, tensor<2x2xf32, #sparsec.csr>
}

// Large arrays are resources with the name of the weight.
// CHECK-LABEL: @large
// CHECK-DAG: arith.constant dense_resource<fc1.values> : tensor<512xf32>
// CHECK-DAG: arith.constant dense_resource<fc1.indices> : tensor<512xi32>
func.func @large() -> tensor<8x64xf32, #sparsec.csr> {
  %w = arith.constant dense<1.0> : tensor<8x64xf32>
  %c = sparsec.compress %w {sparsec.weight = {name = "fc1"}} : tensor<8x64xf32> to tensor<8x64xf32, #sparsec.csr>
  return %c : tensor<8x64xf32, #sparsec.csr>
}

// What is not known now is compressed at run time.
// CHECK-LABEL: @runtime
// CHECK: sparsec.compress
func.func @runtime(%w: tensor<2x2xf32>) -> tensor<2x2xf32, #sparsec.csr> {
  %c = sparsec.compress %w : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.csr>
  return %c : tensor<2x2xf32, #sparsec.csr>
}
