# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Convolutional networks: strides, padding, dilation, depthwise, both layouts,
pooling, batch norm, global average, concatenation and slices."""

import numpy as np
from whole_model import Suite, const, pruned

suite = Suite()
rng = np.random.default_rng(3)


def conv2d(x, w, stride=1, padding=0, dilation=1, groups=1):
    """NCHW by FCHW, in the precision of the arguments."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    n, c, h, wd = x.shape
    f, cg, kh, kw = w.shape
    oh = (h - dilation * (kh - 1) - 1) // stride + 1
    ow = (wd - dilation * (kw - 1) - 1) // stride + 1
    y = np.zeros((n, f, oh, ow))
    for g in range(groups):
        fs = slice(g * f // groups, (g + 1) * f // groups)
        for i in range(kh):
            for j in range(kw):
                part = x[:, g * cg:(g + 1) * cg,
                         i * dilation:i * dilation + stride * (oh - 1) + 1:stride,
                         j * dilation:j * dilation + stride * (ow - 1) + 1:stride]
                y[:, fs] += np.einsum("nchw,fc->nfhw", part,
                                      w[fs, :, i, j].astype(np.float64))
    return y


def pool(x, size, stride, reduce, padding=0, fill=0.0):
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)),
               constant_values=fill)
    oh = (x.shape[2] - size) // stride + 1
    ow = (x.shape[3] - size) // stride + 1
    windows = [x[:, :, i:i + stride * (oh - 1) + 1:stride,
                 j:j + stride * (ow - 1) + 1:stride]
               for i in range(size) for j in range(size)]
    return reduce(np.stack(windows), axis=0)


def relu(x):
    return np.maximum(x, 0)


# The network that torch-mlir prints for
#   x = maxpool(relu(bn(conv(x, 3x3, stride 2, padding 1))), 3, 2, 1)
#   a = relu(conv(x, 3x3, dilation 2, padding 2)); b = relu(depthwise(x))
#   x = cat(a, b)[:, 2:14]; x = x.mean((2, 3)); x = linear(x)
w1, b1 = pruned(rng, (8, 3, 3, 3), 0.3), pruned(rng, (8,), 0)
mean, var = pruned(rng, (8,), 0), np.abs(pruned(rng, (8,), 0)) + np.float32(0.5)
gamma, beta = pruned(rng, (8,), 0), pruned(rng, (8,), 0)
w2 = pruned(rng, (8, 8, 3, 3), 0.9)
w3 = pruned(rng, (8, 1, 3, 3), 0.3)
w4, b4 = pruned(rng, (40, 12), 0.8), pruned(rng, (40,), 0)


def network(x):
    x = conv2d(x, w1, stride=2, padding=1) + b1[:, None, None]
    scale = gamma / np.sqrt(var.astype(np.float64) + 1e-5)
    x = (x - mean[:, None, None]) * scale[:, None, None] + beta[:, None, None]
    x = pool(relu(x), 3, 2, np.max, 1, -np.inf)
    a = relu(conv2d(x, w2, padding=2, dilation=2))
    b = relu(conv2d(x, w3, padding=1, groups=8))
    x = np.concatenate([a, b], 1)[:, 2:14]
    x = x.mean((2, 3))
    return [x @ w4.T.astype(np.float64) + b4]


def torch_network(n):
    dim = "%dim, " if n == "?" else ""
    d = "%dim" if n == "?" else ""
    get = f"%dim = tensor.dim %arg0, %c0 : tensor<{n}x3x17x15xf32>" if n == "?" else ""
    sizes = "%dim" if n == "?" else str(n)
    return f"""
#map = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#map1 = affine_map<(d0, d1, d2, d3) -> (d1)>
#map2 = affine_map<(d0, d1, d2, d3) -> (d0, d1, 0, 0)>
#map3 = affine_map<(d0, d1) -> (d0, d1)>
#map4 = affine_map<(d0, d1) -> (d1)>
module {{
  func.func @main(%arg0: tensor<{n}x3x17x15xf32>) -> tensor<{n}x40xf32> {{
    %c0 = arith.constant 0 : index
    %cst = arith.constant 0.000000e+00 : f32
    %low = arith.constant 0xFF800000 : f32
    %eps = arith.constant 1.000000e-05 : f64
    %area = arith.constant 2.000000e+01 : f32
    %w1 = arith.constant {const(w1)}
    %b1 = arith.constant {const(b1)}
    %mean = arith.constant {const(mean)}
    %var = arith.constant {const(var)}
    %gamma = arith.constant {const(gamma)}
    %beta = arith.constant {const(beta)}
    %w2 = arith.constant {const(w2)}
    %w3 = arith.constant {const(w3.reshape(8, 3, 3))}
    %w4 = arith.constant {const(w4)}
    %b4 = arith.constant {const(b4)}
    {get}
    %padded = tensor.pad %arg0 low[0, 0, 1, 1] high[0, 0, 1, 1] {{
    ^bb0(%i: index, %j: index, %k: index, %l: index):
      tensor.yield %cst : f32
    }} : tensor<{n}x3x17x15xf32> to tensor<{n}x3x19x17xf32>
    %0 = tensor.empty({d}) : tensor<{n}x8x9x8xf32>
    %bias = linalg.broadcast ins(%b1 : tensor<8xf32>) outs(%0 : tensor<{n}x8x9x8xf32>) dimensions = [0, 2, 3]
    %1 = linalg.conv_2d_nchw_fchw {{dilations = dense<1> : vector<2xi64>, strides = dense<2> : vector<2xi64>}} ins(%padded, %w1 : tensor<{n}x3x19x17xf32>, tensor<8x3x3x3xf32>) outs(%bias : tensor<{n}x8x9x8xf32>) -> tensor<{n}x8x9x8xf32>
    %2 = linalg.generic {{indexing_maps = [#map, #map1, #map1, #map1, #map1, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}} ins(%1, %gamma, %beta, %mean, %var : tensor<{n}x8x9x8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) outs(%1 : tensor<{n}x8x9x8xf32>) {{
    ^bb0(%in: f32, %g: f32, %b: f32, %m: f32, %v: f32, %out: f32):
      %e = arith.truncf %eps : f64 to f32
      %a0 = arith.addf %v, %e : f32
      %a1 = math.rsqrt %a0 : f32
      %a2 = arith.subf %in, %m : f32
      %a3 = arith.mulf %a2, %a1 : f32
      %a4 = arith.mulf %a3, %g : f32
      %a5 = arith.addf %a4, %b : f32
      linalg.yield %a5 : f32
    }} -> tensor<{n}x8x9x8xf32>
    %3 = linalg.generic {{indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}} ins(%2 : tensor<{n}x8x9x8xf32>) outs(%0 : tensor<{n}x8x9x8xf32>) {{
    ^bb0(%in: f32, %out: f32):
      %c = arith.cmpf ugt, %in, %cst : f32
      %s = arith.select %c, %in, %cst : f32
      linalg.yield %s : f32
    }} -> tensor<{n}x8x9x8xf32>
    %padded_0 = tensor.pad %3 low[0, 0, 1, 1] high[0, 0, 1, 1] {{
    ^bb0(%i: index, %j: index, %k: index, %l: index):
      tensor.yield %low : f32
    }} : tensor<{n}x8x9x8xf32> to tensor<{n}x8x11x10xf32>
    %4 = tensor.empty({d}) : tensor<{n}x8x5x4xf32>
    %5 = linalg.fill ins(%low : f32) outs(%4 : tensor<{n}x8x5x4xf32>) -> tensor<{n}x8x5x4xf32>
    %6 = tensor.empty() : tensor<3x3xf32>
    %7 = linalg.pooling_nchw_max {{dilations = dense<1> : vector<2xi64>, strides = dense<2> : vector<2xi64>}} ins(%padded_0, %6 : tensor<{n}x8x11x10xf32>, tensor<3x3xf32>) outs(%5 : tensor<{n}x8x5x4xf32>) -> tensor<{n}x8x5x4xf32>
    %padded_1 = tensor.pad %7 low[0, 0, 2, 2] high[0, 0, 2, 2] {{
    ^bb0(%i: index, %j: index, %k: index, %l: index):
      tensor.yield %cst : f32
    }} : tensor<{n}x8x5x4xf32> to tensor<{n}x8x9x8xf32>
    %8 = linalg.fill ins(%cst : f32) outs(%4 : tensor<{n}x8x5x4xf32>) -> tensor<{n}x8x5x4xf32>
    %9 = linalg.conv_2d_nchw_fchw {{dilations = dense<2> : vector<2xi64>, strides = dense<1> : vector<2xi64>}} ins(%padded_1, %w2 : tensor<{n}x8x9x8xf32>, tensor<8x8x3x3xf32>) outs(%8 : tensor<{n}x8x5x4xf32>) -> tensor<{n}x8x5x4xf32>
    %padded_2 = tensor.pad %7 low[0, 0, 1, 1] high[0, 0, 1, 1] {{
    ^bb0(%i: index, %j: index, %k: index, %l: index):
      tensor.yield %cst : f32
    }} : tensor<{n}x8x5x4xf32> to tensor<{n}x8x7x6xf32>
    %10 = linalg.depthwise_conv_2d_nchw_chw {{dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>}} ins(%padded_2, %w3 : tensor<{n}x8x7x6xf32>, tensor<8x3x3xf32>) outs(%8 : tensor<{n}x8x5x4xf32>) -> tensor<{n}x8x5x4xf32>
    %concat = tensor.concat dim(1) %9, %10 : (tensor<{n}x8x5x4xf32>, tensor<{n}x8x5x4xf32>) -> tensor<{n}x16x5x4xf32>
    %slice = tensor.extract_slice %concat[0, 2, 0, 0] [{sizes}, 12, 5, 4] [1, 1, 1, 1] : tensor<{n}x16x5x4xf32> to tensor<{n}x12x5x4xf32>
    %11 = tensor.empty({d}) : tensor<{n}x12x5x4xf32>
    %12 = linalg.generic {{indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}} ins(%slice : tensor<{n}x12x5x4xf32>) outs(%11 : tensor<{n}x12x5x4xf32>) {{
    ^bb0(%in: f32, %out: f32):
      %c = arith.cmpf ugt, %in, %cst : f32
      %s = arith.select %c, %in, %cst : f32
      linalg.yield %s : f32
    }} -> tensor<{n}x12x5x4xf32>
    %13 = tensor.empty({d}) : tensor<{n}x12x1x1xf32>
    %14 = linalg.fill ins(%cst : f32) outs(%13 : tensor<{n}x12x1x1xf32>) -> tensor<{n}x12x1x1xf32>
    %15 = linalg.generic {{indexing_maps = [#map, #map2], iterator_types = ["parallel", "parallel", "reduction", "reduction"]}} ins(%12 : tensor<{n}x12x5x4xf32>) outs(%14 : tensor<{n}x12x1x1xf32>) {{
    ^bb0(%in: f32, %out: f32):
      %s = arith.addf %in, %out : f32
      linalg.yield %s : f32
    }} -> tensor<{n}x12x1x1xf32>
    %16 = linalg.generic {{indexing_maps = [#map2, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}} ins(%15 : tensor<{n}x12x1x1xf32>) outs(%13 : tensor<{n}x12x1x1xf32>) {{
    ^bb0(%in: f32, %out: f32):
      %s = arith.divf %in, %area : f32
      linalg.yield %s : f32
    }} -> tensor<{n}x12x1x1xf32>
    %collapsed = tensor.collapse_shape %16 [[0], [1, 2, 3]] : tensor<{n}x12x1x1xf32> into tensor<{n}x12xf32>
    %17 = tensor.empty() : tensor<12x40xf32>
    %t = linalg.transpose ins(%w4 : tensor<40x12xf32>) outs(%17 : tensor<12x40xf32>) permutation = [1, 0]
    %18 = tensor.empty({d}) : tensor<{n}x40xf32>
    %19 = linalg.fill ins(%cst : f32) outs(%18 : tensor<{n}x40xf32>) -> tensor<{n}x40xf32>
    %20 = linalg.matmul ins(%collapsed, %t : tensor<{n}x12xf32>, tensor<12x40xf32>) outs(%19 : tensor<{n}x40xf32>) -> tensor<{n}x40xf32>
    %21 = linalg.generic {{indexing_maps = [#map3, #map4, #map3], iterator_types = ["parallel", "parallel"]}} ins(%20, %b4 : tensor<{n}x40xf32>, tensor<40xf32>) outs(%18 : tensor<{n}x40xf32>) {{
    ^bb0(%in: f32, %b: f32, %out: f32):
      %s = arith.addf %in, %b : f32
      linalg.yield %s : f32
    }} -> tensor<{n}x40xf32>
    return %21 : tensor<{n}x40xf32>
  }}
}}
"""


x = rng.standard_normal((4, 3, 17, 15)).astype(np.float32)
suite.check("network_static", torch_network(4), [x], network)
suite.check("network_dynamic", torch_network("?"), [x], network)
suite.check("network_batch", torch_network("?"), [x], network, options=["--batch=4"])


def one(body, source, result, extra=""):
    return f"""
func.func @main(%x: {source}) -> {result} {{
  %zero = arith.constant 0.000000e+00 : f32
  %low = arith.constant 0xFF800000 : f32
{extra}
{body}
  return %y : {result}
}}
"""


def window(op, stride, dilation, ins, types, out, init="%zero"):
    return f"""
  %e = tensor.empty() : {out}
  %f = linalg.fill ins({init} : f32) outs(%e : {out}) -> {out}
  %y = linalg.{op} {{dilations = dense<{dilation}> : vector<2xi64>, strides = dense<{stride}> : vector<2xi64>}} ins({ins} : {types}) outs(%f : {out}) -> {out}"""


def nhwc(y):
    return y.transpose(0, 2, 3, 1)


def nchw(x):
    return x.transpose(0, 3, 1, 2)


# Channels last, as IREE and TensorFlow have it.
x = rng.standard_normal((2, 11, 13, 5)).astype(np.float32)
w = pruned(rng, (3, 2, 5, 7), 0.5)
text = one(window("conv_2d_nhwc_hwcf", 2, 1, "%x, %w",
                  "tensor<2x11x13x5xf32>, tensor<3x2x5x7xf32>",
                  "tensor<2x5x6x7xf32>"),
           "tensor<2x11x13x5xf32>", "tensor<2x5x6x7xf32>",
           f"  %w = arith.constant {const(w)}")
suite.check("nhwc_hwcf", text, [x],
            lambda x: [nhwc(conv2d(nchw(x), w.transpose(3, 2, 0, 1), 2))])

wf = np.ascontiguousarray(w.transpose(3, 0, 1, 2))
text = one(window("conv_2d_nhwc_fhwc", 1, 3, "%x, %w",
                  "tensor<2x11x13x5xf32>, tensor<7x3x2x5xf32>",
                  "tensor<2x5x10x7xf32>"),
           "tensor<2x11x13x5xf32>", "tensor<2x5x10x7xf32>",
           f"  %w = arith.constant {const(wf)}")
suite.check("nhwc_fhwc", text, [x], lambda x: [
    nhwc(conv2d(nchw(x), wf.transpose(0, 3, 1, 2), 1, 0, 3))])

# A 1x1 convolution is a product.
w11 = pruned(rng, (16, 5, 1, 1), 0.9)
xc = rng.standard_normal((2, 5, 6, 7)).astype(np.float32)
text = one(window("conv_2d_nchw_fchw", 1, 1, "%x, %w",
                  "tensor<2x5x6x7xf32>, tensor<16x5x1x1xf32>",
                  "tensor<2x16x6x7xf32>"),
           "tensor<2x5x6x7xf32>", "tensor<2x16x6x7xf32>",
           f"  %w = arith.constant {const(w11)}")
suite.check("pointwise", text, [xc], lambda x: [conv2d(x, w11)])

wd = pruned(rng, (3, 3, 5), 0.3)
text = one(window("depthwise_conv_2d_nhwc_hwc", 2, 1, "%x, %w",
                  "tensor<2x11x13x5xf32>, tensor<3x3x5xf32>",
                  "tensor<2x5x6x5xf32>"),
           "tensor<2x11x13x5xf32>", "tensor<2x5x6x5xf32>",
           f"  %w = arith.constant {const(wd)}")
suite.check("depthwise_nhwc", text, [x], lambda x: [
    nhwc(conv2d(nchw(x), wd.transpose(2, 0, 1)[:, None], 2, groups=5))])

wm = pruned(rng, (3, 3, 5, 2), 0.3)
text = one(window("depthwise_conv_2d_nhwc_hwcm", 1, 1, "%x, %w",
                  "tensor<2x11x13x5xf32>, tensor<3x3x5x2xf32>",
                  "tensor<2x9x11x5x2xf32>"),
           "tensor<2x11x13x5xf32>", "tensor<2x9x11x5x2xf32>",
           f"  %w = arith.constant {const(wm)}")
suite.check("depthwise_multiplier", text, [x], lambda x: [
    np.stack([nhwc(conv2d(nchw(x), wm[..., m].transpose(2, 0, 1)[:, None],
                          groups=5)) for m in range(2)], -1)])

wg = pruned(rng, (2, 6, 3, 3, 3), 0.5)
xg = rng.standard_normal((2, 2, 3, 8, 9)).astype(np.float32)
text = one(window("conv_2d_ngchw_gfchw", 1, 1, "%x, %w",
                  "tensor<2x2x3x8x9xf32>, tensor<2x6x3x3x3xf32>",
                  "tensor<2x2x6x6x7xf32>"),
           "tensor<2x2x3x8x9xf32>", "tensor<2x2x6x6x7xf32>",
           f"  %w = arith.constant {const(wg)}")
suite.check("grouped", text, [xg], lambda x: [
    np.stack([conv2d(x[:, g], wg[g]) for g in range(2)], 1)])

w1d = pruned(rng, (6, 4, 3), 0.3)
x1d = rng.standard_normal((2, 4, 20)).astype(np.float32)
text = f"""
func.func @main(%x: tensor<2x4x20xf32>) -> tensor<2x6x18xf32> {{
  %zero = arith.constant 0.000000e+00 : f32
  %w = arith.constant {const(w1d)}
  %e = tensor.empty() : tensor<2x6x18xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<2x6x18xf32>) -> tensor<2x6x18xf32>
  %y = linalg.conv_1d_ncw_fcw {{dilations = dense<1> : vector<1xi64>, strides = dense<1> : vector<1xi64>}} ins(%x, %w : tensor<2x4x20xf32>, tensor<6x4x3xf32>) outs(%f : tensor<2x6x18xf32>) -> tensor<2x6x18xf32>
  return %y : tensor<2x6x18xf32>
}}
"""
suite.check("conv_1d", text, [x1d], lambda x: [
    conv2d(x[:, :, None], w1d[:, :, None])[:, :, 0]])

# Pooling.
k = "  %k = tensor.empty() : tensor<3x3xf32>"
for op, reduce, init in (("pooling_nhwc_max", np.max, "%low"),
                         ("pooling_nhwc_sum", np.sum, "%zero"),
                         ("pooling_nhwc_min", np.min, "%high")):
    text = one(window(op, 2, 1, "%x, %k", "tensor<2x11x13x5xf32>, tensor<3x3xf32>",
                      "tensor<2x5x6x5xf32>", init),
               "tensor<2x11x13x5xf32>", "tensor<2x5x6x5xf32>",
               k + "\n  %high = arith.constant 0x7F800000 : f32")
    suite.check(op, text, [x], lambda x: [nhwc(pool(nchw(x), 3, 2, reduce))])
text = one(window("pooling_nchw_sum", 1, 1, "%x, %k",
                  "tensor<2x5x6x7xf32>, tensor<3x3xf32>", "tensor<2x5x4x5xf32>"),
           "tensor<2x5x6x7xf32>", "tensor<2x5x4x5xf32>", k)
suite.check("pooling_nchw_sum", text, [xc], lambda x: [pool(x, 3, 1, np.sum)])

# A convolution written as linalg.generic, and a half precision one.
text = f"""
#x = affine_map<(n, f, h, w, c, i, j) -> (n, c, h * 2 + i, w * 2 + j)>
#w = affine_map<(n, f, h, w, c, i, j) -> (f, c, i, j)>
#y = affine_map<(n, f, h, w, c, i, j) -> (n, f, h, w)>
func.func @main(%x: tensor<2x5x6x7xf32>) -> tensor<2x4x2x3xf32> {{
  %zero = arith.constant 0.000000e+00 : f32
  %w = arith.constant {const(pruned(np.random.default_rng(9), (4, 5, 3, 3), 0.5))}
  %e = tensor.empty() : tensor<2x4x2x3xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<2x4x2x3xf32>) -> tensor<2x4x2x3xf32>
  %y = linalg.generic {{indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}} ins(%x, %w : tensor<2x5x6x7xf32>, tensor<4x5x3x3xf32>) outs(%f : tensor<2x4x2x3xf32>) {{
  ^bb0(%a: f32, %b: f32, %c: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %c, %p : f32
    linalg.yield %s : f32
  }} -> tensor<2x4x2x3xf32>
  return %y : tensor<2x4x2x3xf32>
}}
"""
suite.check("conv_generic", text, [xc], lambda x: [
    conv2d(x, pruned(np.random.default_rng(9), (4, 5, 3, 3), 0.5), 2)])

wh = pruned(rng, (4, 5, 3, 3), 0.5, np.float16)
text = one(window("conv_2d_nchw_fchw", 1, 1, "%x, %w",
                  "tensor<2x5x6x7xf16>, tensor<4x5x3x3xf16>",
                  "tensor<2x4x4x5xf16>"),
           "tensor<2x5x6x7xf16>", "tensor<2x4x4x5xf16>",
           f"  %w = arith.constant {const(wh)}\n"
           "  %zh = arith.constant 0.000000e+00 : f16").replace(
               "ins(%zero : f32)", "ins(%zh : f16)")
suite.check("conv_f16", text, [xc.astype(np.float16)], lambda x: [conv2d(x, wh)],
            rtol=1e-2)
suite.finish()
