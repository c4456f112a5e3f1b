// With AVX2 the packed values of a bitmask go to the lanes of their bits through a
// permutation, a table's row for eight bits; with other CPUs and where few bits are
// set, there is no table.
//
// RUN: sparsec compile %s --format=bitmask --emit=asm --cpu=x86-64-v3 | FileCheck %s
// RUN: sparsec compile %s --format=bitmask --emit=asm --cpu=x86-64-v3 --strict-fp | FileCheck %s --check-prefix=NONE
// RUN: sparsec compile %s --format=bitmask --emit=asm --cpu=x86-64 | FileCheck %s --check-prefix=NONE
// RUN: sparsec compile %s --format=bitmask --emit=asm --cpu=x86-64-v4 | FileCheck %s --check-prefix=AVX512
// RUN: sparsec compile %s --format=csr --emit=asm --cpu=x86-64-v3 | FileCheck %s --check-prefix=NONE

// CHECK: {{vpermd|vpermps}} {{.*}}%ymm
// CHECK: vmaskmovps
// CHECK: vfmadd
// CHECK: popcnt
// NONE-NOT: {{vpermd|vpermps|sparsec_spread_table}}
// AVX512-NOT: sparsec_spread_table
// AVX512: vexpandps
func.func @main(%x: tensor<200xf32>) -> tensor<12xf32> {
  %w = arith.constant dense<1.0> : tensor<12x200xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<12xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<12xf32>) -> tensor<12xf32>
  %y = linalg.matvec ins(%w, %x : tensor<12x200xf32>, tensor<200xf32>) outs(%i : tensor<12xf32>) -> tensor<12xf32>
  return %y : tensor<12xf32>
}
