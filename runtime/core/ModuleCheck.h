//===- ModuleCheck.h - Is a model's description sound? ----------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_CORE_MODULECHECK_H
#define SPARSEC_RUNTIME_CORE_MODULECHECK_H

#include "runtime/core/Text.h"
#include "sparsec/runtime.h"

namespace sparsec::rt {

/// Checks what a loaded model says about itself, so that nothing behind it has
/// to: no null strings or tables, known types, ranks within SPARSEC_MAX_RANK.
sparsec_status checkModule(const char *path, const sparsec_module_desc &module,
                           Text &why);

} // namespace sparsec::rt

#endif // SPARSEC_RUNTIME_CORE_MODULECHECK_H
