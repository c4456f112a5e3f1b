//===- StatsReport.h - What a run used ------------------------ -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_TOOLS_SPARSEC_STATSREPORT_H
#define SPARSEC_TOOLS_SPARSEC_STATSREPORT_H

#include "sparsec/runtime.h"
#include "tools/sparsec/Tool.h"

#include "llvm/Support/raw_ostream.h"

namespace sparsec::tools {

/// What a run used. `kernels` is null on a device that has none of its own.
void printStats(llvm::raw_ostream &out, const sparsec_stats &stats,
                const std::vector<sparsec_kernel_stats> *kernels, Output kind);

} // namespace sparsec::tools

#endif // SPARSEC_TOOLS_SPARSEC_STATSREPORT_H
