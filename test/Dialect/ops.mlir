// Every operation and variant comes back from text, from bytecode and from the
// generic form as it was written.
//
// RUN: sparsec-opt %s | sparsec-opt | FileCheck %s
// RUN: sparsec-opt --emit-bytecode %s | sparsec-opt | FileCheck %s
// RUN: sparsec-opt --mlir-print-op-generic %s | sparsec-opt | FileCheck %s

// CHECK-LABEL: @conversions
func.func @conversions(%w: tensor<3x4xf32>) -> tensor<3x4xf32> {
  // CHECK: %[[C:.*]] = sparsec.compress %{{.*}} : tensor<3x4xf32> to tensor<3x4xf32, #sparsec.csr>
  %c = sparsec.compress %w : tensor<3x4xf32> to tensor<3x4xf32, #sparsec.csr>
  // CHECK: %[[V:.*]] = sparsec.convert %[[C]] : tensor<3x4xf32, #sparsec.csr> to tensor<3x4xf32, #sparsec.bitmask>
  %v = sparsec.convert %c : tensor<3x4xf32, #sparsec.csr> to tensor<3x4xf32, #sparsec.bitmask>
  // CHECK: sparsec.decompress %[[V]] : tensor<3x4xf32, #sparsec.bitmask> to tensor<3x4xf32>
  %d = sparsec.decompress %v : tensor<3x4xf32, #sparsec.bitmask> to tensor<3x4xf32>
  return %d : tensor<3x4xf32>
}

// A format need not be chosen yet, and elements need not be f32.
// CHECK-LABEL: @compress_auto
func.func @compress_auto(%w: tensor<?x4xi8>) -> tensor<?x4xi8, #sparsec.auto> {
  // CHECK: sparsec.compress %{{.*}} : tensor<?x4xi8> to tensor<?x4xi8, #sparsec.auto>
  %c = sparsec.compress %w : tensor<?x4xi8> to tensor<?x4xi8, #sparsec.auto>
  return %c : tensor<?x4xi8, #sparsec.auto>
}

// CHECK-LABEL: @arrays
func.func @arrays(%v: tensor<5xf32>, %i: tensor<5xi16>, %o: tensor<4xi32>) {
  // CHECK: %[[C:.*]] = sparsec.assemble %{{.*}}, %{{.*}}, %{{.*}} : tensor<5xf32>, tensor<5xi16>, tensor<4xi32> to tensor<3x4xf32, #sparsec.csr<index = i16>>
  %c = sparsec.assemble %v, %i, %o : tensor<5xf32>, tensor<5xi16>, tensor<4xi32> to tensor<3x4xf32, #sparsec.csr<index = i16>>
  // CHECK: sparsec.storage %[[C]] : tensor<3x4xf32, #sparsec.csr<index = i16>> to tensor<5xf32>, tensor<5xi16>, tensor<4xi32>
  %0:3 = sparsec.storage %c : tensor<3x4xf32, #sparsec.csr<index = i16>> to tensor<5xf32>, tensor<5xi16>, tensor<4xi32>
  // The number of entries may be left open.
  // CHECK: sparsec.storage %[[C]] : tensor<3x4xf32, #sparsec.csr<index = i16>> to tensor<?xf32>, tensor<?xi16>, tensor<4xi32>
  %1:3 = sparsec.storage %c : tensor<3x4xf32, #sparsec.csr<index = i16>> to tensor<?xf32>, tensor<?xi16>, tensor<4xi32>
  return
}

// Each format has arrays of its own.
// CHECK-LABEL: @arrays_of_formats
func.func @arrays_of_formats(%m: tensor<3x70xf32, #sparsec.bitmask>, %c: tensor<3x4xf16, #sparsec.csc>,
                             %b: tensor<9x4xf32, #sparsec.block<8x8>>, %d: tensor<?x70xf32, #sparsec.bitmask>) {
  // CHECK: to tensor<?xf32>, tensor<3x2xi64>, tensor<4xi32>
  %0:3 = sparsec.storage %m : tensor<3x70xf32, #sparsec.bitmask> to tensor<?xf32>, tensor<3x2xi64>, tensor<4xi32>
  // CHECK: to tensor<?xf16>, tensor<?xi32>, tensor<5xi32>
  %1:3 = sparsec.storage %c : tensor<3x4xf16, #sparsec.csc> to tensor<?xf16>, tensor<?xi32>, tensor<5xi32>
  // CHECK: to tensor<1x8x8xf32>, tensor<1xi32>, tensor<3xi32>
  %2:3 = sparsec.storage %b : tensor<9x4xf32, #sparsec.block<8x8>> to tensor<1x8x8xf32>, tensor<1xi32>, tensor<3xi32>
  // CHECK: to tensor<?xf32>, tensor<?x2xi64>, tensor<?xi32>
  %3:3 = sparsec.storage %d : tensor<?x70xf32, #sparsec.bitmask> to tensor<?xf32>, tensor<?x2xi64>, tensor<?xi32>
  return
}

// CHECK-LABEL: @windows
func.func @windows(%w: tensor<64x32xf32, #sparsec.csr>, %c: tensor<64x32xf32, #sparsec.csc>,
                   %b: tensor<64x32xf32, #sparsec.block<8x8>>, %i: index, %n: index) {
  // CHECK: sparsec.window %{{.*}}[%{{.*}}] : tensor<64x32xf32, #sparsec.csr> to tensor<8x32xf32, #sparsec.csr>
  %0 = sparsec.window %w[%i] : tensor<64x32xf32, #sparsec.csr> to tensor<8x32xf32, #sparsec.csr>
  // A size is given where the type leaves it open.
  // CHECK: sparsec.window %{{.*}}[%{{.*}}, %{{.*}}] : tensor<64x32xf32, #sparsec.csr> to tensor<?x32xf32, #sparsec.csr>
  %1 = sparsec.window %w[%i, %n] : tensor<64x32xf32, #sparsec.csr> to tensor<?x32xf32, #sparsec.csr>
  // A column-wise format is cut into columns.
  // CHECK: sparsec.window %{{.*}}[%{{.*}}] : tensor<64x32xf32, #sparsec.csc> to tensor<64x8xf32, #sparsec.csc>
  %2 = sparsec.window %c[%i] : tensor<64x32xf32, #sparsec.csc> to tensor<64x8xf32, #sparsec.csc>
  // The last window of a block matrix may have a part of a block.
  %c56 = arith.constant 56 : index
  // CHECK: sparsec.window %{{.*}}[%{{.*}}] : tensor<64x32xf32, #sparsec.block<8x8>> to tensor<7x32xf32, #sparsec.block<8x8>>
  %3 = sparsec.window %b[%c56] : tensor<64x32xf32, #sparsec.block<8x8>> to tensor<7x32xf32, #sparsec.block<8x8>>
  return
}

// The compressed operand on either side, transposed or not.
// CHECK-LABEL: @sides
func.func @sides(%x: tensor<?x8xf32>, %xt: tensor<8x?xf32>, %w: tensor<8x4xf32, #sparsec.csr>,
                 %wt: tensor<4x8xf32, #sparsec.bitmask>, %o: tensor<?x4xf32>, %ot: tensor<4x?xf32>) {
  // CHECK: sparsec.matmul ins(%{{.*}}, %{{.*}} : tensor<?x8xf32>, tensor<8x4xf32, #sparsec.csr>) outs(%{{.*}} : tensor<?x4xf32>) -> tensor<?x4xf32>
  %0 = sparsec.matmul ins(%x, %w : tensor<?x8xf32>, tensor<8x4xf32, #sparsec.csr>) outs(%o : tensor<?x4xf32>) -> tensor<?x4xf32>
  // CHECK: sparsec.matmul transpose_rhs ins(
  %1 = sparsec.matmul transpose_rhs ins(%x, %wt : tensor<?x8xf32>, tensor<4x8xf32, #sparsec.bitmask>) outs(%o : tensor<?x4xf32>) -> tensor<?x4xf32>
  // CHECK: sparsec.matmul transpose_lhs ins(
  %2 = sparsec.matmul transpose_lhs ins(%w, %xt : tensor<8x4xf32, #sparsec.csr>, tensor<8x?xf32>) outs(%ot : tensor<4x?xf32>) -> tensor<4x?xf32>
  // CHECK: sparsec.matmul transpose_lhs transpose_rhs zero_init ins(
  %3 = sparsec.matmul transpose_lhs transpose_rhs zero_init ins(%xt, %wt : tensor<8x?xf32>, tensor<4x8xf32, #sparsec.bitmask>) outs(%o : tensor<?x4xf32>) -> tensor<?x4xf32>
  return
}

// A matrix and a vector, and two dense operands of narrow types.
// CHECK-LABEL: @ranks
func.func @ranks(%x: tensor<8xf16>, %w: tensor<4x8xbf16, #sparsec.csr>, %wt: tensor<8x4xbf16, #sparsec.csc>,
                 %o: tensor<4xf32>, %d: tensor<2x8xf16>, %e: tensor<8x3xbf16>, %r: tensor<2x3xf16>) {
  // CHECK: sparsec.matmul ins(%{{.*}}, %{{.*}} : tensor<4x8xbf16, #sparsec.csr>, tensor<8xf16>) outs(%{{.*}} : tensor<4xf32>) -> tensor<4xf32>
  %0 = sparsec.matmul ins(%w, %x : tensor<4x8xbf16, #sparsec.csr>, tensor<8xf16>) outs(%o : tensor<4xf32>) -> tensor<4xf32>
  // CHECK: sparsec.matmul ins(%{{.*}}, %{{.*}} : tensor<8xf16>, tensor<8x4xbf16, #sparsec.csc>) outs(%{{.*}} : tensor<4xf32>) -> tensor<4xf32>
  %1 = sparsec.matmul ins(%x, %wt : tensor<8xf16>, tensor<8x4xbf16, #sparsec.csc>) outs(%o : tensor<4xf32>) -> tensor<4xf32>
  // CHECK: sparsec.matmul ins(%{{.*}}, %{{.*}} : tensor<2x8xf16>, tensor<8x3xbf16>) outs(%{{.*}} : tensor<2x3xf16>) -> tensor<2x3xf16>
  %2 = sparsec.matmul ins(%d, %e : tensor<2x8xf16>, tensor<8x3xbf16>) outs(%r : tensor<2x3xf16>) -> tensor<2x3xf16>
  return
}

// On buffers there is no result. The weight stays a tensor.
// CHECK-LABEL: @buffers
func.func @buffers(%x: memref<2x8xf32, strided<[16, 1], offset: ?>>, %w: tensor<8x4xf32, #sparsec.csr>, %o: memref<2x4xf32>) {
  // CHECK: sparsec.matmul ins(%{{.*}}, %{{.*}} : memref<2x8xf32, strided<[16, 1], offset: ?>>, tensor<8x4xf32, #sparsec.csr>) outs(%{{.*}} : memref<2x4xf32>)
  // CHECK-NOT: ->
  sparsec.matmul ins(%x, %w : memref<2x8xf32, strided<[16, 1], offset: ?>>, tensor<8x4xf32, #sparsec.csr>) outs(%o : memref<2x4xf32>)
  // CHECK: return
  return
}

// An epilogue sees the f32 sum and elements of its operands: broadcast, permuted,
// the only one of a unit dimension, or a scalar's.
#j = affine_map<(i, j) -> (j)>
#ji = affine_map<(i, j) -> (j, i)>
#i0 = affine_map<(i, j) -> (i, 0)>
#none = affine_map<(i, j) -> ()>

// CHECK-LABEL: @epilogue
func.func @epilogue(%x: tensor<2x8xf32>, %w: tensor<8x4xf32, #sparsec.csr>, %o: tensor<2x4xf16>, %a: tensor<4xf32>,
                    %b: tensor<4x2xf16>, %c: tensor<2x1xf32>, %d: tensor<f32>) -> tensor<2x4xf16> {
  // CHECK: sparsec.matmul zero_init ins({{.*}}) outs(%{{.*}} : tensor<2x4xf16>)
  // CHECK-SAME: epilogue (%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : tensor<4xf32>, tensor<4x2xf16>, tensor<2x1xf32>, tensor<f32>)
  // CHECK-SAME: [#{{.*}}, #{{.*}}, #{{.*}}, #{{.*}}] {
  // CHECK-NEXT: ^bb0(%[[S:.*]]: f32, %[[A:.*]]: f32, %[[B:.*]]: f16, %{{.*}}: f32, %{{.*}}: f32):
  // CHECK-NEXT: arith.addf %[[S]], %[[A]] : f32
  // CHECK: sparsec.yield %{{.*}} : f16
  // CHECK-NEXT: } -> tensor<2x4xf16>
  %0 = sparsec.matmul zero_init ins(%x, %w : tensor<2x8xf32>, tensor<8x4xf32, #sparsec.csr>) outs(%o : tensor<2x4xf16>)
      epilogue (%a, %b, %c, %d : tensor<4xf32>, tensor<4x2xf16>, tensor<2x1xf32>, tensor<f32>) [#j, #ji, #i0, #none] {
    ^bb0(%s: f32, %e: f32, %f: f16, %g: f32, %h: f32):
      %1 = arith.addf %s, %e : f32
      %2 = arith.truncf %1 : f32 to f16
      %3 = arith.mulf %2, %f : f16
      sparsec.yield %3 : f16
  } -> tensor<2x4xf16>
  return %0 : tensor<2x4xf16>
}

// CHECK-LABEL: @epilogue_without_operands
func.func @epilogue_without_operands(%x: memref<8xf32>, %w: tensor<4x8xf32, #sparsec.csr>, %o: memref<4xf32>) {
  // CHECK: sparsec.matmul ins({{.*}}) outs(%{{.*}} : memref<4xf32>) epilogue () {
  // CHECK-NEXT: ^bb0(%[[S:.*]]: f32):
  // CHECK-NEXT: arith.negf %[[S]]
  // CHECK-NEXT: sparsec.yield
  // CHECK-NEXT: }
  sparsec.matmul ins(%w, %x : tensor<4x8xf32, #sparsec.csr>, memref<8xf32>) outs(%o : memref<4xf32>) epilogue () {
    ^bb0(%s: f32):
      %0 = arith.negf %s : f32
      sparsec.yield %0 : f32
  }
  return
}

// Further attributes stay.
// CHECK-LABEL: @attributes
func.func @attributes(%x: tensor<8xf32>, %w: tensor<4x8xf32>, %o: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: sparsec.matmul ins({{.*}}) outs({{.*}}) {note = "kept"} -> tensor<4xf32>
  %0 = sparsec.matmul ins(%w, %x : tensor<4x8xf32>, tensor<8xf32>) outs(%o : tensor<4xf32>) {note = "kept"} -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
