// RUN: sparsec-opt %s --sparsec-select-format | FileCheck %s

// FAILS TODAY: crashes. The filter's element type is not one that is listed.
// CHECK: linalg.conv_2d_nhwc_hwcf
func.func @complex_filter(%x: tensor<1x4x4x2xcomplex<f32>>, %o: tensor<1x2x2x2xcomplex<f32>>) -> tensor<1x2x2x2xcomplex<f32>> {
  %k = arith.constant dense<(0.0, 0.0)> : tensor<3x3x2x2xcomplex<f32>>
  %0 = linalg.conv_2d_nhwc_hwcf
      ins(%x, %k : tensor<1x4x4x2xcomplex<f32>>, tensor<3x3x2x2xcomplex<f32>>)
      outs(%o : tensor<1x2x2x2xcomplex<f32>>) -> tensor<1x2x2x2xcomplex<f32>>
  return %0: tensor<1x2x2x2xcomplex<f32>>
}
