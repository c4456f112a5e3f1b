//===- Callbacks.h - What generated code calls ------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_CORE_CALLBACKS_H
#define SPARSEC_RUNTIME_CORE_CALLBACKS_H

#include "runtime/core/Invocation.h"

namespace sparsec::rt {

/// Ends the current run with the last error as its reason. The caller's frame
/// is jumped over: it must hold nothing that has a destructor.
[[noreturn]] void endRun(sparsec_status status);

} // namespace sparsec::rt

#endif // SPARSEC_RUNTIME_CORE_CALLBACKS_H
