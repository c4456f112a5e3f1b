// What looks dead and is not: every weight keeps its shape.
//
// RUN: sparsec-opt %s -split-input-file --sparsec-eliminate-dead-channels | FileCheck %s

// CHECK-NOT: removed_

// The bias makes the channel 0.2 for any x, which the second product adds.
// CHECK-LABEL: @bias
#id = affine_map<(i) -> (i)>
func.func @bias(%x: tensor<2xf32>) -> tensor<2xf32> {
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[1.0, 2.0], [0.0, 0.0]]> : tensor<2x2xf32>
  %b = arith.constant dense<[-0.1, 0.2]> : tensor<2xf32>
  %v = arith.constant dense<1.0> : tensor<2x2xf32>
  %cw = sparsec.compress %w : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.auto>
  %cv = sparsec.compress %v : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.auto>
  %e = tensor.empty() : tensor<2xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  %0 = sparsec.matmul ins(%cw, %x : tensor<2x2xf32, #sparsec.auto>, tensor<2xf32>) outs(%f : tensor<2xf32>) -> tensor<2xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%0, %b : tensor<2xf32>, tensor<2xf32>) outs(%e : tensor<2xf32>) {
  ^bb0(%in: f32, %bias: f32, %out: f32):
    %s = arith.addf %in, %bias : f32
    %m = arith.maximumf %s, %zero : f32
    linalg.yield %m : f32
  } -> tensor<2xf32>
  %2 = sparsec.matmul ins(%cv, %1 : tensor<2x2xf32, #sparsec.auto>, tensor<2xf32>) outs(%f : tensor<2xf32>) -> tensor<2xf32>
  return %2 : tensor<2xf32>
}

// -----

// 0.0 x Inf is NaN, which the result has to be.
// CHECK-LABEL: @infinity
func.func @infinity(%x: tensor<2xf32>) -> tensor<2xf32> {
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[1.0, 2.0], [0.0, 0.0]]> : tensor<2x2xf32>
  %v = arith.constant dense<[[1.0, 0x7F800000], [1.0, 1.0]]> : tensor<2x2xf32>
  %cw = sparsec.compress %w : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.auto>
  %cv = sparsec.compress %v : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.auto>
  %e = tensor.empty() : tensor<2xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  %0 = sparsec.matmul ins(%cw, %x : tensor<2x2xf32, #sparsec.auto>, tensor<2xf32>) outs(%f : tensor<2xf32>) -> tensor<2xf32>
  %1 = sparsec.matmul ins(%cv, %0 : tensor<2x2xf32, #sparsec.auto>, tensor<2xf32>) outs(%f : tensor<2xf32>) -> tensor<2xf32>
  return %1 : tensor<2xf32>
}

// -----

// -0.0 x Inf is NaN: a row of -0.0 depends on x, and a column of -0.0 on the channel.
// CHECK-LABEL: @negative_zero
func.func @negative_zero(%x: tensor<2xf32>) -> tensor<2xf32> {
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[1.0, 2.0], [-0.0, 0.0]]> : tensor<2x2xf32>
  %v = arith.constant dense<[[-0.0, 1.0], [0.0, 1.0]]> : tensor<2x2xf32>
  %cw = sparsec.compress %w : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.auto>
  %cv = sparsec.compress %v : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.auto>
  %e = tensor.empty() : tensor<2xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  %0 = sparsec.matmul ins(%cw, %x : tensor<2x2xf32, #sparsec.auto>, tensor<2xf32>) outs(%f : tensor<2xf32>) -> tensor<2xf32>
  %1 = sparsec.matmul ins(%cv, %0 : tensor<2x2xf32, #sparsec.auto>, tensor<2xf32>) outs(%f : tensor<2xf32>) -> tensor<2xf32>
  return %1 : tensor<2xf32>
}

// -----

// The channels are a result of the model too.
// CHECK-LABEL: @returned
func.func @returned(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[1.0, 2.0], [0.0, 0.0]]> : tensor<2x2xf32>
  %v = arith.constant dense<1.0> : tensor<2x2xf32>
  %cw = sparsec.compress %w : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.auto>
  %cv = sparsec.compress %v : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.auto>
  %e = tensor.empty() : tensor<2xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  %0 = sparsec.matmul ins(%cw, %x : tensor<2x2xf32, #sparsec.auto>, tensor<2xf32>) outs(%f : tensor<2xf32>) -> tensor<2xf32>
  %1 = sparsec.matmul ins(%cv, %0 : tensor<2x2xf32, #sparsec.auto>, tensor<2xf32>) outs(%f : tensor<2xf32>) -> tensor<2xf32>
  return %0, %1 : tensor<2xf32>, tensor<2xf32>
}

// -----

// A tensor that is added has channels of its own.
// CHECK-LABEL: @residual
#id = affine_map<(i) -> (i)>
func.func @residual(%x: tensor<2xf32>) -> tensor<2xf32> {
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[1.0, 2.0], [0.0, 0.0]]> : tensor<2x2xf32>
  %v = arith.constant dense<1.0> : tensor<2x2xf32>
  %cw = sparsec.compress %w : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.auto>
  %cv = sparsec.compress %v : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.auto>
  %e = tensor.empty() : tensor<2xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  %0 = sparsec.matmul ins(%cw, %x : tensor<2x2xf32, #sparsec.auto>, tensor<2xf32>) outs(%f : tensor<2xf32>) -> tensor<2xf32>
  %1 = linalg.add ins(%0, %x : tensor<2xf32>, tensor<2xf32>) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  %2 = sparsec.matmul ins(%cv, %1 : tensor<2x2xf32, #sparsec.auto>, tensor<2xf32>) outs(%f : tensor<2xf32>) -> tensor<2xf32>
  return %2 : tensor<2xf32>
}

// -----

// The second product adds up rows, not channels.
// CHECK-LABEL: @batch
func.func @batch(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[1.0, 2.0], [0.0, 0.0]]> : tensor<2x2xf32>
  %v = arith.constant dense<1.0> : tensor<2x2xf32>
  %cw = sparsec.compress %w : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.auto>
  %cv = sparsec.compress %v : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.auto>
  %e = tensor.empty() : tensor<2x2xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<2x2xf32>) -> tensor<2x2xf32>
  %0 = sparsec.matmul transpose_rhs ins(%x, %cw : tensor<2x2xf32>, tensor<2x2xf32, #sparsec.auto>) outs(%f : tensor<2x2xf32>) -> tensor<2x2xf32>
  %1 = sparsec.matmul ins(%cv, %0 : tensor<2x2xf32, #sparsec.auto>, tensor<2x2xf32>) outs(%f : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %1 : tensor<2x2xf32>
}
