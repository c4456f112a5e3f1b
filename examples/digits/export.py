# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Write the weights of train.py as MLIR: linalg on tensors, as torch-mlir prints it.

`mlir-opt digits.mlir` prints the same text again. One thing differs from
torch-mlir: a weight's resource is called by its name, `fc1.weight`, where
torch-mlir would write `torch_tensor_512_256_torch.float32`.
"""

import argparse
from pathlib import Path
from typing import Dict, List, Set, Tuple

import numpy as np

HERE = Path(__file__).resolve().parent
WEIGHTS = [
    f"{layer}.{part}"
    for layer in ("conv1", "fc1", "fc2", "fc3")
    for part in ("weight", "bias")
]
MAPS = """\
#map = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#map1 = affine_map<(d0, d1) -> (d0, d1)>
#map2 = affine_map<(d0, d1) -> (d1)>
"""


def tensor(*shape: object) -> str:
    """tensor("?", 10) is "tensor<?x10xf32>"."""
    return f"tensor<{'x'.join(map(str, shape))}xf32>"


class Function:
    """Collects the body of @main and names values the way MLIR's printer does.

    That is: results are %0, %1, ... unless their op suggests a name; a name that
    is taken gets the next number of one counter as its suffix; and values inside
    of an op's region ({in1}, {v0}, {v1} here) are numbered after all outer ones.
    """

    def __init__(self) -> None:
        self.lines: List[str] = []
        self.taken: Set[str] = set()
        self.results = 0
        self.suffixes = 0

    def add(self, op: str, name: str = "") -> str:
        """Append one op, return its result."""
        if not name:
            name = str(self.results)
            self.results += 1
        elif name in self.taken:
            name = f"{name}_{self.suffixes}"
            self.suffixes += 1
        self.taken.add(name)
        self.lines.append(f"%{name} = {op}")
        return f"%{name}"

    def generic(
        self, maps: str, rank: int, inputs: str, into: str, result: str, body: str
    ) -> str:
        """Append an elementwise linalg.generic whose region is `body`."""
        parallel = ", ".join(['"parallel"'] * rank)
        return self.add(
            f"linalg.generic {{{{indexing_maps = [{maps}], "
            f"iterator_types = [{parallel}]}}}} "
            f"ins({inputs}) outs({into} : {result}) {{{{\n{body}}}}} -> {result}"
        )

    def text(self) -> str:
        body = "\n".join(self.lines).format(
            v0=f"%{self.results}", v1=f"%{self.results + 1}", in1=f"%in_{self.suffixes}"
        )
        return "".join(f"    {line}\n" for line in body.splitlines())


def relu(f: Function, maps: str, rank: int, x: str, into: str, shape: str) -> str:
    body = (
        "^bb0(%in: f32, %out: f32):\n"
        "  {v0} = arith.cmpf ugt, %in, %cst : f32\n"
        "  {v1} = arith.select {v0}, %in, %cst : f32\n"
        "  linalg.yield {v1} : f32\n"
    )
    return f.generic(maps, rank, f"{x} : {shape}", into, shape, body)


def convolution(f: Function, constants: Dict[str, str]) -> str:
    """conv1, relu, max pool, flatten: %arg0 [?, 1, 8, 8] to [?, 256]."""
    image, padded = tensor("?", 1, 8, 8), tensor("?", 1, 10, 10)
    conv, pooled = tensor("?", 16, 8, 8), tensor("?", 16, 4, 4)
    weight, window = tensor(16, 1, 3, 3), tensor(2, 2)
    one, two = "dense<1> : vector<2xi64>", "dense<2> : vector<2xi64>"

    x = f.add(
        "tensor.pad %arg0 low[0, 0, 1, 1] high[0, 0, 1, 1] {{\n"
        "^bb0(%arg1: index, %arg2: index, %arg3: index, %arg4: index):\n"
        "  tensor.yield %cst : f32\n"
        f"}}}} : {image} to {padded}",
        "padded",
    )
    empty = f.add(f"tensor.empty(%dim) : {conv}")
    bias = f.add(
        f"linalg.broadcast ins({constants['conv1.bias']} : {tensor(16)}) "
        f"outs({empty} : {conv}) dimensions = [0, 2, 3] ",
        "broadcasted",
    )
    x = f.add(
        f"linalg.conv_2d_nchw_fchw {{{{dilations = {one}, strides = {one}}}}} "
        f"ins({x}, {constants['conv1.weight']} : {padded}, {weight}) "
        f"outs({bias} : {conv}) -> {conv}"
    )
    x = relu(f, "#map, #map", 4, x, empty, conv)

    empty = f.add(f"tensor.empty(%dim) : {pooled}")
    lowest = f.add(
        f"linalg.fill ins(%cst_0 : f32) outs({empty} : {pooled}) -> {pooled}"
    )
    shape = f.add(f"tensor.empty() : {window}")
    x = f.add(
        f"linalg.pooling_nchw_max {{{{dilations = {one}, strides = {two}}}}} "
        f"ins({x}, {shape} : {conv}, {window}) outs({lowest} : {pooled}) -> {pooled}"
    )
    return f.add(
        f"tensor.collapse_shape {x} [[0], [1, 2, 3]] : "
        f"{pooled} into {tensor('?', 256)}",
        "collapsed",
    )


def linear(
    f: Function, x: str, layer: str, shape: Tuple[int, ...], constants: Dict[str, str]
) -> Tuple[str, str, str]:
    """x [?, in] times the transposed weight [out, in], plus bias. Returns the result,
    an empty tensor of its type, and that type."""
    out, inner = shape
    source, result = tensor("?", inner), tensor("?", out)
    weight, transposed = tensor(out, inner), tensor(inner, out)

    empty = f.add(f"tensor.empty() : {transposed}")
    w = f.add(
        f"linalg.transpose ins({constants[f'{layer}.weight']} : {weight}) "
        f"outs({empty} : {transposed}) permutation = [1, 0] ",
        "transposed",
    )
    empty = f.add(f"tensor.empty(%dim) : {result}")
    zero = f.add(f"linalg.fill ins(%cst : f32) outs({empty} : {result}) -> {result}")
    x = f.add(
        f"linalg.matmul ins({x}, {w} : {source}, {transposed}) "
        f"outs({zero} : {result}) -> {result}"
    )
    x = f.generic(
        "#map1, #map2, #map1",
        2,
        f"{x}, {constants[f'{layer}.bias']} : {result}, {tensor(out)}",
        empty,
        result,
        "^bb0(%in: f32, {in1}: f32, %out: f32):\n"
        "  {v0} = arith.addf %in, {in1} : f32\n"
        "  linalg.yield {v0} : f32\n",
    )
    return x, empty, result


def module(weights: Dict[str, np.ndarray]) -> str:
    f = Function()
    f.add("arith.constant 0 : index", "c0")
    f.add("arith.constant 0.000000e+00 : f32", "cst")
    f.add("arith.constant 0xFF800000 : f32", "cst")  # -inf
    constants = {
        name: f.add(
            f"arith.constant dense_resource<{name}> : {tensor(*weights[name].shape)}",
            "cst",
        )
        for name in WEIGHTS
    }
    f.add(f"tensor.dim %arg0, %c0 : {tensor('?', 1, 8, 8)}", "dim")

    x = convolution(f, constants)
    for layer in ("fc1", "fc2", "fc3"):
        shape = weights[f"{layer}.weight"].shape
        x, empty, result = linear(f, x, layer, shape, constants)
        if layer != "fc3":
            x = relu(f, "#map1, #map1", 2, x, empty, result)
    f.lines.append(f"return {x} : {result}")

    return (
        f"{MAPS}module {{\n"
        f"  func.func @main(%arg0: {tensor('?', 1, 8, 8)}) -> {result} {{\n"
        f"{f.text()}  }}\n}}\n\n{resources(weights)}"
    )


def resources(weights: Dict[str, np.ndarray]) -> str:
    """The section of blobs: alignment (4, a little-endian 32-bit word), then data."""
    lines = []
    for name in WEIGHTS:
        data = weights[name].astype("<f4").tobytes().hex().upper()
        lines.append(f'      {name}: "0x04000000{data}"')
    blobs = ",\n".join(lines)
    head, tail = "  dialect_resources: {\n    builtin: {\n", "\n    }\n  }\n"
    return "{-#\n" + head + blobs + tail + "#-}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path, default=HERE / "weights.npz")
    parser.add_argument("--output", type=Path, default=HERE / "digits.mlir")
    args = parser.parse_args()
    with np.load(args.weights) as weights:
        args.output.write_text(module(dict(weights)))


if __name__ == "__main__":
    main()
