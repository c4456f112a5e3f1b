# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The compiler and its models from Python.

    model = sparsec.compile("model.mlir", target="host", format="auto")
    y = model.run(x)

The driver `sparsec` and the runtime beside it are those of `make build` or of an
installed prefix: the environment variable SPARSEC_DRIVER names the driver; else it is
looked for on PATH. The runtime library is in ../lib of the driver, or where
SPARSEC_LIBRARY_DIR says.
"""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
from typing import Any, Dict, List, Optional, Sequence, Union

import numpy as np

from sparsec._runtime import Model, Runtime, SparsecError

_DEVICES = {"host": "host", "gfx803": "hsa"}


def compile(module: Any, target: str = "host", *, format: str = "auto",
            strategy: Optional[str] = None, strict_fp: bool = False,
            batch: Optional[int] = None, memory_budget: Union[int, str, None] = None,
            weight_budget: Union[int, str, None] = None, cpu: Optional[str] = None,
            prune: Optional[str] = None, quantize: Optional[str] = None,
            output: Union[str, os.PathLike, None] = None,
            example_inputs: Sequence[Any] = ()) -> "CompiledModel":
    """Compiles a model to a shared library with compressed weights.

    Args:
        module: a path to MLIR (linalg on tensors, or TOSA), its text or bytecode, an
            MLIR module of any Python binding, or a torch.nn.Module, which needs
            torch-mlir.
        target: "host", or a card: "gfx803".
        format: of all weights: "auto", "dense", "bitmask", "csr", "csc" or "block".
        strategy: how "auto" chooses: "rules" (the default), "size" or "cost".
        strict_fp: the bits of a plain dense loop.
        batch: fixes a dynamic leading dimension.
        memory_budget: most bytes of weights to hold decompressed, such as "64KiB".
        weight_budget: most bytes of packed weights to hold in memory, or on the card;
            the others are read from the file in windows.
        cpu: another CPU than this one, as `sparsec compile --cpu` names it.
        prune: what weights may lose, such as "magnitude:0.9", as `sparsec compile
            --prune` takes it; nothing if not given.
        quantize: "int8" stores weights so, with a scale an output.
        output: where the library goes; a temporary folder that lives as long as the
            result if not given.
        example_inputs: tensors, for torch modules only.

    Raises:
        SparsecError: what the compiler says about the model.
        FileNotFoundError: if there is no such file, or no compiler.
        ImportError: for a torch module without torch-mlir.
    """
    folder = tempfile.TemporaryDirectory(prefix="sparsec-")
    source = _source(module, pathlib.Path(folder.name), example_inputs)
    library = pathlib.Path(output) if output else pathlib.Path(folder.name) / "model.so"
    command = [_driver(), "compile", str(source), "-o", str(library),
               f"--target={target}", f"--format={format}", "--report=json"]
    command += ["--strict-fp"] if strict_fp else []
    options = {"strategy": strategy, "batch": batch, "memory-budget": memory_budget,
               "weight-budget": weight_budget, "cpu": cpu, "prune": prune,
               "quantize": quantize}
    command += [f"--{name}={value}" for name, value in options.items() if value is not None]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SparsecError(done.returncode, done.stderr.strip() or
                           f"{command[0]} ended with status {done.returncode}")
    return CompiledModel(library, target, json.loads(done.stdout)["weights"], folder)


class CompiledModel:
    """A compiled model. Loaded when it is first run; released by close(), at the end of
    a `with`, or with the object.

    Attributes:
        path: the shared library.
        weights: a dictionary a weight: name, shape, format, bytes, reason, candidates.
        stats: of the last run: peak_decompressed_bytes, bound_decompressed_bytes,
            peak_working_bytes, bound_working_bytes, peak_device_bytes, compressed_bytes,
            dense_bytes and seconds; None before.
    """

    def __init__(self, path: Union[str, os.PathLike], target: str = "host",
                 weights: Sequence[Dict[str, Any]] = (), folder: Any = None) -> None:
        self.path = pathlib.Path(path)
        self.weights = list(weights)
        self.stats: Optional[Dict[str, Any]] = None
        self._target = target
        self._folder = folder  # holds a temporary library alive
        self._models: Dict[str, Model] = {}

    def run(self, *inputs: np.ndarray, entry: Optional[str] = None,
            device: Optional[str] = None) -> Union[np.ndarray, List[np.ndarray]]:
        """Runs an entry on NumPy arrays of the types that it declares.

        Args:
            inputs: one array an argument.
            entry: its name; the only one, or "main".
            device: "host", "hsa" (a gfx803 card) or "emulator"; what the model was
                compiled for if not given.

        Returns:
            The result, or a list if there are several or none.

        Raises:
            SparsecError: if the inputs do not fit, or the device is missing or fails.
            TypeError: if an array has another dtype than the argument.
        """
        device = device or _DEVICES.get(self._target, self._target)
        if device not in self._models:
            self._models[device] = Runtime(_library_folder()).load(self.path, device)
        model = self._models[device]
        declared = model.find_entry(entry).num_inputs
        if declared != len(inputs):
            raise SparsecError(3, f"entry takes {declared} arguments, got {len(inputs)}")
        results = model.run(entry, *inputs)
        self.stats = {name: getattr(model.stats, name) for name, _ in model.stats._fields_}
        return results[0] if len(results) == 1 else results

    def close(self) -> None:
        """Unloads the model."""
        for model in self._models.values():
            model.close()
        self._models = {}

    def __enter__(self) -> "CompiledModel":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def _driver() -> str:
    named = os.environ.get("SPARSEC_DRIVER")
    if named:
        if not os.access(named, os.X_OK):
            raise FileNotFoundError(f"SPARSEC_DRIVER names {named}, which is no program")
        return named
    found = shutil.which("sparsec")
    if not found:
        raise FileNotFoundError(
            "the compiler `sparsec` is not on PATH: build it with `make build` and set "
            "SPARSEC_DRIVER to build/bin/sparsec")
    return found


def _library_folder() -> Optional[str]:
    folder = os.environ.get("SPARSEC_LIBRARY_DIR")
    if folder:
        return folder
    beside = pathlib.Path(_driver()).resolve().parent.parent / "lib"
    return str(beside) if (beside / "libsparsec_rt.so.1").exists() else None


def _source(module: Any, folder: pathlib.Path, example_inputs: Sequence[Any]) -> pathlib.Path:
    """The path of the model as MLIR, written to the folder unless it is a file."""
    if isinstance(module, os.PathLike) or (
            isinstance(module, str) and "\n" not in module and "func.func" not in module):
        path = pathlib.Path(module)
        if not path.is_file():
            raise FileNotFoundError(f"there is no model at {path}")
        return path
    if type(module).__module__.partition(".")[0] == "torch" or hasattr(module, "state_dict"):
        module = _import_torch(module, example_inputs)
    path = folder / "model.mlir"
    if isinstance(module, bytes):
        path.write_bytes(module)
    elif isinstance(module, str):
        path.write_text(module)
    elif hasattr(module, "operation"):
        path.write_text(str(module))
    else:
        raise ValueError("expected a path, MLIR text or bytecode, an MLIR module or a "
                         f"torch.nn.Module, got {type(module).__name__}")
    return path


def _import_torch(module: Any, example_inputs: Sequence[Any]) -> str:
    try:
        from torch_mlir import fx
    except ImportError as error:
        raise ImportError(
            "compiling a torch.nn.Module needs torch-mlir, which is not installed: pip "
            "install torch-mlir torch, or export the module to MLIR elsewhere and pass "
            "the file") from error
    if not example_inputs:
        raise ValueError("a torch.nn.Module is traced: pass example_inputs=(tensor, ...)")
    return str(fx.export_and_import(module, *example_inputs,
                                    output_type="linalg-on-tensors"))
