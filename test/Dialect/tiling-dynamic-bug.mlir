// RUN: sparsec-opt %s --transform-interpreter | FileCheck %s

// FAILS TODAY: crashes; the rows of a compressed weight of unknown height can be
// read off the result.
// CHECK-LABEL: @dynamic_rows
// CHECK: tensor.dim %{{.*}} : tensor<?x8xf32>
// CHECK: scf.for
// CHECK: sparsec.window
func.func @dynamic_rows(%w: tensor<?x32xf32, #sparsec.csr>, %x: tensor<32x8xf32>,
                        %o: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %0 = sparsec.matmul
      ins(%w, %x : tensor<?x32xf32, #sparsec.csr>, tensor<32x8xf32>)
      outs(%o : tensor<?x8xf32>) epilogue {
    ^bb0(%s: f32):
      %n = arith.negf %s : f32
      sparsec.yield %n : f32
  } -> tensor<?x8xf32>
  return %0 : tensor<?x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%m: !transform.any_op {transform.readonly}) {
    %p = transform.structured.match ops{["sparsec.matmul"]} in %m : (!transform.any_op) -> !transform.any_op
    %a, %b = transform.structured.tile_using_for %p tile_sizes [16] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
