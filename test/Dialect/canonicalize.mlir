// RUN: sparsec-opt %s --canonicalize | FileCheck %s

//===----------------------------------------------------------------------===//
// compress, decompress, convert
//===----------------------------------------------------------------------===//

// CHECK-LABEL: @decompress_of_compress
// CHECK-SAME: (%[[W:.*]]: tensor<3x4xf32>)
// CHECK-NEXT: return %[[W]]
func.func @decompress_of_compress(%w: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %c = sparsec.compress %w : tensor<3x4xf32> to tensor<3x4xf32, #sparsec.auto>
  %d = sparsec.decompress %c : tensor<3x4xf32, #sparsec.auto> to tensor<3x4xf32>
  return %d : tensor<3x4xf32>
}

// CHECK-LABEL: @compress_of_decompress
// CHECK-SAME: (%[[C:.*]]: tensor<3x4xf32, #sparsec.csr>)
// CHECK-NEXT: return %[[C]]
func.func @compress_of_decompress(%c: tensor<3x4xf32, #sparsec.csr>) -> tensor<3x4xf32, #sparsec.csr> {
  %d = sparsec.decompress %c : tensor<3x4xf32, #sparsec.csr> to tensor<3x4xf32>
  %0 = sparsec.compress %d : tensor<3x4xf32> to tensor<3x4xf32, #sparsec.csr>
  return %0 : tensor<3x4xf32, #sparsec.csr>
}

// Another format than before: no dense matrix in between.
// CHECK-LABEL: @compress_of_decompress_converts
// CHECK-NEXT: %[[V:.*]] = sparsec.convert %{{.*}} : tensor<3x4xf32, #sparsec.csr> to tensor<3x4xf32, #sparsec.bitmask>
// CHECK-NEXT: return %[[V]]
func.func @compress_of_decompress_converts(%c: tensor<3x4xf32, #sparsec.csr>) -> tensor<3x4xf32, #sparsec.bitmask> {
  %d = sparsec.decompress %c : tensor<3x4xf32, #sparsec.csr> to tensor<3x4xf32>
  %0 = sparsec.compress %d : tensor<3x4xf32> to tensor<3x4xf32, #sparsec.bitmask>
  return %0 : tensor<3x4xf32, #sparsec.bitmask>
}

// CHECK-LABEL: @convert_to_itself
// CHECK-SAME: (%[[C:.*]]: tensor<3x4xf32, #sparsec.csr>)
// CHECK-NEXT: return %[[C]]
func.func @convert_to_itself(%c: tensor<3x4xf32, #sparsec.csr>) -> tensor<3x4xf32, #sparsec.csr> {
  %0 = sparsec.convert %c : tensor<3x4xf32, #sparsec.csr> to tensor<3x4xf32, #sparsec.csr>
  return %0 : tensor<3x4xf32, #sparsec.csr>
}

// CHECK-LABEL: @convert_there_and_back
// CHECK-SAME: (%[[C:.*]]: tensor<3x4xf32, #sparsec.csr>)
// CHECK-NEXT: return %[[C]]
func.func @convert_there_and_back(%c: tensor<3x4xf32, #sparsec.csr>) -> tensor<3x4xf32, #sparsec.csr> {
  %0 = sparsec.convert %c : tensor<3x4xf32, #sparsec.csr> to tensor<3x4xf32, #sparsec.csc>
  %1 = sparsec.convert %0 : tensor<3x4xf32, #sparsec.csc> to tensor<3x4xf32, #sparsec.bitmask>
  %2 = sparsec.convert %1 : tensor<3x4xf32, #sparsec.bitmask> to tensor<3x4xf32, #sparsec.csr>
  return %2 : tensor<3x4xf32, #sparsec.csr>
}

// Indices of another width are another format.
// CHECK-LABEL: @convert_width
// CHECK-NEXT: sparsec.convert
func.func @convert_width(%c: tensor<3x4xf32, #sparsec.csr>) -> tensor<3x4xf32, #sparsec.csr<index = i16>> {
  %0 = sparsec.convert %c : tensor<3x4xf32, #sparsec.csr> to tensor<3x4xf32, #sparsec.csr<index = i16>>
  return %0 : tensor<3x4xf32, #sparsec.csr<index = i16>>
}

// CHECK-LABEL: @convert_of_compress
// CHECK-NEXT: %[[C:.*]] = sparsec.compress %{{.*}} : tensor<3x4xf32> to tensor<3x4xf32, #sparsec.csc>
// CHECK-NEXT: return %[[C]]
func.func @convert_of_compress(%w: tensor<3x4xf32>) -> tensor<3x4xf32, #sparsec.csc> {
  %c = sparsec.compress %w : tensor<3x4xf32> to tensor<3x4xf32, #sparsec.csr>
  %0 = sparsec.convert %c : tensor<3x4xf32, #sparsec.csr> to tensor<3x4xf32, #sparsec.csc>
  return %0 : tensor<3x4xf32, #sparsec.csc>
}

// CHECK-LABEL: @decompress_of_convert
// CHECK-NEXT: %[[D:.*]] = sparsec.decompress %{{.*}} : tensor<3x4xf32, #sparsec.csr> to tensor<3x4xf32>
// CHECK-NEXT: return %[[D]]
func.func @decompress_of_convert(%c: tensor<3x4xf32, #sparsec.csr>) -> tensor<3x4xf32> {
  %0 = sparsec.convert %c : tensor<3x4xf32, #sparsec.csr> to tensor<3x4xf32, #sparsec.csc>
  %1 = sparsec.decompress %0 : tensor<3x4xf32, #sparsec.csc> to tensor<3x4xf32>
  return %1 : tensor<3x4xf32>
}

// CHECK-LABEL: @compress_of_constant
// CHECK-DAG: %[[V:.*]] = arith.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
// CHECK-DAG: %[[I:.*]] = arith.constant dense<[0, 1]> : tensor<2xi32>
// CHECK-DAG: %[[O:.*]] = arith.constant dense<[0, 1, 2]> : tensor<3xi32>
// CHECK: sparsec.assemble %[[V]], %[[I]], %[[O]]
func.func @compress_of_constant() -> tensor<2x2xf32, #sparsec.csr> {
  %w = arith.constant dense<[[1.0, 0.0], [0.0, 2.0]]> : tensor<2x2xf32>
  %c = sparsec.compress %w : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.csr>
  return %c : tensor<2x2xf32, #sparsec.csr>
}

// A format that is not chosen has no arrays.
// CHECK-LABEL: @compress_of_constant_auto
// CHECK: sparsec.compress
func.func @compress_of_constant_auto() -> tensor<2x2xf32, #sparsec.auto> {
  %w = arith.constant dense<[[1.0, 0.0], [0.0, 2.0]]> : tensor<2x2xf32>
  %c = sparsec.compress %w : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.auto>
  return %c : tensor<2x2xf32, #sparsec.auto>
}

//===----------------------------------------------------------------------===//
// storage, assemble, window
//===----------------------------------------------------------------------===//

#csr = #sparsec.csr<index = i16>

// CHECK-LABEL: @storage_of_assemble
// CHECK-SAME: (%[[V:.*]]: tensor<5xf32>, %[[I:.*]]: tensor<5xi16>, %[[O:.*]]: tensor<4xi32>)
// CHECK-NEXT: return %[[V]], %[[I]], %[[O]]
func.func @storage_of_assemble(%v: tensor<5xf32>, %i: tensor<5xi16>, %o: tensor<4xi32>) -> (tensor<5xf32>, tensor<5xi16>, tensor<4xi32>) {
  %c = sparsec.assemble %v, %i, %o : tensor<5xf32>, tensor<5xi16>, tensor<4xi32> to tensor<3x4xf32, #csr>
  %0:3 = sparsec.storage %c : tensor<3x4xf32, #csr> to tensor<5xf32>, tensor<5xi16>, tensor<4xi32>
  return %0#0, %0#1, %0#2 : tensor<5xf32>, tensor<5xi16>, tensor<4xi32>
}

// Types that say less stay.
// CHECK-LABEL: @storage_of_assemble_dynamic
// CHECK: sparsec.storage
func.func @storage_of_assemble_dynamic(%v: tensor<5xf32>, %i: tensor<5xi16>, %o: tensor<4xi32>) -> tensor<?xf32> {
  %c = sparsec.assemble %v, %i, %o : tensor<5xf32>, tensor<5xi16>, tensor<4xi32> to tensor<3x4xf32, #csr>
  %0:3 = sparsec.storage %c : tensor<3x4xf32, #csr> to tensor<?xf32>, tensor<?xi16>, tensor<4xi32>
  return %0#0 : tensor<?xf32>
}

// CHECK-LABEL: @assemble_of_storage
// CHECK-SAME: (%[[C:.*]]: tensor<3x4xf32, #sparsec.csr<index = i16>>)
// CHECK-NEXT: return %[[C]]
func.func @assemble_of_storage(%c: tensor<3x4xf32, #csr>) -> tensor<3x4xf32, #csr> {
  %0:3 = sparsec.storage %c : tensor<3x4xf32, #csr> to tensor<?xf32>, tensor<?xi16>, tensor<4xi32>
  %1 = sparsec.assemble %0#0, %0#1, %0#2 : tensor<?xf32>, tensor<?xi16>, tensor<4xi32> to tensor<3x4xf32, #csr>
  return %1 : tensor<3x4xf32, #csr>
}

// The values of one matrix and the indices of another.
// CHECK-LABEL: @assemble_of_two_storages
// CHECK: sparsec.assemble
func.func @assemble_of_two_storages(%c: tensor<3x4xf32, #csr>, %d: tensor<3x4xf32, #csr>) -> tensor<3x4xf32, #csr> {
  %0:3 = sparsec.storage %c : tensor<3x4xf32, #csr> to tensor<?xf32>, tensor<?xi16>, tensor<4xi32>
  %1:3 = sparsec.storage %d : tensor<3x4xf32, #csr> to tensor<?xf32>, tensor<?xi16>, tensor<4xi32>
  %2 = sparsec.assemble %0#0, %1#1, %1#2 : tensor<?xf32>, tensor<?xi16>, tensor<4xi32> to tensor<3x4xf32, #csr>
  return %2 : tensor<3x4xf32, #csr>
}

// The same arrays stand for another matrix.
// CHECK-LABEL: @assemble_of_other_type
// CHECK: sparsec.assemble
func.func @assemble_of_other_type(%c: tensor<3x5xf32, #csr>) -> tensor<3x4xf32, #csr> {
  %0:3 = sparsec.storage %c : tensor<3x5xf32, #csr> to tensor<?xf32>, tensor<?xi16>, tensor<4xi32>
  %1 = sparsec.assemble %0#0, %0#1, %0#2 : tensor<?xf32>, tensor<?xi16>, tensor<4xi32> to tensor<3x4xf32, #csr>
  return %1 : tensor<3x4xf32, #csr>
}

// CHECK-LABEL: @window_of_everything
// CHECK-SAME: (%[[W:.*]]: tensor<16x8xf32, #sparsec.csr<index = i16>>)
// CHECK-NEXT: return %[[W]]
func.func @window_of_everything(%w: tensor<16x8xf32, #csr>) -> tensor<16x8xf32, #csr> {
  %c0 = arith.constant 0 : index
  %0 = sparsec.window %w[%c0] : tensor<16x8xf32, #csr> to tensor<16x8xf32, #csr>
  return %0 : tensor<16x8xf32, #csr>
}

// Some rows of an unknown number may be fewer than all.
// CHECK-LABEL: @window_dynamic
// CHECK: sparsec.window
func.func @window_dynamic(%w: tensor<?x8xf32, #csr>, %n: index) -> tensor<?x8xf32, #csr> {
  %c0 = arith.constant 0 : index
  %0 = sparsec.window %w[%c0, %n] : tensor<?x8xf32, #csr> to tensor<?x8xf32, #csr>
  return %0 : tensor<?x8xf32, #csr>
}

//===----------------------------------------------------------------------===//
// matmul
//===----------------------------------------------------------------------===//

// CHECK-LABEL: @zero_init
// CHECK-SAME: (%{{.*}}, %{{.*}}, %[[O:.*]]: tensor<2x4xf32>)
// CHECK-NEXT: sparsec.matmul zero_init ins({{.*}}) outs(%[[O]] : tensor<2x4xf32>)
func.func @zero_init(%x: tensor<2x8xf32>, %w: tensor<8x4xf32, #csr>, %o: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %zero = arith.constant 0.0 : f32
  %f = linalg.fill ins(%zero : f32) outs(%o : tensor<2x4xf32>) -> tensor<2x4xf32>
  %0 = sparsec.matmul ins(%x, %w : tensor<2x8xf32>, tensor<8x4xf32, #csr>) outs(%f : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// -0.0 + -0.0 is -0.0, but +0.0 + -0.0 is +0.0.
// CHECK-LABEL: @negative_zero_init
// CHECK: linalg.fill
// CHECK: sparsec.matmul ins
func.func @negative_zero_init(%x: tensor<2x8xf32>, %w: tensor<8x4xf32, #csr>, %o: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %zero = arith.constant -0.0 : f32
  %f = linalg.fill ins(%zero : f32) outs(%o : tensor<2x4xf32>) -> tensor<2x4xf32>
  %0 = sparsec.matmul ins(%x, %w : tensor<2x8xf32>, tensor<8x4xf32, #csr>) outs(%f : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

#id = affine_map<(i, j) -> (i, j)>
#j = affine_map<(i, j) -> (j)>

// CHECK-LABEL: @epilogue_reads_one_operand
// CHECK-SAME: %[[B:[a-z0-9]*]]: tensor<4xf32>)
// CHECK-NEXT: sparsec.matmul ins({{.*}}) outs({{.*}}) epilogue (%[[B]] : tensor<4xf32>) [#{{.*}}] {
// CHECK-NEXT: ^bb0(%[[S:.*]]: f32, %[[C:.*]]: f32):
// CHECK-NEXT: arith.addf %[[S]], %[[C]]
func.func @epilogue_reads_one_operand(%x: tensor<2x8xf32>, %w: tensor<8x4xf32, #csr>, %o: tensor<2x4xf32>,
                                      %a: tensor<2x4xf32>, %b: tensor<4xf32>) -> tensor<2x4xf32> {
  %0 = sparsec.matmul ins(%x, %w : tensor<2x8xf32>, tensor<8x4xf32, #csr>) outs(%o : tensor<2x4xf32>)
      epilogue (%a, %b : tensor<2x4xf32>, tensor<4xf32>) [#id, #j] {
    ^bb0(%s: f32, %unused: f32, %c: f32):
      %1 = arith.addf %s, %c : f32
      sparsec.yield %1 : f32
  } -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// CHECK-LABEL: @epilogue_yields_sum
// CHECK-NOT: epilogue
// CHECK: return
func.func @epilogue_yields_sum(%x: tensor<2x8xf32>, %w: tensor<8x4xf32, #csr>, %o: tensor<2x4xf32>,
                               %b: tensor<4xf32>) -> tensor<2x4xf32> {
  %0 = sparsec.matmul ins(%x, %w : tensor<2x8xf32>, tensor<8x4xf32, #csr>) outs(%o : tensor<2x4xf32>)
      epilogue (%b : tensor<4xf32>) [#j] {
    ^bb0(%s: f32, %c: f32):
      %1 = arith.addf %s, %c : f32
      sparsec.yield %s : f32
  } -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}
