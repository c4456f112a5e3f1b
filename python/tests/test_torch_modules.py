# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Torch modules, pruned and compiled, against torch; skipped where there is no driver."""

import numpy as np
import pytest

import sparsec
from sparsec.prune import MagnitudePruner

torch = pytest.importorskip("torch")
pytest.importorskip("torch_mlir", reason="torch-mlir is not installed")
pytestmark = pytest.mark.usefixtures("driver")
nn = torch.nn


def convolutions():
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, stride=2, padding=1), nn.BatchNorm2d(16), nn.ReLU(),
        nn.Conv2d(16, 32, 3, padding=1, groups=4), nn.SiLU(), nn.AdaptiveAvgPool2d(1),
        nn.Flatten(), nn.Linear(32, 10))


def activations():
    return nn.Sequential(nn.Linear(100, 300), nn.Tanh(), nn.Linear(300, 200), nn.GELU(),
                         nn.LayerNorm(200), nn.Linear(200, 7), nn.LogSoftmax(-1))


def attention():
    return nn.TransformerEncoderLayer(128, 4, 256, batch_first=True)


def recurrent():
    return nn.LSTM(32, 48, batch_first=True)


MODULES = [(convolutions, (2, 3, 32, 32)), (activations, (5, 100)), (attention, (2, 16, 128)),
           (recurrent, (2, 5, 32))]


def pruned(make):
    torch.manual_seed(0)
    module = make().eval()
    with torch.no_grad():
        for weight in module.parameters():
            if weight.ndim == 2:
                weight.copy_(torch.from_numpy(
                    MagnitudePruner(0.9).prune(weight.numpy())))
    return module


@pytest.mark.parametrize("target,device", [("host", "host"), ("gfx803", "emulator")])
@pytest.mark.parametrize("make,shape", MODULES, ids=[m.__name__ for m, _ in MODULES])
def test_equals_torch(make, shape, target, device):
    module, x = pruned(make), torch.randn(shape)
    want = module(x)
    want = want if torch.is_tensor(want) else want[0]
    with sparsec.compile(module, target=target, example_inputs=(x,)) as model:
        got = model.run(x.numpy(), device=device)
        got = got[0] if isinstance(got, (list, tuple)) else got
        assert max(weight.get("sparsity", 0) for weight in model.weights) > 0.85
    np.testing.assert_allclose(got, want.detach().numpy(), atol=1e-5)


def test_needs_inputs():
    with pytest.raises(ValueError, match="example_inputs"):
        sparsec.compile(nn.Linear(2, 3))
