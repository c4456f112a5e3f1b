# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""MLIR text: modules of functions that share weights, as torch-mlir prints them."""

TRANSPOSED_LHS = ("[affine_map<(m, n, k) -> (k, m)>, "
                  "affine_map<(m, n, k) -> (k, n)>, "
                  "affine_map<(m, n, k) -> (m, n)>]")
TRANSPOSED_RHS = ("[affine_map<(m, n, k) -> (m, k)>, "
                  "affine_map<(m, n, k) -> (n, k)>, "
                  "affine_map<(m, n, k) -> (m, n)>]")


def tensor(shape, element):
    """tensor<3x?xf32>; a dimension of -1 is dynamic."""
    dims = "".join("?x" if d < 0 else f"{d}x" for d in shape)
    return f"tensor<{dims}{element}>"


class Module:
    """Functions, and the constants that they use."""

    def __init__(self):
        self.functions = []
        self.resources = {}

    def constant(self, name, array, float_type):
        """The attribute of a constant with this content: a splat where all bits
        are zero, else a resource."""
        kind = tensor(array.shape, float_type.name)
        if not float_type.bits(array).any():
            return f"dense<{float_type.zero}> : {kind}"
        self.resources[name] = array.tobytes().hex()
        return f"dense_resource<{name}> : {kind}"

    def function(self, name, arguments, result, body):
        """`arguments`: pairs of name and type; `body`: lines that end in what
        `return` takes."""
        signature = ", ".join(f"%{a}: {kind}" for a, kind in arguments)
        lines = "\n".join("    " + line for line in body[:-1])
        self.functions.append(f"  func.func @{name}({signature}) -> {result} "
                              f"{{\n{lines}\n    return {body[-1]} : {result}\n"
                              "  }\n")

    def text(self):
        text = "module {\n" + "".join(self.functions) + "}\n"
        if self.resources:
            blobs = ",\n".join(f'      {name}: "0x04000000{data}"'
                               for name, data in self.resources.items())
            text += ("\n{-#\n  dialect_resources: {\n    builtin: {\n" + blobs +
                     "\n    }\n  }\n#-}\n")
        return text


def filled(result, kind, sizes=""):
    """Lines that make %zero, a tensor of zeros of this type."""
    element = kind[:-1].split("x")[-1]
    zero = "0" if element.startswith("i") else "0.0"
    return [f"%{result}_z = arith.constant {zero} : {element}",
            f"%{result}_e = tensor.empty({sizes}) : {kind}",
            f"%{result} = linalg.fill ins(%{result}_z : {element}) "
            f"outs(%{result}_e : {kind}) -> {kind}"]
