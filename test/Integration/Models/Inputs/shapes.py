# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Models that are all about how values flow: identity, constants, several entries
and results, control flow, slices, reshapes, gathers and dynamic batch."""

import numpy as np
from whole_model import MODES, Suite, const, pruned

suite = Suite()
rng = np.random.default_rng(4)
x = rng.standard_normal((3, 8)).astype(np.float32)
w = pruned(rng, (8, 6), 0.7)
AUTO = {"auto": []}

suite.check("identity", """
func.func @main(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  return %x : tensor<?x8xf32>
}
""", [x], lambda x: [x], rtol=0)

suite.check("identity_twice", """
func.func @main(%x: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>) {
  return %x, %x : tensor<?x8xf32>, tensor<?x8xf32>
}
""", [x], lambda x: [x, x], rtol=0)

suite.check("swapped", """
func.func @main(%x: tensor<3x8xf32>, %y: tensor<2xi64>) -> (tensor<2xi64>, tensor<3x8xf32>) {
  return %y, %x : tensor<2xi64>, tensor<3x8xf32>
}
""", [x, np.array([7, -9])], lambda x, y: [y, x], rtol=0)

suite.check("constant", f"""
func.func @main() -> (tensor<8x6xf32>, tensor<2x2xi64>, tensor<f32>) {{
  %w = arith.constant {const(w)}
  %i = arith.constant dense<[[1, 2], [3, -4]]> : tensor<2x2xi64>
  %s = arith.constant dense<2.5> : tensor<f32>
  return %w, %i, %s : tensor<8x6xf32>, tensor<2x2xi64>, tensor<f32>
}}
""", [], lambda: [w, np.array([[1, 2], [3, -4]]), np.float64(2.5)], rtol=0)

suite.check("constant_splat", """
func.func @main(%x: tensor<3x8xf32>) -> tensor<4x5xf32> {
  %w = arith.constant dense<-0.5> : tensor<4x5xf32>
  return %w : tensor<4x5xf32>
}
""", [x], lambda x: [np.full((4, 5), -0.5)], rtol=0)

# A weight that is multiplied by and returned.
suite.check("weight_returned", f"""
func.func @main(%x: tensor<3x8xf32>) -> (tensor<3x6xf32>, tensor<8x6xf32>) {{
  %zero = arith.constant 0.0 : f32
  %w = arith.constant {const(w)}
  %e = tensor.empty() : tensor<3x6xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<3x6xf32>) -> tensor<3x6xf32>
  %y = linalg.matmul ins(%x, %w : tensor<3x8xf32>, tensor<8x6xf32>) outs(%f : tensor<3x6xf32>) -> tensor<3x6xf32>
  return %y, %w : tensor<3x6xf32>, tensor<8x6xf32>
}}
""", [x], lambda x: [x @ w.astype(np.float64), w])

suite.check("same_twice", f"""
func.func @main(%x: tensor<?x8xf32>) -> (tensor<?x6xf32>, tensor<?x6xf32>) {{
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %w = arith.constant {const(w)}
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %e = tensor.empty(%n) : tensor<?x6xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x6xf32>) -> tensor<?x6xf32>
  %y = linalg.matmul ins(%x, %w : tensor<?x8xf32>, tensor<8x6xf32>) outs(%f : tensor<?x6xf32>) -> tensor<?x6xf32>
  return %y, %y : tensor<?x6xf32>, tensor<?x6xf32>
}}
""", [x], lambda x: [x @ w.astype(np.float64)] * 2)

# Sums of a product go on from what was there.
init = pruned(rng, (3, 6), 0)
suite.check("accumulate", f"""
func.func @main(%x: tensor<3x8xf32>, %c: tensor<3x6xf32>) -> (tensor<3x6xf32>, tensor<3x6xf32>) {{
  %w = arith.constant {const(w)}
  %y = linalg.matmul ins(%x, %w : tensor<3x8xf32>, tensor<8x6xf32>) outs(%c : tensor<3x6xf32>) -> tensor<3x6xf32>
  %z = linalg.matmul ins(%x, %w : tensor<3x8xf32>, tensor<8x6xf32>) outs(%y : tensor<3x6xf32>) -> tensor<3x6xf32>
  return %y, %z : tensor<3x6xf32>, tensor<3x6xf32>
}}
""", [x, init], lambda x, c: [x @ w.astype(np.float64) + c,
                              2 * (x @ w.astype(np.float64)) + c])

two = f"""
module {{
  func.func @encode(%x: tensor<?x8xf32>) -> tensor<?x6xf32> {{
    %y = call @shared(%x) : (tensor<?x8xf32>) -> tensor<?x6xf32>
    return %y : tensor<?x6xf32>
  }}
  func.func @decode(%x: tensor<?x8xf32>) -> tensor<?x6xf32> {{
    %y = call @shared(%x) : (tensor<?x8xf32>) -> tensor<?x6xf32>
    %e = math.exp %y : tensor<?x6xf32>
    return %e : tensor<?x6xf32>
  }}
  func.func private @shared(%x: tensor<?x8xf32>) -> tensor<?x6xf32> {{
    %zero = arith.constant 0.0 : f32
    %c0 = arith.constant 0 : index
    %w = arith.constant {const(w)}
    %n = tensor.dim %x, %c0 : tensor<?x8xf32>
    %e = tensor.empty(%n) : tensor<?x6xf32>
    %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x6xf32>) -> tensor<?x6xf32>
    %y = linalg.matmul ins(%x, %w : tensor<?x8xf32>, tensor<8x6xf32>) outs(%f : tensor<?x6xf32>) -> tensor<?x6xf32>
    return %y : tensor<?x6xf32>
  }}
}}
"""
suite.check("encode", two, [x], lambda x: [x @ w.astype(np.float64)],
            entry="encode")
suite.check("decode", two, [x], lambda x: [np.exp(x @ w.astype(np.float64))],
            entry="decode")
suite.check("public_calls_public", two.replace("private @shared", "@shared"), [x],
            lambda x: [np.exp(x @ w.astype(np.float64))], entry="decode")

# A dynamic batch, with the shape arithmetic and asserts of torch-mlir.
suite.check("dynamic_batch", f"""
#map = affine_map<(d0, d1) -> (d0, d1)>
module attributes {{torch.debug_module_name = "Net"}} {{
  ml_program.global private mutable @global_seed(dense<0> : tensor<i64>) : tensor<i64>
  func.func @main(%arg0: tensor<?x8xf32>, %arg1: tensor<?x6xf32>) -> tensor<?x6xf32> {{
    %c0 = arith.constant 0 : index
    %cst = arith.constant 0.000000e+00 : f32
    %w = arith.constant {const(w)}
    %dim = tensor.dim %arg0, %c0 : tensor<?x8xf32>
    %0 = arith.index_cast %dim : index to i64
    %1 = arith.index_cast %0 : i64 to index
    %2 = tensor.empty(%1) : tensor<?x6xf32>
    %3 = linalg.fill ins(%cst : f32) outs(%2 : tensor<?x6xf32>) -> tensor<?x6xf32>
    %4 = linalg.matmul ins(%arg0, %w : tensor<?x8xf32>, tensor<8x6xf32>) outs(%3 : tensor<?x6xf32>) -> tensor<?x6xf32>
    %dim_0 = tensor.dim %4, %c0 : tensor<?x6xf32>
    %dim_1 = tensor.dim %arg1, %c0 : tensor<?x6xf32>
    %5 = arith.cmpi eq, %dim_0, %dim_1 : index
    cf.assert %5, "mismatched size for broadcast"
    %6 = tensor.empty(%dim_0) : tensor<?x6xf32>
    %7 = linalg.generic {{indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel"]}} ins(%4, %arg1 : tensor<?x6xf32>, tensor<?x6xf32>) outs(%6 : tensor<?x6xf32>) {{
    ^bb0(%in: f32, %in_2: f32, %out: f32):
      %8 = arith.addf %in, %in_2 : f32
      linalg.yield %8 : f32
    }} -> tensor<?x6xf32>
    return %7 : tensor<?x6xf32>
  }}
}}
""", [x, init], lambda x, y: [x @ w.astype(np.float64) + y],
            modes={**MODES, "batch": ["--batch=3"]})

# The batch is not the leading dimension of the result.
suite.check("batch_merged", """
func.func @main(%x: tensor<?x4x2xf32>) -> tensor<?x2xf32> {
  %y = tensor.collapse_shape %x [[0, 1], [2]] : tensor<?x4x2xf32> into tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
""", [x.reshape(3, 4, 2)], lambda x: [x.reshape(12, 2)], rtol=0,
            modes={"auto": [], "batch": ["--batch=3"]})

suite.check("reshapes", """
func.func @main(%x: tensor<?x4x2xf32>) -> (tensor<?x8xf32>, tensor<?x2x2x2xf32>, tensor<1x?x4x2xf32>, tensor<?xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4x2xf32>
  %a = tensor.collapse_shape %x [[0], [1, 2]] : tensor<?x4x2xf32> into tensor<?x8xf32>
  %b = tensor.expand_shape %x [[0], [1, 2], [3]] output_shape [%n, 2, 2, 2] : tensor<?x4x2xf32> into tensor<?x2x2x2xf32>
  %c = tensor.expand_shape %x [[0, 1], [2], [3]] output_shape [1, %n, 4, 2] : tensor<?x4x2xf32> into tensor<1x?x4x2xf32>
  %d = tensor.collapse_shape %x [[0, 1, 2]] : tensor<?x4x2xf32> into tensor<?xf32>
  return %a, %b, %c, %d : tensor<?x8xf32>, tensor<?x2x2x2xf32>, tensor<1x?x4x2xf32>, tensor<?xf32>
}
""", [x.reshape(3, 4, 2)],
            lambda x: [x.reshape(3, 8), x.reshape(3, 2, 2, 2), x[None], x.ravel()],
            rtol=0)

suite.check("reshape_two_dynamic", """
func.func @main(%x: tensor<?x?xf32>) -> tensor<?x?x1xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?x?xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?xf32>
  %c = tensor.expand_shape %x [[0], [1, 2]] output_shape [%n, %t, 1] : tensor<?x?xf32> into tensor<?x?x1xf32>
  return %c : tensor<?x?x1xf32>
}
""", [x], lambda x: [x[..., None]], rtol=0)

suite.check("tensor_reshape", """
func.func @main(%x: tensor<?x8xf32>) -> tensor<?x4x2xf32> {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %c2 = arith.constant 2 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %s = tensor.from_elements %n, %c4, %c2 : tensor<3xindex>
  %y = tensor.reshape %x(%s) : (tensor<?x8xf32>, tensor<3xindex>) -> tensor<?x4x2xf32>
  return %y : tensor<?x4x2xf32>
}
""", [x], lambda x: [x.reshape(3, 4, 2)], rtol=0)

suite.check("slices", """
func.func @main(%x: tensor<?x8xf32>) -> (tensor<?x3xf32>, tensor<1x8xf32>, tensor<8xf32>, tensor<?x12xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %a = tensor.extract_slice %x[0, 1] [%n, 3] [1, 2] : tensor<?x8xf32> to tensor<?x3xf32>
  %b = tensor.extract_slice %x[1, 0] [1, 8] [1, 1] : tensor<?x8xf32> to tensor<1x8xf32>
  %c = tensor.extract_slice %x[2, 0] [1, 8] [1, 1] : tensor<?x8xf32> to tensor<8xf32>
  %e = tensor.empty(%n) : tensor<?x12xf32>
  %z = arith.constant 7.0 : f32
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<?x12xf32>) -> tensor<?x12xf32>
  %d = tensor.insert_slice %x into %f[0, 2] [%n, 8] [1, 1] : tensor<?x8xf32> into tensor<?x12xf32>
  return %a, %b, %c, %d : tensor<?x3xf32>, tensor<1x8xf32>, tensor<8xf32>, tensor<?x12xf32>
}
""", [x], lambda x: [x[:, 1:7:2], x[1:2], x[2],
                     np.pad(x, ((0, 0), (2, 2)), constant_values=7.0)], rtol=0)

suite.check("concat", f"""
func.func @main(%x: tensor<?x8xf32>, %y: tensor<?x8xf32>) -> (tensor<?x16xf32>, tensor<?x8xf32>) {{
  %a = tensor.concat dim(1) %x, %y : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x16xf32>
  %b = tensor.concat dim(0) %x, %y : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
  return %a, %b : tensor<?x16xf32>, tensor<?x8xf32>
}}
""", [x, 2 * x], lambda x, y: [np.concatenate([x, y], 1), np.concatenate([x, y])],
            rtol=0)

# A product of a slice, of a transposed and of a concatenated activation.
suite.check("strided_operands", f"""
func.func @main(%x: tensor<?x20xf32>) -> (tensor<?x6xf32>, tensor<6x?xf32>) {{
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %w = arith.constant {const(w)}
  %n = tensor.dim %x, %c0 : tensor<?x20xf32>
  %a = tensor.extract_slice %x[0, 3] [%n, 8] [1, 2] : tensor<?x20xf32> to tensor<?x8xf32>
  %e = tensor.empty(%n) : tensor<?x6xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x6xf32>) -> tensor<?x6xf32>
  %y = linalg.matmul ins(%a, %w : tensor<?x8xf32>, tensor<8x6xf32>) outs(%f : tensor<?x6xf32>) -> tensor<?x6xf32>
  %te = tensor.empty(%n) : tensor<8x?xf32>
  %t = linalg.transpose ins(%a : tensor<?x8xf32>) outs(%te : tensor<8x?xf32>) permutation = [1, 0]
  %we = tensor.empty() : tensor<6x8xf32>
  %wt = linalg.transpose ins(%w : tensor<8x6xf32>) outs(%we : tensor<6x8xf32>) permutation = [1, 0]
  %ze = tensor.empty(%n) : tensor<6x?xf32>
  %zf = linalg.fill ins(%zero : f32) outs(%ze : tensor<6x?xf32>) -> tensor<6x?xf32>
  %z = linalg.matmul ins(%wt, %t : tensor<6x8xf32>, tensor<8x?xf32>) outs(%zf : tensor<6x?xf32>) -> tensor<6x?xf32>
  return %y, %z : tensor<?x6xf32>, tensor<6x?xf32>
}}
""", [rng.standard_normal((5, 20)).astype(np.float32)],
            lambda x: [x[:, 3:19:2] @ w.astype(np.float64),
                       (x[:, 3:19:2] @ w.astype(np.float64)).T])

suite.check("rank0", """
func.func @main(%x: tensor<f32>, %y: tensor<4xf32>) -> (tensor<f32>, tensor<4xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<f32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<f32>) -> tensor<f32>
  %s = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>], iterator_types = ["reduction"]} ins(%y : tensor<4xf32>) outs(%f : tensor<f32>) {
  ^bb0(%a: f32, %b: f32):
    %c = arith.addf %a, %b : f32
    linalg.yield %c : f32
  } -> tensor<f32>
  %ve = tensor.empty() : tensor<4xf32>
  %v = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%y, %x : tensor<4xf32>, tensor<f32>) outs(%ve : tensor<4xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %c = arith.mulf %a, %b : f32
    linalg.yield %c : f32
  } -> tensor<4xf32>
  return %s, %v : tensor<f32>, tensor<4xf32>
}
""", [np.array(2.5, np.float32), x[0, :4]], lambda x, y: [y.sum(), x * y])

suite.check("scf_if", f"""
func.func @main(%x: tensor<3x8xf32>, %flag: tensor<i1>) -> tensor<3x6xf32> {{
  %zero = arith.constant 0.0 : f32
  %w = arith.constant {const(w)}
  %c = tensor.extract %flag[] : tensor<i1>
  %e = tensor.empty() : tensor<3x6xf32>
  %y = scf.if %c -> tensor<3x6xf32> {{
    %f = linalg.fill ins(%zero : f32) outs(%e : tensor<3x6xf32>) -> tensor<3x6xf32>
    %m = linalg.matmul ins(%x, %w : tensor<3x8xf32>, tensor<8x6xf32>) outs(%f : tensor<3x6xf32>) -> tensor<3x6xf32>
    scf.yield %m : tensor<3x6xf32>
  }} else {{
    %s = tensor.extract_slice %x[0, 1] [3, 6] [1, 1] : tensor<3x8xf32> to tensor<3x6xf32>
    scf.yield %s : tensor<3x6xf32>
  }}
  return %y : tensor<3x6xf32>
}}
""", [x, np.array(True)], lambda x, f: [x @ w.astype(np.float64)])

square = pruned(rng, (8, 8), 0.7, scale=0.5)
loop = f"""
func.func @main(%x: tensor<?x8xf32>, %n: tensor<i64>) -> tensor<?x8xf32> {{
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %w = arith.constant {const(square)}
  %k = tensor.extract %n[] : tensor<i64>
  %steps = arith.index_cast %k : i64 to index
  %d = tensor.dim %x, %c0 : tensor<?x8xf32>
  %y = scf.for %i = %c0 to %steps step %c1 iter_args(%h = %x) -> (tensor<?x8xf32>) {{
    %e = tensor.empty(%d) : tensor<?x8xf32>
    %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
    %m = linalg.matmul ins(%h, %w : tensor<?x8xf32>, tensor<8x8xf32>) outs(%f : tensor<?x8xf32>) -> tensor<?x8xf32>
    %t = math.tanh %m : tensor<?x8xf32>
    scf.yield %t : tensor<?x8xf32>
  }}
  return %y : tensor<?x8xf32>
}}
"""


def steps(x, n):
    for _ in range(int(n)):
        x = np.tanh(x @ square.astype(np.float64))
    return [x]


suite.check("scf_for", loop, [x, np.array(5)], steps)
suite.check("scf_for_none", loop, [x, np.array(0)], steps, modes=AUTO)

suite.check("scf_while", f"""
func.func @main(%x: tensor<3x8xf32>) -> (tensor<3x8xf32>, tensor<i64>) {{
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c4 = arith.constant 4 : i64
  %y:2 = scf.while (%h = %x, %i = %c0) : (tensor<3x8xf32>, i64) -> (tensor<3x8xf32>, i64) {{
    %go = arith.cmpi slt, %i, %c4 : i64
    scf.condition(%go) %h, %i : tensor<3x8xf32>, i64
  }} do {{
  ^bb0(%h: tensor<3x8xf32>, %i: i64):
    %two = arith.addf %h, %h : tensor<3x8xf32>
    %n = arith.addi %i, %c1 : i64
    scf.yield %two, %n : tensor<3x8xf32>, i64
  }}
  %r = tensor.from_elements %y#1 : tensor<i64>
  return %y#0, %r : tensor<3x8xf32>, tensor<i64>
}}
""", [x], lambda x: [16 * x, np.array(4)], rtol=0)

table = pruned(rng, (11, 5), 0)
ids = np.array([[3, 0, 10], [7, 7, 2]])
suite.check("gather", f"""
#map = affine_map<(d0, d1, d2) -> (d0, d1)>
#map1 = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
func.func @main(%ids: tensor<?x3xi64>) -> tensor<?x3x5xf32> {{
  %c0 = arith.constant 0 : index
  %c0_i64 = arith.constant 0 : i64
  %c11_i64 = arith.constant 11 : i64
  %table = arith.constant {const(table)}
  %n = tensor.dim %ids, %c0 : tensor<?x3xi64>
  %e = tensor.empty(%n) : tensor<?x3x5xf32>
  %y = linalg.generic {{indexing_maps = [#map, #map1], iterator_types = ["parallel", "parallel", "parallel"]}} ins(%ids : tensor<?x3xi64>) outs(%e : tensor<?x3x5xf32>) {{
  ^bb0(%in: i64, %out: f32):
    %i = arith.index_cast %in : i64 to index
    %j = linalg.index 2 : index
    %a = arith.cmpi slt, %in, %c11_i64 : i64
    cf.assert %a, "index must be smaller than dim size"
    %b = arith.cmpi sge, %in, %c0_i64 : i64
    cf.assert %b, "index must be larger or equal to 0"
    %v = tensor.extract %table[%i, %j] : tensor<11x5xf32>
    linalg.yield %v : f32
  }} -> tensor<?x3x5xf32>
  return %y : tensor<?x3x5xf32>
}}
""", [ids], lambda i: [table[i]], rtol=0)

suite.check("tensor_generate", """
func.func @main(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %y = tensor.generate %n {
  ^bb0(%i: index, %j: index):
    %a = tensor.extract %x[%i, %j] : tensor<?x8xf32>
    %s = arith.addf %a, %a : f32
    tensor.yield %s : f32
  } : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
""", [x], lambda x: [2 * x], rtol=0)

argmax = """
#map = affine_map<(d0, d1) -> (d0, d1)>
#map1 = affine_map<(d0, d1) -> (d0)>
func.func @main(%x: tensor<?x8xf32>) -> tensor<?xi64> {
  %c0 = arith.constant 0 : index
  %c0_i64 = arith.constant 0 : i64
  %low = arith.constant 0xFF800000 : f32
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %e = tensor.empty(%n) : tensor<?xi64>
  %f = linalg.fill ins(%c0_i64 : i64) outs(%e : tensor<?xi64>) -> tensor<?xi64>
  %ve = tensor.empty(%n) : tensor<?xf32>
  %vf = linalg.fill ins(%low : f32) outs(%ve : tensor<?xf32>) -> tensor<?xf32>
  %y:2 = linalg.generic {indexing_maps = [#map, #map1, #map1], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<?x8xf32>) outs(%vf, %f : tensor<?xf32>, tensor<?xi64>) {
  ^bb0(%in: f32, %out: f32, %out_0: i64):
    %i = linalg.index 1 : index
    %j = arith.index_cast %i : index to i64
    %m = arith.maximumf %in, %out : f32
    %c = arith.cmpf ogt, %in, %out : f32
    %k = arith.select %c, %j, %out_0 : i64
    linalg.yield %m, %k : f32, i64
  } -> (tensor<?xf32>, tensor<?xi64>)
  return %y#1 : tensor<?xi64>
}
"""
suite.check("argmax", argmax, [x], lambda x: [x.argmax(1)],
            modes={**MODES, "batch": ["--batch=3"]})

suite.check("unused_argument", f"""
func.func @main(%x: tensor<3x8xf32>, %unused: tensor<?x?xf16>) -> tensor<3x8xf32> {{
  %y = arith.addf %x, %x : tensor<3x8xf32>
  return %y : tensor<3x8xf32>
}}
""", [x, x.astype(np.float16)], lambda x, u: [2 * x], rtol=0, modes=AUTO)

# An argument that an operation may not write in place.
suite.check("in_place", """
func.func @main(%x: tensor<3x8xf32>) -> (tensor<3x8xf32>, tensor<3x8xf32>) {
  %z = arith.constant 3.0 : f32
  %f = linalg.fill ins(%z : f32) outs(%x : tensor<3x8xf32>) -> tensor<3x8xf32>
  return %x, %f : tensor<3x8xf32>, tensor<3x8xf32>
}
""", [x], lambda x: [x, np.full((3, 8), 3.0)], rtol=0, modes=AUTO)

# An unranked detour through a cast, and a result that is a slice of an argument.
suite.check("casts", """
func.func @main(%x: tensor<?x?xf32>) -> tensor<3x8xf32> {
  %y = tensor.cast %x : tensor<?x?xf32> to tensor<3x8xf32>
  return %y : tensor<3x8xf32>
}
""", [x], lambda x: [x], rtol=0, modes=AUTO)

# More than one block in a function.
suite.check("blocks", """
func.func @main(%x: tensor<3x8xf32>, %flag: tensor<i1>) -> tensor<3x8xf32> {
  %c = tensor.extract %flag[] : tensor<i1>
  cf.cond_br %c, ^a, ^b
^a:
  %y = arith.addf %x, %x : tensor<3x8xf32>
  return %y : tensor<3x8xf32>
^b:
  %z = arith.mulf %x, %x : tensor<3x8xf32>
  return %z : tensor<3x8xf32>
}
""", [x, np.array(False)], lambda x, f: [x * x], modes=AUTO)

suite.check("empty", """
func.func @main(%x: tensor<0x8xf32>) -> tensor<0x8xf32> {
  %y = arith.addf %x, %x : tensor<0x8xf32>
  return %y : tensor<0x8xf32>
}
""", [x[:0]], lambda x: [x], modes=AUTO)

suite.finish()
