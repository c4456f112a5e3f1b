// The pass does not read the weights that it finds; what is wrong with their bytes
// shows where a format is chosen.
//
// RUN: sparsec-opt %s -split-input-file --sparsec-from-linalg | FileCheck %s
// RUN: sparsec-opt %s -split-input-file --sparsec-from-linalg --sparsec-select-format -verify-diagnostics

// The file names a resource and does not define it.
// CHECK-LABEL: @undefined
// CHECK: sparsec.matmul
func.func @undefined(%x: tensor<1x2xf32>, %o: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w = arith.constant dense_resource<fc1.weight> : tensor<2x2xf32>
  // expected-error @+1 {{resource 'fc1.weight' has no data: the file does not define it}}
  %0 = linalg.matmul ins(%x, %w : tensor<1x2xf32>, tensor<2x2xf32>) outs(%o : tensor<1x2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// -----

// Two elements where the type has four.
// CHECK-LABEL: @too_short
// CHECK: sparsec.matmul
func.func @too_short(%x: tensor<1x2xf32>, %o: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w = arith.constant dense_resource<fc2.weight> : tensor<2x2xf32>
  // expected-error @+1 {{resource 'fc2.weight' holds 8 bytes, but type 'tensor<2x2xf32>' needs 16}}
  %0 = linalg.matmul ins(%x, %w : tensor<1x2xf32>, tensor<2x2xf32>) outs(%o : tensor<1x2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

{-#
  dialect_resources: { builtin: { fc2.weight: "0x040000000000803f00000000" } }
#-}

// -----

// Two elements where the type has one.
// CHECK-LABEL: @too_long
// CHECK: sparsec.matmul
func.func @too_long(%x: tensor<1x1xf32>, %o: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %w = arith.constant dense_resource<fc3.weight> : tensor<1x1xf32>
  // expected-error @+1 {{resource 'fc3.weight' holds 8 bytes, but type 'tensor<1x1xf32>' needs 4}}
  %0 = linalg.matmul ins(%x, %w : tensor<1x1xf32>, tensor<1x1xf32>) outs(%o : tensor<1x1xf32>) -> tensor<1x1xf32>
  return %0 : tensor<1x1xf32>
}

{-#
  dialect_resources: { builtin: { fc3.weight: "0x040000000000803f00000000" } }
#-}
