# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The two documents whose users switch to sparsec by changing an import.

Their code blocks are run as they stand, in order, with the imports changed. The
documents are not part of this repository: SPARSEC_SEEDS names their folder. What they
say in numbers is in test_documented_numbers.py, which needs no document.
"""

import ast
import inspect
import os
import pathlib
import re
import warnings

import numpy as np
import pytest
from conftest import random_matrix

import sparsec
from sparsec import formats

FOLDER = pathlib.Path(os.environ.get(
    "SPARSEC_SEEDS", pathlib.Path(__file__).resolve().parents[3] / "shared" / "seeds"))
COMPRESS, FORMATS = FOLDER / "sparse-compress.md", FOLDER / "sparse-formats.md"
IMPORTS = {
    "sparse_compress": "sparsec",
    "src.compute.sparse_formats": "sparsec.formats",
    "src.compute.sparse": "sparsec.prune",
    "src.compute.dynamic_sparse": "sparsec.prune",
    "src.compute.quantization": "sparsec.quantize",
}
# What a block takes from its reader.
REPLACED = {"rigl.train(...)": "rigl.train(*rigl_arguments)"}

needs_documents = pytest.mark.skipif(
    not FORMATS.exists(), reason=f"the documents are not in {FOLDER}; set SPARSEC_SEEDS")


def blocks(path):
    """(line, text) of each block that is marked as Python."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    for match in re.finditer(r"```python\n(.*?)```", text, re.S):
        yield text[: match.start()].count("\n") + 1, match[1]


def kind(text):
    """"code"; "arrays", a diagram of components; or "signatures"."""
    if re.search(r"^class \w+:\n.*\bdef ", text, re.S):
        return "signatures"
    if re.match(r"(Dense matrix|\w+:\n)", text):
        return "arrays"
    return "code" if "SparseMatrixStats:\n" not in text else "signatures"


@pytest.fixture(scope="module")
def namespace():
    """What the blocks' own text leaves open."""
    rng = np.random.default_rng(0)
    weights = rng.standard_normal((256, 512)).astype(np.float32)
    batches = [(rng.standard_normal((32, 512)).astype(np.float32), None)]
    names = {"np": np, "weights": weights, "load_weights": lambda: weights,
             "inputs": rng.standard_normal((1000, 512)).astype(np.float32),
             "num_epochs": 2, "dataloader": batches,
             "grad_hidden": rng.standard_normal((32, 256)).astype(np.float32),
             "grad_output": rng.standard_normal(256).astype(np.float32)}
    try:
        import torch
    except ImportError:
        return names
    model = torch.nn.Sequential(torch.nn.Linear(12, 6))
    data = [(torch.ones(4, 12), torch.ones(4, 6))]
    names["rigl_arguments"] = (model, torch.nn.functional.mse_loss, lambda epoch: data, 2)
    return names


def changed(text):
    for old, new in sorted(IMPORTS.items(), key=lambda item: -len(item[0])):
        text = re.sub(rf"^from {re.escape(old)} import", f"from {new} import", text, flags=re.M)
    for old, new in REPLACED.items():
        text = text.replace(old, new)
    return text


@needs_documents
@pytest.mark.parametrize("path", [COMPRESS, FORMATS], ids=lambda path: path.stem)
def test_every_code_block_runs(path, namespace):
    ran = 0
    for line, text in blocks(path):
        if kind(text) != "code":
            continue
        if "RigLPruner" in text and "rigl_arguments" not in namespace:
            warnings.warn(f"{path.name}:{line} needs torch and is left out")
            ran += 1
            continue
        with warnings.catch_warnings():
            # Blocks below a density threshold are dropped, which says so.
            warnings.simplefilter("ignore", formats.BlockPruningWarning)
            exec(compile(changed(text), f"{path.name}:{line}", "exec"), namespace)
        ran += 1
    assert ran == {COMPRESS: 1, FORMATS: 17}[path]


@needs_documents
def test_the_diagrams_show_our_arrays():
    dense = np.array([[1, 0, 2], [0, 3, 0], [4, 0, 5]])
    csr, csc = formats.CSRMatrix.from_dense(dense), formats.CSCMatrix.from_dense(dense)
    found = 0
    for line, text in blocks(FORMATS):
        for name, expected in re.findall(r"^(\w+) += (\[[\d, ]+\])", text, re.M):
            if kind(text) != "arrays":
                continue
            matrix = csr if "CSR representation" in text else csc
            assert getattr(matrix, name).tolist() == ast.literal_eval(expected), (line, name)
            found += 1
    assert found == 6


@needs_documents
def test_every_signature():
    """Names, order and defaults of all methods; properties and fields by name."""
    seen = 0
    for line, text in blocks(FORMATS):
        if kind(text) != "signatures":
            continue
        cls = getattr(formats, re.search(r"class (\w+)", text)[1])
        for is_property, name, arguments in re.findall(
                r"(@property\s+)?def (\w+)(?:\((.*?)\))? ?(?:->|$|\n)", text, re.S):
            member = inspect.getattr_static(cls, name)
            seen += 1
            if is_property:
                assert isinstance(member, property), (cls, name)
                continue
            actual = [parameter for parameter in
                      inspect.signature(getattr(cls, name)).parameters.values()
                      if parameter.name != "self"]
            stated = ast.parse(f"def f({arguments}): pass").body[0].args
            defaults = [ast.literal_eval(value) for value in stated.defaults]
            names = [argument.arg for argument in stated.args]
            assert [parameter.name for parameter in actual] == names, (line, cls, name)
            assert [parameter.default for parameter in actual
                    if parameter.default is not inspect.Parameter.empty] == defaults, (line, name)
        for field in re.findall(r"^    (\w+): ", text, re.M) if "@dataclass" in text else ():
            assert field in cls.__dataclass_fields__
            seen += 1
    assert seen == 36


@needs_documents
def test_the_methods_of_the_first_document():
    text = COMPRESS.read_text(encoding="utf-8")
    compressed = sparsec.SparseCompress().compress(random_matrix(0, 30, 40, 0.1))
    for name, arguments in re.findall(r"^- `(\w+)\((.*?)\)`", text, re.M):
        actual = list(inspect.signature(getattr(sparsec.SparseCompress, name)).parameters)
        assert actual[1:] == arguments.split(", ")
    for name in re.findall(r"^- `(\w+)`:", text, re.M):
        assert hasattr(compressed, name)
