//===- Passes.h - From the dialect to a target ---------------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_PASSES_H
#define SPARSEC_LOWERING_PASSES_H

#include "mlir/Pass/Pass.h"

namespace sparsec {

#define GEN_PASS_DECL
#include "lowering/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "lowering/Passes.h.inc"

} // namespace sparsec

#endif // SPARSEC_LOWERING_PASSES_H
