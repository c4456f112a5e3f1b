//===- Optimize.h - LLVM's optimizer -------------------------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_COMMON_OPTIMIZE_H
#define SPARSEC_LOWERING_COMMON_OPTIMIZE_H

namespace llvm {
class Module;
class TargetMachine;
} // namespace llvm

namespace sparsec {

/// Runs LLVM's passes of -O3 for a machine.
void optimize(llvm::Module &module, llvm::TargetMachine &machine);

} // namespace sparsec

#endif // SPARSEC_LOWERING_COMMON_OPTIMIZE_H
