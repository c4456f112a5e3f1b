// RUN: sparsec-opt %s -split-input-file --sparsec-pack-weights -verify-diagnostics

// Nobody has chosen.
func.func @f() -> tensor<2x2xf32, #sparsec.auto> {
  %w = arith.constant dense<1.0> : tensor<2x2xf32>
  // expected-error @+1 {{cannot pack 'tensor<2x2xf32, #sparsec.auto>': its format is not chosen; run sparsec-select-format first}}
  %c = sparsec.compress %w : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.auto>
  return %c : tensor<2x2xf32, #sparsec.auto>
}

// -----

// The bytes of the weight are missing.
func.func @f() -> tensor<2x2xf32, #sparsec.csr> {
  %w = arith.constant dense_resource<none> : tensor<2x2xf32>
  // expected-error @+1 {{resource 'none' has no data}}
  %c = sparsec.compress %w : tensor<2x2xf32> to tensor<2x2xf32, #sparsec.csr>
  return %c : tensor<2x2xf32, #sparsec.csr>
}

// -----

// Arrays that the file brings are not trusted: a column that does not exist,
func.func @f() -> tensor<2x2xf32, #sparsec.csr> {
  %v = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %i = arith.constant dense<[0, 2]> : tensor<2xi32>
  %o = arith.constant dense<[0, 1, 2]> : tensor<3xi32>
  // expected-error @+1 {{component arrays are not valid for 'tensor<2x2xf32, #sparsec.csr>': indices}}
  %c = sparsec.assemble %v, %i, %o : tensor<2xf32>, tensor<2xi32>, tensor<3xi32> to tensor<2x2xf32, #sparsec.csr>
  return %c : tensor<2x2xf32, #sparsec.csr>
}

// -----

// columns that descend within a row,
func.func @f() -> tensor<2x2xf32, #sparsec.csr> {
  %v = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %i = arith.constant dense<[1, 0]> : tensor<2xi32>
  %o = arith.constant dense<[0, 2, 2]> : tensor<3xi32>
  // expected-error @+1 {{component arrays are not valid for 'tensor<2x2xf32, #sparsec.csr>': indices}}
  %c = sparsec.assemble %v, %i, %o : tensor<2xf32>, tensor<2xi32>, tensor<3xi32> to tensor<2x2xf32, #sparsec.csr>
  return %c : tensor<2x2xf32, #sparsec.csr>
}

// -----

// or come twice,
func.func @f() -> tensor<2x2xf32, #sparsec.csr> {
  %v = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %i = arith.constant dense<1> : tensor<2xi32>
  %o = arith.constant dense<[0, 2, 2]> : tensor<3xi32>
  // expected-error @+1 {{component arrays are not valid for 'tensor<2x2xf32, #sparsec.csr>': indices}}
  %c = sparsec.assemble %v, %i, %o : tensor<2xf32>, tensor<2xi32>, tensor<3xi32> to tensor<2x2xf32, #sparsec.csr>
  return %c : tensor<2x2xf32, #sparsec.csr>
}

// -----

// offsets that do not start at 0,
func.func @f() -> tensor<2x2xf32, #sparsec.csr> {
  %v = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %i = arith.constant dense<[0, 1]> : tensor<2xi32>
  %o = arith.constant dense<[1, 1, 2]> : tensor<3xi32>
  // expected-error @+1 {{component arrays are not valid for 'tensor<2x2xf32, #sparsec.csr>': offsets}}
  %c = sparsec.assemble %v, %i, %o : tensor<2xf32>, tensor<2xi32>, tensor<3xi32> to tensor<2x2xf32, #sparsec.csr>
  return %c : tensor<2x2xf32, #sparsec.csr>
}

// -----

// fall,
func.func @f() -> tensor<2x2xf32, #sparsec.csr> {
  %v = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %i = arith.constant dense<[0, 1]> : tensor<2xi32>
  %o = arith.constant dense<[0, 2, 1]> : tensor<3xi32>
  // expected-error @+1 {{component arrays are not valid for 'tensor<2x2xf32, #sparsec.csr>': offsets}}
  %c = sparsec.assemble %v, %i, %o : tensor<2xf32>, tensor<2xi32>, tensor<3xi32> to tensor<2x2xf32, #sparsec.csr>
  return %c : tensor<2x2xf32, #sparsec.csr>
}

// -----

// or end before the last entry.
func.func @f() -> tensor<2x2xf32, #sparsec.csr> {
  %v = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %i = arith.constant dense<[0, 1]> : tensor<2xi32>
  %o = arith.constant dense<[0, 1, 1]> : tensor<3xi32>
  // expected-error @+1 {{component arrays are not valid for 'tensor<2x2xf32, #sparsec.csr>': }}
  %c = sparsec.assemble %v, %i, %o : tensor<2xf32>, tensor<2xi32>, tensor<3xi32> to tensor<2x2xf32, #sparsec.csr>
  return %c : tensor<2x2xf32, #sparsec.csr>
}

// -----

// The mask has two bits in a row that owns one value.
func.func @f() -> tensor<2x2xf32, #sparsec.bitmask> {
  %v = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %m = arith.constant dense<[[3], [0]]> : tensor<2x1xi64>
  %o = arith.constant dense<[0, 1, 2]> : tensor<3xi32>
  // expected-error @+1 {{component arrays are not valid for 'tensor<2x2xf32, #sparsec.bitmask>'}}
  %c = sparsec.assemble %v, %m, %o : tensor<2xf32>, tensor<2x1xi64>, tensor<3xi32> to tensor<2x2xf32, #sparsec.bitmask>
  return %c : tensor<2x2xf32, #sparsec.bitmask>
}

// -----

// Bit 2 stands for a column behind the last.
func.func @f() -> tensor<2x2xf32, #sparsec.bitmask> {
  %v = arith.constant dense<1.0> : tensor<1xf32>
  %m = arith.constant dense<[[4], [0]]> : tensor<2x1xi64>
  %o = arith.constant dense<[0, 1, 1]> : tensor<3xi32>
  // expected-error @+1 {{component arrays are not valid for 'tensor<2x2xf32, #sparsec.bitmask>'}}
  %c = sparsec.assemble %v, %m, %o : tensor<1xf32>, tensor<2x1xi64>, tensor<3xi32> to tensor<2x2xf32, #sparsec.bitmask>
  return %c : tensor<2x2xf32, #sparsec.bitmask>
}

// -----

// Elements of a block outside the matrix are zero.
func.func @f() -> tensor<2x2xf32, #sparsec.block<4x4>> {
  %v = arith.constant dense<1.0> : tensor<1x4x4xf32>
  %i = arith.constant dense<0> : tensor<1xi32>
  %o = arith.constant dense<[0, 1]> : tensor<2xi32>
  // expected-error @+1 {{component arrays are not valid for 'tensor<2x2xf32, #sparsec.block<4x4>>': values}}
  %c = sparsec.assemble %v, %i, %o : tensor<1x4x4xf32>, tensor<1xi32>, tensor<2xi32> to tensor<2x2xf32, #sparsec.block<4x4>>
  return %c : tensor<2x2xf32, #sparsec.block<4x4>>
}
