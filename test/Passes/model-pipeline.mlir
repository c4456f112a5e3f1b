// From a model to products of packed weights.
//
// RUN: sparsec-opt %s --sparsec-model=format=csr 2>/dev/null | FileCheck %s
// RUN: sparsec-opt %s --sparsec-model="format=csr batch=2" 2>/dev/null | FileCheck %s --check-prefix=BATCH
// RUN: sparsec-opt %s --sparsec-model=format=dense 2>/dev/null | FileCheck %s --check-prefix=DENSE
// RUN: sparsec-opt %s --sparsec-model 2>&1 >/dev/null | FileCheck %s --check-prefix=AUTO
// RUN: not sparsec-opt %s --sparsec-model=format=ell 2>&1 | FileCheck %s --check-prefix=BAD

// BAD: unknown format 'ell'
// AUTO-COUNT-2: remark: weight '{{.*}}' is stored as

// A linear layer: the weight is packed, bias and activation are fused.
// CHECK-LABEL: @linalg
// CHECK-NOT: tensor<4x3xf32>
// CHECK: %[[W:.*]] = sparsec.assemble {{.*}} {sparsec.weight = {name = "{{.*}}"}} {{.*}} to tensor<3x4xf32, #sparsec.csr<index = i16>>
// CHECK: sparsec.matmul transpose_rhs zero_init ins(%{{.*}}, %[[W]] : tensor<?x4xf32>, tensor<3x4xf32, #sparsec.csr<index = i16>>) outs(%{{.*}} : tensor<?x3xf32>) epilogue (%{{.*}} : tensor<3xf32>)
// CHECK: arith.addf
// CHECK: sparsec.yield
// CHECK-NOT: linalg
// CHECK: return
// BATCH-LABEL: @linalg(%{{.*}}: tensor<2x4xf32>) -> tensor<2x3xf32>
// BATCH: sparsec.matmul transpose_rhs zero_init ins(%{{.*}}, %{{.*}} : tensor<2x4xf32>
// DENSE-LABEL: @linalg
// DENSE: sparsec.matmul zero_init ins(%{{.*}}, %{{.*}} : tensor<?x4xf32>, tensor<4x3xf32>)
func.func @linalg(%x: tensor<?x4xf32>) -> tensor<?x3xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[1.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 2.0], [0.0, 0.0, 0.0]]> : tensor<4x3xf32>
  %b = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %e = tensor.empty(%n) : tensor<?x3xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x3xf32>) -> tensor<?x3xf32>
  %0 = linalg.matmul ins(%x, %w : tensor<?x4xf32>, tensor<4x3xf32>) outs(%f : tensor<?x3xf32>) -> tensor<?x3xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]} ins(%0, %b : tensor<?x3xf32>, tensor<3xf32>) outs(%e : tensor<?x3xf32>) {
    ^bb0(%a: f32, %c: f32, %d: f32):
      %s = arith.addf %a, %c : f32
      linalg.yield %s : f32
  } -> tensor<?x3xf32>
  return %1 : tensor<?x3xf32>
}

// The same in TOSA.
// CHECK-LABEL: @tosa
// CHECK-NOT: tosa.
// CHECK: sparsec.assemble {{.*}} to tensor<3x4xf32, #sparsec.csr<index = i16>>
// CHECK: sparsec.matmul transpose_rhs {{.*}}ins(%{{.*}}, %{{.*}} : tensor<?x4xf32>, tensor<3x4xf32, #sparsec.csr<index = i16>>)
// BATCH-LABEL: @tosa(%{{.*}}: tensor<2x5x4xf32>)
// BATCH: sparsec.matmul {{.*}}ins(%{{.*}}, %{{.*}} : tensor<10x4xf32>
func.func @tosa(%x: tensor<?x5x4xf32>) -> tensor<?x5x3xf32> {
  %w = "tosa.const"() {values = dense<[[[0.0, 0.0, 3.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 1.0, 0.0]]]> : tensor<1x4x3xf32>} : () -> tensor<1x4x3xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %s = tosa.const_shape {values = dense<[1, -1, 4]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %t = tosa.const_shape {values = dense<[-1, 5, 3]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %0 = tosa.reshape %x, %s : (tensor<?x5x4xf32>, !tosa.shape<3>) -> tensor<1x?x4xf32>
  %1 = tosa.matmul %0, %w, %z, %z : (tensor<1x?x4xf32>, tensor<1x4x3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x?x3xf32>
  %2 = tosa.reshape %1, %t : (tensor<1x?x3xf32>, !tosa.shape<3>) -> tensor<?x5x3xf32>
  return %2 : tensor<?x5x3xf32>
}
