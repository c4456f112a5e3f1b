# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What surrounds products: every math operation a network uses, at its limits too,
whole and narrow types, reductions, and dense products of all types."""

import math

import numpy as np
from whole_model import MLIR_TYPES, Suite, const, pruned

suite = Suite()
rng = np.random.default_rng(5)
AUTO = {"auto": []}
BOTH = {"auto": [], "strict": ["--strict-fp"]}


def unary(op, element, shape="37", out=None):
    out = out or element
    return f"""
#map = affine_map<(d0) -> (d0)>
func.func @main(%x: tensor<{shape}x{element}>) -> tensor<{shape}x{out}> {{
  %e = tensor.empty() : tensor<{shape}x{out}>
  %y = linalg.generic {{indexing_maps = [#map, #map], iterator_types = ["parallel"]}} ins(%x : tensor<{shape}x{element}>) outs(%e : tensor<{shape}x{out}>) {{
  ^bb0(%in: {element}, %out: {out}):
    %r = {op}
    linalg.yield %r : {out}
  }} -> tensor<{shape}x{out}>
  return %y : tensor<{shape}x{out}>
}}
"""


def binary(op, element, out=None):
    out = out or element
    return f"""
#map = affine_map<(d0) -> (d0)>
func.func @main(%x: tensor<?x{element}>, %y: tensor<?x{element}>) -> tensor<?x{out}> {{
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x{element}>
  %e = tensor.empty(%n) : tensor<?x{out}>
  %z = linalg.generic {{indexing_maps = [#map, #map, #map], iterator_types = ["parallel"]}} ins(%x, %y : tensor<?x{element}>, tensor<?x{element}>) outs(%e : tensor<?x{out}>) {{
  ^bb0(%a: {element}, %b: {element}, %out: {out}):
    %r = {op}
    linalg.yield %r : {out}
  }} -> tensor<?x{out}>
  return %z : tensor<?x{out}>
}}
"""


wide = np.concatenate([np.linspace(-9, 9, 28),
                       [0.0, -0.0, 1e-6, -1e-6, 80, -80, np.inf, -np.inf,
                        np.nan]]).astype(np.float32)
tame = np.concatenate([np.linspace(-9, 9, 30), [0.0, -0.0, 1e-6, -1e-6, 30, -30,
                                                0.5]]).astype(np.float32)
positive = np.concatenate([np.geomspace(1e-30, 1e30, 33),
                           [1.0, 2.0, 1e-38, 0.5]]).astype(np.float32)
unit = np.linspace(-1, 1, 37).astype(np.float32)
erf = np.vectorize(math.erf, otypes=[float])

for name, function, x in (
        ("tanh", np.tanh, wide), ("erf", erf, wide), ("absf", np.abs, wide),
        ("ceil", np.ceil, wide), ("floor", np.floor, wide),
        ("roundeven", np.round, wide), ("trunc", np.trunc, wide),
        ("sin", np.sin, tame), ("cos", np.cos, tame), ("tan", np.tan, unit),
        ("atan", np.arctan, wide), ("asin", np.arcsin, unit),
        ("acos", np.arccos, unit), ("sinh", np.sinh, unit),
        ("cosh", np.cosh, unit), ("asinh", np.arcsinh, tame),
        ("atanh", np.arctanh, unit * np.float32(0.99)),
        ("expm1", np.expm1, unit), ("erfc", lambda x: 1 - erf(x), unit),
        ("log", np.log, positive), ("log2", np.log2, positive),
        ("log10", np.log10, positive), ("log1p", np.log1p, positive),
        ("sqrt", np.sqrt, positive), ("cbrt", np.cbrt, tame)):
    suite.check("math_" + name, unary(f"math.{name} %in : f32", "f32"), [x],
                lambda x, function=function: [function(x)], rtol=1e-6, modes=BOTH)
# Each element to its own precision where the range is wide.
for name, function, x in (("exp", np.exp, tame), ("exp2", np.exp2, tame),
                          ("rsqrt", lambda x: 1 / np.sqrt(x), positive)):
    x = x[np.abs(x) > 1e-30]
    text = unary(f"math.{name} %in : f32", "f32", str(len(x)))
    text = text.replace("  return %y", f"""  %ref = arith.constant {const(
        (1 / function(x.astype(np.float64))).astype(np.float32))}
  %z = arith.mulf %y, %ref : tensor<{len(x)}xf32>
  return %z""")
    suite.check("math_" + name, text, [x], lambda x: [np.ones(len(x))], rtol=1e-6,
                modes=BOTH)

for name in ("tanh", "exp", "erf", "sin"):
    f = {"tanh": np.tanh, "exp": np.exp, "erf": erf, "sin": np.sin}[name]
    suite.check("math_f16_" + name, unary(f"math.{name} %in : f16", "f16"),
                [unit.astype(np.float16)], lambda x: [f(x)], rtol=2e-3, modes=AUTO)
    suite.check("math_f64_" + name, unary(f"math.{name} %in : f64", "f64"),
                [unit.astype(np.float64)], lambda x: [f(x)], rtol=1e-12, modes=AUTO)

a = (rng.random(50) * 4 + 0.1).astype(np.float32)
b = rng.standard_normal(50).astype(np.float32) * 3
for name, op, function in (
        ("powf", "math.powf %a, %b : f32", np.power),
        ("atan2", "math.atan2 %a, %b : f32", np.arctan2),
        ("copysign", "math.copysign %a, %b : f32", np.copysign),
        ("remf", "arith.remf %a, %b : f32", np.fmod),
        ("divf", "arith.divf %a, %b : f32", np.divide),
        ("maximumf", "arith.maximumf %a, %b : f32", np.maximum),
        ("minimumf", "arith.minimumf %a, %b : f32", np.minimum),
        ("maxnumf", "arith.maxnumf %a, %b : f32", np.fmax)):
    suite.check("binary_" + name, binary(op, "f32"), [a, b],
                lambda x, y, function=function: [function(x, y)], rtol=1e-6,
                modes=BOTH)
nan = np.array([np.nan, 1, np.nan, np.inf, -0.0, 0.0], np.float32)
other = np.array([1, np.nan, np.nan, -np.inf, 0.0, -0.0], np.float32)
for name, function in (("maximumf", np.maximum), ("minimumf", np.minimum),
                       ("maxnumf", np.fmax), ("minnumf", np.fmin)):
    suite.check("nan_" + name, binary(f"arith.{name} %a, %b : f32", "f32"),
                [nan, other], lambda x, y, f=function: [f(x, y)], rtol=0, modes=BOTH)

# Whole numbers, with all that wraps around.
for dtype in (np.int8, np.int32, np.int64):
    t = MLIR_TYPES[np.dtype(dtype).name]
    info = np.iinfo(dtype)
    p = rng.integers(info.min, info.max, 40, dtype, endpoint=True)
    q = rng.integers(info.min, info.max, 40, dtype, endpoint=True)
    p[:3], q[:3] = (info.max, info.min, info.min), (1, 1, 2)
    small = rng.integers(1, 8, 40).astype(dtype)
    with np.errstate(all="ignore"):
        for name, op, y, function in (
                ("addi", "addi", q, np.add), ("subi", "subi", q, np.subtract),
                ("muli", "muli", q, np.multiply), ("andi", "andi", q, np.bitwise_and),
                ("ori", "ori", q, np.bitwise_or), ("xori", "xori", q, np.bitwise_xor),
                ("maxsi", "maxsi", q, np.maximum), ("minsi", "minsi", q, np.minimum),
                ("shli", "shli", small, np.left_shift),
                ("shrsi", "shrsi", small, np.right_shift),
                ("floordivsi", "floordivsi", small, np.floor_divide),
                ("divsi", "divsi", small, lambda x, y: (
                    np.sign(x.astype(object)) * (abs(x.astype(object)) // y)).astype(
                        x.dtype))):
            suite.check(f"int_{t}_{name}", binary(f"arith.{op} %a, %b : {t}", t),
                        [p, y], lambda x, y, f=function: [f(x, y)], modes=AUTO)
    suite.check(f"compare_{t}", binary(f"arith.cmpi slt, %a, %b : {t}", t, "i1"),
                [p, q], lambda x, y: [x < y], modes=AUTO)

floats = np.array([-2.7, -0.2, 0.0, 1.5, 100.9, 127.0], np.float32)
for dtype in (np.int8, np.int32, np.int64):
    t = MLIR_TYPES[np.dtype(dtype).name]
    suite.check("fptosi_" + t, unary(f"arith.fptosi %in : f32 to {t}", "f32", "6", t),
                [floats], lambda x: [np.trunc(x).astype(dtype)], modes=AUTO)
    suite.check("sitofp_" + t, unary(f"arith.sitofp %in : {t} to f32", t, "3", "f32"),
                [np.array([-128, 0, 127], dtype)], lambda x: [x.astype(float)],
                rtol=0, modes=AUTO)
suite.check("extf", unary("arith.extf %in : f16 to f32", "f16", "37", "f32"),
            [unit.astype(np.float16)], lambda x: [x], rtol=0, modes=AUTO)
suite.check("truncf", unary("arith.truncf %in : f32 to f16", "f32", "37", "f16"),
            [unit], lambda x: [x.astype(np.float16)], rtol=0, modes=AUTO)
suite.check("flag", unary("arith.xori %in, %in : i1", "i1", "3"),
            [np.array([True, False, True])], lambda x: [np.zeros(3, bool)], modes=AUTO)

# Products: of two activations, and of types that only exist dense.
for dtype in (np.float32, np.float16, np.float64, np.int8, np.int32, np.int64):
    t = MLIR_TYPES[np.dtype(dtype).name]
    kind = np.dtype(dtype).kind
    zero = "0.0" if kind == "f" else "0"
    if kind == "f":
        x = rng.standard_normal((5, 9)).astype(dtype)
        w = pruned(rng, (9, 7), 0.8, dtype)
    else:
        x = rng.integers(-9, 9, (5, 9)).astype(dtype)
        w = (rng.integers(-9, 9, (9, 7)) * (rng.random((9, 7)) > 0.8)).astype(dtype)
    tail = f"""
  %zero = arith.constant {zero} : {t}
  %e = tensor.empty() : tensor<5x7x{t}>
  %f = linalg.fill ins(%zero : {t}) outs(%e : tensor<5x7x{t}>) -> tensor<5x7x{t}>
  %y = linalg.matmul ins(%x, %w : tensor<5x9x{t}>, tensor<9x7x{t}>) outs(%f : tensor<5x7x{t}>) -> tensor<5x7x{t}>
  return %y : tensor<5x7x{t}>
}}
"""
    rtol = {"f2": 4e-3, "f4": 1e-6, "f8": 1e-14}.get(np.dtype(dtype).str[1:], 0)
    suite.check("product_" + t, f"""
func.func @main(%x: tensor<5x9x{t}>, %w: tensor<9x7x{t}>) -> tensor<5x7x{t}> {{
{tail}""", [x, w], lambda x, w: [x @ w], rtol=rtol)
    suite.check("weight_" + t, f"""
func.func @main(%x: tensor<5x9x{t}>) -> tensor<5x7x{t}> {{
  %w = arith.constant {const(w)}
{tail}""", [x], lambda x: [x @ w], rtol=rtol)

x8 = rng.integers(-128, 127, (5, 9)).astype(np.int8)
w8 = (rng.integers(-128, 127, (9, 7)) * (rng.random((9, 7)) > 0.8)).astype(np.int8)
suite.check("product_i8_i32", f"""
func.func @main(%x: tensor<5x9xi8>) -> tensor<5x7xi32> {{
  %w = arith.constant {const(w8)}
  %zero = arith.constant 0 : i32
  %e = tensor.empty() : tensor<5x7xi32>
  %f = linalg.fill ins(%zero : i32) outs(%e : tensor<5x7xi32>) -> tensor<5x7xi32>
  %y = linalg.matmul ins(%x, %w : tensor<5x9xi8>, tensor<9x7xi8>) outs(%f : tensor<5x7xi32>) -> tensor<5x7xi32>
  return %y : tensor<5x7xi32>
}}
""", [x8], lambda x: [x.astype(np.int32) @ w8.astype(np.int32)])

# Reductions over each dimension.
cube = rng.standard_normal((4, 5, 33)).astype(np.float32)
for axis in range(3):
    rest = [d for d in range(3) if d != axis]
    dims = [4, 5, 33]
    out = "x".join(str(dims[d]) for d in rest)
    kinds = ", ".join('"reduction"' if d == axis else '"parallel"' for d in range(3))
    target = ", ".join("d%d" % d for d in rest)
    for name, op, start, function in (
            ("sum", "addf", "0.0", np.sum), ("prod", "mulf", "1.0", np.prod),
            ("max", "maximumf", "0xFF800000", np.max),
            ("min", "minimumf", "0x7F800000", np.min)):
        suite.check(f"reduce_{name}_{axis}", f"""
#map = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#map1 = affine_map<(d0, d1, d2) -> ({target})>
func.func @main(%x: tensor<4x5x33xf32>) -> tensor<{out}xf32> {{
  %s = arith.constant {start} : f32
  %e = tensor.empty() : tensor<{out}xf32>
  %f = linalg.fill ins(%s : f32) outs(%e : tensor<{out}xf32>) -> tensor<{out}xf32>
  %y = linalg.generic {{indexing_maps = [#map, #map1], iterator_types = [{kinds}]}} ins(%x : tensor<4x5x33xf32>) outs(%f : tensor<{out}xf32>) {{
  ^bb0(%a: f32, %b: f32):
    %c = arith.{op} %a, %b : f32
    linalg.yield %c : f32
  }} -> tensor<{out}xf32>
  return %y : tensor<{out}xf32>
}}
""", [cube], lambda x: [function(x, axis=axis)], rtol=1e-5, modes=BOTH)

# Named elementwise operations, and softmax over each dimension.
for name, function in (("exp", np.exp), ("tanh", np.tanh), ("negf", np.negative),
                       ("abs", np.abs), ("square", np.square),
                       ("reciprocal", np.reciprocal)):
    suite.check("named_" + name, f"""
func.func @main(%x: tensor<4x5x33xf32>) -> tensor<4x5x33xf32> {{
  %e = tensor.empty() : tensor<4x5x33xf32>
  %y = linalg.{name} ins(%x : tensor<4x5x33xf32>) outs(%e : tensor<4x5x33xf32>) -> tensor<4x5x33xf32>
  return %y : tensor<4x5x33xf32>
}}
""", [cube], lambda x: [function(x)], rtol=1e-6, modes=AUTO)
for axis in range(3):
    suite.check("softmax_%d" % axis, f"""
func.func @main(%x: tensor<4x?x33xf32>) -> tensor<4x?x33xf32> {{
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c1 : tensor<4x?x33xf32>
  %e = tensor.empty(%n) : tensor<4x?x33xf32>
  %y = linalg.softmax dimension({axis}) ins(%x : tensor<4x?x33xf32>) outs(%e : tensor<4x?x33xf32>) -> tensor<4x?x33xf32>
  return %y : tensor<4x?x33xf32>
}}
""", [cube * 30], lambda x: [np.exp(x - x.max(axis, keepdims=True)) /
                             np.exp(x - x.max(axis, keepdims=True)).sum(
                                 axis, keepdims=True)], rtol=1e-5, modes=BOTH)
suite.finish()
