//===- ModelFile.h - Reading a model without holding its text - -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_TOOLS_SPARSEC_MODELFILE_H
#define SPARSEC_TOOLS_SPARSEC_MODELFILE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <string>

namespace sparsec::tools {

/// Parses a model, text or bytecode. In text a weight is hexadecimal in the
/// resource section at the end, two characters a byte, which MLIR's parser
/// would hold three times: as text, as a string and as data. Here such data go
/// from the file into the weight's own memory, and the parser sees the rest.
/// Bytecode is mapped.
///
/// Null on failure; `error` is set unless the parser has reported a diagnostic.
mlir::OwningOpRef<mlir::ModuleOp> parseModelFile(const std::string &path,
                                                 mlir::MLIRContext *context,
                                                 std::string &error);

} // namespace sparsec::tools

#endif // SPARSEC_TOOLS_SPARSEC_MODELFILE_H
