// RUN: sparsec-opt %s --sparsec-set-batch=batch=4 | FileCheck %s
// Regression of the uncommitted SetBatch.cpp: the canonicalizer that it runs verifies
// a module whose calls do not have the new types yet.
// Calls of functions whose type changes change too.
// CHECK-LABEL: @inner(%{{.*}}: tensor<4x3xf32>) -> tensor<4x3xf32>
func.func @inner(%x: tensor<?x3xf32>) -> tensor<?x3xf32> attributes {no_inline} {
  return %x : tensor<?x3xf32>
}
// CHECK-LABEL: @outer
// CHECK: %[[Y:.*]] = call @inner(%{{.*}}) : (tensor<4x3xf32>) -> tensor<4x3xf32>
// CHECK: call @inner(%{{.*}}) : (tensor<4x3xf32>) -> tensor<4x3xf32>
func.func @outer(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %0 = call @inner(%x) : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %1 = call @inner(%0) : (tensor<?x3xf32>) -> tensor<?x3xf32>
  return %1 : tensor<?x3xf32>
}
