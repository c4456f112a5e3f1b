# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Pruned neural networks in compressed form, from Python.

    from sparsec import SparseCompress              bit mask and values of any tensor
    from sparsec.formats import CSRMatrix           compressed matrices and their products
    from sparsec.prune import MagnitudePruner       what is kept, and when
    from sparsec.quantize import quantize_int8      int8 values under a sparse index
    from sparsec.training import SparseLinear       training on a fixed or moving pattern
    sparsec.compile("model.mlir").run(x)            compiled models

Arrays are NumPy's. Everything that is wrong with an argument raises ValueError, with
the shapes in its text.
"""

from sparsec import formats
from sparsec.compiler import CompiledModel, SparsecError, compile
from sparsec.compress import SparseCompress, SparseTensor

__version__ = "0.1.0"
__all__ = [
    "CompiledModel",
    "SparseCompress",
    "SparseTensor",
    "SparsecError",
    "compile",
    "formats",
]
