// Elementwise work on a product becomes its epilogue.
//
// RUN: sparsec-opt %s --sparsec-fuse-epilogue | FileCheck %s

// CHECK-DAG: #[[COL:.*]] = affine_map<(d0, d1) -> (d1)>
// CHECK-DAG: #[[PERM:.*]] = affine_map<(d0, d1) -> (d1, d0)>
// CHECK-DAG: #[[UNIT:.*]] = affine_map<(d0, d1) -> (0, d1)>

// A bias for each column.
// CHECK-LABEL: @bias
// CHECK: %[[Y:.*]] = sparsec.matmul ins({{.*}}) outs({{.*}}) epilogue (%{{.*}} : tensor<6xf32>) [#[[COL]]] {
// CHECK-NEXT: ^bb0(%[[S:.*]]: f32, %[[B:.*]]: f32):
// CHECK-NEXT: %[[Z:.*]] = arith.addf %[[S]], %[[B]] : f32
// CHECK-NEXT: sparsec.yield %[[Z]] : f32
// CHECK-NEXT: } -> tensor<4x6xf32>
// CHECK-NOT: linalg
// CHECK: return %[[Y]]
func.func @bias(%x: tensor<4x8xf32>, %w: tensor<8x6xf32, #sparsec.csr>, %o: tensor<4x6xf32>, %b: tensor<6xf32>) -> tensor<4x6xf32> {
  %y = sparsec.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x6xf32, #sparsec.csr>) outs(%o : tensor<4x6xf32>) -> tensor<4x6xf32>
  %e = tensor.empty() : tensor<4x6xf32>
  %z = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%y, %b : tensor<4x6xf32>, tensor<6xf32>) outs(%e : tensor<4x6xf32>) {
    ^bb0(%a: f32, %c: f32, %d: f32):
      %s = arith.addf %a, %c : f32
      linalg.yield %s : f32
  } -> tensor<4x6xf32>
  return %z : tensor<4x6xf32>
}

// One after the other, named operations too, as long as each has a single reader.
// CHECK-LABEL: @chain
// CHECK: sparsec.matmul zero_init ins({{.*}}) outs({{.*}}) epilogue (%{{.*}}, %{{.*}} : tensor<4x6xf32>, tensor<4x6xf32>)
// CHECK-NEXT: ^bb0(%[[S:.*]]: f32, %[[A:.*]]: f32, %[[B:.*]]: f32):
// CHECK-NEXT: %[[E:.*]] = arith.addf %[[S]], %[[A]]
// CHECK-NEXT: %[[F:.*]] = math.exp %[[E]]
// CHECK-NEXT: %[[G:.*]] = arith.mulf %[[B]], %[[F]]
// CHECK-NEXT: sparsec.yield %[[G]]
// CHECK-NOT: linalg
// CHECK: return
func.func @chain(%x: tensor<4x8xf32>, %w: tensor<8x6xf32, #sparsec.csr>, %o: tensor<4x6xf32>, %a: tensor<4x6xf32>, %b: tensor<4x6xf32>) -> tensor<4x6xf32> {
  %y = sparsec.matmul zero_init ins(%x, %w : tensor<4x8xf32>, tensor<8x6xf32, #sparsec.csr>) outs(%o : tensor<4x6xf32>) -> tensor<4x6xf32>
  %e = tensor.empty() : tensor<4x6xf32>
  %1 = linalg.add ins(%y, %a : tensor<4x6xf32>, tensor<4x6xf32>) outs(%e : tensor<4x6xf32>) -> tensor<4x6xf32>
  %2 = linalg.exp ins(%1 : tensor<4x6xf32>) outs(%e : tensor<4x6xf32>) -> tensor<4x6xf32>
  %3 = linalg.mul ins(%b, %2 : tensor<4x6xf32>, tensor<4x6xf32>) outs(%e : tensor<4x6xf32>) -> tensor<4x6xf32>
  return %3 : tensor<4x6xf32>
}

// The product may be read twice by the one operation that reads it: x * x.
// CHECK-LABEL: @square
// CHECK: epilogue () {
// CHECK-NEXT: ^bb0(%[[S:.*]]: f32):
// CHECK-NEXT: arith.mulf %[[S]], %[[S]]
func.func @square(%x: tensor<4x8xf32>, %w: tensor<8x6xf32, #sparsec.csr>, %o: tensor<4x6xf32>) -> tensor<4x6xf32> {
  %y = sparsec.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x6xf32, #sparsec.csr>) outs(%o : tensor<4x6xf32>) -> tensor<4x6xf32>
  %e = tensor.empty() : tensor<4x6xf32>
  %z = linalg.mul ins(%y, %y : tensor<4x6xf32>, tensor<4x6xf32>) outs(%e : tensor<4x6xf32>) -> tensor<4x6xf32>
  return %z : tensor<4x6xf32>
}

// Other operands may be permuted, scalars, or broadcast from a unit dimension.
// CHECK-LABEL: @operands
// CHECK-SAME: %[[C:[a-z0-9]*]]: f32)
// CHECK: epilogue (%{{.*}}, %{{.*}} : tensor<6x4xf32>, tensor<1x6xf32>) [#[[PERM]], #[[UNIT]]] {
// CHECK-NEXT: ^bb0(%[[S:.*]]: f32, %[[A:.*]]: f32, %[[B:.*]]: f32):
// CHECK-NEXT: arith.addf %[[S]], %[[A]]
// CHECK: arith.mulf %{{.*}}, %[[C]]
func.func @operands(%x: tensor<4x8xf32>, %w: tensor<8x6xf32, #sparsec.csr>, %o: tensor<4x6xf32>, %p: tensor<6x4xf32>, %u: tensor<1x6xf32>, %k: f32) -> tensor<4x6xf32> {
  %y = sparsec.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x6xf32, #sparsec.csr>) outs(%o : tensor<4x6xf32>) -> tensor<4x6xf32>
  %e = tensor.empty() : tensor<4x6xf32>
  %z = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (0, j)>, affine_map<(i, j) -> ()>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%y, %p, %u, %k : tensor<4x6xf32>, tensor<6x4xf32>, tensor<1x6xf32>, f32) outs(%e : tensor<4x6xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %f: f32):
      %s = arith.addf %a, %b : f32
      %t = arith.addf %s, %c : f32
      %v = arith.mulf %t, %d : f32
      linalg.yield %v : f32
  } -> tensor<4x6xf32>
  return %z : tensor<4x6xf32>
}

// Loops in another order than the dimensions of the result: the same work.
// CHECK-LABEL: @interchanged
// CHECK: epilogue (%{{.*}} : tensor<6xf32>) [#[[COL]]] {
// CHECK-NOT: linalg
func.func @interchanged(%x: tensor<4x8xf32>, %w: tensor<8x6xf32, #sparsec.csr>, %o: tensor<4x6xf32>, %b: tensor<6xf32>) -> tensor<4x6xf32> {
  %y = sparsec.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x6xf32, #sparsec.csr>) outs(%o : tensor<4x6xf32>) -> tensor<4x6xf32>
  %e = tensor.empty() : tensor<4x6xf32>
  %z = linalg.generic {indexing_maps = [affine_map<(j, i) -> (i, j)>, affine_map<(j, i) -> (j)>, affine_map<(j, i) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%y, %b : tensor<4x6xf32>, tensor<6xf32>) outs(%e : tensor<4x6xf32>) {
    ^bb0(%a: f32, %c: f32, %d: f32):
      %s = arith.addf %a, %c : f32
      linalg.yield %s : f32
  } -> tensor<4x6xf32>
  return %z : tensor<4x6xf32>
}

// The user saw a sum that had been rounded to the type of the result.
// CHECK-LABEL: @rounded
// CHECK: ^bb0(%[[S:.*]]: f32):
// CHECK-NEXT: %[[R:.*]] = arith.truncf %[[S]] : f32 to f16
// CHECK-NEXT: arith.negf %[[R]] : f16
func.func @rounded(%x: tensor<4x8xf16>, %w: tensor<8x6xf16, #sparsec.csr>, %o: tensor<4x6xf16>) -> tensor<4x6xf16> {
  %y = sparsec.matmul ins(%x, %w : tensor<4x8xf16>, tensor<8x6xf16, #sparsec.csr>) outs(%o : tensor<4x6xf16>) -> tensor<4x6xf16>
  %e = tensor.empty() : tensor<4x6xf16>
  %z = linalg.negf ins(%y : tensor<4x6xf16>) outs(%e : tensor<4x6xf16>) -> tensor<4x6xf16>
  return %z : tensor<4x6xf16>
}
