//===- BoundReport.h - What entries hold at most ------------ -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_TOOLS_SPARSEC_BOUNDREPORT_H
#define SPARSEC_TOOLS_SPARSEC_BOUNDREPORT_H

#include "lowering/host/ModelInfo.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

namespace sparsec::tools {

/// A row an entry: the bytes of weights that it holds decompressed at one time,
/// and of working memory.
void printBounds(llvm::raw_ostream &out, const ModelInfo &info);

/// The same as an attribute `entries`; null for what is not known before a run.
void printBoundsJson(llvm::json::OStream &json, const ModelInfo &info);

} // namespace sparsec::tools

#endif // SPARSEC_TOOLS_SPARSEC_BOUNDREPORT_H
