// Upstream's transform dialect tiles a product. A tile of a compressed weight is a
// window of it, so its bytes can be read off its type.
//
// RUN: sparsec-opt %s --transform-interpreter --canonicalize | FileCheck %s

module attributes {transform.with_named_sequence} {
  // Tiles of 16 rows, of 4 columns, and of 8 steps of the reduction.
  transform.named_sequence @__transform_main(%m: !transform.any_op {transform.readonly}) {
    %rows = transform.structured.match ops{["sparsec.matmul"]} attributes {tile = "rows"} in %m : (!transform.any_op) -> !transform.any_op
    %r0, %r1 = transform.structured.tile_using_for %rows tile_sizes [16] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %cols = transform.structured.match ops{["sparsec.matmul"]} attributes {tile = "columns"} in %m : (!transform.any_op) -> !transform.any_op
    %c0, %c1 = transform.structured.tile_using_for %cols tile_sizes [0, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %sums = transform.structured.match ops{["sparsec.matmul"]} attributes {tile = "reduction"} in %m : (!transform.any_op) -> !transform.any_op
    %k0, %k1 = transform.structured.tile_using_for %sums tile_sizes [0, 0, 8] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %both = transform.structured.match ops{["sparsec.matmul"]} attributes {tile = "both"} in %m : (!transform.any_op) -> !transform.any_op
    %b0, %b1, %b2 = transform.structured.tile_using_for %both tile_sizes [16, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    %users = transform.structured.match ops{["linalg.exp"]} in %m : (!transform.any_op) -> !transform.any_op
    %u0, %u1 = transform.structured.tile_using_for %users tile_sizes [16] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %producer = transform.structured.match ops{["sparsec.matmul"]} attributes {tile = "fused"} in %m : (!transform.any_op) -> !transform.any_op
    %f0, %f1 = transform.structured.fuse_into_containing_op %producer into %u1 : (!transform.any_op, !transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }

  // CHECK-LABEL: @dense
  // CHECK: scf.for %[[I:[a-z0-9]+]] = %{{.*}} to %{{.*}} step %{{.*}} iter_args(%[[O:[a-z0-9]+]] = %{{.*}})
  // CHECK: %[[W:.*]] = tensor.extract_slice %{{.*}}[%[[I]], 0] [16, 32] [1, 1]
  // CHECK: %[[T:.*]] = tensor.extract_slice %[[O]][%[[I]], 0] [16, 8] [1, 1]
  // CHECK: %[[Y:.*]] = sparsec.matmul ins(%[[W]], %{{.*}} : tensor<16x32xf32>, tensor<32x8xf32>) outs(%[[T]] : tensor<16x8xf32>)
  // CHECK: tensor.insert_slice %[[Y]] into %[[O]][%[[I]], 0]
  func.func @dense(%w: tensor<64x32xf32>, %x: tensor<32x8xf32>, %o: tensor<64x8xf32>) -> tensor<64x8xf32> {
    %0 = sparsec.matmul ins(%w, %x : tensor<64x32xf32>, tensor<32x8xf32>) outs(%o : tensor<64x8xf32>) {tile = "rows"} -> tensor<64x8xf32>
    return %0 : tensor<64x8xf32>
  }

  // CHECK-LABEL: @csr_rows
  // CHECK: scf.for %[[I:[a-z0-9]+]] =
  // CHECK: %[[W:.*]] = sparsec.window %{{.*}}[%[[I]]] : tensor<64x32xf32, #sparsec.csr> to tensor<16x32xf32, #sparsec.csr>
  // CHECK: sparsec.matmul zero_init ins(%[[W]], %{{.*}} : tensor<16x32xf32, #sparsec.csr>, tensor<32x8xf32>)
  func.func @csr_rows(%w: tensor<64x32xf32, #sparsec.csr>, %x: tensor<32x8xf32>, %o: tensor<64x8xf32>) -> tensor<64x8xf32> {
    %0 = sparsec.matmul zero_init ins(%w, %x : tensor<64x32xf32, #sparsec.csr>, tensor<32x8xf32>) outs(%o : tensor<64x8xf32>) {tile = "rows"} -> tensor<64x8xf32>
    return %0 : tensor<64x8xf32>
  }

  // A matrix and a vector.
  // CHECK-LABEL: @vector
  // CHECK: %[[W:.*]] = sparsec.window %{{.*}}[%{{.*}}] : tensor<64x32xf32, #sparsec.bitmask> to tensor<16x32xf32, #sparsec.bitmask>
  // CHECK: sparsec.matmul ins(%[[W]], %{{.*}} : tensor<16x32xf32, #sparsec.bitmask>, tensor<32xf32>) outs(%{{.*}} : tensor<16xf32>)
  func.func @vector(%w: tensor<64x32xf32, #sparsec.bitmask>, %x: tensor<32xf32>, %o: tensor<64xf32>) -> tensor<64xf32> {
    %0 = sparsec.matmul ins(%w, %x : tensor<64x32xf32, #sparsec.bitmask>, tensor<32xf32>) outs(%o : tensor<64xf32>) {tile = "rows"} -> tensor<64xf32>
    return %0 : tensor<64xf32>
  }

  // Rows of the transposed weight are columns of the product.
  // CHECK-LABEL: @transposed
  // CHECK: %[[W:.*]] = sparsec.window %{{.*}}[%{{.*}}] : tensor<8x32xf32, #sparsec.csr> to tensor<4x32xf32, #sparsec.csr>
  // CHECK: sparsec.matmul transpose_rhs ins(%{{.*}}, %[[W]] : tensor<?x32xf32>, tensor<4x32xf32, #sparsec.csr>) outs(%{{.*}} : tensor<?x4xf32>)
  func.func @transposed(%x: tensor<?x32xf32>, %w: tensor<8x32xf32, #sparsec.csr>, %o: tensor<?x8xf32>) -> tensor<?x8xf32> {
    %0 = sparsec.matmul transpose_rhs ins(%x, %w : tensor<?x32xf32>, tensor<8x32xf32, #sparsec.csr>) outs(%o : tensor<?x8xf32>) {tile = "columns"} -> tensor<?x8xf32>
    return %0 : tensor<?x8xf32>
  }

  // Windows of columns are summed in ascending order into outs.
  // CHECK-LABEL: @csc_columns
  // CHECK: scf.for %[[K:[a-z0-9]+]] = %{{.*}} iter_args(%[[O:[a-z0-9]+]] = %{{.*}})
  // CHECK: %[[W:.*]] = sparsec.window %{{.*}}[%[[K]]] : tensor<64x32xf32, #sparsec.csc> to tensor<64x8xf32, #sparsec.csc>
  // CHECK: %[[X:.*]] = tensor.extract_slice %{{.*}}[%[[K]], 0] [8, 8]
  // CHECK: %[[Y:.*]] = sparsec.matmul ins(%[[W]], %[[X]] : {{.*}}) outs(%[[O]] : tensor<64x8xf32>)
  // CHECK: scf.yield %[[Y]]
  func.func @csc_columns(%w: tensor<64x32xf32, #sparsec.csc>, %x: tensor<32x8xf32>, %o: tensor<64x8xf32>) -> tensor<64x8xf32> {
    %0 = sparsec.matmul ins(%w, %x : tensor<64x32xf32, #sparsec.csc>, tensor<32x8xf32>) outs(%o : tensor<64x8xf32>) {tile = "reduction"} -> tensor<64x8xf32>
    return %0 : tensor<64x8xf32>
  }

  // 16 rows are two rows of blocks; the last window holds what is left.
  // CHECK-LABEL: @block_rows
  // CHECK: %[[N:.*]] = affine.min
  // CHECK: sparsec.window %{{.*}}[%{{.*}}, %[[N]]] : tensor<60x32xf32, #sparsec.block<8x8>> to tensor<?x32xf32, #sparsec.block<8x8>>
  func.func @block_rows(%w: tensor<60x32xf32, #sparsec.block<8x8>>, %x: tensor<32xf32>, %o: tensor<60xf32>) -> tensor<60xf32> {
    %0 = sparsec.matmul ins(%w, %x : tensor<60x32xf32, #sparsec.block<8x8>>, tensor<32xf32>) outs(%o : tensor<60xf32>) {tile = "rows"} -> tensor<60xf32>
    return %0 : tensor<60xf32>
  }

  // The number of rows of a weight is read off the result where it is not known.
  // CHECK-LABEL: @dynamic_rows
  // CHECK-SAME: %[[O:[a-z0-9]*]]: tensor<?x8xf32>)
  // CHECK: tensor.dim %[[O]], %{{.*}} : tensor<?x8xf32>
  // CHECK: scf.for
  // CHECK: sparsec.window %{{.*}}[%{{.*}}, %{{.*}}] : tensor<?x32xf32, #sparsec.csr> to tensor<?x32xf32, #sparsec.csr>
  func.func @dynamic_rows(%w: tensor<?x32xf32, #sparsec.csr>, %x: tensor<32x8xf32>, %o: tensor<?x8xf32>) -> tensor<?x8xf32> {
    %0 = sparsec.matmul ins(%w, %x : tensor<?x32xf32, #sparsec.csr>, tensor<32x8xf32>) outs(%o : tensor<?x8xf32>) {tile = "rows"} -> tensor<?x8xf32>
    return %0 : tensor<?x8xf32>
  }

  // Operands of the epilogue are cut where the result is: the one by rows and columns
  // in its own order, the next by columns, the last not at all.
  // CHECK-LABEL: @epilogue
  // CHECK: scf.for %[[I:[a-z0-9]+]] =
  // CHECK: scf.for %[[J:[a-z0-9]+]] =
  // CHECK: sparsec.window %{{.*}}[%[[I]]]
  // CHECK: %[[A:.*]] = tensor.extract_slice %{{.*}}[%[[J]], %[[I]]] [4, 16] [1, 1] : tensor<8x64xf32> to tensor<4x16xf32>
  // CHECK: %[[B:.*]] = tensor.extract_slice %{{.*}}[0, %[[J]]] [1, 4] [1, 1] : tensor<1x8xf32> to tensor<1x4xf32>
  // CHECK: sparsec.matmul ins({{.*}}) outs({{.*}} : tensor<16x4xf32>)
  // CHECK-SAME: epilogue (%[[A]], %[[B]], %{{.*}} : tensor<4x16xf32>, tensor<1x4xf32>, tensor<f32>)
  func.func @epilogue(%w: tensor<64x32xf32, #sparsec.csr>, %x: tensor<32x8xf32>, %o: tensor<64x8xf32>,
                      %a: tensor<8x64xf32>, %b: tensor<1x8xf32>, %c: tensor<f32>) -> tensor<64x8xf32> {
    %0 = sparsec.matmul ins(%w, %x : tensor<64x32xf32, #sparsec.csr>, tensor<32x8xf32>) outs(%o : tensor<64x8xf32>)
        epilogue (%a, %b, %c : tensor<8x64xf32>, tensor<1x8xf32>, tensor<f32>)
        [affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (0, j)>, affine_map<(i, j) -> ()>] {
      ^bb0(%s: f32, %d: f32, %e: f32, %f: f32):
        %1 = arith.addf %s, %d : f32
        %2 = arith.mulf %1, %e : f32
        %3 = arith.addf %2, %f : f32
        sparsec.yield %3 : f32
    } {tile = "both"} -> tensor<64x8xf32>
    return %0 : tensor<64x8xf32>
  }

  // A product moves into the loop of its reader, which asks for a tile of its result.
  // CHECK-LABEL: @fused
  // CHECK-NOT: sparsec.matmul
  // CHECK: scf.for
  // CHECK: sparsec.window %{{.*}} to tensor<16x32xf32, #sparsec.csr>
  // CHECK: sparsec.matmul
  // CHECK: linalg.exp
  func.func @fused(%w: tensor<64x32xf32, #sparsec.csr>, %x: tensor<32x8xf32>, %o: tensor<64x8xf32>) -> tensor<64x8xf32> {
    %0 = sparsec.matmul ins(%w, %x : tensor<64x32xf32, #sparsec.csr>, tensor<32x8xf32>) outs(%o : tensor<64x8xf32>) {tile = "fused"} -> tensor<64x8xf32>
    %1 = linalg.exp ins(%0 : tensor<64x8xf32>) outs(%o : tensor<64x8xf32>) -> tensor<64x8xf32>
    return %1 : tensor<64x8xf32>
  }
}
