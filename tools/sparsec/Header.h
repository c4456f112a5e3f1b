//===- Header.h - The C header of a compiled model ------------ -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_TOOLS_SPARSEC_HEADER_H
#define SPARSEC_TOOLS_SPARSEC_HEADER_H

#include "lowering/host/ModelInfo.h"

#include <string>

namespace sparsec::tools {

/// A header with one inline function for each entry of the model `stem`.so:
/// typed pointers in, tensors out.
std::string makeHeader(const ModelInfo &info, const std::string &stem);

} // namespace sparsec::tools

#endif // SPARSEC_TOOLS_SPARSEC_HEADER_H
