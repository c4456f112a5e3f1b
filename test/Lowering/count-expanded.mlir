// The runtime is told what is held expanded, from the allocation to the last use.
//
// RUN: sparsec-opt %s --sparsec-count-expanded | FileCheck %s

// CHECK: func.func private @sparsec_rt_decompressed(i64)

// One buffer for all windows counts once.
// CHECK-LABEL: @windows(
// CHECK: memref.alloc() : memref<2x8xf32>
// CHECK: %[[B:.*]] = arith.constant 64 : i64
// CHECK: call @sparsec_rt_decompressed(%[[B]])
// CHECK: scf.for
// CHECK: sparsec.expand
// CHECK: }
// CHECK: %[[MINUS:.*]] = arith.constant -64 : i64
// CHECK: call @sparsec_rt_decompressed(%[[MINUS]])
// CHECK: return
func.func @windows(%w: tensor<4x8xf32, #sparsec.csr>, %x: memref<8xf32>, %y: memref<2xf32>) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %m = memref.alloc() : memref<2x8xf32>
  scf.for %i = %c0 to %c4 step %c2 {
    %v = sparsec.window %w[%i] : tensor<4x8xf32, #sparsec.csr> to tensor<2x8xf32, #sparsec.csr>
    sparsec.expand %v into %m : tensor<2x8xf32, #sparsec.csr> into memref<2x8xf32>
    sparsec.matmul ins(%m, %x : memref<2x8xf32>, memref<8xf32>) outs(%y : memref<2xf32>)
  }
  return
}

// What is returned counts to the end of the run.
// CHECK-LABEL: @returned(
// CHECK: call @sparsec_rt_decompressed
// CHECK-NOT: call @sparsec_rt_decompressed
// CHECK: return
func.func @returned(%w: tensor<4x8xf32, #sparsec.csr>) -> memref<4x8xf32> {
  %m = memref.alloc() : memref<4x8xf32>
  sparsec.expand %w into %m : tensor<4x8xf32, #sparsec.csr> into memref<4x8xf32>
  return %m : memref<4x8xf32>
}
