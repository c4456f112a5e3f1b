// Every encoding comes back from text and from bytecode as it was written.
//
// RUN: sparsec-opt %s | sparsec-opt | FileCheck %s
// RUN: sparsec-opt --emit-bytecode %s | sparsec-opt | FileCheck %s
// RUN: sparsec-opt --mlir-print-op-generic %s | sparsec-opt | FileCheck %s

// CHECK: @auto(tensor<3x4xf32, #sparsec.auto>)
func.func private @auto(tensor<3x4xf32, #sparsec.auto>)
// CHECK: @bitmask(tensor<3x4xf32, #sparsec.bitmask>)
func.func private @bitmask(tensor<3x4xf32, #sparsec.bitmask>)

// CHECK: @csr(tensor<3x4xf32, #sparsec.csr>)
func.func private @csr(tensor<3x4xf32, #sparsec.csr>)
// The default width is not printed.
// CHECK: @csr_i32(tensor<3x4xf32, #sparsec.csr>)
func.func private @csr_i32(tensor<3x4xf32, #sparsec.csr<index = i32>>)
// CHECK: @csr_i16(tensor<3x4xf32, #sparsec.csr<index = i16>>)
func.func private @csr_i16(tensor<3x4xf32, #sparsec.csr<index = i16>>)
// CHECK: @csc(tensor<3x4xf32, #sparsec.csc>)
func.func private @csc(tensor<3x4xf32, #sparsec.csc>)
// CHECK: @csc_i32(tensor<3x4xf32, #sparsec.csc>)
func.func private @csc_i32(tensor<3x4xf32, #sparsec.csc<index = i32>>)
// CHECK: @csc_i16(tensor<3x4xf32, #sparsec.csc<index = i16>>)
func.func private @csc_i16(tensor<3x4xf32, #sparsec.csc<index = i16>>)

// CHECK: @block4(tensor<3x4xf32, #sparsec.block<4x4>>)
func.func private @block4(tensor<3x4xf32, #sparsec.block<4x4>>)
// CHECK: @block8(tensor<3x4xf32, #sparsec.block<8x8>>)
func.func private @block8(tensor<3x4xf32, #sparsec.block<8x8>>)
// CHECK: @block16(tensor<3x4xf32, #sparsec.block<16x16>>)
func.func private @block16(tensor<3x4xf32, #sparsec.block<16x16>>)
// CHECK: @block32(tensor<3x4xf32, #sparsec.block<32x32>>)
func.func private @block32(tensor<3x4xf32, #sparsec.block<32x32>>)

// An alias is not needed to read a file, but may be used.
#rows = #sparsec.csr<index = i16>
// CHECK: @alias(tensor<3x4xf32, #sparsec.csr<index = i16>>)
func.func private @alias(tensor<3x4xf32, #rows>)

// The largest matrix that 16 bits index: 65536 columns, or rows. The other
// dimension is free.
// CHECK: @csr_widest(tensor<70000x65536xf32, #sparsec.csr<index = i16>>)
func.func private @csr_widest(tensor<70000x65536xf32, #sparsec.csr<index = i16>>)
// CHECK: @csc_tallest(tensor<65536x70000xf32, #sparsec.csc<index = i16>>)
func.func private @csc_tallest(tensor<65536x70000xf32, #sparsec.csc<index = i16>>)

// Dynamic and empty matrices.
// CHECK: @dynamic(tensor<?x?xf32, #sparsec.csr>, tensor<?x4xf32, #sparsec.bitmask>, tensor<3x?xf32, #sparsec.csc>)
func.func private @dynamic(tensor<?x?xf32, #sparsec.csr>, tensor<?x4xf32, #sparsec.bitmask>, tensor<3x?xf32, #sparsec.csc>)
// CHECK: @empty(tensor<0x4xf32, #sparsec.csr>, tensor<3x0xf32, #sparsec.bitmask>, tensor<0x0xf32, #sparsec.block<4x4>>)
func.func private @empty(tensor<0x4xf32, #sparsec.csr>, tensor<3x0xf32, #sparsec.bitmask>, tensor<0x0xf32, #sparsec.block<4x4>>)

// Element types of whole bytes, which a later quantisation needs too.
// CHECK: @elements(tensor<3x4xf16, #sparsec.csr>, tensor<3x4xbf16, #sparsec.csr>, tensor<3x4xf64, #sparsec.csr>, tensor<3x4xi8, #sparsec.csr>)
func.func private @elements(tensor<3x4xf16, #sparsec.csr>, tensor<3x4xbf16, #sparsec.csr>, tensor<3x4xf64, #sparsec.csr>, tensor<3x4xi8, #sparsec.csr>)
