// Readers of a product that must not become its epilogue; each case says why.
//
// RUN: sparsec-opt %s --sparsec-fuse-epilogue | FileCheck %s --implicit-check-not=epilogue

// The caller wants the product too.
// CHECK-LABEL: @two_readers
// CHECK: sparsec.matmul
// CHECK: linalg.exp
func.func @two_readers(%x: tensor<4x8xf32>, %w: tensor<8x6xf32, #sparsec.csr>, %o: tensor<4x6xf32>) -> (tensor<4x6xf32>, tensor<4x6xf32>) {
  %y = sparsec.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x6xf32, #sparsec.csr>) outs(%o : tensor<4x6xf32>) -> tensor<4x6xf32>
  %e = tensor.empty() : tensor<4x6xf32>
  %z = linalg.exp ins(%y : tensor<4x6xf32>) outs(%e : tensor<4x6xf32>) -> tensor<4x6xf32>
  return %y, %z : tensor<4x6xf32>, tensor<4x6xf32>
}

// Two operations read it: it would be computed twice.
// CHECK-LABEL: @two_linalg_readers
// CHECK: sparsec.matmul
// CHECK: linalg.exp
func.func @two_linalg_readers(%x: tensor<4x8xf32>, %w: tensor<8x6xf32, #sparsec.csr>, %o: tensor<4x6xf32>) -> (tensor<4x6xf32>, tensor<4x6xf32>) {
  %y = sparsec.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x6xf32, #sparsec.csr>) outs(%o : tensor<4x6xf32>) -> tensor<4x6xf32>
  %e = tensor.empty() : tensor<4x6xf32>
  %z = linalg.exp ins(%y : tensor<4x6xf32>) outs(%e : tensor<4x6xf32>) -> tensor<4x6xf32>
  %v = linalg.negf ins(%y : tensor<4x6xf32>) outs(%e : tensor<4x6xf32>) -> tensor<4x6xf32>
  return %z, %v : tensor<4x6xf32>, tensor<4x6xf32>
}

// A sum of rows reads several elements for each that it writes.
// CHECK-LABEL: @reduction
// CHECK: sparsec.matmul
// CHECK: linalg.reduce
func.func @reduction(%x: tensor<4x8xf32>, %w: tensor<8x6xf32, #sparsec.csr>, %o: tensor<4x6xf32>, %p: tensor<4xf32>) -> tensor<4xf32> {
  %y = sparsec.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x6xf32, #sparsec.csr>) outs(%o : tensor<4x6xf32>) -> tensor<4x6xf32>
  %z = linalg.reduce { arith.addf } ins(%y : tensor<4x6xf32>) outs(%p : tensor<4xf32>) dimensions = [1]
  return %z : tensor<4xf32>
}

// Elements are written elsewhere.
// CHECK-LABEL: @transpose
// CHECK: sparsec.matmul
// CHECK: linalg.transpose
func.func @transpose(%x: tensor<4x8xf32>, %w: tensor<8x6xf32, #sparsec.csr>, %o: tensor<4x6xf32>) -> tensor<6x4xf32> {
  %y = sparsec.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x6xf32, #sparsec.csr>) outs(%o : tensor<4x6xf32>) -> tensor<4x6xf32>
  %e = tensor.empty() : tensor<6x4xf32>
  %z = linalg.transpose ins(%y : tensor<4x6xf32>) outs(%e : tensor<6x4xf32>) permutation = [1, 0]
  return %z : tensor<6x4xf32>
}

// Elements are written several times.
// CHECK-LABEL: @broadcast
// CHECK: sparsec.matmul
// CHECK: linalg.broadcast
func.func @broadcast(%x: tensor<4x8xf32>, %w: tensor<8x6xf32, #sparsec.csr>, %o: tensor<4x6xf32>) -> tensor<2x4x6xf32> {
  %y = sparsec.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x6xf32, #sparsec.csr>) outs(%o : tensor<4x6xf32>) -> tensor<4x6xf32>
  %e = tensor.empty() : tensor<2x4x6xf32>
  %z = linalg.broadcast ins(%y : tensor<4x6xf32>) outs(%e : tensor<2x4x6xf32>) dimensions = [0]
  return %z : tensor<2x4x6xf32>
}

// The result has another element type.
// CHECK-LABEL: @narrowed
// CHECK: sparsec.matmul
// CHECK: arith.truncf
func.func @narrowed(%x: tensor<4x8xf32>, %w: tensor<8x6xf32, #sparsec.csr>, %o: tensor<4x6xf32>) -> tensor<4x6xf16> {
  %y = sparsec.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x6xf32, #sparsec.csr>) outs(%o : tensor<4x6xf32>) -> tensor<4x6xf32>
  %e = tensor.empty() : tensor<4x6xf16>
  %z = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%y : tensor<4x6xf32>) outs(%e : tensor<4x6xf16>) {
    ^bb0(%a: f32, %d: f16):
      %s = arith.truncf %a : f32 to f16
      linalg.yield %s : f16
  } -> tensor<4x6xf16>
  return %z : tensor<4x6xf16>
}

// An epilogue does not know the position of its element.
// CHECK-LABEL: @index
// CHECK: sparsec.matmul
// CHECK: linalg.index
func.func @index(%x: tensor<4x8xf32>, %w: tensor<8x6xf32, #sparsec.csr>, %o: tensor<4x6xf32>) -> tensor<4x6xf32> {
  %y = sparsec.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x6xf32, #sparsec.csr>) outs(%o : tensor<4x6xf32>) -> tensor<4x6xf32>
  %e = tensor.empty() : tensor<4x6xf32>
  %z = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%y : tensor<4x6xf32>) outs(%e : tensor<4x6xf32>) {
    ^bb0(%a: f32, %d: f32):
      %i = linalg.index 0 : index
      %n = arith.index_cast %i : index to i32
      %f = arith.sitofp %n : i32 to f32
      %s = arith.addf %a, %f : f32
      linalg.yield %s : f32
  } -> tensor<4x6xf32>
  return %z : tensor<4x6xf32>
}

// The old value of the result is read; an epilogue has none.
// CHECK-LABEL: @reads_result
// CHECK: sparsec.matmul
// CHECK: arith.addf
func.func @reads_result(%x: tensor<4x8xf32>, %w: tensor<8x6xf32, #sparsec.csr>, %o: tensor<4x6xf32>, %p: tensor<4x6xf32>) -> tensor<4x6xf32> {
  %y = sparsec.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x6xf32, #sparsec.csr>) outs(%o : tensor<4x6xf32>) -> tensor<4x6xf32>
  %z = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%y : tensor<4x6xf32>) outs(%p : tensor<4x6xf32>) {
    ^bb0(%a: f32, %d: f32):
      %s = arith.addf %a, %d : f32
      linalg.yield %s : f32
  } -> tensor<4x6xf32>
  return %z : tensor<4x6xf32>
}

// Nor may the product be that old value.
// CHECK-LABEL: @is_result
// CHECK: sparsec.matmul
// CHECK: arith.addf
func.func @is_result(%x: tensor<4x8xf32>, %w: tensor<8x6xf32, #sparsec.csr>, %o: tensor<4x6xf32>, %p: tensor<4x6xf32>) -> tensor<4x6xf32> {
  %y = sparsec.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x6xf32, #sparsec.csr>) outs(%o : tensor<4x6xf32>) -> tensor<4x6xf32>
  %z = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%p : tensor<4x6xf32>) outs(%y : tensor<4x6xf32>) {
    ^bb0(%a: f32, %d: f32):
      %s = arith.addf %a, %d : f32
      linalg.yield %s : f32
  } -> tensor<4x6xf32>
  return %z : tensor<4x6xf32>
}

// Row 0 of five is no broadcast of a unit dimension.
// CHECK-LABEL: @first_row
// CHECK: sparsec.matmul
// CHECK: linalg.generic
func.func @first_row(%x: tensor<4x8xf32>, %w: tensor<8x6xf32, #sparsec.csr>, %o: tensor<4x6xf32>, %b: tensor<5x6xf32>) -> tensor<4x6xf32> {
  %y = sparsec.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x6xf32, #sparsec.csr>) outs(%o : tensor<4x6xf32>) -> tensor<4x6xf32>
  %e = tensor.empty() : tensor<4x6xf32>
  %z = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (0, j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%y, %b : tensor<4x6xf32>, tensor<5x6xf32>) outs(%e : tensor<4x6xf32>) {
    ^bb0(%a: f32, %c: f32, %d: f32):
      %s = arith.addf %a, %c : f32
      linalg.yield %s : f32
  } -> tensor<4x6xf32>
  return %z : tensor<4x6xf32>
}

// The map of the other operand computes.
// CHECK-LABEL: @sliding
// CHECK: sparsec.matmul
// CHECK: linalg.generic
func.func @sliding(%x: tensor<4x8xf32>, %w: tensor<8x6xf32, #sparsec.csr>, %o: tensor<4x6xf32>, %b: tensor<9xf32>) -> tensor<4x6xf32> {
  %y = sparsec.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x6xf32, #sparsec.csr>) outs(%o : tensor<4x6xf32>) -> tensor<4x6xf32>
  %e = tensor.empty() : tensor<4x6xf32>
  %z = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i + j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%y, %b : tensor<4x6xf32>, tensor<9xf32>) outs(%e : tensor<4x6xf32>) {
    ^bb0(%a: f32, %c: f32, %d: f32):
      %s = arith.addf %a, %c : f32
      linalg.yield %s : f32
  } -> tensor<4x6xf32>
  return %z : tensor<4x6xf32>
}

// What it stores beside its result would be stored in another order.
// CHECK-LABEL: @side_effect
// CHECK: sparsec.matmul
// CHECK: memref.store
func.func @side_effect(%x: tensor<4x8xf32>, %w: tensor<8x6xf32, #sparsec.csr>, %o: tensor<4x6xf32>, %m: memref<f32>) -> tensor<4x6xf32> {
  %y = sparsec.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x6xf32, #sparsec.csr>) outs(%o : tensor<4x6xf32>) -> tensor<4x6xf32>
  %e = tensor.empty() : tensor<4x6xf32>
  %z = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%y : tensor<4x6xf32>) outs(%e : tensor<4x6xf32>) {
    ^bb0(%a: f32, %d: f32):
      memref.store %a, %m[] : memref<f32>
      linalg.yield %a : f32
  } -> tensor<4x6xf32>
  return %z : tensor<4x6xf32>
}

// The product would be computed again in each iteration.
// CHECK-LABEL: @in_loop
// CHECK: sparsec.matmul
// CHECK: scf.for
func.func @in_loop(%x: tensor<4x8xf32>, %w: tensor<8x6xf32, #sparsec.csr>, %o: tensor<4x6xf32>, %n: index) -> tensor<4x6xf32> {
  %y = sparsec.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x6xf32, #sparsec.csr>) outs(%o : tensor<4x6xf32>) -> tensor<4x6xf32>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %z = scf.for %i = %c0 to %n step %c1 iter_args(%a = %o) -> tensor<4x6xf32> {
    %e = tensor.empty() : tensor<4x6xf32>
    %s = linalg.add ins(%a, %y : tensor<4x6xf32>, tensor<4x6xf32>) outs(%e : tensor<4x6xf32>) -> tensor<4x6xf32>
    scf.yield %s : tensor<4x6xf32>
  }
  return %z : tensor<4x6xf32>
}

// Only linalg is read.
// CHECK-LABEL: @not_linalg
// CHECK: sparsec.matmul
// CHECK: arith.negf
func.func @not_linalg(%x: tensor<4x8xf32>, %w: tensor<8x6xf32, #sparsec.csr>, %o: tensor<4x6xf32>) -> tensor<4x6xf32> {
  %y = sparsec.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x6xf32, #sparsec.csr>) outs(%o : tensor<4x6xf32>) -> tensor<4x6xf32>
  %z = arith.negf %y : tensor<4x6xf32>
  return %z : tensor<4x6xf32>
}
