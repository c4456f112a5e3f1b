// Tiling refuses what it cannot do, and says why; it never falls back to a copy.
//
// RUN: sparsec-opt %s -split-input-file --transform-interpreter -verify-diagnostics

// A window is a range of rows: the reduction walks along columns,
func.func @f(%w: tensor<64x32xf32, #sparsec.csr>, %x: tensor<32x8xf32>, %o: tensor<64x8xf32>) {
  // expected-remark @+3 {{cannot tile dimension 1 of 'tensor<64x32xf32, #sparsec.csr>': the format has windows along dimension 0}}
  // expected-error @+2 {{faild to tile operation}}
  // expected-error @+1 {{failed to generate tiling loops}}
  %0 = sparsec.matmul ins(%w, %x : tensor<64x32xf32, #sparsec.csr>, tensor<32x8xf32>) outs(%o : tensor<64x8xf32>) -> tensor<64x8xf32>
  return
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%m: !transform.any_op {transform.readonly}) {
    %p = transform.structured.match ops{["sparsec.matmul"]} in %m : (!transform.any_op) -> !transform.any_op
    %a, %b = transform.structured.tile_using_for %p tile_sizes [0, 0, 16] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// and the other way around.
func.func @f(%w: tensor<64x32xf32, #sparsec.csc>, %x: tensor<32x8xf32>, %o: tensor<64x8xf32>) {
  // expected-remark @+3 {{cannot tile dimension 0 of 'tensor<64x32xf32, #sparsec.csc>': the format has windows along dimension 1}}
  // expected-error @+2 {{faild to tile operation}}
  // expected-error @+1 {{failed to generate tiling loops}}
  %0 = sparsec.matmul ins(%w, %x : tensor<64x32xf32, #sparsec.csc>, tensor<32x8xf32>) outs(%o : tensor<64x8xf32>) -> tensor<64x8xf32>
  return
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%m: !transform.any_op {transform.readonly}) {
    %p = transform.structured.match ops{["sparsec.matmul"]} in %m : (!transform.any_op) -> !transform.any_op
    %a, %b = transform.structured.tile_using_for %p tile_sizes [16] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// What a window is depends on the format.
func.func @f(%w: tensor<64x32xf32, #sparsec.auto>, %x: tensor<32x8xf32>, %o: tensor<64x8xf32>) {
  // expected-remark @+3 {{cannot tile 'tensor<64x32xf32, #sparsec.auto>': run sparsec-select-format first}}
  // expected-error @+2 {{faild to tile operation}}
  // expected-error @+1 {{failed to generate tiling loops}}
  %0 = sparsec.matmul ins(%w, %x : tensor<64x32xf32, #sparsec.auto>, tensor<32x8xf32>) outs(%o : tensor<64x8xf32>) -> tensor<64x8xf32>
  return
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%m: !transform.any_op {transform.readonly}) {
    %p = transform.structured.match ops{["sparsec.matmul"]} in %m : (!transform.any_op) -> !transform.any_op
    %a, %b = transform.structured.tile_using_for %p tile_sizes [16] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Tiles of 12 rows would cut blocks of 8 rows in two.
func.func @f(%w: tensor<64x32xf32, #sparsec.block<8x8>>, %x: tensor<32x8xf32>, %o: tensor<64x8xf32>) {
  // expected-remark @+3 {{cannot tile 'tensor<64x32xf32, #sparsec.block<8x8>>': its windows start at multiples of 8}}
  // expected-error @+2 {{faild to tile operation}}
  // expected-error @+1 {{failed to generate tiling loops}}
  %0 = sparsec.matmul ins(%w, %x : tensor<64x32xf32, #sparsec.block<8x8>>, tensor<32x8xf32>) outs(%o : tensor<64x8xf32>) -> tensor<64x8xf32>
  return
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%m: !transform.any_op {transform.readonly}) {
    %p = transform.structured.match ops{["sparsec.matmul"]} in %m : (!transform.any_op) -> !transform.any_op
    %a, %b = transform.structured.tile_using_for %p tile_sizes [12] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// The epilogue is applied to the whole sum, not to parts of it.
func.func @f(%w: tensor<64x32xf32, #sparsec.csc>, %x: tensor<32x8xf32>, %o: tensor<64x8xf32>) {
  // expected-remark @+3 {{cannot tile the reduction of a product that has an epilogue}}
  // expected-error @+2 {{faild to tile operation}}
  // expected-error @+1 {{failed to generate tiling loops}}
  %0 = sparsec.matmul ins(%w, %x : tensor<64x32xf32, #sparsec.csc>, tensor<32x8xf32>) outs(%o : tensor<64x8xf32>) epilogue () {
    ^bb0(%s: f32):
      %1 = arith.negf %s : f32
      sparsec.yield %1 : f32
  } -> tensor<64x8xf32>
  return
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%m: !transform.any_op {transform.readonly}) {
    %p = transform.structured.match ops{["sparsec.matmul"]} in %m : (!transform.any_op) -> !transform.any_op
    %a, %b = transform.structured.tile_using_for %p tile_sizes [0, 0, 16] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Each tile would start from zero again.
func.func @f(%w: tensor<64x32xf32, #sparsec.csc>, %x: tensor<32x8xf32>, %o: tensor<64x8xf32>) {
  // expected-remark @+3 {{cannot tile the reduction of a product with zero_init: fill outs with zeros instead}}
  // expected-error @+2 {{faild to tile operation}}
  // expected-error @+1 {{failed to generate tiling loops}}
  %0 = sparsec.matmul zero_init ins(%w, %x : tensor<64x32xf32, #sparsec.csc>, tensor<32x8xf32>) outs(%o : tensor<64x8xf32>) -> tensor<64x8xf32>
  return
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%m: !transform.any_op {transform.readonly}) {
    %p = transform.structured.match ops{["sparsec.matmul"]} in %m : (!transform.any_op) -> !transform.any_op
    %a, %b = transform.structured.tile_using_for %p tile_sizes [0, 0, 16] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Buffers are tiled before they are buffers.
func.func @f(%w: tensor<64x32xf32, #sparsec.csr>, %x: memref<32x8xf32>, %o: memref<64x8xf32>) {
  // expected-remark @+3 {{is tiled on tensors only}}
  // expected-error @+2 {{faild to tile operation}}
  // expected-error @+1 {{failed to generate tiling loops}}
  sparsec.matmul ins(%w, %x : tensor<64x32xf32, #sparsec.csr>, memref<32x8xf32>) outs(%o : memref<64x8xf32>)
  return
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%m: !transform.any_op {transform.readonly}) {
    %p = transform.structured.match ops{["sparsec.matmul"]} in %m : (!transform.any_op) -> !transform.any_op
    %a, %b = transform.structured.tile_using_for %p tile_sizes [16] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
