// RUN: sparsec-opt %s --sparsec-set-batch=batch=4 | FileCheck %s

// FAILS TODAY: "operand type mismatch" at a call of a public function; the inliner
// leaves such calls where a function is recursive or marked no_inline.
// CHECK-LABEL: @inner(%{{.*}}: tensor<4x4xf32>) -> tensor<4x4xf32>
func.func @inner(%x: tensor<?x4xf32>) -> tensor<?x4xf32> attributes {no_inline} {
  return %x : tensor<?x4xf32>
}
// CHECK-LABEL: @main
// CHECK: call @inner(%{{.*}}) : (tensor<4x4xf32>) -> tensor<4x4xf32>
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = call @inner(%x) : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}
