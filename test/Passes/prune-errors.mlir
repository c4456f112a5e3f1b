// RUN: sparsec-opt %s --sparsec-prune=mode=nm -verify-diagnostics
// RUN: not sparsec-opt %s --sparsec-prune=mode=luck 2>&1 | FileCheck %s --check-prefix=MODE
// RUN: not sparsec-opt %s --sparsec-prune=sparsity=1.5 2>&1 | FileCheck %s --check-prefix=SPARSITY
// RUN: not sparsec-opt %s --sparsec-prune=sparsity=nan 2>&1 | FileCheck %s --check-prefix=SPARSITY
// RUN: not sparsec-opt %s --sparsec-prune="mode=block block=0" 2>&1 | FileCheck %s --check-prefix=BLOCK
// RUN: not sparsec-opt %s --sparsec-prune="mode=nm n=5 m=4" 2>&1 | FileCheck %s --check-prefix=NM
// RUN: not sparsec-opt %s --sparsec-prune="mode=row threshold=0.1" 2>&1 | FileCheck %s --check-prefix=THRESHOLD

// MODE: sparsec-prune: unknown mode 'luck': use magnitude, row, column, channel, block or nm
// SPARSITY: sparsec-prune: sparsity must be a fraction from 0 to 1
// BLOCK: sparsec-prune: block must be at least 1, got 0
// NM: sparsec-prune: of m elements n are kept: n must be from 0 to m, got n=5 and m=4
// THRESHOLD: sparsec-prune: threshold is for mode=magnitude

// 2 of 4 cannot be taken of 3.
func.func @odd() -> tensor<2x3xf32, #sparsec.csr> {
  %w = arith.constant dense<1.0> : tensor<2x3xf32>
  // expected-error @+1 {{cannot prune a weight of type 'tensor<2x3xf32>' 2:4: its last dimension is no multiple of 4}}
  %c = sparsec.compress %w : tensor<2x3xf32> to tensor<2x3xf32, #sparsec.csr>
  return %c : tensor<2x3xf32, #sparsec.csr>
}
