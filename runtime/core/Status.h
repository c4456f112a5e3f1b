//===- Status.h - The last error of a thread --------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_CORE_STATUS_H
#define SPARSEC_RUNTIME_CORE_STATUS_H

#include "runtime/core/Text.h"
#include "sparsec/runtime.h"

namespace sparsec::rt {

/// Stores the message for sparsec_last_error() on this thread and returns
/// `status`, so that callers can write `return fail(...)`.
__attribute__((format(printf, 2, 3))) sparsec_status fail(sparsec_status status,
                                                          const char *format,
                                                          ...);
sparsec_status fail(sparsec_status status, const Text &message);

} // namespace sparsec::rt

#endif // SPARSEC_RUNTIME_CORE_STATUS_H
