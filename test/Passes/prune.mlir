// RUN: sparsec-opt %s --sparsec-prune=sparsity=0.5 | FileCheck %s --check-prefixes=CHECK,MAGNITUDE
// RUN: sparsec-opt %s --sparsec-prune=threshold=2 | FileCheck %s --check-prefix=THRESHOLD
// RUN: sparsec-opt %s --sparsec-prune="mode=row sparsity=0.5" | FileCheck %s --check-prefix=ROW
// RUN: sparsec-opt %s --sparsec-prune="mode=column sparsity=0.3" | FileCheck %s --check-prefix=COLUMN
// RUN: sparsec-opt %s --sparsec-prune="mode=block sparsity=0.5 block=2" | FileCheck %s --check-prefix=BLOCK
// RUN: sparsec-opt %s --sparsec-prune="mode=nm n=1 m=2" | FileCheck %s --check-prefix=NM
// RUN: sparsec-opt %s --sparsec-prune="mode=row sparsity=0.5" -verify-diagnostics -o /dev/null

// 4 of 8 elements go: zeros first, whatever their sign, and of the two 2 the first.
// MAGNITUDE-LABEL: @matrix
// MAGNITUDE: dense<{{\[\[}}0.000000e+00, 0.000000e+00, 0.000000e+00, 2.000000e+00], [4.000000e+00, 0.000000e+00, 0x7FC00000, 3.000000e+00]]>
// MAGNITUDE: sparsec.weight = {name = "w", note = "pruned by magnitude to 0.5"}

// All magnitudes up to the threshold go.
// THRESHOLD-LABEL: @matrix
// THRESHOLD: dense<{{\[\[}}0.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00], [4.000000e+00, 0.000000e+00, 0x7FC00000, 3.000000e+00]]>
// THRESHOLD: note = "pruned by magnitude to magnitudes above 2"

// ROW-LABEL: @matrix
// ROW: dense<{{\[\[}}0.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00], [4.000000e+00, -0.000000e+00, 0x7FC00000, 3.000000e+00]]>

// 0.3 of 4 columns are 2.
// COLUMN-LABEL: @matrix
// COLUMN: dense<{{\[\[}}-2.000000e+00, 0.000000e+00, 1.000000e+00, 0.000000e+00], [4.000000e+00, 0.000000e+00, 0x7FC00000, 0.000000e+00]]>

// BLOCK-LABEL: @matrix
// BLOCK: dense<{{\[\[}}0.000000e+00, 0.000000e+00, 1.000000e+00, 2.000000e+00], [0.000000e+00, 0.000000e+00, 0x7FC00000, 3.000000e+00]]>

// NM-LABEL: @matrix
// NM: dense<{{\[\[}}-2.000000e+00, 0.000000e+00, 0.000000e+00, 2.000000e+00], [4.000000e+00, 0.000000e+00, 0x7FC00000, 0.000000e+00]]>
// NM: note = "pruned by nm to 1:2"
func.func @matrix() -> tensor<2x4xf32, #sparsec.csr> {
  %w = arith.constant dense<[[-2.0, 0.0, 1.0, 2.0], [4.0, -0.0, 0x7FC00000, 3.0]]> : tensor<2x4xf32>
  %c = sparsec.compress %w {sparsec.weight = {name = "w"}} : tensor<2x4xf32> to tensor<2x4xf32, #sparsec.csr>
  return %c : tensor<2x4xf32, #sparsec.csr>
}

// Weights that linalg multiplies with are weights, other constants are not.
// CHECK-LABEL: @linalg
// CHECK-DAG: %[[W:.*]] = arith.constant dense<{{\[\[}}0.000000e+00, -3.000000e+00], [0.000000e+00, 2.000000e+00]]> : tensor<2x2xf64>
// CHECK-DAG: %[[KEPT:.*]] = arith.constant dense<{{\[\[}}1.000000e+00, -3.000000e+00], [5.000000e-01, 2.000000e+00]]> : tensor<2x2xf64>
// CHECK: linalg.matmul ins(%{{.*}}, %[[W]] :
// CHECK: return %{{.*}}, %[[KEPT]]
func.func @linalg(%x: tensor<3x2xf64>, %o: tensor<3x2xf64>) -> (tensor<3x2xf64>, tensor<2x2xf64>) {
  %w = arith.constant dense<[[1.0, -3.0], [0.5, 2.0]]> : tensor<2x2xf64>
  %y = linalg.matmul ins(%x, %w : tensor<3x2xf64>, tensor<2x2xf64>) outs(%o : tensor<3x2xf64>) -> tensor<3x2xf64>
  return %y, %w : tensor<3x2xf64>, tensor<2x2xf64>
}

// Rows are those of a matrix.
// CHECK-LABEL: @convolution
// CHECK: dense<{{\[\[\[\[}}0.000000e+00, 2.000000e+00]]]]>
// ROW-LABEL: @convolution
// ROW: dense<{{\[\[\[\[}}1.000000e+00, 2.000000e+00]]]]>
func.func @convolution(%x: tensor<1x1x4x4xf32>, %o: tensor<1x1x4x3xf32>) -> tensor<1x1x4x3xf32> {
  %w = arith.constant dense<[[[[1.0, 2.0]]]]> : tensor<1x1x1x2xf32>
  // expected-remark @+1 {{weight of type 'tensor<1x1x1x2xf32>' is not pruned: mode row is for matrices}}
  %y = linalg.conv_2d_nchw_fchw ins(%x, %w : tensor<1x1x4x4xf32>, tensor<1x1x1x2xf32>) outs(%o : tensor<1x1x4x3xf32>) -> tensor<1x1x4x3xf32>
  return %y : tensor<1x1x4x3xf32>
}
