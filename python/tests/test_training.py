# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Training with torch; skipped where it is not installed."""

import pathlib
import sys

import numpy as np
import pytest
from conftest import random_matrix

import sparsec
from sparsec.formats import CSCMatrix, CSRMatrix
from sparsec.prune import RigLPruner
from sparsec.training import SparseLinear, sparse_linear

torch = pytest.importorskip("torch")
DIGITS = pathlib.Path(__file__).resolve().parents[2] / "examples" / "digits"


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape", [(7, 5), (1, 9), (30, 1), (4, 6)])
def test_gradients_against_the_dense_product(shape, dtype):
    dense = torch.from_numpy(random_matrix(1, *shape, 0.4)).to(dtype)
    pattern = CSRMatrix.from_dense(dense.numpy())
    values = torch.from_numpy(pattern.values.copy()).requires_grad_()
    x = torch.randn(3, 2, shape[1], dtype=dtype, requires_grad=True)
    bias = torch.randn(shape[0], dtype=dtype, requires_grad=True)
    weight = dense.clone().requires_grad_()
    expected = torch.nn.functional.linear(x, weight, bias)
    out = torch.randn_like(expected)
    expected_grads = torch.autograd.grad(expected, [x, weight, bias], out)

    found = sparse_linear(x, values, pattern, bias)
    grads = torch.autograd.grad(found, [x, values, bias], out)
    tolerance = dict(rtol=1e-4, atol=1e-3)
    assert torch.allclose(found, expected, **tolerance)
    assert torch.allclose(grads[0], expected_grads[0], **tolerance)
    assert torch.allclose(grads[1], expected_grads[1][dense != 0], **tolerance)
    assert torch.allclose(grads[2], expected_grads[2], **tolerance)


def test_gradcheck():
    pattern = CSRMatrix.from_dense(random_matrix(2, 5, 4, 0.5, "float64"))
    values = torch.from_numpy(pattern.values.copy()).requires_grad_()
    x = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x, v: sparse_linear(x, v, pattern), (x, values))


def test_a_sparse_layer_learns():
    torch.manual_seed(0)
    target = torch.from_numpy(random_matrix(3, 8, 16, 0.3) / 20)
    layer = SparseLinear(CSRMatrix.from_dense((target != 0).numpy().astype(np.float32)),
                         torch.zeros(8))
    optimizer = torch.optim.Adam(layer.parameters(), lr=0.05)
    for _ in range(300):
        x = torch.randn(64, 16)
        loss = ((layer(x) - x @ target.T) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert np.allclose(layer.to_csr().to_dense(), target, atol=1e-2)


@pytest.mark.parametrize("cls", [CSRMatrix, CSCMatrix])
def test_torch_tensors_and_back(cls):
    dense = random_matrix(4, 20, 30, 0.2)
    tensor = torch.from_numpy(dense)
    for sparse in (tensor.to_sparse(), tensor.to_sparse_csr(), tensor.to_sparse_csc()):
        assert (cls.from_torch(sparse).to_dense() == dense).all()
    assert (cls.from_dense(dense).to_torch().to_dense().numpy() == dense).all()
    with pytest.raises(ValueError, match=r"shape \(20, 30\) and layout torch.strided"):
        cls.from_torch(tensor)


def test_rigl_moves_its_pattern_and_keeps_its_size():
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(40, 30), torch.nn.ReLU(),
                                torch.nn.Linear(30, 4))
    pruner = RigLPruner(sparsity=0.8, update_interval=1, drop_fraction=0.5)
    pruner.attach(model, total_steps=20)
    before = {name: mask.clone() for name, mask in pruner.masks.items()}
    kept = sum(int(mask.sum()) for mask in before.values())
    assert abs(kept - 0.2 * (40 * 30 + 30 * 4)) <= len(before)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model(torch.randn(16, 40)).square().mean().backward()
    assert pruner.step(optimizer)
    optimizer.step()
    pruner.apply()
    for name, mask in pruner.masks.items():
        weight = dict(model.named_parameters())[name].detach()
        assert mask.sum() == before[name].sum()
        assert not weight[~mask].any() and not weight[mask & ~before[name]].any()
    assert any((mask != before[name]).any() for name, mask in pruner.masks.items())


def test_rigl_refusals():
    model = torch.nn.Linear(3, 2)
    with pytest.raises(ValueError, match="no parameter fc9; it has weight, bias"):
        RigLPruner().attach(model, 10, ["fc9"])
    with pytest.raises(ValueError, match="sparsity"):
        RigLPruner(2)
    pruner = RigLPruner(0.5, update_interval=1)
    pruner.attach(model, 10)
    with pytest.raises(ValueError, match="after backward"):
        pruner.step()


class Digits(torch.nn.Module):
    """The network of examples/digits, under its parameters' names."""

    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(1, 16, 3, padding=1)
        self.fc1 = torch.nn.Linear(256, 512)
        self.fc2 = torch.nn.Linear(512, 256)
        self.fc3 = torch.nn.Linear(256, 10)

    def forward(self, x):
        x = torch.nn.functional.max_pool2d(torch.relu(self.conv1(x)), 2).flatten(1)
        return self.fc3(torch.relu(self.fc2(torch.relu(self.fc1(x)))))


def test_rigl_trains_digits_to_90_percent(capsys):
    """Within a point of dense accuracy; its export compiles and predicts the same."""
    pytest.importorskip("sklearn")
    sys.path.insert(0, str(DIGITS))
    import export
    import train

    torch.set_num_threads(1)  # layers this small only lose by more
    images, labels, test_images, test_labels = train.load(np.random.default_rng(0))
    shapes = train.PRUNED

    def batches(epoch):
        for x, y in train.batches(np.random.default_rng(epoch), images, labels):
            yield torch.from_numpy(x), torch.from_numpy(y)

    accuracy = {}
    for sparsity in (0.0, 0.9):
        torch.manual_seed(0)
        model = Digits()
        pruner = RigLPruner(sparsity, update_interval=40)
        weights = pruner.train(model, torch.nn.functional.cross_entropy, batches, epochs=60,
                               layers=shapes)
        with torch.no_grad():
            logits = model(torch.from_numpy(test_images)).numpy()
        accuracy[sparsity] = (logits.argmax(1) == test_labels).mean()
    zeros = sum(int((weight == 0).sum()) for weight in weights.values())
    share = zeros / sum(weight.size for weight in weights.values())
    with capsys.disabled():
        print(f"\ndigits: {accuracy[0.0]:.2%} dense, {accuracy[0.9]:.2%} at {share:.2%} zeros")
    assert share >= 0.9 - 1e-4
    assert accuracy[0.9] >= accuracy[0.0] - 0.01

    state = {name: value.numpy() for name, value in model.state_dict().items()}
    try:
        compiled = sparsec.compile(export.module(state))
    except FileNotFoundError as error:
        pytest.skip(f"trained, but not compiled: {error}")
    with compiled:
        found = compiled.run(test_images)
    assert np.abs(found - logits).max() < 1e-3
    assert (found.argmax(1) == logits.argmax(1)).all()
    by_name = {weight["name"]: weight for weight in compiled.weights}
    assert by_name["fc1.weight"]["ratio"] > 5
