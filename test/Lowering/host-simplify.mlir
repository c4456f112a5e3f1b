// RUN: sparsec-opt %s --sparsec-host-simplify | FileCheck %s

// CHECK-LABEL: @softmax
// CHECK-NOT: linalg.softmax
// CHECK: arith.maxnumf
// CHECK: math.exp
// CHECK: arith.divf
func.func @softmax(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %e = tensor.empty() : tensor<4x8xf32>
  %0 = linalg.softmax dimension(1) ins(%x : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// CHECK-LABEL: @concat
// CHECK-NOT: tensor.concat
// CHECK-COUNT-2: tensor.insert_slice
func.func @concat(%a: tensor<2x3xf32>, %b: tensor<2x5xf32>) -> tensor<2x8xf32> {
  %0 = tensor.concat dim(1) %a, %b : (tensor<2x3xf32>, tensor<2x5xf32>) -> tensor<2x8xf32>
  return %0 : tensor<2x8xf32>
}

// Elementwise arithmetic becomes linalg, and a chain of it one loop nest.
// CHECK-LABEL: @chain
// CHECK-COUNT-1: linalg.generic
// CHECK: arith.addf
// CHECK: math.exp
// CHECK: arith.mulf
// CHECK-NOT: linalg.generic
// CHECK: return
func.func @chain(%a: tensor<?x8xf32>, %b: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a, %c0 : tensor<?x8xf32>
  %0 = arith.addf %a, %b : tensor<?x8xf32>
  %e = tensor.empty(%n) : tensor<?x8xf32>
  %1 = linalg.exp ins(%0 : tensor<?x8xf32>) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
  %2 = linalg.mul ins(%1, %a : tensor<?x8xf32>, tensor<?x8xf32>) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %2 : tensor<?x8xf32>
}

// An intermediate that is read twice is computed once.
// CHECK-LABEL: @two_readers
// CHECK-COUNT-2: linalg.generic
// CHECK-NOT: math.exp
func.func @two_readers(%a: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %0 = math.exp %a : tensor<8xf32>
  %1 = arith.addf %0, %a : tensor<8xf32>
  return %0, %1 : tensor<8xf32>, tensor<8xf32>
}

// Products and reductions are left alone.
// CHECK-LABEL: @products
// CHECK: linalg.matmul
// CHECK: linalg.reduce
func.func @products(%a: tensor<4x8xf32>, %b: tensor<8x4xf32>, %c: tensor<4x4xf32>, %d: tensor<4xf32>) -> tensor<4xf32> {
  %0 = linalg.matmul ins(%a, %b : tensor<4x8xf32>, tensor<8x4xf32>) outs(%c : tensor<4x4xf32>) -> tensor<4x4xf32>
  %1 = linalg.reduce { arith.addf } ins(%0 : tensor<4x4xf32>) outs(%d : tensor<4xf32>) dimensions = [1]
  return %1 : tensor<4xf32>
}

// Two weights are expanded one after the other; a reader of one of them is fused
// with what reads none.
// CHECK-LABEL: @expanded
// CHECK: sparsec.decompress
// CHECK: linalg.generic
// CHECK: sparsec.decompress
// CHECK: linalg.generic
// CHECK: arith.addf
// CHECK: math.exp
// CHECK-NOT: linalg.generic
// CHECK: return
func.func @expanded(%x: tensor<4x8xf32>, %v: tensor<4x8xf32, #sparsec.csr>, %w: tensor<4x8xf32, #sparsec.csr>) -> tensor<4x8xf32> {
  %a = sparsec.decompress %v : tensor<4x8xf32, #sparsec.csr> to tensor<4x8xf32>
  %0 = arith.addf %x, %a : tensor<4x8xf32>
  %b = sparsec.decompress %w : tensor<4x8xf32, #sparsec.csr> to tensor<4x8xf32>
  %1 = arith.addf %0, %b : tensor<4x8xf32>
  %2 = math.exp %1 : tensor<4x8xf32>
  return %2 : tensor<4x8xf32>
}
