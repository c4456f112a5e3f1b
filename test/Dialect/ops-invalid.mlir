// RUN: sparsec-opt %s -split-input-file -verify-diagnostics

//===----------------------------------------------------------------------===//
// compress, decompress, convert
//===----------------------------------------------------------------------===//

// A conversion keeps the shape,
func.func @f(%w: tensor<4x8xf32>) {
  // expected-error @+1 {{'sparsec.compress' op expects an operand and a result of the same shape and element type, got 'tensor<4x8xf32>' and 'tensor<8x4xf32, #sparsec.csr>'}}
  %0 = sparsec.compress %w : tensor<4x8xf32> to tensor<8x4xf32, #sparsec.csr>
  return
}

// -----

// whether it is known or not,
func.func @f(%w: tensor<?x8xf32>) {
  // expected-error @+1 {{expects an operand and a result of the same shape and element type}}
  %0 = sparsec.compress %w : tensor<?x8xf32> to tensor<4x8xf32, #sparsec.csr>
  return
}

// -----

// and the element type.
func.func @f(%w: tensor<4x8xf32, #sparsec.csr>) {
  // expected-error @+1 {{'sparsec.decompress' op expects an operand and a result of the same shape and element type}}
  %0 = sparsec.decompress %w : tensor<4x8xf32, #sparsec.csr> to tensor<4x8xf16>
  return
}

// -----

// A buffer has room for the whole matrix.
func.func @f(%w: tensor<4x8xf32, #sparsec.csr>, %m: memref<3x8xf32>) {
  // expected-error @+1 {{'sparsec.expand' op expects a matrix and a buffer of the same shape and element type, got 'tensor<4x8xf32, #sparsec.csr>' and 'memref<3x8xf32>'}}
  sparsec.expand %w into %m : tensor<4x8xf32, #sparsec.csr> into memref<3x8xf32>
  return
}

// -----

// The same holds between two formats.
func.func @f(%w: tensor<4x8xf32, #sparsec.csr>) {
  // expected-error @+1 {{'sparsec.convert' op expects an operand and a result of the same shape and element type}}
  %0 = sparsec.convert %w : tensor<4x8xf32, #sparsec.csr> to tensor<4x9xf32, #sparsec.csc>
  return
}

// -----

// What is compressed already is converted, not compressed.
func.func @f(%w: tensor<4x8xf32, #sparsec.csr>) {
  // expected-error @+1 {{operand #0 must be tensor without an encoding}}
  %0 = sparsec.compress %w : tensor<4x8xf32, #sparsec.csr> to tensor<4x8xf32, #sparsec.csc>
  return
}

// -----

// A compressed result has a format.
func.func @f(%w: tensor<4x8xf32>) {
  // expected-error @+1 {{result #0 must be tensor with a sparsec format as its encoding}}
  %0 = sparsec.compress %w : tensor<4x8xf32> to tensor<4x8xf32>
  return
}

// -----

// Encodings of other dialects are not formats.
func.func @f(%w: tensor<4x8xf32, "other">) {
  // expected-error @+1 {{operand #0 must be tensor with a sparsec format as its encoding}}
  %0 = sparsec.decompress %w : tensor<4x8xf32, "other"> to tensor<4x8xf32>
  return
}

// -----

//===----------------------------------------------------------------------===//
// storage, assemble
//===----------------------------------------------------------------------===//

// There are no arrays before the format is chosen.
func.func @f(%w: tensor<3x4xf32, #sparsec.auto>) {
  // expected-error @+1 {{needs a chosen format, got 'tensor<3x4xf32, #sparsec.auto>'; run sparsec-select-format first}}
  %0 = sparsec.storage %w : tensor<3x4xf32, #sparsec.auto> to tensor<5xf32>
  return
}

// -----

// csr has three arrays.
func.func @f(%w: tensor<3x4xf32, #sparsec.csr>) {
  // expected-error @+1 {{expects 3 component arrays for '#sparsec.csr', got 2}}
  %0:2 = sparsec.storage %w : tensor<3x4xf32, #sparsec.csr> to tensor<5xf32>, tensor<5xi32>
  return
}

// -----

// The indices of csr are i32 unless it says i16,
func.func @f(%w: tensor<3x4xf32, #sparsec.csr>) {
  // expected-error @+1 {{expects component #1 of '#sparsec.csr' to be of type 'tensor<?xi32>', got 'tensor<5xi16>'}}
  %0:3 = sparsec.storage %w : tensor<3x4xf32, #sparsec.csr> to tensor<5xf32>, tensor<5xi16>, tensor<4xi32>
  return
}

// -----

// values have the element type of the matrix,
func.func @f(%w: tensor<3x4xf32, #sparsec.csr>) {
  // expected-error @+1 {{expects component #0 of '#sparsec.csr' to be of type 'tensor<?xf32>', got 'tensor<5xf16>'}}
  %0:3 = sparsec.storage %w : tensor<3x4xf32, #sparsec.csr> to tensor<5xf16>, tensor<5xi32>, tensor<4xi32>
  return
}

// -----

// there is one offset more than rows,
func.func @f(%w: tensor<3x4xf32, #sparsec.csr>) {
  // expected-error @+1 {{expects component #2 of '#sparsec.csr' to be of type 'tensor<4xi32>', got 'tensor<3xi32>'}}
  %0:3 = sparsec.storage %w : tensor<3x4xf32, #sparsec.csr> to tensor<5xf32>, tensor<5xi32>, tensor<3xi32>
  return
}

// -----

// and an index for each value.
func.func @f(%v: tensor<5xf32>, %i: tensor<6xi32>, %o: tensor<4xi32>) {
  // expected-error @+1 {{expects component #1 to have as many entries as those before it, 5, got 'tensor<6xi32>'}}
  %0 = sparsec.assemble %v, %i, %o : tensor<5xf32>, tensor<6xi32>, tensor<4xi32> to tensor<3x4xf32, #sparsec.csr>
  return
}

// -----

// A mask has two dimensions.
func.func @f(%v: tensor<5xf32>, %m: tensor<3xi64>, %o: tensor<4xi32>) {
  // expected-error @+1 {{expects component #1 of '#sparsec.bitmask' to be of type 'tensor<3x1xi64>', got 'tensor<3xi64>'}}
  %0 = sparsec.assemble %v, %m, %o : tensor<5xf32>, tensor<3xi64>, tensor<4xi32> to tensor<3x4xf32, #sparsec.bitmask>
  return
}

// -----

// Blocks are stored whole.
func.func @f(%v: tensor<1x8x4xf32>, %i: tensor<1xi32>, %o: tensor<2xi32>) {
  // expected-error @+1 {{expects component #0 of '#sparsec.block<8x8>' to be of type 'tensor<?x8x8xf32>', got 'tensor<1x8x4xf32>'}}
  %0 = sparsec.assemble %v, %i, %o : tensor<1x8x4xf32>, tensor<1xi32>, tensor<2xi32> to tensor<8x8xf32, #sparsec.block<8x8>>
  return
}

// -----

//===----------------------------------------------------------------------===//
// window
//===----------------------------------------------------------------------===//

// What a window is depends on the format.
func.func @f(%w: tensor<16x32xf32, #sparsec.auto>, %i: index) {
  // expected-error @+1 {{needs a chosen format, got 'tensor<16x32xf32, #sparsec.auto>'; run sparsec-select-format first}}
  %0 = sparsec.window %w[%i] : tensor<16x32xf32, #sparsec.auto> to tensor<8x32xf32, #sparsec.auto>
  return
}

// -----

// A window does not convert.
func.func @f(%w: tensor<16x32xf32, #sparsec.csr>, %i: index) {
  // expected-error @+1 {{expects a window of the format and element type of its source, got}}
  %0 = sparsec.window %w[%i] : tensor<16x32xf32, #sparsec.csr> to tensor<8x32xf32, #sparsec.bitmask>
  return
}

// -----

// Rows are stored one after the other: columns cannot be cut out,
func.func @f(%w: tensor<16x32xf32, #sparsec.csr>, %i: index) {
  // expected-error @+1 {{cuts '#sparsec.csr' along dimension 0 only, got 'tensor<16x32xf32, #sparsec.csr>' and 'tensor<16x8xf32, #sparsec.csr>'}}
  %0 = sparsec.window %w[%i] : tensor<16x32xf32, #sparsec.csr> to tensor<16x8xf32, #sparsec.csr>
  return
}

// -----

// nor rows where columns are.
func.func @f(%w: tensor<16x32xf32, #sparsec.csc>, %i: index) {
  // expected-error @+1 {{cuts '#sparsec.csc' along dimension 1 only}}
  %0 = sparsec.window %w[%i] : tensor<16x32xf32, #sparsec.csc> to tensor<8x32xf32, #sparsec.csc>
  return
}

// -----

// The type leaves the size open and no operand gives it.
func.func @f(%w: tensor<16x32xf32, #sparsec.csr>, %i: index) {
  // expected-error @+1 {{takes a size exactly where dimension 0 of the result is dynamic, got 'tensor<?x32xf32, #sparsec.csr>'}}
  %0 = sparsec.window %w[%i] : tensor<16x32xf32, #sparsec.csr> to tensor<?x32xf32, #sparsec.csr>
  return
}

// -----

// Both give it: they might not agree.
func.func @f(%w: tensor<16x32xf32, #sparsec.csr>, %i: index) {
  // expected-error @+1 {{takes a size exactly where dimension 0 of the result is dynamic, got 'tensor<8x32xf32, #sparsec.csr>'}}
  %0 = sparsec.window %w[%i, %i] : tensor<16x32xf32, #sparsec.csr> to tensor<8x32xf32, #sparsec.csr>
  return
}

// -----

// Nothing larger than the source lies inside it, at any offset.
func.func @f(%w: tensor<16x32xf32, #sparsec.csr>, %i: index) {
  // expected-error @+1 {{is larger than its source, got 'tensor<16x32xf32, #sparsec.csr>' and 'tensor<32x32xf32, #sparsec.csr>'}}
  %0 = sparsec.window %w[%i] : tensor<16x32xf32, #sparsec.csr> to tensor<32x32xf32, #sparsec.csr>
  return
}

// -----

// There are rows 12 to 15 only.
func.func @f(%w: tensor<16x32xf32, #sparsec.csr>) {
  %i = arith.constant 12 : index
  // expected-error @+1 {{runs past the end: offset 12 + size 8 > 16}}
  %0 = sparsec.window %w[%i] : tensor<16x32xf32, #sparsec.csr> to tensor<8x32xf32, #sparsec.csr>
  return
}

// -----

// There is no row before the first.
func.func @f(%w: tensor<16x32xf32, #sparsec.csr>) {
  %i = arith.constant -1 : index
  // expected-error @+1 {{expects an offset that is a multiple of 1, got -1}}
  %0 = sparsec.window %w[%i] : tensor<16x32xf32, #sparsec.csr> to tensor<8x32xf32, #sparsec.csr>
  return
}

// -----

// Blocks are not cut in two.
func.func @f(%w: tensor<16x32xf32, #sparsec.block<8x8>>) {
  %i = arith.constant 4 : index
  // expected-error @+1 {{expects an offset that is a multiple of 8, got 4}}
  %0 = sparsec.window %w[%i] : tensor<16x32xf32, #sparsec.block<8x8>> to tensor<8x32xf32, #sparsec.block<8x8>>
  return
}

// -----

//===----------------------------------------------------------------------===//
// matmul
//===----------------------------------------------------------------------===//

// A batch is folded into the rows.
func.func @f(%x: tensor<2x2x8xf32>, %w: tensor<8x4xf32>, %o: tensor<2x4xf32>) {
  // expected-error @+1 {{expects lhs to be a matrix or a vector, got 'tensor<2x2x8xf32>'}}
  %0 = sparsec.matmul ins(%x, %w : tensor<2x2x8xf32>, tensor<8x4xf32>) outs(%o : tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

// A scalar has no inner dimension.
func.func @f(%x: tensor<2x8xf32>, %w: tensor<f32>, %o: tensor<2xf32>) {
  // expected-error @+1 {{expects rhs to be a matrix or a vector, got 'tensor<f32>'}}
  %0 = sparsec.matmul ins(%x, %w : tensor<2x8xf32>, tensor<f32>) outs(%o : tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

// A vector is the same transposed; saying so is a mistake,
func.func @f(%x: tensor<8xf32>, %w: tensor<8x4xf32>, %o: tensor<4xf32>) {
  // expected-error @+1 {{transpose_lhs needs a matrix, got 'tensor<8xf32>'}}
  %0 = sparsec.matmul transpose_lhs ins(%x, %w : tensor<8xf32>, tensor<8x4xf32>) outs(%o : tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

// on either side.
func.func @f(%x: tensor<4x8xf32>, %w: tensor<8xf32>, %o: tensor<4xf32>) {
  // expected-error @+1 {{transpose_rhs needs a matrix, got 'tensor<8xf32>'}}
  %0 = sparsec.matmul transpose_rhs ins(%x, %w : tensor<4x8xf32>, tensor<8xf32>) outs(%o : tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

// The sum in f32 would lose half of an f64.
func.func @f(%x: tensor<2x8xf64>, %w: tensor<8x4xf32>, %o: tensor<2x4xf32>) {
  // expected-error @+1 {{expects lhs to hold f32, f16, bf16 or i8, got 'tensor<2x8xf64>'}}
  %0 = sparsec.matmul ins(%x, %w : tensor<2x8xf64>, tensor<8x4xf32>) outs(%o : tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

// Other integers than bytes can be compressed, not multiplied.
func.func @f(%x: tensor<2x8xf32>, %w: tensor<8x4xi16, #sparsec.csr>, %o: tensor<2x4xf32>) {
  // expected-error @+1 {{expects rhs to hold f32, f16, bf16 or i8, got 'tensor<8x4xi16, #sparsec.csr>'}}
  %0 = sparsec.matmul ins(%x, %w : tensor<2x8xf32>, tensor<8x4xi16, #sparsec.csr>) outs(%o : tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

// Floats are not summed in integers.
func.func @f(%x: tensor<2x8xf32>, %w: tensor<8x4xf32>, %o: tensor<2x4xi32>) {
  // expected-error @+1 {{expects lhs to hold i8 for outs of i32, got 'tensor<2x8xf32>'}}
  %0 = sparsec.matmul ins(%x, %w : tensor<2x8xf32>, tensor<8x4xf32>) outs(%o : tensor<2x4xi32>) -> tensor<2x4xi32>
  return
}

// -----

// The sum of bytes does not fit a byte.
func.func @f(%x: tensor<2x8xi8>, %w: tensor<8x4xi8>, %o: tensor<2x4xi8>) {
  // expected-error @+1 {{expects outs to hold f32, f16, bf16 or i32, got 'tensor<2x4xi8>'}}
  %0 = sparsec.matmul ins(%x, %w : tensor<2x8xi8>, tensor<8x4xi8>) outs(%o : tensor<2x4xi8>) -> tensor<2x4xi8>
  return
}

// -----

// The epilogue of a product of integers gets the integer.
func.func @f(%x: tensor<2x8xi8>, %w: tensor<8x4xi8>, %o: tensor<2x4xi32>) {
  // expected-error @+1 {{expects epilogue arguments ('i32'), got ('f32')}}
  %0 = sparsec.matmul ins(%x, %w : tensor<2x8xi8>, tensor<8x4xi8>) outs(%o : tensor<2x4xi32>) epilogue () {
  ^bb0(%sum: f32):
    %c = arith.fptosi %sum : f32 to i32
    sparsec.yield %c : i32
  } -> tensor<2x4xi32>
  return
}

// -----

// A product of two vectors has no weight.
func.func @f(%x: tensor<8xf32>, %w: tensor<8xf32>, %o: tensor<f32>) {
  // expected-error @+1 {{expects a matrix on one side, got 'tensor<8xf32>' and 'tensor<8xf32>'}}
  %0 = sparsec.matmul ins(%x, %w : tensor<8xf32>, tensor<8xf32>) outs(%o : tensor<f32>) -> tensor<f32>
  return
}

// -----

// No kernel multiplies two compressed matrices.
func.func @f(%x: tensor<2x8xf32, #sparsec.csr>, %w: tensor<8x4xf32, #sparsec.csr>, %o: tensor<2x4xf32>) {
  // expected-error @+1 {{takes one compressed operand, got 'tensor<2x8xf32, #sparsec.csr>' and 'tensor<8x4xf32, #sparsec.csr>'}}
  %0 = sparsec.matmul ins(%x, %w : tensor<2x8xf32, #sparsec.csr>, tensor<8x4xf32, #sparsec.csr>) outs(%o : tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

// Values and buffers do not mix.
func.func @f(%x: memref<2x8xf32>, %w: tensor<8x4xf32>, %o: tensor<2x4xf32>) {
  // expected-error @+1 {{expects dense operands to be all tensors or all memrefs, got 'memref<2x8xf32>' and 'tensor<2x4xf32>'}}
  %0 = sparsec.matmul ins(%x, %w : memref<2x8xf32>, tensor<8x4xf32>) outs(%o : tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

// 8 columns meet 9 rows.
func.func @f(%x: tensor<2x8xf32>, %w: tensor<9x4xf32>, %o: tensor<2x4xf32>) {
  // expected-error @+1 {{expects equal inner dimensions, got 8 in 'tensor<2x8xf32>' and 9 in 'tensor<9x4xf32>'}}
  %0 = sparsec.matmul ins(%x, %w : tensor<2x8xf32>, tensor<9x4xf32>) outs(%o : tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

// They would meet without the transpose.
func.func @f(%x: tensor<2x8xf32>, %w: tensor<8x4xf32>, %o: tensor<2x4xf32>) {
  // expected-error @+1 {{expects equal inner dimensions, got 8 in 'tensor<2x8xf32>' and 4 in 'tensor<8x4xf32>'}}
  %0 = sparsec.matmul transpose_rhs ins(%x, %w : tensor<2x8xf32>, tensor<8x4xf32>) outs(%o : tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

// The columns of the result are those of the weight; rows may be unknown.
func.func @f(%x: tensor<?x8xf32>, %w: tensor<8x4xf32>, %o: tensor<2x5xf32>) {
  // expected-error @+1 {{expects outs of shape [?, 4] for 'tensor<?x8xf32>' and 'tensor<8x4xf32>', got 'tensor<2x5xf32>'}}
  %0 = sparsec.matmul ins(%x, %w : tensor<?x8xf32>, tensor<8x4xf32>) outs(%o : tensor<2x5xf32>) -> tensor<2x5xf32>
  return
}

// -----

// A vector gives a vector.
func.func @f(%x: tensor<8xf32>, %w: tensor<8x4xf32>, %o: tensor<1x4xf32>) {
  // expected-error @+1 {{expects outs of shape [4] for 'tensor<8xf32>' and 'tensor<8x4xf32>', got 'tensor<1x4xf32>'}}
  %0 = sparsec.matmul ins(%x, %w : tensor<8xf32>, tensor<8x4xf32>) outs(%o : tensor<1x4xf32>) -> tensor<1x4xf32>
  return
}

// -----

// The result is what outs becomes.
func.func @f(%x: tensor<2x8xf32>, %w: tensor<8x4xf32>, %o: tensor<2x4xf32>) {
  // expected-error @+1 {{expected type of operand #2}}
  %0 = sparsec.matmul ins(%x, %w : tensor<2x8xf32>, tensor<8x4xf32>) outs(%o : tensor<2x4xf32>) -> tensor<?x4xf32>
  return
}

// -----

// Nothing says which element of the operand belongs to an element of the result,
func.func @f(%x: tensor<2x8xf32>, %w: tensor<8x4xf32>, %o: tensor<2x4xf32>, %b: tensor<4xf32>) {
  // expected-error @+1 {{expects one map for each epilogue operand, got 1 and 2}}
  %0 = sparsec.matmul ins(%x, %w : tensor<2x8xf32>, tensor<8x4xf32>) outs(%o : tensor<2x4xf32>)
      epilogue (%b, %b : tensor<4xf32>, tensor<4xf32>) [affine_map<(i, j) -> (j)>] {
      ^bb0(%s: f32, %c: f32, %d: f32):
      sparsec.yield %c : f32
  } -> tensor<2x4xf32>
  return
}

// -----

// a map of three loops does not,
func.func @f(%x: tensor<2x8xf32>, %w: tensor<8x4xf32>, %o: tensor<2x4xf32>, %b: tensor<4xf32>) {
  // expected-error @+1 {{expects epilogue map #0 to take the 2 dimensions of 'tensor<2x4xf32>' to those of 'tensor<4xf32>', got affine_map<(d0, d1, d2) -> (d1)>}}
  %0 = sparsec.matmul ins(%x, %w : tensor<2x8xf32>, tensor<8x4xf32>) outs(%o : tensor<2x4xf32>)
      epilogue (%b : tensor<4xf32>) [affine_map<(i, j, k) -> (j)>] {
      ^bb0(%s: f32, %c: f32):
      sparsec.yield %c : f32
  } -> tensor<2x4xf32>
  return
}

// -----

// nor a map to two dimensions of a vector,
func.func @f(%x: tensor<2x8xf32>, %w: tensor<8x4xf32>, %o: tensor<2x4xf32>, %b: tensor<4xf32>) {
  // expected-error @+1 {{expects epilogue map #0 to take the 2 dimensions of 'tensor<2x4xf32>' to those of 'tensor<4xf32>'}}
  %0 = sparsec.matmul ins(%x, %w : tensor<2x8xf32>, tensor<8x4xf32>) outs(%o : tensor<2x4xf32>)
      epilogue (%b : tensor<4xf32>) [affine_map<(i, j) -> (i, j)>] {
      ^bb0(%s: f32, %c: f32):
      sparsec.yield %c : f32
  } -> tensor<2x4xf32>
  return
}

// -----

// nor one that computes,
func.func @f(%x: tensor<2x8xf32>, %w: tensor<8x4xf32>, %o: tensor<2x4xf32>, %b: tensor<4xf32>) {
  // expected-error @+1 {{expects epilogue map #0 to take the 2 dimensions of 'tensor<2x4xf32>' to those of 'tensor<4xf32>'}}
  %0 = sparsec.matmul ins(%x, %w : tensor<2x8xf32>, tensor<8x4xf32>) outs(%o : tensor<2x4xf32>)
      epilogue (%b : tensor<4xf32>) [affine_map<(i, j) -> (i + j)>] {
      ^bb0(%s: f32, %c: f32):
      sparsec.yield %c : f32
  } -> tensor<2x4xf32>
  return
}

// -----

// nor one with symbols.
func.func @f(%x: tensor<2x8xf32>, %w: tensor<8x4xf32>, %o: tensor<2x4xf32>, %b: tensor<4xf32>) {
  // expected-error @+1 {{expects epilogue map #0 to take the 2 dimensions of 'tensor<2x4xf32>' to those of 'tensor<4xf32>'}}
  %0 = sparsec.matmul ins(%x, %w : tensor<2x8xf32>, tensor<8x4xf32>) outs(%o : tensor<2x4xf32>)
      epilogue (%b : tensor<4xf32>) [affine_map<(i, j)[s] -> (j)>] {
      ^bb0(%s: f32, %c: f32):
      sparsec.yield %c : f32
  } -> tensor<2x4xf32>
  return
}

// -----

// The result has 4 columns, the bias 5,
func.func @f(%x: tensor<2x8xf32>, %w: tensor<8x4xf32>, %o: tensor<2x4xf32>, %b: tensor<5xf32>) {
  // expected-error @+1 {{expects dimension 0 of epilogue operand #0 to be 4, got 'tensor<5xf32>'}}
  %0 = sparsec.matmul ins(%x, %w : tensor<2x8xf32>, tensor<8x4xf32>) outs(%o : tensor<2x4xf32>)
      epilogue (%b : tensor<5xf32>) [affine_map<(i, j) -> (j)>] {
      ^bb0(%s: f32, %c: f32):
      sparsec.yield %c : f32
  } -> tensor<2x4xf32>
  return
}

// -----

// and a broadcast dimension has one element.
func.func @f(%x: tensor<2x8xf32>, %w: tensor<8x4xf32>, %o: tensor<2x4xf32>, %b: tensor<5x4xf32>) {
  // expected-error @+1 {{expects dimension 0 of epilogue operand #0 to be 1, got 'tensor<5x4xf32>'}}
  %0 = sparsec.matmul ins(%x, %w : tensor<2x8xf32>, tensor<8x4xf32>) outs(%o : tensor<2x4xf32>)
      epilogue (%b : tensor<5x4xf32>) [affine_map<(i, j) -> (0, j)>] {
      ^bb0(%s: f32, %c: f32):
      sparsec.yield %c : f32
  } -> tensor<2x4xf32>
  return
}

// -----

// A buffer beside tensors.
func.func @f(%x: tensor<2x8xf32>, %w: tensor<8x4xf32>, %o: tensor<2x4xf32>, %b: memref<4xf32>) {
  // expected-error @+1 {{expects dense operands to be all tensors or all memrefs, got 'memref<4xf32>' and 'tensor<2x4xf32>'}}
  %0 = sparsec.matmul ins(%x, %w : tensor<2x8xf32>, tensor<8x4xf32>) outs(%o : tensor<2x4xf32>)
      epilogue (%b : memref<4xf32>) [affine_map<(i, j) -> (j)>] {
      ^bb0(%s: f32, %c: f32):
      sparsec.yield %c : f32
  } -> tensor<2x4xf32>
  return
}

// -----

// The sum is f32 and each operand gives an element of its type.
func.func @f(%x: tensor<2x8xf32>, %w: tensor<8x4xf32>, %o: tensor<2x4xf32>, %b: tensor<4xf16>) {
  // expected-error @+1 {{expects epilogue arguments ('f32', 'f16'), got ('f32', 'f32')}}
  %0 = sparsec.matmul ins(%x, %w : tensor<2x8xf32>, tensor<8x4xf32>) outs(%o : tensor<2x4xf32>)
      epilogue (%b : tensor<4xf16>) [affine_map<(i, j) -> (j)>] {
      ^bb0(%s: f32, %c: f32):
      sparsec.yield %c : f32
  } -> tensor<2x4xf32>
  return
}

// -----

// The element that is stored is one of outs.
func.func @f(%x: tensor<2x8xf32>, %w: tensor<8x4xf32>, %o: tensor<2x4xf32>) {
  %0 = sparsec.matmul ins(%x, %w : tensor<2x8xf32>, tensor<8x4xf32>) outs(%o : tensor<2x4xf32>)
      epilogue () {
      ^bb0(%s: f32):
      %1 = arith.truncf %s : f32 to f16
  // expected-error @+1 {{expects to yield 'f32', the element type of outs, got 'f16'}}
      sparsec.yield %1 : f16
  } -> tensor<2x4xf32>
  return
}

// -----

// The order in which elements are stored is free, so nothing else may happen.
func.func @f(%x: tensor<2x8xf32>, %w: tensor<8x4xf32>, %o: tensor<2x4xf32>, %b: tensor<4xf32>, %m: memref<f32>) {
  %0 = sparsec.matmul ins(%x, %w : tensor<2x8xf32>, tensor<8x4xf32>) outs(%o : tensor<2x4xf32>)
      epilogue (%b : tensor<4xf32>) [affine_map<(i, j) -> (j)>] {
      ^bb0(%s: f32, %c: f32):
  // expected-error @+1 {{'memref.store' op has side effects inside an epilogue}}
      memref.store %s, %m[] : memref<f32>
      sparsec.yield %s : f32
  } -> tensor<2x4xf32>
  return
}

// -----

// An epilogue ends in a yield of its own.
func.func @f(%x: tensor<2x8xf32>, %w: tensor<8x4xf32>, %o: tensor<2x4xf32>) {
  // expected-error @+1 {{expects its epilogue to end in sparsec.yield}}
  %0 = sparsec.matmul ins(%x, %w : tensor<2x8xf32>, tensor<8x4xf32>) outs(%o : tensor<2x4xf32>)
      epilogue () {
      ^bb0(%s: f32):
      llvm.unreachable
  } -> tensor<2x4xf32>
  return
}

// -----

// Only the generic form can bring operands without an epilogue to read them.
func.func @f(%x: tensor<2x8xf32>, %w: tensor<8x4xf32>, %o: tensor<2x4xf32>, %b: tensor<4xf32>) {
  // expected-error @+1 {{has epilogue operands but no epilogue}}
  %0 = "sparsec.matmul"(%x, %w, %o, %b) <{epilogueMaps = [affine_map<(i, j) -> (j)>]}> ({
  }) : (tensor<2x8xf32>, tensor<8x4xf32>, tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  return
}

// -----

// What is yielded is an epilogue's.
func.func @f(%x: f32) {
  // expected-error @+1 {{expects parent op 'sparsec.matmul'}}
  sparsec.yield %x : f32
}
