// A convolution whose k does not fill the last step.
func.func @main(%x: tensor<4x8x66x66xf32>, %w: tensor<64x8x3x3xf32>,
                %init: tensor<4x64x64x64xf32>) -> tensor<4x64x64x64xf32> {
  %y = linalg.conv_2d_nchw_fchw
      {strides = dense<1> : vector<2xi64>, dilations = dense<1> : vector<2xi64>}
      ins(%x, %w : tensor<4x8x66x66xf32>, tensor<64x8x3x3xf32>)
      outs(%init : tensor<4x64x64x64xf32>) -> tensor<4x64x64x64xf32>
  return %y : tensor<4x64x64x64xf32>
}
