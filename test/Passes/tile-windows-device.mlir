// Weights that do not fit the memory of a device come in windows.
//
// RUN: sparsec-opt %s --sparsec-tile-windows="weight-budget=1400 device" --canonicalize | FileCheck %s
// RUN: sparsec-opt %s --sparsec-tile-windows="weight-budget=1792 device" --canonicalize | FileCheck %s --check-prefix=FITS
// RUN: not sparsec-opt %s --sparsec-tile-windows="weight-budget=16 device" 2>&1 | FileCheck %s --check-prefix=LEAST

// An array takes units of 64 bytes, and one more: a row of the large weight three times
// 128. So each of two places has 512 bytes.
// LEAST: a weight budget of 16 bytes is too small: the smallest that works is 1280, of which 256 are for constants that stay on the device

// FITS-NOT: scf.for
// FITS-NOT: sparsec.streamed

// Four rows of the large weight are 192 + 128 + 128 bytes, and the small one comes whole.
// CHECK-LABEL: @main(
// CHECK: %[[LARGE:.*]] = sparsec.assemble {{.*}} {sparsec.streamed} : tensor<64xf32>
// CHECK: %[[SMALL:.*]] = sparsec.assemble {{.*}} {sparsec.streamed} : tensor<1xf32>
// CHECK: scf.for %[[I:.*]] = %c0{{.*}} to %c8{{.*}} step %c4
// CHECK: sparsec.window %[[LARGE]][%[[I]]] : {{.*}} to tensor<4x64xf32
// CHECK: sparsec.matmul
// CHECK: }
// CHECK: sparsec.matmul ins(%[[SMALL]]
func.func @main(%x: tensor<64xf32>) -> tensor<4xf32> {
  %v = arith.constant dense<[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]> : tensor<64xf32>
  %i = arith.constant dense<[0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 9]> : tensor<64xi16>
  %o = arith.constant dense<[0, 8, 16, 24, 32, 40, 48, 56, 64]> : tensor<9xi32>
  %sv = arith.constant dense<2.0> : tensor<1xf32>
  %si = arith.constant dense<3> : tensor<1xi16>
  %so = arith.constant dense<[0, 0, 0, 1, 1]> : tensor<5xi32>
  %b = arith.constant dense<[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]> : tensor<8xf32>
  %y = arith.constant dense<0.0> : tensor<4xf32>
  %large = sparsec.assemble %v, %i, %o : tensor<64xf32>, tensor<64xi16>, tensor<9xi32> to tensor<8x64xf32, #sparsec.csr<index = i16>>
  %small = sparsec.assemble %sv, %si, %so : tensor<1xf32>, tensor<1xi16>, tensor<5xi32> to tensor<4x8xf32, #sparsec.csr<index = i16>>
  %0 = sparsec.matmul ins(%large, %x : tensor<8x64xf32, #sparsec.csr<index = i16>>, tensor<64xf32>) outs(%b : tensor<8xf32>) -> tensor<8xf32>
  %1 = sparsec.matmul ins(%small, %0 : tensor<4x8xf32, #sparsec.csr<index = i16>>, tensor<8xf32>) outs(%y : tensor<4xf32>) -> tensor<4xf32>
  return %1 : tensor<4xf32>
}
