//===- KernelReport.h - What kernels take of a GPU ------------ -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_TOOLS_SPARSEC_KERNELREPORT_H
#define SPARSEC_TOOLS_SPARSEC_KERNELREPORT_H

#include "lowering/host/ModelInfo.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

namespace sparsec::tools {

/// A row a kernel: launches, registers, LDS, spills, occupancy, and the bound
/// that memory sets. The model is one for a GPU.
void printKernels(llvm::raw_ostream &out, const ModelInfo &info);

/// The same as an attribute of the object that `json` is in.
void printKernelsJson(llvm::json::OStream &json, const ModelInfo &info);

} // namespace sparsec::tools

#endif // SPARSEC_TOOLS_SPARSEC_KERNELREPORT_H
