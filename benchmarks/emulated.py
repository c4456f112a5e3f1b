# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Calls of a model that is compiled for gfx803, on the emulated card."""

import json
import pathlib
import subprocess
import sys
import tempfile
import typing

import numpy as np


class Call(typing.NamedTuple):
    result: np.ndarray
    seconds: float         # modelled, of all kernels
    bytes: int             # that all lanes ask of memory
    compressed_bytes: int  # of the model's weights


def call(build: pathlib.Path, library, entry: str, x: np.ndarray) -> Call:
    with tempfile.TemporaryDirectory() as folder:
        source, result = (pathlib.Path(folder) / name for name in ("x.npy", "y.npy"))
        np.save(source, x)
        done = subprocess.run([build / "bin/sparsec", "run", library, f"--entry={entry}",
                               "--device=emulator", "--input", source, "--output", result,
                               "--stats=json"], capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stderr)
        stats = json.loads(done.stdout)
        return Call(np.load(result),
                    sum(kernel["modelled_seconds"] for kernel in stats["kernels"]),
                    sum(kernel["bytes"] for kernel in stats["kernels"]),
                    stats["compressed_bytes"])
