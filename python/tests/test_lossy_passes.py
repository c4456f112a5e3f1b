# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""sparsec-prune and sparsec-quantize choose what sparsec.prune and sparsec.quantize do;
skipped where there is no driver."""

import pathlib
import sys

import numpy as np
import pytest

import sparsec
from sparsec.formats import CSRMatrix
from sparsec.prune import MagnitudePruner, NMPruner, StructuredPruner
from sparsec.quantize import quantize_int8

pytestmark = pytest.mark.usefixtures("driver")
DIGITS = pathlib.Path(__file__).resolve().parents[2] / "examples" / "digits"


def weight(rows=45, cols=72, dtype=np.float32):
    """Odd values: zeros of both signs, ties, an empty row, halves of a step."""
    rng = np.random.default_rng(6)
    dense = rng.standard_normal((rows, cols)).astype(dtype)
    dense[rng.random(dense.shape) < 0.4] = 0
    dense[3, ::5], dense[4] = -0.0, 0
    dense[5, 10:30] = 0.25
    dense[6] = np.arange(cols) + 0.5
    dense[6, 0] = 127
    dense[7] *= dtype(1e-6)
    return dense


def found_weight(dense, **options):
    """What a compiled layer multiplies with: its product with the identity. All
    other products of a sum are zero, so that nothing is rounded."""
    rows, cols = dense.shape
    kind = {"float32": "f32", "float16": "f16"}[dense.dtype.name]
    model = f"""
func.func @main(%x: tensor<{cols}x{cols}xf32>) -> tensor<{rows}x{cols}xf32> {{
  %w = arith.constant dense_resource<w> : tensor<{rows}x{cols}x{kind}>
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<{rows}x{cols}xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<{rows}x{cols}xf32>)
         -> tensor<{rows}x{cols}xf32>
  %y = linalg.matmul ins(%w, %x : tensor<{rows}x{cols}x{kind}>, tensor<{cols}x{cols}xf32>)
         outs(%f : tensor<{rows}x{cols}xf32>) -> tensor<{rows}x{cols}xf32>
  return %y : tensor<{rows}x{cols}xf32>
}}
{{-# dialect_resources: {{ builtin: {{ w: "0x04000000{dense.tobytes().hex()}" }} }} #-}}
"""
    with sparsec.compile(model, format="csr", **options) as compiled:
        return compiled.run(np.eye(cols, dtype=np.float32)), compiled.weights[0]


@pytest.mark.parametrize("dtype", (np.float32, np.float16))
def test_quantize(dtype):
    dense = weight(dtype=dtype)
    found, description = found_weight(dense, quantize="int8")
    quantized = quantize_int8(dense, CSRMatrix)
    assert (found == quantized.dequantize()).all()
    assert description["dtype"] == "i8"
    assert description["dense_bytes"] == dense.size
    assert description["compressed_bytes"] == (
        quantized.matrix.memory_footprint()["total_sparse"])
    assert "quantized to int8 from " in description["reason"]


PRUNERS = {
    "magnitude:0.9": MagnitudePruner(0.9),
    "magnitude:0": MagnitudePruner(0.0),
    "magnitude:1": MagnitudePruner(1.0),
    "row:0.3": StructuredPruner(0.3, "row"),
    "column:0.5": StructuredPruner(0.5, "column"),
    "channel:0.25": StructuredPruner(0.25, "channel"),
    "block:0.6": StructuredPruner(0.6, "block"),
    "block:0.6:5": StructuredPruner(0.6, "block", 5),
    "nm:2:4": NMPruner(2, 4),
    "nm:1:8": NMPruner(1, 8),
}


@pytest.mark.parametrize("how", PRUNERS)
def test_prune(how):
    dense = weight()
    found, description = found_weight(dense, prune=how)
    assert (found == PRUNERS[how].prune(dense)).all()
    assert "pruned by " in description["reason"]


def test_threshold():
    dense = weight()
    found, _ = found_weight(dense, prune="threshold:0.25")
    assert (found == np.where(np.abs(dense) <= 0.25, 0, dense)).all()


def test_digits_quantized(capsys):
    """The network, pruned to 90 % as it is, in int8: within half a point on the host and
    on the card; what it takes, and the bound."""
    sys.path.insert(0, str(DIGITS))
    import reference

    images = np.load(DIGITS / "test_images.npy")
    labels = np.load(DIGITS / "test_labels.npy")
    accuracy = {}
    with sparsec.compile(DIGITS / "digits.mlir") as model:
        accuracy["f32"] = (model.run(images).argmax(1) == labels).mean()
        before = {w["name"]: w for w in model.weights}
    lossy = {"quantize": "int8", "format": "bitmask"}
    with sparsec.compile(DIGITS / "digits.mlir", **lossy) as model:
        accuracy["int8"] = (model.run(images).argmax(1) == labels).mean()
        after = {w["name"]: w for w in model.weights}
    with sparsec.compile(DIGITS / "digits.mlir", target="gfx803", **lossy) as model:
        logits = model.run(images, device="emulator")
        accuracy["int8 on gfx803"] = (logits.argmax(1) == labels).mean()
    weights = reference.read_weights()
    with capsys.disabled():
        print("\ndigits, " + ", ".join(f"{n} {a:.2%}" for n, a in accuracy.items()))
        for name, known in after.items():
            if known["dtype"] != "i8":
                continue
            report = quantize_int8(weights[name]).report()
            dense = before[name]["dense_bytes"]
            kept = known["shape"][0] - known["removed_rows"]
            stored = known["compressed_bytes"] + 4 * kept
            print(f"  {name}: {dense} bytes of f32, {stored} stored with the scales "
                  f"({dense / stored:.1f}x), without {known['removed_rows']} dead rows and "
                  f"{known['removed_cols']} columns; by entropy at least "
                  f"{report['bound_bytes']} ({report['bound_ratio']:.1f}x) with them; "
                  f"\"40x\" forgets the index")
    assert max(accuracy.values()) - min(accuracy.values()) <= 0.005


def test_refusals():
    for option, value in (("quantize", "int4"), ("prune", "luck:0.5"), ("prune", "row:2")):
        with pytest.raises(sparsec.SparsecError, match=f"--{option} takes"):
            sparsec.compile(DIGITS / "digits.mlir", **{option: value})
    with pytest.raises(sparsec.SparsecError, match="no multiple of 4"):
        found_weight(weight(cols=70), prune="nm:2:4")
