# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every format and element type gives back each bit: -0.0, NaNs with payloads,
denormals, infinities.

Three ways into the format: arrays packed by formats.py, compress of a constant
(packed by the compiler before anything could fold it), and convert from another
format. Then it is expanded whole, and in a window whose place is known at run time
only. The arrays of a matrix that is compressed at run time are those of formats.py. Infinities and NaNs in a weight also reach the products that they are in.
"""

import os
import re
import subprocess

import numpy as np

from floats import FLOATS, TYPES
from formats import FORMATS, pack
from mlir_text import Module, filled, tensor
from reference import compare_bits
from session import Session, parser
from sparsec_rt import SparsecError

ROWS, COLS = 24, 70
WINDOW = 8  # of rows, or of columns of csc


def special_matrix(rng, float_type):
    """Zeros, specials and ordinary numbers side by side."""
    bits = float_type.bits(float_type.narrow(rng.standard_normal((ROWS, COLS))))
    bits = np.where(rng.random((ROWS, COLS)) < 0.3, bits, 0)
    special = float_type.special_bits()
    at = rng.choice(ROWS * COLS, 4 * len(special), replace=False)
    bits.reshape(-1)[at] = np.tile(special, 4)
    bits[-1, -1], bits[0, 0] = special[0], special[1]
    return bits.astype(float_type.bits_type)


class Names:
    """Types of one matrix in one format."""

    def __init__(self, float_type, sparse_format):
        self.float_type = float_type
        self.format = sparse_format
        self.dense = tensor((ROWS, COLS), float_type.name)
        self.sparse = f"{self.dense[:-1]}, {sparse_format}>"
        self.label = re.sub(r"\W+", "_", sparse_format.split(".")[1]) + "_" + \
            float_type.name


def assembled(module, names, bits):
    """Lines that make %c from component arrays."""
    lines, values, types = [], [], []
    for i, (kind, array) in enumerate(pack(bits, names.format)):
        element = names.float_type.name if kind == "values" else kind
        array_type = tensor(array.shape, element)
        resource = f"{names.label}_{i}"
        module.resources[resource] = array.tobytes().hex()
        lines.append(f"%p{i} = arith.constant dense_resource<{resource}> : "
                     f"{array_type}")
        values.append(f"%p{i}")
        types.append(array_type)
    return lines + [f"%c = sparsec.assemble {', '.join(values)} : "
                    f"{', '.join(types)} to {names.sparse}"]


def compressed(module, names, bits):
    constant = module.constant(f"dense_{names.float_type.name}", bits,
                               names.float_type)
    return [f"%w = arith.constant {constant}",
            f"%c = sparsec.compress %w : {names.dense} to {names.sparse}"]


def add_functions(module, names, lines, prefix):
    """Expansion of %c: whole, and a window that starts where an argument says."""
    dense, sparse = names.dense, names.sparse
    module.function(f"{prefix}_whole_{names.label}", [], dense, lines +
                    [f"%d = sparsec.decompress %c : {sparse} to {dense}", "%d"])
    shape = (ROWS, WINDOW) if "csc" in names.format else (WINDOW, COLS)
    part = tensor(shape, names.float_type.name)
    part_sparse = f"{part[:-1]}, {names.format}>"
    module.function(
        f"{prefix}_window_{names.label}", [("n", "tensor<?xf32>")], part,
        lines + ["%c0 = arith.constant 0 : index",
                 "%i = tensor.dim %n, %c0 : tensor<?xf32>",
                 f"%v = sparsec.window %c[%i] : {sparse} to {part_sparse}",
                 f"%d = sparsec.decompress %v : {part_sparse} to {part}", "%d"])


def add_conversions(module, names, lines):
    """%c into each other format and back to dense."""
    for other in FORMATS:
        to = Names(names.float_type, other)
        module.function(
            f"convert_{names.label}_to_{to.label}", [], names.dense, lines +
            [f"%t = sparsec.convert %c : {names.sparse} to {to.sparse}",
             f"%d = sparsec.decompress %t : {to.sparse} to {names.dense}", "%d"])


def windows(sparse_format):
    """Offsets, and what of the matrix they stand for."""
    block = re.search(r"<(\d+)x", sparse_format)
    step = int(block[1]) if block else 1
    if "csc" in sparse_format:
        return [(i, np.s_[:, i:i + WINDOW]) for i in (0, 3, COLS - WINDOW)]
    return [(i, np.s_[i:i + WINDOW])
            for i in sorted({0, 5 // step * step,
                             (ROWS - WINDOW) // step * step})]


def check_entries(session, mode, model, matrices_of):
    """Every entry of a loaded model: its bits are those of the matrix."""
    for entry in model.entry_names():
        float_type = TYPES[entry.rsplit("_", 1)[1]]
        bits = matrices_of[float_type.name]
        if "_window_" not in entry:
            y = session.run(f"{mode} {entry}", model, entry)
            if y is not None:
                session.report(f"{mode} {entry}",
                               compare_bits(float_type.bits(y), bits))
            continue
        for offset, part in windows(window_format(entry)):
            where = f"{mode} {entry} at {offset}"
            y = session.run(where, model, entry, np.zeros(offset, np.float32))
            if y is not None:
                session.report(where, compare_bits(
                    float_type.bits(y), np.ascontiguousarray(bits[part])))


def window_format(entry):
    for name in FORMATS:
        for float_type in FLOATS:
            if entry.endswith("window_" + Names(float_type, name).label):
                return name
    raise KeyError(entry)


def packed(session, path):
    """The module with every compress of a constant packed, and nothing folded."""
    output = path[:-len(".mlir")] + "_packed.mlir"
    tool = os.path.join(session.options.build, "bin", "sparsec-opt")
    done = subprocess.run([tool, path, "--sparsec-pack-weights", "-o", output],
                          capture_output=True, text=True)
    problem = done.stderr[:2000] if done.returncode else None
    if not problem:
        with open(output) as file:
            left = file.read().count("sparsec.compress")
        problem = f"{left} compress operations left" if left else None
    session.report(f"{tool} {path} --sparsec-pack-weights", problem)
    return output


def check_round_trips(session):
    matrices_of = {t.name: special_matrix(session.rng("special", t.name), t)
                   for t in FLOATS}
    by_hand, by_compiler = Module(), Module()
    for float_type in FLOATS:
        bits = matrices_of[float_type.name]
        for sparse_format in FORMATS:
            names = Names(float_type, sparse_format)
            lines = assembled(by_hand, names, bits)
            add_functions(by_hand, names, lines, "assemble")
            if float_type.name == "f32":
                add_conversions(by_hand, names, lines)
            add_functions(by_compiler, names,
                          compressed(by_compiler, names, bits), "compress")
    paths = [session.write("assemble", by_hand.text()),
             packed(session, session.write("compress", by_compiler.text()))]
    for path in paths:
        for mode in session.modes:
            model = session.compile(path, "auto", mode)
            if model:
                with model:
                    check_entries(session, mode, model, matrices_of)


def add_packing(module, names, arrays):
    """A function for each component array of an argument, i16 widened."""
    types = []
    for i, (kind, array) in enumerate(arrays):
        counts_entries = i == 0 or i == 1 and kind != "i64"
        shape = (-1, *array.shape[1:]) if counts_entries else array.shape
        types.append(tensor(shape, names.float_type.name if kind == "values"
                            else kind))
    for i, (kind, _) in enumerate(arrays):
        body = [f"%c = sparsec.compress %x : {names.dense} to {names.sparse}",
                f"%a:3 = sparsec.storage %c : {names.sparse} to "
                f"{', '.join(types)}"]
        result, value = types[i], f"%a#{i}"
        if kind == "i16":
            result = types[i].replace("i16", "i32")
            body.append(f"%w = arith.extui {value} : {types[i]} to {result}")
            value = "%w"
        module.function(f"pack{i}_{names.label}", [("x", names.dense)], result,
                        body + [value])


def check_packing(session):
    module, expected = Module(), {}
    for float_type in FLOATS:
        bits = special_matrix(session.rng("pack", float_type.name), float_type)
        bits[3] = 0
        for sparse_format in FORMATS:
            names = Names(float_type, sparse_format)
            arrays = pack(bits, sparse_format)
            add_packing(module, names, arrays)
            expected[names.label] = float_type.from_bits(bits), arrays
    promise = Names(TYPES["f32"], "#sparsec.csr")
    count = 7
    module.function(
        "promise", [("x", promise.dense)], f"tensor<{count}xf32>",
        [f"%c = sparsec.compress %x : {promise.dense} to {promise.sparse}",
         f"%a:3 = sparsec.storage %c : {promise.sparse} to tensor<{count}xf32>, "
         f"tensor<{count}xi32>, tensor<{ROWS + 1}xi32>", "%a#0"])
    model = session.compile(session.write("pack", module.text()), "auto")
    if not model:
        return
    with model:
        for label, (matrix, arrays) in expected.items():
            for i, (kind, array) in enumerate(arrays):
                where = f"pack{i}_{label}"
                y = session.run(where, model, where, matrix)
                if y is None:
                    continue
                if kind == "i16":
                    array = array.astype(np.int32)
                elif kind == "values":
                    array = array.view(y.dtype)
                else:
                    array = array.view(np.dtype(f"i{array.dtype.itemsize}"))
                session.report(where, compare_bits(y, array))
        check_promise(session, model, count)


def check_promise(session, model, count):
    """A wrong number of entries in the types is a failure of the run."""
    matrix = np.zeros((ROWS, COLS), np.float32)
    matrix[1, 2:2 + count] = 1
    session.report("promise kept", compare_bits(
        model.run("promise", matrix)[0], np.ones(count, np.float32)))
    matrix[5, 5] = 1
    try:
        model.run("promise", matrix)
        problem = "no failure"
    except SparsecError as error:
        problem = None if "promises 7 stored entries" in str(error) else str(error)
    session.report("promise broken", problem)


def check_products(session):
    """One infinity or NaN in a row of the weight: that row of the product, and no
    other, is what float arithmetic makes of it."""
    module, expected = Module(), {}
    x = session.rng("x").standard_normal((COLS, 3)).astype(np.float32)
    for float_type in FLOATS:
        rng = session.rng("product", float_type.name)
        w = float_type.narrow(rng.standard_normal((ROWS, COLS)) *
                              (rng.random((ROWS, COLS)) < 0.3))
        sign = 1 << (float_type.exponent_bits + float_type.mantissa_bits)
        infinity = ((1 << float_type.exponent_bits) - 1) << \
            float_type.mantissa_bits
        bits = float_type.bits(w)
        bits[2, 69], bits[5, 0], bits[11, 31] = (infinity, sign | infinity,
                                                 infinity | 1)
        bits[23, 3], bits[23, 64] = infinity, sign | infinity
        dense = tensor(w.shape, float_type.name)
        constant = module.constant(f"w_{float_type.name}", w, float_type)
        for columns in (0, 3):
            kind = tensor((COLS, columns) if columns else (COLS,), "f32")
            y = tensor((ROWS, columns) if columns else (ROWS,), "f32")
            name = f"product{columns}_{float_type.name}"
            operation = "matmul" if columns else "matvec"
            module.function(
                name, [("x", kind)], y,
                [f"%a = arith.constant {constant}"] + filled("zero", y) +
                [f"%y = linalg.{operation} ins(%a, %x : {dense}, {kind}) "
                 f"outs(%zero : {y}) -> {y}", "%y"])
            with np.errstate(invalid="ignore"):
                # Bits of f16 and bf16 that are not numbers widen to such.
                want = float_type.widen(w).astype(np.float64) @ x.astype(float)
            expected[name] = (x if columns else x[:, 0],
                              want if columns else want[:, 0])
    path = session.write("infinite", module.text())
    for sparse_format in session.formats:
        for mode in session.modes:
            model = session.compile(path, sparse_format, mode)
            if not model:
                continue
            with model:
                for name, (argument, want) in expected.items():
                    where = f"infinite {sparse_format} {mode} {name}"
                    y = session.run(where, model, name, argument)
                    if y is not None:
                        session.report(where, compare_classes(y, want))


def compare_classes(got, want):
    """The same infinities and NaNs in the same places, numbers elsewhere."""
    with np.errstate(invalid="ignore"):
        close = np.abs(got - want) <= 1e-4
    same = np.where(np.isnan(want), np.isnan(got),
                    np.where(np.isinf(want), got == want, close))
    return None if same.all() else f"{got!r}, want {want!r}"


def main():
    options = parser(__doc__)
    with Session(options.parse_args()) as session:
        check_round_trips(session)
        check_packing(session)
        check_products(session)


if __name__ == "__main__":
    main()
