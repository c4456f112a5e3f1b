//===- Status.cpp - The last error of a thread ----------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Status.h"

#include "runtime/core/Visibility.h"

#include <cstring>

using namespace sparsec;

// A plain array: no destructor has to run when a thread or the process ends.
static thread_local char lastError[rt::Text::kCapacity];

sparsec_status rt::fail(sparsec_status status, const char *format, ...) {
  // Formatted aside first: an argument may be the last error itself.
  char message[Text::kCapacity];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(message, sizeof(message), format, arguments);
  va_end(arguments);
  std::memcpy(lastError, message, sizeof(message));
  return status;
}

sparsec_status rt::fail(sparsec_status status, const Text &message) {
  return fail(status, "%s", message.c_str());
}

SPARSEC_API const char *sparsec_last_error(void) { return lastError; }
