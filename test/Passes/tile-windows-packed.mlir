// Windows of packed weights, for a weight that is larger than half of the budget.
//
// RUN: sparsec-opt %s -split-input-file --sparsec-tile-windows=weight-budget=64 --canonicalize | FileCheck %s
// RUN: not sparsec-opt %s -split-input-file --sparsec-tile-windows=weight-budget=16 2>&1 | FileCheck %s --check-prefix=LEAST

// 6 values of 4 bytes, 6 indices of 2 and 5 offsets of 4: 56 bytes for four rows, so
// 14 bytes a row, and two rows in half of the budget.
// CHECK-LABEL: @large(
// CHECK: %[[W:.*]] = sparsec.assemble
// CHECK: scf.for %[[I:.*]] = %c0{{.*}} to %c4{{.*}} step %c2
// CHECK: %[[V:.*]] = sparsec.window %[[W]][%[[I]]] : {{.*}} to tensor<2x8xf32, #sparsec.csr<index = i16>>
// CHECK-NOT: sparsec.decompress
// CHECK: sparsec.matmul ins(%[[V]], %{{.*}} : tensor<2x8xf32, #sparsec.csr<index = i16>>, tensor<8xf32>)
//
// LEAST: a weight budget of 16 bytes is too small: the smallest that works is 28, for two rows of a weight
func.func @large(%x: tensor<8xf32>, %v: tensor<6xf32>, %i: tensor<6xi16>, %o: tensor<5xi32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %w = sparsec.assemble %v, %i, %o : tensor<6xf32>, tensor<6xi16>, tensor<5xi32> to tensor<4x8xf32, #sparsec.csr<index = i16>>
  %0 = sparsec.matmul ins(%w, %x : tensor<4x8xf32, #sparsec.csr<index = i16>>, tensor<8xf32>) outs(%y : tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// CHECK-LABEL: @small(
// CHECK-NOT: scf.for
// CHECK: return
func.func @small(%x: tensor<8xf32>, %v: tensor<1xf32>, %i: tensor<1xi16>, %o: tensor<5xi32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %w = sparsec.assemble %v, %i, %o : tensor<1xf32>, tensor<1xi16>, tensor<5xi32> to tensor<4x8xf32, #sparsec.csr<index = i16>>
  %0 = sparsec.matmul ins(%w, %x : tensor<4x8xf32, #sparsec.csr<index = i16>>, tensor<8xf32>) outs(%y : tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
