# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A perceptron with tanh, GELU and sigmoid, as torch-mlir prints it: static,
dynamic batch with the asserts of its shape arithmetic, in f16, and by rows."""

import math

import numpy as np
from whole_model import Suite, const, pruned

suite = Suite()
rng = np.random.default_rng(1)
erf = np.vectorize(math.erf, otypes=[float])

w1, b1 = pruned(rng, (96, 64), 0.9), pruned(rng, (96,), 0)
w2, b2 = pruned(rng, (80, 96), 0.95), pruned(rng, (80,), 0)
w3, b3 = pruned(rng, (7, 80), 0.5), pruned(rng, (7,), 0)


def mlp(x):
    x = np.tanh(x @ w1.T.astype(np.float64) + b1)
    x = x @ w2.T.astype(np.float64) + b2
    x = 0.5 * x * (1 + erf(x / math.sqrt(2)))
    x = x @ w3.T.astype(np.float64) + b3
    return [1 / (1 + np.exp(-x))]


def torch_mlp(n):
    """n is "?" or the batch size."""
    size = "%dim" if n == "?" else ""
    dim = ("%%dim = tensor.dim %%arg0, %%c0 : tensor<%sx64xf32>" % n
           if n == "?" else "")
    return f"""
#map = affine_map<(d0, d1) -> (d0, d1)>
#map1 = affine_map<(d0, d1) -> (d1)>
module {{
  ml_program.global private mutable @global_seed(dense<0> : tensor<i64>) : tensor<i64>
  func.func @main(%arg0: tensor<{n}x64xf32>) -> tensor<{n}x7xf32> {{
    %c0 = arith.constant 0 : index
    %cst = arith.constant 0.000000e+00 : f32
    %cst_half = arith.constant 5.000000e-01 : f32
    %cst_one = arith.constant 1.000000e+00 : f32
    %cst_sqrt2 = arith.constant 1.41421354 : f32
    %w1 = arith.constant {const(w1)}
    %b1 = arith.constant {const(b1)}
    %w2 = arith.constant {const(w2)}
    %b2 = arith.constant {const(b2)}
    %w3 = arith.constant {const(w3)}
    %b3 = arith.constant {const(b3)}
    {dim}
    %e1 = tensor.empty() : tensor<64x96xf32>
    %t1 = linalg.transpose ins(%w1 : tensor<96x64xf32>) outs(%e1 : tensor<64x96xf32>) permutation = [1, 0]
    %0 = tensor.empty({size}) : tensor<{n}x96xf32>
    %1 = linalg.fill ins(%cst : f32) outs(%0 : tensor<{n}x96xf32>) -> tensor<{n}x96xf32>
    %2 = linalg.matmul ins(%arg0, %t1 : tensor<{n}x64xf32>, tensor<64x96xf32>) outs(%1 : tensor<{n}x96xf32>) -> tensor<{n}x96xf32>
    %3 = linalg.generic {{indexing_maps = [#map, #map1, #map], iterator_types = ["parallel", "parallel"]}} ins(%2, %b1 : tensor<{n}x96xf32>, tensor<96xf32>) outs(%0 : tensor<{n}x96xf32>) {{
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %s = arith.addf %in, %in_0 : f32
      linalg.yield %s : f32
    }} -> tensor<{n}x96xf32>
    %4 = linalg.generic {{indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}} ins(%3 : tensor<{n}x96xf32>) outs(%0 : tensor<{n}x96xf32>) {{
    ^bb0(%in: f32, %out: f32):
      %s = math.tanh %in : f32
      linalg.yield %s : f32
    }} -> tensor<{n}x96xf32>
    %e2 = tensor.empty() : tensor<96x80xf32>
    %t2 = linalg.transpose ins(%w2 : tensor<80x96xf32>) outs(%e2 : tensor<96x80xf32>) permutation = [1, 0]
    %5 = tensor.empty({size}) : tensor<{n}x80xf32>
    %6 = linalg.fill ins(%cst : f32) outs(%5 : tensor<{n}x80xf32>) -> tensor<{n}x80xf32>
    %7 = linalg.matmul ins(%4, %t2 : tensor<{n}x96xf32>, tensor<96x80xf32>) outs(%6 : tensor<{n}x80xf32>) -> tensor<{n}x80xf32>
    %8 = linalg.generic {{indexing_maps = [#map, #map1, #map], iterator_types = ["parallel", "parallel"]}} ins(%7, %b2 : tensor<{n}x80xf32>, tensor<80xf32>) outs(%5 : tensor<{n}x80xf32>) {{
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %s = arith.addf %in, %in_0 : f32
      linalg.yield %s : f32
    }} -> tensor<{n}x80xf32>
    %9 = linalg.generic {{indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}} ins(%8 : tensor<{n}x80xf32>) outs(%5 : tensor<{n}x80xf32>) {{
    ^bb0(%in: f32, %out: f32):
      %a = arith.divf %in, %cst_sqrt2 : f32
      %b = math.erf %a : f32
      %c = arith.addf %b, %cst_one : f32
      %d = arith.mulf %c, %cst_half : f32
      %e = arith.mulf %in, %d : f32
      linalg.yield %e : f32
    }} -> tensor<{n}x80xf32>
    %e3 = tensor.empty() : tensor<80x7xf32>
    %t3 = linalg.transpose ins(%w3 : tensor<7x80xf32>) outs(%e3 : tensor<80x7xf32>) permutation = [1, 0]
    %10 = tensor.empty({size}) : tensor<{n}x7xf32>
    %11 = linalg.fill ins(%cst : f32) outs(%10 : tensor<{n}x7xf32>) -> tensor<{n}x7xf32>
    %12 = linalg.matmul ins(%9, %t3 : tensor<{n}x80xf32>, tensor<80x7xf32>) outs(%11 : tensor<{n}x7xf32>) -> tensor<{n}x7xf32>
    %13 = linalg.generic {{indexing_maps = [#map, #map1, #map], iterator_types = ["parallel", "parallel"]}} ins(%12, %b3 : tensor<{n}x7xf32>, tensor<7xf32>) outs(%10 : tensor<{n}x7xf32>) {{
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %s = arith.addf %in, %in_0 : f32
      linalg.yield %s : f32
    }} -> tensor<{n}x7xf32>
    %14 = linalg.generic {{indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}} ins(%13 : tensor<{n}x7xf32>) outs(%10 : tensor<{n}x7xf32>) {{
    ^bb0(%in: f32, %out: f32):
      %a = arith.negf %in : f32
      %b = math.exp %a : f32
      %c = arith.addf %b, %cst_one : f32
      %d = arith.divf %cst_one, %c : f32
      linalg.yield %d : f32
    }} -> tensor<{n}x7xf32>
    return %14 : tensor<{n}x7xf32>
  }}
}}
"""


x = rng.standard_normal((5, 64)).astype(np.float32)
suite.check("mlp_static", torch_mlp(5), [x], mlp)
suite.check("mlp_dynamic", torch_mlp("?"), [x], mlp)
suite.check("mlp_one", torch_mlp("?"), [x[:1]], mlp)
suite.check("mlp_many", torch_mlp("?"), [
    rng.standard_normal((129, 64)).astype(np.float32)], mlp)
suite.check("mlp_batch", torch_mlp("?"), [x], mlp, options=["--batch=5"])
suite.check("mlp_none", torch_mlp("?"), [x[:0]], mlp, modes={"auto": []})
every = {name: ["--format=" + name] for name in ("bitmask", "csr", "csc", "block")}
suite.check("mlp_formats", torch_mlp("?"), [x], mlp, modes=every)


# The same in half precision, all arithmetic in f16 as torch-mlir writes it.
hw, hb = pruned(rng, (48, 64), 0.9, np.float16), pruned(rng, (48,), 0, np.float16)
half = f"""
#map = affine_map<(d0, d1) -> (d0, d1)>
#map1 = affine_map<(d0, d1) -> (d1)>
func.func @main(%arg0: tensor<?x64xf16>) -> tensor<?x48xf16> {{
  %c0 = arith.constant 0 : index
  %cst = arith.constant 0.000000e+00 : f16
  %w = arith.constant {const(hw)}
  %b = arith.constant {const(hb)}
  %dim = tensor.dim %arg0, %c0 : tensor<?x64xf16>
  %e = tensor.empty() : tensor<64x48xf16>
  %t = linalg.transpose ins(%w : tensor<48x64xf16>) outs(%e : tensor<64x48xf16>) permutation = [1, 0]
  %0 = tensor.empty(%dim) : tensor<?x48xf16>
  %1 = linalg.fill ins(%cst : f16) outs(%0 : tensor<?x48xf16>) -> tensor<?x48xf16>
  %2 = linalg.matmul ins(%arg0, %t : tensor<?x64xf16>, tensor<64x48xf16>) outs(%1 : tensor<?x48xf16>) -> tensor<?x48xf16>
  %3 = linalg.generic {{indexing_maps = [#map, #map1, #map], iterator_types = ["parallel", "parallel"]}} ins(%2, %b : tensor<?x48xf16>, tensor<48xf16>) outs(%0 : tensor<?x48xf16>) {{
  ^bb0(%in: f16, %in_0: f16, %out: f16):
    %s = arith.addf %in, %in_0 : f16
    %m = arith.maximumf %s, %cst : f16
    linalg.yield %m : f16
  }} -> tensor<?x48xf16>
  return %3 : tensor<?x48xf16>
}}
"""
suite.check("mlp_f16", half, [x.astype(np.float16)],
            lambda x: [np.maximum(x @ hw.T.astype(np.float64) + hb, 0)],
            rtol=4e-3)

# And as mixed precision: f16 weights, f32 activations and sums.
mixed = f"""
func.func @main(%arg0: tensor<?x64xf32>) -> tensor<?x48xf32> {{
  %c0 = arith.constant 0 : index
  %cst = arith.constant 0.000000e+00 : f32
  %w = arith.constant {const(np.ascontiguousarray(hw.T))}
  %dim = tensor.dim %arg0, %c0 : tensor<?x64xf32>
  %0 = tensor.empty(%dim) : tensor<?x48xf32>
  %1 = linalg.fill ins(%cst : f32) outs(%0 : tensor<?x48xf32>) -> tensor<?x48xf32>
  %2 = linalg.matmul ins(%arg0, %w : tensor<?x64xf32>, tensor<64x48xf16>) outs(%1 : tensor<?x48xf32>) -> tensor<?x48xf32>
  return %2 : tensor<?x48xf32>
}}
"""
suite.check("mlp_mixed", mixed, [x], lambda x: [x @ hw.T.astype(np.float64)])

# A vector in, a vector out: matvec and vecmat.
vector = f"""
func.func @main(%arg0: tensor<64xf32>) -> (tensor<96xf32>, tensor<96xf32>) {{
  %cst = arith.constant 0.000000e+00 : f32
  %w = arith.constant {const(w1)}
  %t = arith.constant {const(np.ascontiguousarray(w1.T))}
  %0 = tensor.empty() : tensor<96xf32>
  %1 = linalg.fill ins(%cst : f32) outs(%0 : tensor<96xf32>) -> tensor<96xf32>
  %2 = linalg.matvec ins(%w, %arg0 : tensor<96x64xf32>, tensor<64xf32>) outs(%1 : tensor<96xf32>) -> tensor<96xf32>
  %3 = linalg.vecmat ins(%arg0, %t : tensor<64xf32>, tensor<64x96xf32>) outs(%1 : tensor<96xf32>) -> tensor<96xf32>
  return %2, %3 : tensor<96xf32>, tensor<96xf32>
}}
"""
suite.check("mlp_vector", vector, [x[0]],
            lambda x: [w1.astype(np.float64) @ x] * 2)
suite.check("mlp_vector_formats", vector, [x[0]],
            lambda x: [w1.astype(np.float64) @ x] * 2, modes=every)

suite.finish()
