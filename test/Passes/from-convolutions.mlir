// Convolutions with a sparse filter become products with patches.
//
// RUN: sparsec-opt %s --sparsec-from-convolutions | FileCheck %s
// RUN: sparsec-opt %s --sparsec-from-convolutions=max-density=0.1 | FileCheck %s --check-prefix=DENSE
// RUN: sparsec-opt %s --sparsec-from-convolutions=image-work=100 | FileCheck %s --check-prefix=WORK
// RUN: sparsec-opt %s --sparsec-from-convolutions=patch-bytes=100 | FileCheck %s --check-prefix=SMALL

// DENSE-NOT: sparsec.matmul

// Channels first: the filter is on the left, pixels are columns.
// CHECK-DAG: #[[FIRST:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d3 * 2 + d1, d4 + d2 * 3)>
// CHECK-DAG: #[[LAST:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0 + d2, d1 + d3, d4)>
// CHECK-LABEL: @channels_first(
// CHECK-SAME: %[[X:.*]]: tensor<1x2x5x8xf32>, %[[Y:.*]]: tensor<1x3x2x5xf32>
// CHECK-DAG: %[[C:.*]] = sparsec.compress %{{.*}} {sparsec.weight = {name = "filter0"}} : tensor<3x8xf32> to tensor<3x8xf32, #sparsec.auto>
// CHECK-DAG: %[[IMAGE:.*]] = tensor.collapse_shape %[[X]] {{.*}} into tensor<2x5x8xf32>
// CHECK: %[[E:.*]] = tensor.empty() : tensor<2x2x2x2x5xf32>
// CHECK: %[[P:.*]] = linalg.generic {indexing_maps = [#[[FIRST]], {{.*}}ins(%[[IMAGE]] : {{.*}}) outs(%[[E]] :
// CHECK: %[[M:.*]] = tensor.collapse_shape %[[P]] {{.*}} into tensor<8x10xf32>
// CHECK: %[[R:.*]] = sparsec.matmul ins(%[[C]], %[[M]] : {{.*}}) outs(%{{.*}} : tensor<3x10xf32>)
// CHECK: %[[S:.*]] = tensor.expand_shape %[[R]] {{.*}} into tensor<3x2x5xf32>
// CHECK: tensor.expand_shape %[[S]] {{.*}} into tensor<1x3x2x5xf32>
//
// Patches of 320 bytes.
// SMALL-LABEL: @channels_first(
// SMALL: linalg.conv_2d_nchw_fchw
func.func @channels_first(%x: tensor<1x2x5x8xf32>, %y: tensor<1x3x2x5xf32>) -> tensor<1x3x2x5xf32> {
  %w = arith.constant dense<[[[[1., 0.], [0., 2.]], [[0., 0.], [0., 0.]]],
                             [[[0., 0.], [0., 0.]], [[3., 0.], [0., 0.]]],
                             [[[0., 0.], [0., 4.]], [[0., 0.], [0., 0.]]]]> : tensor<3x2x2x2xf32>
  %0 = linalg.conv_2d_nchw_fchw {strides = dense<[2, 1]> : vector<2xi64>, dilations = dense<[1, 3]> : vector<2xi64>}
         ins(%x, %w : tensor<1x2x5x8xf32>, tensor<3x2x2x2xf32>) outs(%y : tensor<1x3x2x5xf32>) -> tensor<1x3x2x5xf32>
  return %0 : tensor<1x3x2x5xf32>
}

// Channels last: pixels are rows; images of a batch come one by one.
// CHECK-LABEL: @channels_last(
// CHECK-SAME: %[[X:.*]]: tensor<?x4x4x1xf16>, %[[Y:.*]]: tensor<?x3x3x2xf32>
// CHECK: %[[C:.*]] = sparsec.compress {{.*}} : tensor<4x2xf16> to tensor<4x2xf16, #sparsec.auto>
// CHECK: %[[N:.*]] = tensor.dim %[[X]], %{{.*}}
// CHECK: scf.for %[[I:.*]] = %{{.*}} to %[[N]] step %{{.*}} iter_args(%[[ACC:.*]] = %[[Y]])
// CHECK: tensor.extract_slice %[[X]][%[[I]], 0, 0, 0] [1, 4, 4, 1] {{.*}} to tensor<4x4x1xf16>
// CHECK: tensor.extract_slice %[[ACC]][%[[I]], 0, 0, 0] [1, 3, 3, 2] {{.*}} to tensor<3x3x2xf32>
// CHECK: linalg.generic {indexing_maps = [#[[LAST]],
// CHECK: sparsec.matmul ins(%{{.*}}, %[[C]] : tensor<9x4xf16>, tensor<4x2xf16, #sparsec.auto>) outs(%{{.*}} : tensor<9x2xf32>)
// CHECK: tensor.insert_slice %{{.*}} into %[[ACC]][%[[I]], 0, 0, 0]
//
// Two nonzeros by nine pixels, of each image.
// WORK-LABEL: @channels_last(
// WORK: linalg.conv_2d_nhwc_hwcf
func.func @channels_last(%x: tensor<?x4x4x1xf16>, %y: tensor<?x3x3x2xf32>) -> tensor<?x3x3x2xf32> {
  %w = arith.constant dense<[[[[1., 0.]], [[0., 0.]]], [[[0., 0.]], [[0., 2.]]]]> : tensor<2x2x1x2xf16>
  %0 = linalg.conv_2d_nhwc_hwcf ins(%x, %w : tensor<?x4x4x1xf16>, tensor<2x2x1x2xf16>) outs(%y : tensor<?x3x3x2xf32>) -> tensor<?x3x3x2xf32>
  return %0 : tensor<?x3x3x2xf32>
}

// CHECK-LABEL: @outputs_first(
// CHECK: sparsec.matmul transpose_rhs ins(%{{.*}}, %{{.*}} : tensor<9x4xf32>, tensor<2x4xf32, #sparsec.auto>) outs(%{{.*}} : tensor<9x2xf32>)
func.func @outputs_first(%x: tensor<1x4x4x1xf32>, %y: tensor<1x3x3x2xf32>) -> tensor<1x3x3x2xf32> {
  %w = arith.constant dense<[[[[1.], [0.]], [[0.], [0.]]], [[[0.], [0.]], [[0.], [2.]]]]> : tensor<2x2x2x1xf32>
  %0 = linalg.conv_2d_nhwc_fhwc ins(%x, %w : tensor<1x4x4x1xf32>, tensor<2x2x2x1xf32>) outs(%y : tensor<1x3x3x2xf32>) -> tensor<1x3x3x2xf32>
  return %0 : tensor<1x3x3x2xf32>
}

// An image is its own patches where the kernel is one pixel.
// CHECK-LABEL: @one_pixel(
// CHECK-NOT: linalg.generic
// CHECK: sparsec.matmul ins(%{{.*}}, %{{.*}} : tensor<3x2xf32, #sparsec.auto>, tensor<2x16xf32>)
// CHECK-NOT: linalg.generic
// CHECK: return
// SMALL-LABEL: @one_pixel(
// SMALL: sparsec.matmul
// WORK-LABEL: @one_pixel(
// WORK: sparsec.matmul
func.func @one_pixel(%x: tensor<1x2x4x4xf32>, %y: tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32> {
  %w = arith.constant dense<[[[[1.]], [[0.]]], [[[0.]], [[2.]]], [[[0.]], [[0.]]]]> : tensor<3x2x1x1xf32>
  %0 = linalg.conv_2d_nchw_fchw ins(%x, %w : tensor<1x2x4x4xf32>, tensor<3x2x1x1xf32>) outs(%y : tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return %0 : tensor<1x3x4x4xf32>
}

// of which the result may have a part.
// CHECK-LABEL: @part(
// CHECK: linalg.generic
// CHECK: sparsec.matmul ins(%{{.*}}, %{{.*}} : tensor<3x2xf32, #sparsec.auto>, tensor<2x16xf32>)
func.func @part(%x: tensor<1x2x5x5xf32>, %y: tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32> {
  %w = arith.constant dense<[[[[1.]], [[0.]]], [[[0.]], [[2.]]], [[[0.]], [[0.]]]]> : tensor<3x2x1x1xf32>
  %0 = linalg.conv_2d_nchw_fchw ins(%x, %w : tensor<1x2x5x5xf32>, tensor<3x2x1x1xf32>) outs(%y : tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return %0 : tensor<1x3x4x4xf32>
}

// Not: a filter that is mostly nonzero, one that is not known, an image of any size.
// CHECK-LABEL: @others(
// CHECK: linalg.conv_2d_nchw_fchw
// CHECK: linalg.conv_2d_nchw_fchw
// CHECK: linalg.conv_2d_nchw_fchw
func.func @others(%x: tensor<1x1x4x4xf32>, %v: tensor<1x1x2x2xf32>, %z: tensor<1x1x?x?xf32>, %y: tensor<1x1x3x3xf32>, %a: tensor<1x1x?x?xf32>) -> (tensor<1x1x3x3xf32>, tensor<1x1x3x3xf32>, tensor<1x1x?x?xf32>) {
  %w = arith.constant dense<[[[[1., 2.], [3., 0.]]]]> : tensor<1x1x2x2xf32>
  %s = arith.constant dense<[[[[1., 0.], [0., 0.]]]]> : tensor<1x1x2x2xf32>
  %0 = linalg.conv_2d_nchw_fchw ins(%x, %w : tensor<1x1x4x4xf32>, tensor<1x1x2x2xf32>) outs(%y : tensor<1x1x3x3xf32>) -> tensor<1x1x3x3xf32>
  %1 = linalg.conv_2d_nchw_fchw ins(%x, %v : tensor<1x1x4x4xf32>, tensor<1x1x2x2xf32>) outs(%y : tensor<1x1x3x3xf32>) -> tensor<1x1x3x3xf32>
  %2 = linalg.conv_2d_nchw_fchw ins(%z, %s : tensor<1x1x?x?xf32>, tensor<1x1x2x2xf32>) outs(%a : tensor<1x1x?x?xf32>) -> tensor<1x1x?x?xf32>
  return %0, %1, %2 : tensor<1x1x3x3xf32>, tensor<1x1x3x3xf32>, tensor<1x1x?x?xf32>
}
