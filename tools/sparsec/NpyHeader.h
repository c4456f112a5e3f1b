//===- NpyHeader.h - The header of .npy files -------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_TOOLS_SPARSEC_NPYHEADER_H
#define SPARSEC_TOOLS_SPARSEC_NPYHEADER_H

#include "sparsec/runtime.h"

#include <string>
#include <string_view>

namespace sparsec::tools {

/// Element types of NumPy that no model has, but buffers of kernels do. They
/// continue sparsec_dtype.
enum NpyIntegers : uint32_t {
  kNpyU8 = 0x100,
  kNpyI16,
  kNpyU16,
  kNpyU32,
  kNpyU64
};

/// Which element types are taken: those of models, or the others as well.
enum class NpyTypes { Model, All };

/// Bytes of an element of either kind; 0 if there is no such type.
size_t npyElementBytes(uint32_t dtype);

/// What stands in front of the elements.
struct NpyHeader {
  sparsec_tensor_type type = {};
  bool fortranOrder = false;
  /// Of all elements. Fits into 63 bits, and so do the strides.
  size_t bytes = 0;
};

/// Parses the Python dictionary of a header, such as
/// `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 64), }`.
bool parseNpyHeader(std::string_view text, NpyHeader &header,
                    std::string &problem, NpyTypes types = NpyTypes::Model);

/// The dictionary of a C-order array. Empty if NumPy has no such element type.
std::string printNpyHeader(const sparsec_tensor_type &type);

} // namespace sparsec::tools

#endif // SPARSEC_TOOLS_SPARSEC_NPYHEADER_H
