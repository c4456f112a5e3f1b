// The rules of the table in Passes.td, and the options that move them.
//
// RUN: sparsec-opt %s --sparsec-select-format 2>&1 | FileCheck %s
// RUN: sparsec-opt %s --sparsec-select-format=format=dense 2>&1 | FileCheck %s --check-prefix=DENSE
// RUN: sparsec-opt %s --sparsec-select-format=format=csc 2>&1 | FileCheck %s --check-prefix=CSC
// RUN: sparsec-opt %s --sparsec-select-format="format=block block-size=4" 2>&1 | FileCheck %s --check-prefix=BLOCK4
// RUN: sparsec-opt %s --sparsec-select-format=preferred-op=col 2>&1 | FileCheck %s --check-prefix=COL
// RUN: sparsec-opt %s --sparsec-select-format=force-sparse 2>&1 | FileCheck %s --check-prefix=FORCE
// RUN: sparsec-opt %s --sparsec-select-format=dense-threshold=0.7 2>&1 | FileCheck %s --check-prefix=THRESHOLD
// RUN: sparsec-opt %s --sparsec-select-format=block-threshold=0.5 2>&1 | FileCheck %s --check-prefix=NOBLOCK
// RUN: sparsec-opt %s --sparsec-select-format="block-density=1.0" 2>&1 | FileCheck %s --check-prefix=FULL
// RUN: sparsec-opt %s --sparsec-select-format=strategy=size 2>&1 | FileCheck %s --check-prefix=BYTES

// Each choice is a remark that gives the reason.
// CHECK: remark: weight 'few' is stored as csr<index = i16>: sparsity 93.8 %; CSR stores no more than a bit mask: 18 bytes against 32
// CHECK: remark: weight 'some' is stored as bitmask: sparsity 62.5 %, no block structure; a bit mask stores less than CSR: 76 bytes against 84
// CHECK: remark: weight 'clusters' is stored as block<8x8>: sparsity 50.8 % is below 75 % and nonzeros cluster: 1 of 2 blocks are occupied, 98 % full
// CHECK: remark: weight 'most' is stored as dense: sparsity 25.0 % is below 50 %: compression would not pay for its overhead

// DENSE-COUNT-4: is stored as dense: asked for
// DENSE: module
// DENSE-NOT: sparsec.compress
// CSC-COUNT-4: is stored as csc<index = i16>: asked for
// BLOCK4-COUNT-4: is stored as block<4x4>: asked for
// COL: weight 'few' is stored as csc<index = i16>: sparsity 93.8 %; columns are preferred
// COL: weight 'some' is stored as csc<index = i16>
// COL: weight 'clusters' is stored as block<8x8>
// COL: weight 'most' is stored as dense
// FORCE: weight 'most' is stored as {{csr|bitmask}}
// THRESHOLD: weight 'few' is stored as csr
// THRESHOLD-COUNT-3: is stored as dense: {{.*}} is below 70 %
// NOBLOCK: weight 'clusters' is stored as bitmask
// BYTES: weight 'few' is stored as csr<index = i16>: fewest bytes: 18, then bitmask with 32
// BYTES: weight 'some' is stored as bitmask: fewest bytes: 76, then csr<index = i16> with 84
// BYTES: weight 'clusters' is stored as {{.*}}: fewest bytes: {{.*}}
// BYTES: weight 'most' is stored as dense: fewest bytes: 64, then
// FULL: weight 'clusters' is stored as bitmask: {{.*}}, no block structure

// They are kept for sparsec inspect, with what the other formats would take.
// CHECK: module attributes {sparsec.weights = [
// CHECK-SAME: {candidates = [{bytes = 64 : i64, format = "dense", seconds = {{[^}]*}} : f64}, {bytes = 32 : i64, format = "bitmask", seconds = {{[^}]*}} : f64}, {bytes = 18 : i64, format = "csr<index = i16>", {{[^}]*}}}, {bytes = 42 : i64, format = "csc<index = i16>", {{[^}]*}}}, {bytes = 268 : i64, format = "block<8x8>", {{[^}]*}}}, {bytes = 76 : i64, format = "block<4x4>", {{[^}]*}}}, {bytes = 1036 : i64, format = "block<16x16>", {{[^}]*}}}, {bytes = 4108 : i64, format = "block<32x32>", {{[^}]*}}}],
// CHECK-SAME: compressed_bytes = 18 : i64, dense_bytes = 64 : i64, dtype = f32, format = "csr<index = i16>", name = "few", negative_zeros = 0 : i64, nnz = 1 : i64, reason = "sparsity 93.8 %; {{.*}} shape = array<i64: 2, 8>},
// CHECK-SAME: name = "some"
// CHECK-SAME: name = "clusters"
// CHECK-SAME: name = "most"

// CHECK-LABEL: @few
// CHECK: sparsec.compress %{{.*}} : tensor<2x8xf32> to tensor<2x8xf32, #sparsec.csr<index = i16>>
// CHECK: sparsec.matmul ins(%{{.*}}, %{{.*}} : tensor<2x8xf32, #sparsec.csr<index = i16>>, tensor<8xf32>)
func.func @few(%x: tensor<8xf32>, %o: tensor<2xf32>) -> tensor<2xf32> {
  %w = arith.constant dense<[[0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0],
                            [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<2x8xf32>
  %c = sparsec.compress %w {sparsec.weight = {name = "few"}} : tensor<2x8xf32> to tensor<2x8xf32, #sparsec.auto>
  %0 = sparsec.matmul ins(%c, %x : tensor<2x8xf32, #sparsec.auto>, tensor<8xf32>) outs(%o : tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// CHECK-LABEL: @some
// CHECK: sparsec.compress %{{.*}} : tensor<2x16xf32> to tensor<2x16xf32, #sparsec.bitmask>
// CHECK: sparsec.matmul ins(%{{.*}}, %{{.*}} : tensor<2x16xf32, #sparsec.bitmask>, tensor<16xf32>)
func.func @some(%x: tensor<16xf32>, %o: tensor<2xf32>) -> tensor<2xf32> {
  %w = arith.constant dense<[[1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0],
                            [0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0]]> : tensor<2x16xf32>
  %c = sparsec.compress %w {sparsec.weight = {name = "some"}} : tensor<2x16xf32> to tensor<2x16xf32, #sparsec.auto>
  %0 = sparsec.matmul ins(%c, %x : tensor<2x16xf32, #sparsec.auto>, tensor<16xf32>) outs(%o : tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// CHECK-LABEL: @clusters
// CHECK: sparsec.compress %{{.*}} : tensor<8x16xf32> to tensor<8x16xf32, #sparsec.block<8x8>>
// CHECK: sparsec.matmul ins(%{{.*}}, %{{.*}} : tensor<8x16xf32, #sparsec.block<8x8>>, tensor<16xf32>)
func.func @clusters(%x: tensor<16xf32>, %o: tensor<8xf32>) -> tensor<8xf32> {
  %w = arith.constant dense<[[0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                            [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                            [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                            [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                            [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                            [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                            [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                            [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<8x16xf32>
  %c = sparsec.compress %w {sparsec.weight = {name = "clusters"}} : tensor<8x16xf32> to tensor<8x16xf32, #sparsec.auto>
  %0 = sparsec.matmul ins(%c, %x : tensor<8x16xf32, #sparsec.auto>, tensor<16xf32>) outs(%o : tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// CHECK-LABEL: @most
// CHECK-NOT: sparsec.compress
// CHECK: sparsec.matmul ins(%{{.*}}, %{{.*}} : tensor<4x4xf32>, tensor<4xf32>)
func.func @most(%x: tensor<4xf32>, %o: tensor<4xf32>) -> tensor<4xf32> {
  %w = arith.constant dense<[[0.0, 1.0, 1.0, 1.0],
                            [1.0, 0.0, 1.0, 1.0],
                            [1.0, 1.0, 0.0, 1.0],
                            [1.0, 1.0, 1.0, 0.0]]> : tensor<4x4xf32>
  %c = sparsec.compress %w {sparsec.weight = {name = "most"}} : tensor<4x4xf32> to tensor<4x4xf32, #sparsec.auto>
  %0 = sparsec.matmul ins(%c, %x : tensor<4x4xf32, #sparsec.auto>, tensor<4xf32>) outs(%o : tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
