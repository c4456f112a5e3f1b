// RUN: sparsec-opt %s --transform-interpreter | FileCheck %s

// FAILS TODAY: each tile of the reduction starts from zero again, so all but the
// last are lost. The sum must start at zero once: filled before the loop, and no
// zero_init inside it.
// CHECK-LABEL: @zero_init
// CHECK: linalg.fill
// CHECK: scf.for
// CHECK: sparsec.window
// CHECK-NOT: zero_init
func.func @zero_init(%w: tensor<64x32xf32, #sparsec.csc>, %x: tensor<32x8xf32>,
                     %o: tensor<64x8xf32>) -> tensor<64x8xf32> {
  %0 = sparsec.matmul zero_init
      ins(%w, %x : tensor<64x32xf32, #sparsec.csc>, tensor<32x8xf32>)
      outs(%o : tensor<64x8xf32>) -> tensor<64x8xf32>
  return %0 : tensor<64x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%m: !transform.any_op {transform.readonly}) {
    %p = transform.structured.match ops{["sparsec.matmul"]} in %m : (!transform.any_op) -> !transform.any_op
    %a, %b = transform.structured.tile_using_for %p tile_sizes [0, 0, 16] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
