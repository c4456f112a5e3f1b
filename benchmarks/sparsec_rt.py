# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiled models from Python: sparsec/runtime.h through ctypes.

    library = Runtime("build/lib")
    model = library.load("model.so")
    [y] = model.run("main", x)

Arrays are NumPy arrays of the type that the entry declares; bf16, which NumPy has
not, is its bits as uint16.
"""

import ctypes
import os

import numpy as np

MAX_RANK = 8
F32, F16, BF16, I8, I32, I64, I1, F64 = range(1, 9)
NUMPY_TYPES = {F32: np.float32, F16: np.float16, BF16: np.uint16, I8: np.int8,
               I32: np.int32, I64: np.int64, I1: np.bool_, F64: np.float64}


class TensorType(ctypes.Structure):
    _fields_ = [("dtype", ctypes.c_uint32), ("rank", ctypes.c_uint32),
                ("shape", ctypes.c_int64 * MAX_RANK)]

    def numpy_type(self):
        return np.dtype(NUMPY_TYPES[self.dtype])

    def dims(self):
        """The shape as a tuple, -1 where it is known at run time only."""
        return tuple(self.shape[:self.rank])


class Tensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("type", TensorType)]


class Stats(ctypes.Structure):
    _fields_ = [("peak_decompressed_bytes", ctypes.c_int64),
                ("bound_decompressed_bytes", ctypes.c_int64),
                ("peak_working_bytes", ctypes.c_int64),
                ("bound_working_bytes", ctypes.c_int64),
                ("compressed_bytes", ctypes.c_int64),
                ("dense_bytes", ctypes.c_int64),
                ("peak_device_bytes", ctypes.c_int64),
                ("seconds", ctypes.c_double)]


class Entry(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("run", ctypes.c_void_p),
                ("num_inputs", ctypes.c_uint32),
                ("num_results", ctypes.c_uint32),
                ("inputs", ctypes.POINTER(TensorType)),
                ("results", ctypes.POINTER(TensorType)),
                ("bound_decompressed_bytes", ctypes.c_int64),
                ("bound_working_bytes", ctypes.c_int64)]


class KernelStats(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("launches", ctypes.c_int64),
                ("seconds", ctypes.c_double), ("waves", ctypes.c_int64),
                ("instructions", ctypes.c_int64), ("bytes", ctypes.c_int64),
                ("modelled_seconds", ctypes.c_double)]


class Candidate(ctypes.Structure):
    _fields_ = [("format", ctypes.c_char_p), ("bytes", ctypes.c_int64),
                ("seconds", ctypes.c_double)]


class Weight(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("dtype", ctypes.c_uint32),
                ("rank", ctypes.c_uint32),
                ("shape", ctypes.c_int64 * MAX_RANK),
                ("format", ctypes.c_char_p), ("reason", ctypes.c_char_p),
                ("nnz", ctypes.c_int64), ("dense_bytes", ctypes.c_int64),
                ("compressed_bytes", ctypes.c_int64),
                ("negative_zeros", ctypes.c_int64),
                ("removed_rows", ctypes.c_int64),
                ("removed_cols", ctypes.c_int64),
                ("num_candidates", ctypes.c_uint32),
                ("reserved", ctypes.c_uint32),
                ("candidates", ctypes.POINTER(Candidate))]


class Module(ctypes.Structure):
    _fields_ = [("magic", ctypes.c_uint64), ("abi_version", ctypes.c_uint32),
                ("struct_bytes", ctypes.c_uint32), ("target", ctypes.c_char_p),
                ("cpu", ctypes.c_char_p), ("features", ctypes.c_char_p),
                ("strict_fp", ctypes.c_uint32),
                ("num_entries", ctypes.c_uint32),
                ("entries", ctypes.POINTER(Entry)),
                ("num_weights", ctypes.c_uint32),
                ("reserved", ctypes.c_uint32),
                ("weights", ctypes.POINTER(Weight))]


class SparsecError(Exception):
    """A call that did not return SPARSEC_OK: its status, and the reason."""

    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status


class Runtime:
    """libsparsec_rt, from a folder or from where the system looks."""

    def __init__(self, folder=None):
        name = "libsparsec_rt.so.1"
        self.lib = ctypes.CDLL(os.path.join(folder, name) if folder else name)
        model = ctypes.c_void_p
        signatures = {
            "sparsec_load": (ctypes.c_int, [ctypes.c_char_p, ctypes.c_char_p,
                                            ctypes.POINTER(model)]),
            "sparsec_unload": (None, [model]),
            "sparsec_describe": (ctypes.POINTER(Module), [model]),
            "sparsec_find_entry": (ctypes.c_int,
                                   [model, ctypes.c_char_p,
                                    ctypes.POINTER(ctypes.POINTER(Entry))]),
            "sparsec_run": (ctypes.c_int,
                            [model, ctypes.c_char_p, ctypes.POINTER(Tensor),
                             ctypes.c_size_t, ctypes.POINTER(Tensor),
                             ctypes.c_size_t, ctypes.POINTER(Stats)]),
            "sparsec_kernels": (ctypes.c_size_t,
                                [model, ctypes.POINTER(KernelStats),
                                 ctypes.c_size_t]),
            "sparsec_tensor_release": (None, [ctypes.POINTER(Tensor)]),
            "sparsec_last_error": (ctypes.c_char_p, []),
        }
        for function, (result, arguments) in signatures.items():
            getattr(self.lib, function).restype = result
            getattr(self.lib, function).argtypes = arguments

    def check(self, status):
        if status:
            raise SparsecError(status, self.lib.sparsec_last_error().decode())

    def load(self, path, device="host"):
        return Model(self, path, device)


class Model:
    """A loaded model. Unloaded by close(), or at the end of a `with`."""

    def __init__(self, runtime, path, device):
        self.runtime = runtime
        self.path = path
        self.handle = ctypes.c_void_p()
        runtime.check(runtime.lib.sparsec_load(
            os.fsencode(path), device.encode(), ctypes.byref(self.handle)))
        self.stats = None

    def close(self):
        if self.handle:
            self.runtime.lib.sparsec_unload(self.handle)
            self.handle = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def describe(self):
        """The sparsec_module_desc; valid until close()."""
        return self.runtime.lib.sparsec_describe(self.handle).contents

    def entry_names(self):
        module = self.describe()
        return [module.entries[i].name.decode()
                for i in range(module.num_entries)]

    def weights(self):
        """The model's weights, as records that outlive the model."""
        module = self.describe()
        result = []
        for i in range(module.num_weights):
            weight = module.weights[i]
            result.append({"name": weight.name.decode(),
                           "shape": tuple(weight.shape[:weight.rank]),
                           "format": weight.format.decode(),
                           "nnz": weight.nnz,
                           "dense_bytes": weight.dense_bytes,
                           "compressed_bytes": weight.compressed_bytes})
        return result

    def kernels(self):
        """What each kernel has cost since the model was loaded: KernelStats."""
        count = self.runtime.lib.sparsec_kernels(self.handle, None, 0)
        kernels = (KernelStats * count)()
        self.runtime.lib.sparsec_kernels(self.handle, kernels, count)
        return list(kernels)

    def find_entry(self, name=None):
        entry = ctypes.POINTER(Entry)()
        self.runtime.check(self.runtime.lib.sparsec_find_entry(
            self.handle, name.encode() if name else None, ctypes.byref(entry)))
        return entry.contents

    def _inputs(self, entry, arrays):
        """The tensors of a call, and the arrays that must outlive it."""
        inputs = (Tensor * max(1, len(arrays)))()
        kept = []
        for i, array in enumerate(arrays):
            array = np.asarray(array, order="C")
            kept.append(array)
            dtype = entry.inputs[i].dtype if i < entry.num_inputs else F32
            if array.dtype != NUMPY_TYPES[dtype]:
                raise TypeError(f"argument {i} is {NUMPY_TYPES[dtype].__name__}, "
                                f"not {array.dtype}")
            inputs[i].data = array.ctypes.data
            inputs[i].type.dtype = dtype
            inputs[i].type.rank = array.ndim
            inputs[i].type.shape[:array.ndim] = array.shape
        return inputs, kept

    def run(self, name, *arrays):
        """Runs an entry. What it used is in `self.stats` afterwards."""
        entry = self.find_entry(name)
        inputs, kept = self._inputs(entry, arrays)
        results = (Tensor * max(1, entry.num_results))()
        self.stats = Stats()
        self.runtime.check(self.runtime.lib.sparsec_run(
            self.handle, name.encode() if name else None, inputs, len(arrays),
            results, entry.num_results, ctypes.byref(self.stats)))
        del kept
        return [self._take(results[i]) for i in range(entry.num_results)]

    def prepare(self, name, *arrays):
        """A function that runs an entry on these arrays and drops the results:
        for timing, with as little of Python around the call as possible."""
        entry = self.find_entry(name)
        inputs, kept = self._inputs(entry, arrays)
        count, encoded = entry.num_results, name.encode()
        results = (Tensor * max(1, count))()
        sparsec_run = self.runtime.lib.sparsec_run
        release = self.runtime.lib.sparsec_tensor_release

        def call(keep=kept):
            self.runtime.check(sparsec_run(self.handle, encoded, inputs,
                                           len(arrays), results, count, None))
            for i in range(count):
                release(ctypes.byref(results[i]))

        return call

    def _take(self, tensor):
        """A result as an array of its own; releases the tensor."""
        shape, dtype = tensor.type.dims(), tensor.type.numpy_type()
        array = np.empty(shape, dtype)
        if array.nbytes:
            ctypes.memmove(array.ctypes.data, tensor.data, array.nbytes)
        self.runtime.lib.sparsec_tensor_release(ctypes.byref(tensor))
        return array
