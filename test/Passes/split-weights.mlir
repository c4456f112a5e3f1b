// The weights are long, so a script prints the models.
//
// RUN: %python %S/Inputs/mixed.py > %t.mlir
// RUN: sparsec-opt %t.mlir --sparsec-split-weights=cost-table=%S/Inputs/costs.json -mlir-print-local-scope | FileCheck %s
// RUN: sparsec-opt %t.mlir --sparsec-split-weights=cost-table=%S/Inputs/costs-whole.json | FileCheck %s --check-prefix=WHOLE --implicit-check-not=slice
// RUN: not sparsec-opt %t.mlir --sparsec-split-weights=target=gfx900 2>&1 | FileCheck %s --check-prefix=TARGET
// RUN: not sparsec-opt %t.mlir --sparsec-split-weights="target=gfx803 cost-table=%S/Inputs/costs.json" 2>&1 | FileCheck %s --check-prefix=TABLE
// RUN: not sparsec-opt %t.mlir --sparsec-split-weights=columns=0 2>&1 | FileCheck %s --check-prefix=COLUMNS

// TARGET: error: sparsec-split-weights: there is no cost table for target 'gfx900': give one with cost-table, or use strategy rules or size
// TABLE: error: sparsec-split-weights: cost table '{{.*}}costs.json' is for target 'host', not for 'gfx803'
// COLUMNS: error: sparsec-split-weights: columns must be at least 1, got 0

// Rows of the result, with the sums that they start from and their epilogue. What was
// removed from the whole weight is counted once.
// CHECK-LABEL: @rows(
// CHECK-SAME: %[[X:.*]]: tensor<64x8xf32>, %[[B:.*]]: tensor<192xf32>, %[[I:.*]]: tensor<192x8xf32>
// CHECK-DAG: %[[W0:.*]] = sparsec.compress {{.*}}{sparsec.weight = {name = "w[0:64]"}} : tensor<64x64xf32> to tensor<64x64xf32, #sparsec.auto>
// CHECK-DAG: %[[W1:.*]] = sparsec.compress {{.*}}{sparsec.weight = {name = "w[64:192]", removed_rows = 3 : i64}} : tensor<128x64xf32> to tensor<128x64xf32, #sparsec.auto>
// CHECK: %[[I0:.*]] = tensor.extract_slice %[[I]][0, 0] [64, 8] [1, 1]
// CHECK: %[[B0:.*]] = tensor.extract_slice %[[B]][0] [64] [1]
// CHECK: %[[Y0:.*]] = sparsec.matmul ins(%[[W0]], %[[X]] : {{.*}}) outs(%[[I0]] : tensor<64x8xf32>) epilogue (%[[B0]] : tensor<64xf32>)
// CHECK: %[[R0:.*]] = tensor.insert_slice %[[Y0]] into %[[I]][0, 0] [64, 8] [1, 1]
// CHECK: %[[I1:.*]] = tensor.extract_slice %[[R0]][64, 0] [128, 8] [1, 1]
// CHECK: %[[B1:.*]] = tensor.extract_slice %[[B]][64] [128] [1]
// CHECK: %[[Y1:.*]] = sparsec.matmul ins(%[[W1]], %[[X]] : {{.*}}) outs(%[[I1]] : tensor<128x8xf32>) epilogue (%[[B1]] : tensor<128xf32>)
// CHECK: %[[R1:.*]] = tensor.insert_slice %[[Y1]] into %[[R0]][64, 0] [128, 8] [1, 1]
// CHECK: return %[[R1]]

// Columns of the result, whose rows are a batch.
// CHECK-LABEL: @columns(
// CHECK-DAG: %[[V0:.*]] = sparsec.compress {{.*}}{sparsec.weight = {name = "v[0:64]"}}
// CHECK-DAG: %[[V1:.*]] = sparsec.compress {{.*}}{sparsec.weight = {name = "v[64:192]"}}
// CHECK: sparsec.matmul transpose_rhs ins(%{{.*}}, %[[V0]] : tensor<?x64xf32>, {{.*}}) outs(%{{.*}} : tensor<?x64xf32>)
// CHECK: tensor.insert_slice %{{.*}} into %{{.*}}[0, 0] [%{{.*}}, 64] [1, 1]
// CHECK: sparsec.matmul transpose_rhs ins(%{{.*}}, %[[V1]] : tensor<?x64xf32>, {{.*}}) outs(%{{.*}} : tensor<?x128xf32>)
// CHECK: tensor.insert_slice %{{.*}} into %{{.*}}[0, 64] [%{{.*}}, 128] [1, 1]

// Products that add up along rows and along columns have no outputs in common, and a
// format that the model gives is not to be chosen.
// CHECK-LABEL: @both(
// CHECK-NOT: slice
// CHECK-LABEL: @given(
// CHECK-NOT: slice
// CHECK: return

// A table may say that parts do not pay.
// WHOLE-LABEL: @rows(
// WHOLE: {sparsec.weight = {name = "w", removed_rows = 3 : i64}} : tensor<192x64xf32>
