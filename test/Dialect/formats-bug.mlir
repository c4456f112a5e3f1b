// RUN: sparsec-opt %s -split-input-file -verify-diagnostics

// FAILS TODAY: a parameter that the format does not have is dropped in silence.
// expected-error @+1 {{expected '>'}}
func.func private @f(tensor<8x8xf32, #sparsec.bitmask<index = i16>>)

// -----

// FAILS TODAY: the number of columns is known to be too large, whatever the number
// of rows.
// expected-error @+1 {{holds at most 65536 columns, but the matrix has 65537}}
func.func private @f(tensor<?x65537xf32, #sparsec.csr<index = i16>>)
