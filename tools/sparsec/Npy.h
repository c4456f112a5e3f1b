//===- Npy.h - Tensors in .npy files ----------------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// NumPy's .npy files, the format of `sparsec run --input` and `--output`.
//
// Read: versions 1.0, 2.0 and 3.0; little-endian f2, f4, f8, i1, i4, i8, b1,
// and for kernels' buffers u1, i2, u2, u4, u8; C and Fortran order. Written:
// version 1.0 in C order, the header padded so that data begin at a multiple
// of 64. NumPy has no bfloat16: bf16 is written as float32, which loses
// nothing.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_TOOLS_SPARSEC_NPY_H
#define SPARSEC_TOOLS_SPARSEC_NPY_H

#include "tools/sparsec/NpyHeader.h"

#include "sparsec/runtime.h"

#include <cstdlib>
#include <memory>
#include <string>

namespace sparsec::tools {

/// A dense row-major tensor that owns its elements, 64-byte aligned.
struct HostTensor {
  struct Free {
    void operator()(void *memory) const { std::free(memory); }
  };
  std::unique_ptr<void, Free> data;
  sparsec_tensor_type type = {};
  size_t bytes = 0;

  /// For sparsec_run; valid as long as this tensor is.
  sparsec_tensor view() const { return {data.get(), type}; }
};

/// Reads a whole file; `out` changes only on success. On failure `error` is one
/// line that names the file and the problem.
bool readNpy(const std::string &path, HostTensor &out, std::string &error,
             NpyTypes types = NpyTypes::Model);

/// Writes beside `path` first and renames then, so that a file is never half
/// written. What is no regular file (/dev/stdout) is written to directly.
bool writeNpy(const std::string &path, const sparsec_tensor &tensor,
              std::string &error);

} // namespace sparsec::tools

#endif // SPARSEC_TOOLS_SPARSEC_NPY_H
