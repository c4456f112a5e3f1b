// The reference: a compressed tensor is the dense one that it stands for.
//
// RUN: sparsec-opt %s --sparsec-to-linalg | FileCheck %s --implicit-check-not=sparsec.

#csr = #sparsec.csr<index = i16>

// CHECK-LABEL: @conversions
// CHECK-SAME: (%[[W:.*]]: tensor<3x4xf32>) -> tensor<3x4xf32>
// CHECK-NEXT: return %[[W]]
func.func @conversions(%w: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %c = sparsec.compress %w : tensor<3x4xf32> to tensor<3x4xf32, #sparsec.auto>
  %v = sparsec.convert %c : tensor<3x4xf32, #sparsec.auto> to tensor<3x4xf32, #csr>
  %d = sparsec.decompress %v : tensor<3x4xf32, #csr> to tensor<3x4xf32>
  return %d : tensor<3x4xf32>
}

// Types change everywhere: arguments, calls, loops.
// CHECK-LABEL: @types(
// CHECK-SAME: tensor<3x4xf32>, %{{.*}}: index) -> tensor<3x4xf32>
// CHECK: scf.for {{.*}} -> (tensor<3x4xf32>)
// CHECK: call @types({{.*}}) : (tensor<3x4xf32>, index) -> tensor<3x4xf32>
func.func @types(%w: tensor<3x4xf32, #csr>, %n: index) -> tensor<3x4xf32, #csr> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %0 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %w) -> tensor<3x4xf32, #csr> {
    %1 = func.call @types(%a, %i) : (tensor<3x4xf32, #csr>, index) -> tensor<3x4xf32, #csr>
    scf.yield %1 : tensor<3x4xf32, #csr>
  }
  return %0 : tensor<3x4xf32, #csr>
}

// Stored entries are inserted into zeros: rows, and in each its entries.
// CHECK-LABEL: @assemble
// CHECK-SAME: (%[[V:.*]]: tensor<5xf32>, %[[I:.*]]: tensor<5xi16>, %[[O:.*]]: tensor<4xi32>) -> tensor<3x4xf32>
// CHECK: linalg.fill
// CHECK: scf.for %[[R:[a-z0-9]+]] =
// CHECK: tensor.extract %[[O]]
// CHECK: scf.for %[[P:[a-z0-9]+]] =
// CHECK: %[[COL:.*]] = tensor.extract %[[I]][%[[P]]]
// CHECK: %[[C:.*]] = arith.index_castui %[[COL]] : i16 to index
// CHECK: %[[X:.*]] = tensor.extract %[[V]][%[[P]]]
// CHECK: tensor.insert %[[X]] into %{{.*}}[%[[R]], %[[C]]]
func.func @assemble(%v: tensor<5xf32>, %i: tensor<5xi16>, %o: tensor<4xi32>) -> tensor<3x4xf32, #csr> {
  %c = sparsec.assemble %v, %i, %o : tensor<5xf32>, tensor<5xi16>, tensor<4xi32> to tensor<3x4xf32, #csr>
  return %c : tensor<3x4xf32, #csr>
}

// Rows of the last block that lie behind the end of the matrix are left out.
// CHECK-LABEL: @assemble_block
// CHECK: scf.for
// CHECK: arith.cmpi ult
// CHECK: scf.if
// CHECK: tensor.insert
func.func @assemble_block(%v: tensor<1x4x4xf32>, %i: tensor<1xi32>, %o: tensor<2xi32>) -> tensor<3x4xf32> {
  %c = sparsec.assemble %v, %i, %o : tensor<1x4x4xf32>, tensor<1xi32>, tensor<2xi32> to tensor<3x4xf32, #sparsec.block<4x4>>
  %d = sparsec.decompress %c : tensor<3x4xf32, #sparsec.block<4x4>> to tensor<3x4xf32>
  return %d : tensor<3x4xf32>
}

// CHECK-LABEL: @storage
// CHECK-SAME: (%[[V:.*]]: tensor<5xf32>, %{{.*}}: tensor<5xi16>
// CHECK: %[[C:.*]] = tensor.cast %[[V]] : tensor<5xf32> to tensor<?xf32>
// CHECK: return %[[C]]
func.func @storage(%v: tensor<5xf32>, %i: tensor<5xi16>, %o: tensor<4xi32>) -> tensor<?xf32> {
  %c = sparsec.assemble %v, %i, %o : tensor<5xf32>, tensor<5xi16>, tensor<4xi32> to tensor<3x4xf32, #csr>
  %0:3 = sparsec.storage %c : tensor<3x4xf32, #csr> to tensor<?xf32>, tensor<?xi16>, tensor<4xi32>
  return %0#0 : tensor<?xf32>
}

// A tensor that is compressed at run time: count, then store. Elements are stored
// unless all their bits are zero.
// CHECK-LABEL: @pack_csr
// CHECK-SAME: (%[[W:.*]]: tensor<3x4xf32>)
// CHECK: %[[B:.*]] = arith.bitcast %[[W]] : tensor<3x4xf32> to tensor<3x4xi32>
// CHECK: scf.for %[[R:[a-z0-9]+]] =
// CHECK: scf.for %[[C:[a-z0-9]+]] =
// CHECK: %[[E:.*]] = tensor.extract %[[B]][%[[R]], %[[C]]]
// CHECK: arith.cmpi ne, %[[E]]
// CHECK: arith.addi
// CHECK: tensor.insert %{{.*}} : tensor<4xi32>
// CHECK: tensor.empty(%{{.*}}) : tensor<?xi32>
// CHECK: tensor.empty(%{{.*}}) : tensor<?xi16>
// CHECK: scf.if
// CHECK-DAG: tensor.insert %{{.*}} : tensor<?xi32>
// CHECK-DAG: tensor.insert %{{.*}} : tensor<?xi16>
// CHECK: arith.bitcast %{{.*}} : tensor<?xi32> to tensor<?xf32>
func.func @pack_csr(%w: tensor<3x4xf32>) -> (tensor<?xf32>, tensor<?xi16>, tensor<4xi32>) {
  %c = sparsec.compress %w : tensor<3x4xf32> to tensor<3x4xf32, #csr>
  %0:3 = sparsec.storage %c : tensor<3x4xf32, #csr> to tensor<?xf32>, tensor<?xi16>, tensor<4xi32>
  return %0#0, %0#1, %0#2 : tensor<?xf32>, tensor<?xi16>, tensor<4xi32>
}

// Columns are the outer dimension of csc, and a promised number of entries is
// checked.
// CHECK-LABEL: @pack_csc
// CHECK-SAME: (%[[V:.*]]: tensor<3x4xf16>)
// CHECK: %[[W:.*]] = arith.bitcast %[[V]]
// CHECK: scf.for %[[C:[a-z0-9]+]] =
// CHECK: scf.for %[[R:[a-z0-9]+]] =
// CHECK: tensor.extract %[[W]][%[[R]], %[[C]]]
// CHECK: cf.assert %{{.*}}, "storage promises 5 stored entries, and there are not as many"
// CHECK: tensor.cast %{{.*}} : tensor<?xf16> to tensor<5xf16>
func.func @pack_csc(%w: tensor<3x4xf16>) -> tensor<5xf16> {
  %c = sparsec.compress %w : tensor<3x4xf16> to tensor<3x4xf16, #sparsec.csc>
  %0:3 = sparsec.storage %c : tensor<3x4xf16, #sparsec.csc> to tensor<5xf16>, tensor<5xi32>, tensor<5xi32>
  return %0#0 : tensor<5xf16>
}

// CHECK-LABEL: @pack_bitmask
// CHECK: arith.shli
// CHECK: arith.ori %{{.*}} : i64
// CHECK: tensor.insert %{{.*}} : tensor<3x1xi64>
func.func @pack_bitmask(%w: tensor<3x4xf32>) -> tensor<3x1xi64> {
  %c = sparsec.compress %w : tensor<3x4xf32> to tensor<3x4xf32, #sparsec.bitmask>
  %0:3 = sparsec.storage %c : tensor<3x4xf32, #sparsec.bitmask> to tensor<?xf32>, tensor<3x1xi64>, tensor<4xi32>
  return %0#1 : tensor<3x1xi64>
}

// Blocks, of which the last may reach past the end.
// CHECK-LABEL: @pack_block
// CHECK: arith.minui
// CHECK: tensor.empty(%{{.*}}) : tensor<?x4x4xi32>
func.func @pack_block(%w: tensor<?x6xf32>) -> tensor<?x4x4xf32> {
  %c = sparsec.compress %w : tensor<?x6xf32> to tensor<?x6xf32, #sparsec.block<4x4>>
  %0:3 = sparsec.storage %c : tensor<?x6xf32, #sparsec.block<4x4>> to tensor<?x4x4xf32>, tensor<?xi32>, tensor<?xi32>
  return %0#0 : tensor<?x4x4xf32>
}

// CHECK-LABEL: @windows
// CHECK-SAME: %[[I:[a-z0-9]*]]: index, %[[N:[a-z0-9]*]]: index
// CHECK: tensor.extract_slice %{{.*}}[%[[I]], 0] [2, 8] [1, 1] : tensor<8x8xf32> to tensor<2x8xf32>
// CHECK: tensor.extract_slice %{{.*}}[0, %[[I]]] [8, %[[N]]] [1, 1] : tensor<8x8xf32> to tensor<8x?xf32>
func.func @windows(%w: tensor<8x8xf32, #csr>, %v: tensor<8x8xf32, #sparsec.csc>, %i: index, %n: index) -> (tensor<2x8xf32, #csr>, tensor<8x?xf32, #sparsec.csc>) {
  %0 = sparsec.window %w[%i] : tensor<8x8xf32, #csr> to tensor<2x8xf32, #csr>
  %1 = sparsec.window %v[%i, %n] : tensor<8x8xf32, #sparsec.csc> to tensor<8x?xf32, #sparsec.csc>
  return %0, %1 : tensor<2x8xf32, #csr>, tensor<8x?xf32, #sparsec.csc>
}

// CHECK-LABEL: @matmul
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "reduction"]} ins(%{{.*}}, %{{.*}} : tensor<4x?xf32>, tensor<3x4xf32>) outs(%{{.*}} : tensor<?x3xf32>)
// CHECK: %[[P:.*]] = arith.mulf %{{.*}}, %{{.*}} : f32
// CHECK: arith.addf %{{.*}}, %[[P]] : f32
func.func @matmul(%x: tensor<4x?xf32>, %w: tensor<3x4xf32, #csr>, %o: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %0 = sparsec.matmul transpose_lhs transpose_rhs ins(%x, %w : tensor<4x?xf32>, tensor<3x4xf32, #csr>) outs(%o : tensor<?x3xf32>) -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}

// Narrow elements are summed in f32, from zero, and rounded once.
// CHECK-LABEL: @narrow
// CHECK: linalg.fill {{.*}} -> tensor<3xf32>
// CHECK: linalg.generic
// CHECK: arith.extf
// CHECK: arith.extf
// CHECK: arith.addf %{{.*}} : f32
// CHECK: linalg.generic
// CHECK: arith.truncf %{{.*}} : f32 to bf16
func.func @narrow(%x: tensor<4xbf16>, %w: tensor<3x4xf16, #csr>, %o: tensor<3xbf16>) -> tensor<3xbf16> {
  %0 = sparsec.matmul zero_init ins(%w, %x : tensor<3x4xf16, #csr>, tensor<4xbf16>) outs(%o : tensor<3xbf16>) -> tensor<3xbf16>
  return %0 : tensor<3xbf16>
}

// CHECK-LABEL: @epilogue
// CHECK: %[[S:.*]] = linalg.generic {{.*}}"reduction"]
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel"]} ins(%[[S]], %{{.*}} : tensor<3xf32>, tensor<1xf32>)
// CHECK-NEXT: ^bb0(%[[A:.*]]: f32, %[[B:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT: arith.maximumf %[[A]], %[[B]]
func.func @epilogue(%x: tensor<4xf32>, %w: tensor<3x4xf32, #csr>, %o: tensor<3xf32>, %b: tensor<1xf32>) -> tensor<3xf32> {
  %0 = sparsec.matmul ins(%w, %x : tensor<3x4xf32, #csr>, tensor<4xf32>) outs(%o : tensor<3xf32>)
      epilogue (%b : tensor<1xf32>) [affine_map<(i) -> (0)>] {
    ^bb0(%s: f32, %e: f32):
      %1 = arith.maximumf %s, %e : f32
      sparsec.yield %1 : f32
  } -> tensor<3xf32>
  return %0 : tensor<3xf32>
}
