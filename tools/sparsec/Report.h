//===- Report.h - Tables and JSON for people and scripts ------ -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_TOOLS_SPARSEC_REPORT_H
#define SPARSEC_TOOLS_SPARSEC_REPORT_H

#include "lowering/host/ModelInfo.h"
#include "sparsec/runtime.h"
#include "tools/sparsec/Tool.h"

#include "llvm/Support/raw_ostream.h"

namespace sparsec::tools {

/// A row a weight: shape, sparsity, format, bytes, ratio, reason. Then a row an
/// entry with its bounds, if the model has been compiled, and a row a
/// kernel, if the model has been compiled for a GPU just now.
void printReport(llvm::raw_ostream &out, const ModelInfo &info, Output kind);

/// The description inside a compiled model.
ModelInfo readModelInfo(const sparsec_module_desc &description);

/// "f32[?x64]"
std::string formatType(const sparsec_tensor_type &type);

} // namespace sparsec::tools

#endif // SPARSEC_TOOLS_SPARSEC_REPORT_H
