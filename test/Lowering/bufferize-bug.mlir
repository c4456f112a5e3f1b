// RUN: sparsec-opt %s --sparsec-bufferize --canonicalize | FileCheck %s

// FAILS TODAY: the product is written into the caller's array. abi.h promises that
// inputs are not written, so a public function needs a copy of %o.
// CHECK-LABEL: @main(
// CHECK-SAME: %{{.*}}: memref<2x4xf32>, %{{.*}}: memref<4xf32>, %[[O:.*]]: memref<2xf32>)
// CHECK: %[[NEW:.*]] = memref.alloc
// CHECK: memref.copy %[[O]], %[[NEW]]
// CHECK: sparsec.matmul {{.*}} outs(%[[NEW]] : memref<2xf32>)
func.func @main(%w: tensor<2x4xf32>, %x: tensor<4xf32>, %o: tensor<2xf32>) -> tensor<2xf32> {
  %0 = sparsec.matmul ins(%w, %x : tensor<2x4xf32>, tensor<4xf32>)
                      outs(%o : tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
