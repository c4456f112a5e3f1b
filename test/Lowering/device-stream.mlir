// Windows of a weight lie in one constant and are brought to two places in turns.
//
// RUN: sparsec-opt %s -split-input-file --sparsec-device-stream -verify-diagnostics | FileCheck %s

memref.global "private" constant @values : memref<4xf32> = dense<[1.0, 2.0, 3.0, 4.0]> {alignment = 64 : i64}
memref.global "private" constant @indices : memref<4xi16> = dense<[0, 1, 2, 3]> {alignment = 64 : i64}
memref.global "private" constant @offsets : memref<4xi32> = dense<[0, 2, 3, 4]> {alignment = 64 : i64}

// Two entries, one and one: the first window is longer, but not beyond a unit of 64 bytes.
// CHECK: memref.global "private" constant @sparsec_stream : memref<1152xi8>
// CHECK-NOT: memref.global
// CHECK-LABEL: func.func @main
// CHECK: %[[PLACES:.*]] = llvm.call @sparsec_rt_device_alloc
// CHECK: scf.for %[[I:.*]] =
// CHECK: %[[WHICH:.*]] = arith.divui
// CHECK: %[[TURN:.*]] = arith.andi
// CHECK: %[[TO:.*]] = arith.addi %[[PLACES]]
// CHECK: llvm.call @sparsec_rt_stream(%[[TO]]
// CHECK: sparsec.assemble {{.*}} : tensor<2xf32>, tensor<2xi16>, tensor<2xi32> to tensor<1x4xf32, #sparsec.csr<index = i16>>
// CHECK: sparsec.matmul
func.func @main(%x: memref<4xf32>, %y: memref<3xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %gv = memref.get_global @values : memref<4xf32>
  %gi = memref.get_global @indices : memref<4xi16>
  %go = memref.get_global @offsets : memref<4xi32>
  %v = bufferization.to_tensor %gv : memref<4xf32> to tensor<4xf32>
  %n = bufferization.to_tensor %gi : memref<4xi16> to tensor<4xi16>
  %o = bufferization.to_tensor %go : memref<4xi32> to tensor<4xi32>
  %w = sparsec.assemble %v, %n, %o {sparsec.streamed} : tensor<4xf32>, tensor<4xi16>, tensor<4xi32> to tensor<3x4xf32, #sparsec.csr<index = i16>>
  scf.for %i = %c0 to %c3 step %c1 {
    %row = sparsec.window %w[%i] : tensor<3x4xf32, #sparsec.csr<index = i16>> to tensor<1x4xf32, #sparsec.csr<index = i16>>
    %part = memref.subview %y[%i] [1] [1] : memref<3xf32> to memref<1xf32, strided<[1], offset: ?>>
    sparsec.matmul ins(%row, %x : tensor<1x4xf32, #sparsec.csr<index = i16>>, memref<4xf32>) outs(%part : memref<1xf32, strided<[1], offset: ?>>)
  }
  return
}

// -----

// The order of the windows has to be known.
memref.global "private" constant @values : memref<4xf32> = dense<[1.0, 2.0, 3.0, 4.0]> {alignment = 64 : i64}
memref.global "private" constant @indices : memref<4xi16> = dense<[0, 1, 2, 3]> {alignment = 64 : i64}
memref.global "private" constant @offsets : memref<4xi32> = dense<[0, 2, 3, 4]> {alignment = 64 : i64}

func.func @unknown(%x: memref<4xf32>, %y: memref<1xf32>, %i: index) {
  %gv = memref.get_global @values : memref<4xf32>
  %gi = memref.get_global @indices : memref<4xi16>
  %go = memref.get_global @offsets : memref<4xi32>
  %v = bufferization.to_tensor %gv : memref<4xf32> to tensor<4xf32>
  %n = bufferization.to_tensor %gi : memref<4xi16> to tensor<4xi16>
  %o = bufferization.to_tensor %go : memref<4xi32> to tensor<4xi32>
  %w = sparsec.assemble %v, %n, %o {sparsec.streamed} : tensor<4xf32>, tensor<4xi16>, tensor<4xi32> to tensor<3x4xf32, #sparsec.csr<index = i16>>
  %row = sparsec.window %w[%i] : tensor<3x4xf32, #sparsec.csr<index = i16>> to tensor<1x4xf32, #sparsec.csr<index = i16>>
  // expected-error @below {{cannot stream a weight whose windows do not come one after the other}}
  sparsec.matmul ins(%row, %x : tensor<1x4xf32, #sparsec.csr<index = i16>>, memref<4xf32>) outs(%y : memref<1xf32>)
  return
}
