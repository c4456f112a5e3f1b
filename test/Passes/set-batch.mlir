// The batch of a model is the leading dimension of what goes in and out of it.
//
// RUN: sparsec-opt %s --sparsec-set-batch=batch=4 | FileCheck %s
// RUN: sparsec-opt %s --sparsec-set-batch | FileCheck %s --check-prefix=ONE
// RUN: not sparsec-opt %s --sparsec-set-batch=batch=0 2>&1 | FileCheck %s --check-prefix=ZERO

// ZERO: error: sparsec-set-batch: batch must be at least 1

// CHECK-LABEL: @main(%{{.*}}: tensor<4x3xf32>, %{{.*}}: tensor<3x2xf32>) -> tensor<4x2xf32>
// ONE-LABEL: @main(%{{.*}}: tensor<1x3xf32>, %{{.*}}: tensor<3x2xf32>) -> tensor<1x2xf32>
// Shapes inside follow.
// CHECK-NOT: tensor.dim
// CHECK: linalg.matmul ins(%{{.*}}, %{{.*}} : tensor<4x3xf32>, tensor<3x2xf32>) outs(%{{.*}} : tensor<4x2xf32>)
func.func @main(%x: tensor<?x3xf32>, %w: tensor<3x2xf32>) -> tensor<?x2xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x3xf32>
  %e = tensor.empty(%n) : tensor<?x2xf32>
  %0 = linalg.matmul ins(%x, %w : tensor<?x3xf32>, tensor<3x2xf32>) outs(%e : tensor<?x2xf32>) -> tensor<?x2xf32>
  return %0 : tensor<?x2xf32>
}

// A batch that the model fixes stays, and so do other dynamic dimensions and what is
// no tensor.
// CHECK-LABEL: @others(%{{.*}}: tensor<7x?xf32>, %{{.*}}: tensor<4x?xf32>, %{{.*}}: f32, %{{.*}}: tensor<f32>) -> (tensor<7x?xf32>, tensor<f32>)
func.func @others(%x: tensor<7x?xf32>, %y: tensor<?x?xf32>, %z: f32, %s: tensor<f32>) -> (tensor<7x?xf32>, tensor<f32>) {
  return %x, %s : tensor<7x?xf32>, tensor<f32>
}

// Private functions are not called from outside.
// CHECK-LABEL: @helper(%{{.*}}: tensor<?x3xf32>) -> tensor<?x3xf32>
func.func private @helper(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  return %x : tensor<?x3xf32>
}
