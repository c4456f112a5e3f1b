// RUN: sparsec-opt %s -split-input-file --sparsec-fuse-epilogue | FileCheck %s

// FAILS TODAY: the product moves into the loop of its only user and is computed
// again in each iteration.
// CHECK-LABEL: @user_in_loop
// CHECK: sparsec.matmul
// CHECK: scf.for
// CHECK: linalg.add
func.func @user_in_loop(%x: tensor<4x8xf32>, %w: tensor<8x4xf32>, %o: tensor<4x4xf32>,
                        %n: index) -> tensor<4x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %y = sparsec.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x4xf32>)
                      outs(%o : tensor<4x4xf32>) -> tensor<4x4xf32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %o) -> tensor<4x4xf32> {
    %e = tensor.empty() : tensor<4x4xf32>
    %s = linalg.add ins(%a, %y : tensor<4x4xf32>, tensor<4x4xf32>)
                    outs(%e : tensor<4x4xf32>) -> tensor<4x4xf32>
    scf.yield %s : tensor<4x4xf32>
  }
  return %r : tensor<4x4xf32>
}

// -----

// FAILS TODAY: the pass makes a product that does not verify. Reading row 0 of five
// is no broadcast of a unit dimension, so the user stays.
// CHECK-LABEL: @first_row
// CHECK: sparsec.matmul
// CHECK: linalg.generic
func.func @first_row(%x: tensor<4x8xf32>, %w: tensor<8x4xf32>, %o: tensor<4x4xf32>,
                     %b: tensor<5x4xf32>) -> tensor<4x4xf32> {
  %y = sparsec.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x4xf32>)
                      outs(%o : tensor<4x4xf32>) -> tensor<4x4xf32>
  %e = tensor.empty() : tensor<4x4xf32>
  %s = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>,
                                        affine_map<(i, j) -> (0, j)>,
                                        affine_map<(i, j) -> (i, j)>],
                       iterator_types = ["parallel", "parallel"]}
      ins(%y, %b : tensor<4x4xf32>, tensor<5x4xf32>) outs(%e : tensor<4x4xf32>) {
    ^bb0(%a: f32, %c: f32, %out: f32):
      %z = arith.addf %a, %c : f32
      linalg.yield %z : f32
  } -> tensor<4x4xf32>
  return %s : tensor<4x4xf32>
}
