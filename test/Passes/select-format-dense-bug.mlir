// RUN: sparsec-opt %s --sparsec-select-format -verify-diagnostics -split-input-file

// FAILS TODAY: a dense weight that leaves the function keeps #sparsec.auto, and
// nobody is told; `#sparsec.auto` must be gone, or an error.
func.func @f() -> tensor<2x2xf32, #sparsec.auto> {
  %w = arith.constant dense<1.0> : tensor<2x2xf32>
  // expected-remark @+2 {{weight 'weight' is stored as dense}}
  // expected-error @+1 {{}}
  %c = sparsec.compress %w : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.auto>
  return %c : tensor<2x2xf32, #sparsec.auto>
}
