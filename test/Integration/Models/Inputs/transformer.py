# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A transformer: embedding, a block of softmax attention and a GELU perceptron,
both with residual and layer norm, then the most probable token. The length of the
sequence is static or dynamic."""

import math

import numpy as np
from whole_model import Suite, const, pruned

suite = Suite()
rng = np.random.default_rng(2)
B, T, D, H, F, V = 2, 9, 32, 4, 64, 50
E = D // H

embedding = pruned(rng, (V, D), 0)
wq, wk, wv, wo = (pruned(rng, (D, D), 0.8, scale=0.5) for _ in range(4))
w1, w2 = pruned(rng, (F, D), 0.9), pruned(rng, (D, F), 0.9)
b1, b2 = pruned(rng, (F,), 0), pruned(rng, (D,), 0)
gamma, beta = pruned(rng, (D,), 0), pruned(rng, (D,), 0)
erf = np.vectorize(math.erf, otypes=[float])


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def norm(x):
    mean = x.mean(-1, keepdims=True)
    var = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) / np.sqrt(var + 1e-5) * gamma.astype(np.float64) + beta


def block(x):
    def heads(w):
        y = x @ w.T.astype(np.float64)
        return y.reshape(*y.shape[:2], H, E).transpose(0, 2, 1, 3)

    q, k, v = heads(wq), heads(wk), heads(wv)
    p = softmax(q @ k.transpose(0, 1, 3, 2) / math.sqrt(E))
    a = (p @ v).transpose(0, 2, 1, 3).reshape(x.shape)
    x = norm(x + a @ wo.T.astype(np.float64))
    h = x @ w1.T.astype(np.float64) + b1
    h = 0.5 * h * (1 + erf(h / math.sqrt(2)))
    return norm(x + h @ w2.T.astype(np.float64) + b2)


class Text:
    """Writes the operations; `t` is the length of the sequence as a type prints
    it, `b` the batch."""

    def __init__(self, b, t):
        self.b, self.t = b, t
        self.lines, self.count = [], 0

    def new(self):
        self.count += 1
        return "%%v%d" % self.count

    def add(self, line):
        name = self.new()
        self.lines.append("    %s = %s" % (name, line))
        return name

    def sizes(self, shape):
        return ", ".join({"B": "%dimb", "T": "%dimt"}[s] for s in shape
                         if s in ("B", "T") and self.name(s) == "?")

    def name(self, s):
        return {"B": str(self.b), "T": str(self.t)}.get(s, str(s))

    def type(self, shape, element="f32"):
        return "tensor<%s>" % "x".join([self.name(s) for s in shape] + [element])

    def empty(self, shape, element="f32"):
        return self.add("tensor.empty(%s) : %s" % (
            self.sizes(shape), self.type(shape, element)))

    def fill(self, shape, value="%zero", element="f32"):
        out = self.empty(shape, element)
        type = self.type(shape, element)
        return self.add("linalg.fill ins(%s : %s) outs(%s : %s) -> %s" % (
            value, element, out, type, type))

    def constant(self, array):
        return self.add("arith.constant " + const(array))

    def generic(self, operands, shape, body, init=None, kinds=None, element="f32"):
        """operands: (name, map, shape[, element]); body uses %in0 ... and %out."""
        rank = max(len(shape), len(kinds or ()))
        dims = ", ".join("d%d" % i for i in range(rank))
        kinds = kinds or ["parallel"] * rank
        out = init or self.empty(shape, element)
        omap = [m for k, m in zip(kinds, range(rank)) if k == "parallel"]
        if len(omap) != len(shape):
            omap = None
        maps = ["affine_map<(%s) -> (%s)>" % (dims, o[1]) for o in operands]
        outmap = self.outmap if self.outmap else ", ".join("d%d" % i for i in omap)
        maps.append("affine_map<(%s) -> (%s)>" % (dims, outmap))
        self.outmap = None
        types = [self.type(o[2], o[3] if len(o) > 3 else "f32") for o in operands]
        args = ["%%in%d: %s" % (i, o[3] if len(o) > 3 else "f32")
                for i, o in enumerate(operands)] + ["%out: " + element]
        ins = " ins(%s : %s)" % (", ".join(o[0] for o in operands),
                                 ", ".join(types)) if operands else ""
        return self.add(
            "linalg.generic {indexing_maps = [%s], iterator_types = [%s]}"
            "%s outs(%s : %s) {\n    ^bb0(%s):\n%s\n    } -> %s" % (
                ", ".join(maps), ", ".join('"%s"' % k for k in kinds), ins, out,
                self.type(shape, element), ", ".join(args),
                "\n".join("      " + line for line in body),
                self.type(shape, element)))

    outmap = None


X = ["B", "T", D]
D3, D4 = "d0, d1, d2", "d0, d1, d2, d3"


def linear(t, x, weight, rows, cols, bias=None, flat=False):
    """torch.nn.Linear on a 3-d tensor: torch-mlir broadcasts the transposed weight
    over the batch and multiplies with batch_matmul."""
    w = t.constant(weight)
    e = t.add(f"tensor.empty() : tensor<{cols}x{rows}xf32>")
    w = t.add(f"linalg.transpose ins({w} : tensor<{rows}x{cols}xf32>) outs({e} : "
              f"tensor<{cols}x{rows}xf32>) permutation = [1, 0]")
    shape = ["B", cols, rows]
    w = t.generic([(w, "d1, d2", [cols, rows])], shape, ["linalg.yield %in0 : f32"])
    zero = t.fill(["B", "T", rows])
    y = t.add("linalg.batch_matmul ins(%s, %s : %s, %s) outs(%s : %s) -> %s" % (
        x, w, t.type(["B", "T", cols]), t.type(shape), zero,
        t.type(["B", "T", rows]), t.type(["B", "T", rows])))
    if bias is None:
        return y
    b = t.constant(bias)
    return t.generic([(y, D3, ["B", "T", rows]), (b, "d2", [rows])],
                     ["B", "T", rows],
                     ["%s = arith.addf %in0, %in1 : f32", "linalg.yield %s : f32"])


def split(t, x):
    """(B, T, D) as heads: (B, H, T, E)."""
    shape = ["B", "T", H, E]
    sizes = ", ".join([*(["%dimb"] if t.b == "?" else [str(t.b)]),
                       *(["%dimt"] if t.t == "?" else [str(t.t)]), str(H), str(E)])
    x = t.add(f"tensor.expand_shape {x} [[0], [1], [2, 3]] output_shape [{sizes}] : "
              f"{t.type(X)} into {t.type(shape)}")
    e = t.empty(["B", H, "T", E])
    return t.add(f"linalg.transpose ins({x} : {t.type(shape)}) outs({e} : "
                 f"{t.type(['B', H, 'T', E])}) permutation = [0, 2, 1, 3]")


def merge_heads(t, x, shape):
    """(B, H, ...) -> (B*H, ...), as torch-mlir does before batch_matmul."""
    flat = ["BH"] + shape[2:]
    return t.add(f"tensor.collapse_shape {x} [[0, 1], [2], [3]] : "
                 f"{t.type(shape)} into {t.type(flat)}")


def reduce_last(t, x, shape, combine, init):
    """The reduction over the last dimension, kept as 1."""
    out = shape[:-1] + [1]
    start = t.fill(out, init)
    t.outmap = ", ".join("d%d" % i for i in range(len(shape) - 1)) + ", 0"
    return t.generic([(x, ", ".join("d%d" % i for i in range(len(shape))), shape)],
                     out, [f"%s = {combine} %in0, %out : f32",
                           "linalg.yield %s : f32"], init=start,
                     kinds=["parallel"] * (len(shape) - 1) + ["reduction"])


def layer_norm(t, x):
    total = reduce_last(t, x, X, "arith.addf", "%zero")
    mean = t.generic([(total, D3, X[:2] + [1])], X[:2] + [1],
                     ["%s = arith.divf %in0, %width : f32", "linalg.yield %s : f32"])
    keep = "d0, d1, 0"
    centred = t.generic([(x, D3, X), (mean, keep, X[:2] + [1])], X,
                        ["%s = arith.subf %in0, %in1 : f32", "linalg.yield %s : f32"])
    square = t.generic([(centred, D3, X)], X,
                       ["%s = arith.mulf %in0, %in0 : f32", "linalg.yield %s : f32"])
    total = reduce_last(t, square, X, "arith.addf", "%zero")
    inverse = t.generic([(total, D3, X[:2] + [1])], X[:2] + [1],
                        ["%a = arith.divf %in0, %width : f32",
                         "%b = arith.truncf %eps : f64 to f32",
                         "%c = arith.addf %a, %b : f32",
                         "%s = math.rsqrt %c : f32", "linalg.yield %s : f32"])
    g, b = t.constant(gamma), t.constant(beta)
    return t.generic([(centred, D3, X), (inverse, keep, X[:2] + [1]), (g, "d2", [D]),
                      (b, "d2", [D])], X,
                     ["%a = arith.mulf %in0, %in1 : f32",
                      "%b = arith.mulf %a, %in2 : f32",
                      "%s = arith.addf %b, %in3 : f32", "linalg.yield %s : f32"])


def add(t, x, y):
    return t.generic([(x, D3, X), (y, D3, X)], X,
                     ["%s = arith.addf %in0, %in1 : f32", "linalg.yield %s : f32"])


def attention(t, x, named_softmax):
    q, k, v = (split(t, linear(t, x, w, D, D)) for w in (wq, wk, wv))
    e = t.empty(["B", H, E, "T"])
    kt = t.add(f"linalg.transpose ins({k} : {t.type(['B', H, 'T', E])}) outs({e} : "
               f"{t.type(['B', H, E, 'T'])}) permutation = [0, 1, 3, 2]")
    q = merge_heads(t, q, ["B", H, "T", E])
    kt = merge_heads(t, kt, ["B", H, E, "T"])
    v = merge_heads(t, v, ["B", H, "T", E])
    S = ["BH", "T", "T"]
    zero = t.fill(S)
    s = t.add("linalg.batch_matmul ins(%s, %s : %s, %s) outs(%s : %s) -> %s" % (
        q, kt, t.type(["BH", "T", E]), t.type(["BH", E, "T"]), zero, t.type(S),
        t.type(S)))
    s = t.generic([(s, D3, S)], S, ["%s = arith.mulf %in0, %scale : f32",
                                    "linalg.yield %s : f32"])
    if named_softmax:
        out = t.empty(S)
        p = t.add(f"linalg.softmax dimension(2) ins({s} : {t.type(S)}) outs({out} : "
                  f"{t.type(S)}) -> {t.type(S)}")
    else:
        # torch-mlir computes max with the index that belongs to it.
        zero = t.fill(S[:2], "%c0_i64", "i64")
        low = t.fill(S[:2], "%low")
        name = t.new()
        m = f"affine_map<({D3}) -> ({D3})>, " + ", ".join(
            [f"affine_map<({D3}) -> (d0, d1)>"] * 2)
        t.lines.append(f"""    {name}:2 = linalg.generic {{indexing_maps = [{m}], iterator_types = ["parallel", "parallel", "reduction"]}} ins({s} : {t.type(S)}) outs({low}, {zero} : {t.type(S[:2])}, {t.type(S[:2], "i64")}) {{
    ^bb0(%in: f32, %out: f32, %out_i: i64):
      %i = linalg.index 2 : index
      %j = arith.index_cast %i : index to i64
      %m = arith.maximumf %in, %out : f32
      %c = arith.cmpf ogt, %in, %out : f32
      %n = arith.select %c, %j, %out_i : i64
      linalg.yield %m, %n : f32, i64
    }} -> ({t.type(S[:2])}, {t.type(S[:2], "i64")})""")
        kept = ["BH", "T", 1]
        sizes = ", ".join([*(["%dimbh"] if t.b == "?" else [str(t.b * H)]),
                           *(["%dimt"] if t.t == "?" else [str(t.t)]), "1"])
        top = t.add(f"tensor.expand_shape {name}#0 [[0], [1, 2]] output_shape "
                    f"[{sizes}] : {t.type(S[:2])} into {t.type(kept)}")
        e = t.generic([(s, D3, S), (top, "d0, d1, 0", kept)], S,
                      ["%a = arith.subf %in0, %in1 : f32", "%s = math.exp %a : f32",
                       "linalg.yield %s : f32"])
        total = reduce_last(t, e, S, "arith.addf", "%zero")
        p = t.generic([(e, D3, S), (total, "d0, d1, 0", kept)], S,
                      ["%s = arith.divf %in0, %in1 : f32", "linalg.yield %s : f32"])
    zero = t.fill(["BH", "T", E])
    a = t.add("linalg.batch_matmul ins(%s, %s : %s, %s) outs(%s : %s) -> %s" % (
        p, v, t.type(S), t.type(["BH", "T", E]), zero, t.type(["BH", "T", E]),
        t.type(["BH", "T", E])))
    sizes = ", ".join([*(["%dimb"] if t.b == "?" else [str(t.b)]), str(H),
                       *(["%dimt"] if t.t == "?" else [str(t.t)]), str(E)])
    a = t.add(f"tensor.expand_shape {a} [[0, 1], [2], [3]] output_shape [{sizes}] : "
              f"{t.type(['BH', 'T', E])} into {t.type(['B', H, 'T', E])}")
    e = t.empty(["B", "T", H, E])
    a = t.add(f"linalg.transpose ins({a} : {t.type(['B', H, 'T', E])}) outs({e} : "
              f"{t.type(['B', 'T', H, E])}) permutation = [0, 2, 1, 3]")
    a = t.add(f"tensor.collapse_shape {a} [[0], [1], [2, 3]] : "
              f"{t.type(['B', 'T', H, E])} into {t.type(X)}")
    return linear(t, a, wo, D, D)


class Transformer(Text):
    def name(self, s):
        if s == "BH":
            return "?" if self.b == "?" else str(self.b * H)
        return super().name(s)

    def sizes(self, shape):
        return ", ".join({"B": "%dimb", "T": "%dimt", "BH": "%dimbh"}[s]
                         for s in shape
                         if s in ("B", "T", "BH") and self.name(s) == "?")


def transformer(b, t, named_softmax=False):
    text = Transformer(b, t)
    table = text.constant(embedding)
    ids = ["B", "T"]
    x = text.generic([("%arg0", "d0, d1", ids, "i64")], X,
                     ["%i = arith.index_cast %in0 : i64 to index",
                      "%j = linalg.index 2 : index",
                      "%ok = arith.cmpi slt, %in0, %c50_i64 : i64",
                      'cf.assert %ok, "index must be smaller than dim size"',
                      "%ok2 = arith.cmpi sge, %in0, %c0_i64 : i64",
                      'cf.assert %ok2, "index must be larger or equal to 0"',
                      f"%s = tensor.extract {table}[%i, %j] : tensor<50x32xf32>",
                      "linalg.yield %s : f32"])
    x = layer_norm(text, add(text, x, attention(text, x, named_softmax)))
    h = linear(text, x, w1, F, D, b1)
    h = text.generic([(h, D3, ["B", "T", F])], ["B", "T", F],
                     ["%a = arith.divf %in0, %sqrt2 : f32", "%b = math.erf %a : f32",
                      "%c = arith.addf %b, %one : f32",
                      "%d = arith.mulf %c, %half : f32",
                      "%s = arith.mulf %in0, %d : f32", "linalg.yield %s : f32"])
    x = layer_norm(text, add(text, x, linear(text, h, w2, D, F, b2)))
    body = "\n".join(text.lines)
    dims = ""
    if b == "?":
        dims += f"    %dimb = tensor.dim %arg0, %c0 : {text.type(ids, 'i64')}\n"
        dims += "    %dimbh = arith.muli %dimb, %c4 : index\n"
    if t == "?":
        dims += f"    %dimt = tensor.dim %arg0, %c1 : {text.type(ids, 'i64')}\n"
    return f"""module {{
  func.func @main(%arg0: {text.type(ids, "i64")}) -> {text.type(X)} {{
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c4 = arith.constant 4 : index
    %c0_i64 = arith.constant 0 : i64
    %c50_i64 = arith.constant 50 : i64
    %zero = arith.constant 0.000000e+00 : f32
    %half = arith.constant 5.000000e-01 : f32
    %one = arith.constant 1.000000e+00 : f32
    %low = arith.constant 0xFF800000 : f32
    %sqrt2 = arith.constant 1.41421354 : f32
    %scale = arith.constant 0.353553385 : f32
    %width = arith.constant 3.200000e+01 : f32
    %eps = arith.constant 1.000000e-05 : f64
{dims}{body}
    return {x} : {text.type(X)}
  }}
}}
"""


tokens = rng.integers(0, V, (B, T))


def reference(ids):
    return [block(embedding.astype(np.float64)[ids])]


suite.check("static", transformer(B, T), [tokens], reference, rtol=1e-4)
suite.check("named_softmax", transformer(B, T, True), [tokens], reference, rtol=1e-4)
suite.check("dynamic", transformer("?", "?"), [tokens], reference, rtol=1e-4)
suite.check("dynamic_one", transformer("?", "?", True), [tokens[:1, :1]], reference,
            rtol=1e-4)
suite.check("dynamic_length", transformer(B, "?"), [tokens], reference, rtol=1e-4)
suite.check("batch", transformer("?", T), [tokens], reference, rtol=1e-4,
            options=["--batch=2"])
suite.finish()
