// RUN: sparsec-opt %s --transform-interpreter -verify-diagnostics

// FAILS TODAY: tiles of 12 rows cut blocks of 8 rows in two; the window's offset
// is a value, so nothing notices.
func.func @granule(%w: tensor<64x32xf32, #sparsec.block<8x8>>, %x: tensor<32x8xf32>,
                   %o: tensor<64x8xf32>) -> tensor<64x8xf32> {
  // expected-remark @+3 {{cannot tile}}
  // expected-error @+2 {{faild to tile operation}}
  // expected-error @+1 {{failed to generate tiling loops}}
  %0 = sparsec.matmul
      ins(%w, %x : tensor<64x32xf32, #sparsec.block<8x8>>, tensor<32x8xf32>)
      outs(%o : tensor<64x8xf32>) epilogue {
    ^bb0(%s: f32):
      %n = arith.negf %s : f32
      sparsec.yield %n : f32
  } -> tensor<64x8xf32>
  return %0 : tensor<64x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%m: !transform.any_op {transform.readonly}) {
    %p = transform.structured.match ops{["sparsec.matmul"]} in %m : (!transform.any_op) -> !transform.any_op
    %a, %b = transform.structured.tile_using_for %p tile_sizes [12] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
