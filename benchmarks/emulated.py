# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Calls of a model that is compiled for gfx803, on the emulated card."""

import pathlib
import typing

import numpy as np

import sparsec_rt


class Call(typing.NamedTuple):
    result: np.ndarray
    seconds: float         # modelled, of all kernels
    bytes: int             # that all lanes ask of memory
    compressed_bytes: int  # of the model's weights


def call(build: pathlib.Path, library, entry: str, x: np.ndarray) -> Call:
    with sparsec_rt.Runtime(build / "lib").load(library, "emulator") as model:
        [result] = model.run(entry, x)
        kernels = model.kernels()
        return Call(result, sum(kernel.modelled_seconds for kernel in kernels),
                    sum(kernel.bytes for kernel in kernels),
                    model.stats.compressed_bytes)
