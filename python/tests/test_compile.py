# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The driver from Python; skipped where it is neither on PATH nor in SPARSEC_DRIVER."""

import pathlib
import re
import sys

import numpy as np
import pytest

import sparsec

pytestmark = pytest.mark.usefixtures("driver")
DIGITS = pathlib.Path(__file__).resolve().parents[2] / "examples" / "digits"
ADD = """
func.func @main(%a: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<4xf32> {
  %0 = linalg.add ins(%a, %b : tensor<4xf32>, tensor<4xf32>)
                  outs(%a : tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
"""


def test_digits():
    images = np.load(DIGITS / "test_images.npy")
    labels = np.load(DIGITS / "test_labels.npy")
    with sparsec.compile(DIGITS / "digits.mlir", format="csr") as model:
        logits = model.run(images)
        assert (logits.argmax(1) == labels).mean() > 0.98
        assert model.stats["compressed_bytes"] < model.stats["dense_bytes"] / 6
    assert {weight["format"] for weight in model.weights} == {"csr<index = i16>", "dense"}


def test_options_of_the_driver():
    images = np.load(DIGITS / "test_images.npy")
    with sparsec.compile(DIGITS / "digits.mlir", strict_fp=True) as plain:
        logits = plain.run(images)
    with sparsec.compile(DIGITS / "digits.mlir", strategy="cost", strict_fp=True,
                         memory_budget="64KiB", weight_budget="16KiB") as model:
        assert np.array_equal(model.run(images), logits)
        assert any("cost table" in weight["reason"] for weight in model.weights)
    with pytest.raises(sparsec.SparsecError, match="a weight budget of 8 bytes is too small"):
        sparsec.compile(DIGITS / "digits.mlir", weight_budget=8)


def test_text_and_strict_mode_and_output(tmp_path):
    path = tmp_path / "add.so"
    model = sparsec.compile(ADD, strict_fp=True, output=path)
    ones = np.ones(4, np.float32)
    assert model.run(ones, ones, entry="main").tolist() == [2] * 4
    assert path.exists() and sparsec.CompiledModel(path).run(ones, ones).tolist() == [2] * 4


def test_on_the_emulated_card():
    with sparsec.compile(DIGITS / "digits.mlir", target="gfx803", batch=2) as model:
        images = np.load(DIGITS / "test_images.npy")[:2]
        found = model.run(images, device="emulator")
    with sparsec.compile(DIGITS / "digits.mlir") as host:
        assert np.abs(found - host.run(images)).max() < 1e-3


def test_errors_say_what_the_compiler_says():
    ones = np.ones(4, np.float32)
    with pytest.raises(sparsec.SparsecError, match="model.mlir:1:1"):
        sparsec.compile("nonsense\n")
    with pytest.raises(sparsec.SparsecError, match="[Tt]arget"):
        sparsec.compile(ADD, target="tpu")
    with pytest.raises(FileNotFoundError, match="no model at there/is.mlir"):
        sparsec.compile("there/is.mlir")
    with pytest.raises(ValueError, match="got int"):
        sparsec.compile(3)
    model = sparsec.compile(ADD)
    with pytest.raises(sparsec.SparsecError, match="2 arguments, got 1"):
        model.run(ones)
    with pytest.raises(sparsec.SparsecError, match="3"):
        model.run(ones, ones[:3])
    with pytest.raises(TypeError, match="float32, not float64"):
        model.run(ones, np.ones(4))


def test_torch_modules_need_torch_mlir(monkeypatch):
    torch = pytest.importorskip("torch")
    monkeypatch.setitem(sys.modules, "torch_mlir", None)
    with pytest.raises(ImportError, match=re.escape("pip install torch-mlir torch")):
        sparsec.compile(torch.nn.Linear(2, 2))


def test_no_driver(monkeypatch, tmp_path):
    monkeypatch.setenv("SPARSEC_DRIVER", str(tmp_path))
    (tmp_path / "x").touch()
    monkeypatch.setenv("SPARSEC_DRIVER", str(tmp_path / "x"))
    with pytest.raises(FileNotFoundError, match="SPARSEC_DRIVER names .*x"):
        sparsec.compile(ADD)
    monkeypatch.delenv("SPARSEC_DRIVER")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(FileNotFoundError, match="make build"):
        sparsec.compile(ADD)
