// RUN: sparsec-opt %s -split-input-file --sparsec-quantize | FileCheck %s

// Rows are the channels of a weight on the left: 1/127 and 2/127. 31.75 is 32, and
// what is zero stays so.
// CHECK-LABEL: @left
// CHECK-DAG: %[[W:.*]] = arith.constant dense<{{\[\[}}127, 0], [32, 127], [0, 0]]> : tensor<3x2xi8>
// CHECK-DAG: %[[S:.*]] = arith.constant dense<[0.00787401571, 0.0157480314, 1.000000e+00]> : tensor<3xf32>
// CHECK: %[[C:.*]] = sparsec.compress %[[W]] {sparsec.weight = {name = "w", note = "quantized to int8 from f32"}} : tensor<3x2xi8> to tensor<3x2xi8, #sparsec.auto>
// CHECK: sparsec.matmul zero_init ins(%[[C]], %{{.*}} : tensor<3x2xi8, #sparsec.auto>, tensor<2x4xf32>) outs(%{{.*}} : tensor<3x4xf32>) epilogue (%[[S]] : tensor<3xf32>) [#[[ROWS:.*]]] {
// CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32, %[[SCALE:.*]]: f32):
// CHECK-NEXT: %[[R:.*]] = arith.mulf %[[SUM]], %[[SCALE]] : f32
// CHECK-NEXT: sparsec.yield %[[R]] : f32
func.func @left(%x: tensor<2x4xf32>, %o: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %w = arith.constant dense<[[1.0, 0.0], [0.5, 2.0], [-0.0, 0.0]]> : tensor<3x2xf32>
  %c = sparsec.compress %w {sparsec.weight = {name = "w"}} : tensor<3x2xf32> to tensor<3x2xf32, #sparsec.auto>
  %y = sparsec.matmul zero_init ins(%c, %x : tensor<3x2xf32, #sparsec.auto>, tensor<2x4xf32>) outs(%o : tensor<3x4xf32>) -> tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}

// -----

// On the right columns are, or rows of a transposed weight. Halves go to the even
// number: 0.5 to 0, 1.5 to 2, 2.5 to 2.
// CHECK: #[[COLS:.*]] = affine_map<(d0, d1) -> (d1)>
// CHECK-LABEL: @right
// CHECK: dense<{{\[\[}}127, 0], [0, 2], [2, -127]]> : tensor<3x2xi8>
// CHECK: sparsec.matmul {{.*}} epilogue ({{.*}} : tensor<2xf32>) [#[[COLS]]]
// CHECK: dense<{{\[\[}}127, 0, 2], [0, 2, -127]]> : tensor<2x3xi8>
// CHECK: sparsec.matmul {{.*}} epilogue ({{.*}} : tensor<2xf32>) [#[[COLS]]]
func.func @right(%x: tensor<4x3xf32>, %o: tensor<4x2xf32>) -> (tensor<4x2xf32>, tensor<4x2xf32>) {
  %w = arith.constant dense<[[127.0, 0.5], [0.5, 1.5], [2.5, -127.0]]> : tensor<3x2xf32>
  %t = arith.constant dense<[[127.0, 0.5, 2.5], [0.5, 1.5, -127.0]]> : tensor<2x3xf32>
  %c = sparsec.compress %w : tensor<3x2xf32> to tensor<3x2xf32, #sparsec.csr>
  %d = sparsec.compress %t : tensor<2x3xf32> to tensor<2x3xf32, #sparsec.auto>
  %y = sparsec.matmul zero_init ins(%x, %c : tensor<4x3xf32>, tensor<3x2xf32, #sparsec.csr>) outs(%o : tensor<4x2xf32>) -> tensor<4x2xf32>
  %z = sparsec.matmul transpose_rhs zero_init ins(%x, %d : tensor<4x3xf32>, tensor<2x3xf32, #sparsec.auto>) outs(%o : tensor<4x2xf32>) -> tensor<4x2xf32>
  return %y, %z : tensor<4x2xf32>, tensor<4x2xf32>
}

// -----

// What the product is added to is not scaled, and the result is rounded once.
// CHECK-LABEL: @accumulate
// CHECK-SAME: %{{.*}}: tensor<2xf16>, %[[O:.*]]: tensor<2xf16>
// CHECK: %[[Z:.*]] = linalg.fill
// CHECK: sparsec.matmul ins(%{{.*}}, %{{.*}} : tensor<2x2xi8, #sparsec.auto>, tensor<2xf16>) outs(%[[Z]] : tensor<2xf16>) epilogue (%{{.*}}, %[[O]] : tensor<2xf32>, tensor<2xf16>)
// CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32, %[[SCALE:.*]]: f32, %[[INIT:.*]]: f16):
// CHECK-NEXT: %[[R:.*]] = arith.mulf %[[SUM]], %[[SCALE]] : f32
// CHECK-NEXT: %[[E:.*]] = arith.extf %[[INIT]] : f16 to f32
// CHECK-NEXT: %[[A:.*]] = arith.addf %[[R]], %[[E]] : f32
// CHECK-NEXT: %[[T:.*]] = arith.truncf %[[A]] : f32 to f16
// CHECK-NEXT: sparsec.yield %[[T]] : f16
func.func @accumulate(%x: tensor<2xf16>, %o: tensor<2xf16>) -> tensor<2xf16> {
  %w = arith.constant dense<[[1.0, 0.0], [0.5, 2.0]]> : tensor<2x2xf16>
  %c = sparsec.compress %w : tensor<2x2xf16> to tensor<2x2xf16, #sparsec.auto>
  %y = sparsec.matmul ins(%c, %x : tensor<2x2xf16, #sparsec.auto>, tensor<2xf16>) outs(%o : tensor<2xf16>) -> tensor<2xf16>
  return %y : tensor<2xf16>
}

// -----

// An epilogue that is there already works on what is scaled.
// CHECK-LABEL: @epilogue
// CHECK: epilogue (%{{.*}}, %[[B:.*]] : tensor<2xf32>, tensor<2xf32>)
// CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32, %[[SCALE:.*]]: f32, %[[BIAS:.*]]: f32):
// CHECK-NEXT: %[[R:.*]] = arith.mulf %[[SUM]], %[[SCALE]] : f32
// CHECK-NEXT: %[[A:.*]] = arith.addf %[[R]], %[[BIAS]] : f32
// CHECK-NEXT: sparsec.yield %[[A]] : f32
func.func @epilogue(%x: tensor<2xf32>, %o: tensor<2xf32>, %b: tensor<2xf32>) -> tensor<2xf32> {
  %w = arith.constant dense<[[1.0, 0.0], [0.5, 2.0]]> : tensor<2x2xf32>
  %c = sparsec.compress %w : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.auto>
  %y = sparsec.matmul zero_init ins(%c, %x : tensor<2x2xf32, #sparsec.auto>, tensor<2xf32>) outs(%o : tensor<2xf32>)
      epilogue (%b : tensor<2xf32>) [affine_map<(d0) -> (d0)>] {
  ^bb0(%sum: f32, %bias: f32):
    %0 = arith.addf %sum, %bias : f32
    sparsec.yield %0 : f32
  } -> tensor<2xf32>
  return %y : tensor<2xf32>
}

// -----

// A weight of bytes is what it should be, and one of the caller is not known.
// CHECK-LABEL: @left_alone
// CHECK: tensor<2x2xi8> to tensor<2x2xi8, #sparsec.auto>
// CHECK: tensor<2x2xf32> to tensor<2x2xf32, #sparsec.csr>
// CHECK-NOT: epilogue
func.func @left_alone(%x: tensor<2xf32>, %o: tensor<2xf32>, %v: tensor<2x2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  %w = arith.constant dense<[[1, 0], [-128, 2]]> : tensor<2x2xi8>
  %c = sparsec.compress %w : tensor<2x2xi8> to tensor<2x2xi8, #sparsec.auto>
  %d = sparsec.compress %v : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.csr>
  %y = sparsec.matmul ins(%c, %x : tensor<2x2xi8, #sparsec.auto>, tensor<2xf32>) outs(%o : tensor<2xf32>) -> tensor<2xf32>
  %z = sparsec.matmul ins(%d, %x : tensor<2x2xf32, #sparsec.csr>, tensor<2xf32>) outs(%o : tensor<2xf32>) -> tensor<2xf32>
  return %y, %z : tensor<2xf32>, tensor<2xf32>
}
