// RUN: sparsec-opt %s --sparsec-to-linalg | FileCheck %s

// FAILS TODAY: "failed to legalize unresolved materialization". The verifier lets
// storage give dynamic types where assemble has static ones.
// CHECK-LABEL: @storage_dynamic
// CHECK: tensor.cast %{{.*}} : tensor<5xf32> to tensor<?xf32>
func.func @storage_dynamic(%v: tensor<5xf32>, %i: tensor<5xi16>, %o: tensor<4xi32>) -> tensor<?xf32> {
  %c = sparsec.assemble %v, %i, %o : tensor<5xf32>, tensor<5xi16>, tensor<4xi32> to tensor<3x4xf32, #sparsec.csr<index = i16>>
  %0:3 = sparsec.storage %c : tensor<3x4xf32, #sparsec.csr<index = i16>> to tensor<?xf32>, tensor<?xi16>, tensor<4xi32>
  return %0#0 : tensor<?xf32>
}
