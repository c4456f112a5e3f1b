// RUN: sparsec-opt %s -split-input-file -verify-diagnostics

// A format encodes matrices, not vectors,
// expected-error @+1 {{'#sparsec.csr' encodes matrices: expected rank 2, got rank 1}}
func.func private @f(tensor<8xf32, #sparsec.csr>)

// -----

// nor batches of matrices, whether the format is chosen or not.
// expected-error @+1 {{'#sparsec.auto' encodes matrices: expected rank 2, got rank 3}}
func.func private @f(tensor<2x8x8xf32, #sparsec.auto>)

// -----

// Blocks come in four sizes.
// expected-error @+1 {{expected blocks of 4x4, 8x8, 16x16 or 32x32, got 7x7}}
func.func private @f(tensor<8x8xf32, #sparsec.block<7x7>>)

// -----

// Blocks are square.
// expected-error @+1 {{expected a square block such as <8x8>}}
func.func private @f(tensor<8x8xf32, #sparsec.block<8x4>>)

// -----

// A block has two dimensions.
// expected-error @+1 {{expected a square block such as <8x8>}}
func.func private @f(tensor<8x8xf32, #sparsec.block<8>>)

// -----

// There is no default size of a block.
// expected-error @+1 {{expected '<'}}
func.func private @f(tensor<8x8xf32, #sparsec.block>)

// -----

// The size must not wrap into a valid one: 2^32 + 8.
// expected-error @+1 {{expected blocks of 4x4, 8x8, 16x16 or 32x32}}
func.func private @f(tensor<8x8xf32, #sparsec.block<4294967304x4294967304>>)

// -----

// Indices of 8 bits would cover 256 columns only.
// expected-error @+1 {{expected index type i16 or i32, got i8}}
func.func private @f(tensor<8x8xf32, #sparsec.csr<index = i8>>)

// -----

// expected-error @+1 {{expected index type i16 or i32, got i64}}
func.func private @f(tensor<8x8xf32, #sparsec.csc<index = i64>>)

// -----

// The index type has a name in front of it.
// expected-error @+1 {{expected 'index'}}
func.func private @f(tensor<8x8xf32, #sparsec.csr<i16>>)

// -----

// An index is an integer.
// expected-error @+1 {{expected builtin.integer, but found 'f32'}}
func.func private @f(tensor<8x8xf32, #sparsec.csr<index = f32>>)

// -----

// Column 65536 does not fit 16 bits.
// expected-error @+1 {{holds at most 65536 columns, but the matrix has 65537}}
func.func private @f(tensor<2x65537xf32, #sparsec.csr<index = i16>>)

// -----

// Nor does row 65536 of a matrix stored by columns.
// expected-error @+1 {{holds at most 65536 rows, but the matrix has 65537}}
func.func private @f(tensor<65537x2xf32, #sparsec.csc<index = i16>>)

// -----

// Two elements share a byte: they cannot be stored one by one.
// expected-error @+1 {{'#sparsec.csr' stores elements of 8, 16, 32 or 64 bits, got 'i4'}}
func.func private @f(tensor<8x8xi4, #sparsec.csr>)

// -----

// The width of index is the target's.
// expected-error @+1 {{'#sparsec.bitmask' stores elements of 8, 16, 32 or 64 bits, got 'index'}}
func.func private @f(tensor<8x8xindex, #sparsec.bitmask>)

// -----

// expected-error @+1 {{unknown attribute `foo` in dialect `sparsec`}}
func.func private @f(tensor<8x8xf32, #sparsec.foo>)

// -----

// The format is bits alone, whatever the width of an index.
// expected-error @+1 {{'bitmask' takes no parameters}}
func.func private @f(tensor<8x8xf32, #sparsec.bitmask<index = i16>>)

// -----

// A format that is not chosen has nothing to choose.
// expected-error @+1 {{'auto' takes no parameters}}
func.func private @f(tensor<8x8xf32, #sparsec.auto<index = i16>>)

// -----

// There are too many columns, whatever the number of rows.
// expected-error @+1 {{holds at most 65536 columns, but the matrix has 65537}}
func.func private @f(tensor<?x65537xf32, #sparsec.csr<index = i16>>)
