//===- TraceFile.h - The trace of a run as a file ------------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_TOOLS_SPARSEC_TRACEFILE_H
#define SPARSEC_TOOLS_SPARSEC_TRACEFILE_H

#include "sparsec/runtime.h"

#include "llvm/ADT/StringRef.h"

#include <string>

namespace sparsec::tools {

/// Writes what `model` has recorded in Chrome's trace event format, which
/// chrome://tracing and Perfetto open: one row for kernels, one for copies.
/// On the host these are computation and reading ahead.
bool writeTrace(llvm::StringRef path, const sparsec_model &model, bool onHost,
                std::string &error);

} // namespace sparsec::tools

#endif // SPARSEC_TOOLS_SPARSEC_TRACEFILE_H
