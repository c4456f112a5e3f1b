// A model in bytecode, its weights in the resource section, is the same model.
//
// RUN: sparsec-opt %s --emit-bytecode -o %t.mlirbc
// RUN: sparsec-opt %t.mlirbc --sparsec-from-linalg | FileCheck %s
// RUN: sparsec-opt %t.mlirbc --sparsec-model=format=csr | FileCheck %s --check-prefix=PACKED

// CHECK: %[[W:.*]] = arith.constant dense_resource<fc1.weight> : tensor<2x3xf32>
// CHECK: %[[C:.*]] = sparsec.compress %[[W]] {sparsec.weight = {name = "fc1.weight"}}
// CHECK: sparsec.matmul ins(%{{.*}}, %[[C]] : tensor<?x2xf32>, tensor<2x3xf32, #sparsec.auto>)

// PACKED-DAG: arith.constant dense<[1.000000e+00, 3.000000e+00]> : tensor<2xf32>
// PACKED-DAG: arith.constant dense<[0, 1]> : tensor<2xi16>
// PACKED-DAG: arith.constant dense<[0, 1, 1, 2]> : tensor<4xi32>
// PACKED: sparsec.matmul transpose_rhs ins(%{{.*}}, %{{.*}} : tensor<?x2xf32>, tensor<3x2xf32, #sparsec.csr<index = i16>>)
func.func @main(%x: tensor<?x2xf32>, %o: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %w = arith.constant dense_resource<fc1.weight> : tensor<2x3xf32>
  %0 = linalg.matmul ins(%x, %w : tensor<?x2xf32>, tensor<2x3xf32>) outs(%o : tensor<?x3xf32>) -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}

{-#
  dialect_resources: { builtin: { fc1.weight: "0x040000000000803f0000000000000000000000000000000000004040" } }
#-}
