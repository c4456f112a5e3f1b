# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the dispatches of one product with `gfx803-emulator run`."""

import dataclasses
import json
import pathlib
import subprocess
import tempfile

import numpy as np


class Failed(Exception):
    """The emulator refused or stopped a kernel; the text is its message."""


@dataclasses.dataclass
class Run:
    """What a product gave, and the emulator's report of each dispatch."""
    result: np.ndarray
    reports: list

    @property
    def seconds(self):
        """Modelled, not measured: a lower bound for the dispatches, one by one."""
        return sum(report["modelled_seconds"]["bound"] for report in self.reports)


def mangled(name, template, types):
    """The start of a kernel's symbol, up to and including its template arguments:
    numbers are unsigned, a direction is an enumerator, then come the types."""
    arguments = "".join("L20rocsparse_direction_0E" if value == "direction"
                        else f"Lj{value}E" for value in template)
    return f"_ZL{len(name)}{name}I{arguments}{types}E"


class Launcher:
    """Arrays in a temporary folder, the dispatches on them, and what they gave."""

    def __init__(self, peer):
        self.peer = peer
        self.reports = []
        self.files = 0

    def __enter__(self):
        # Not `with`: the folder lives as long as the launcher.
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.scratch.name)
        self.result = self.folder / "result.npy"
        return self

    def __exit__(self, *_):
        self.scratch.cleanup()

    def array(self, values):
        """The argument for an array that a kernel reads."""
        path = self.folder / f"{self.files}.npy"
        self.files += 1
        np.save(path, np.ascontiguousarray(values))
        return str(path)

    def csr(self, matrix):
        """The arguments for offsets, indices and values."""
        return [self.array(matrix.offsets), self.array(matrix.indices),
                self.array(matrix.values)]

    def output(self, shape, zeros=False, partial=False, again=False):
        """The argument for the result: uninitialised, so that an element nobody
        writes is found, unless more dispatches follow (partial) or this is one that
        follows (again)."""
        if again:
            return f"{self.result}:{self.result}"
        sides = "x".join(map(str, np.atleast_1d(shape)))
        content = "zeros" if zeros else "uninit"
        return f"{content}:f32[{sides}]:{self.result}{':partial' if partial else ''}"

    def launch(self, name, template, types, workgroups, workgroup, arguments):
        """One dispatch; adds its report."""
        start = mangled(name, template, types)
        kernel, = (symbol for symbol in self.peer.kernels if symbol.startswith(start))
        grid = [count * workgroup[at] if at < len(workgroup) else count
                for at, count in enumerate(workgroups)]
        grid += workgroup[len(grid):]
        command = [self.peer.emulator, "run",
                   str(self.peer.cache / self.peer.kernels[kernel]),
                   f"--kernel={kernel}", f"--grid={','.join(map(str, grid))}",
                   f"--workgroup={','.join(map(str, workgroup))}",
                   "--counters=json", *self.peer.options,
                   *(f"--arg={argument}" for argument in arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failed(f"{start}: status {done.returncode}: {done.stderr.strip()}")
        self.reports.append(json.loads(done.stdout))

    def run(self):
        """After the last dispatch."""
        return Run(np.load(self.result), self.reports)
