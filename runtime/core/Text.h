//===- Text.h - A message of bounded length ---------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_CORE_TEXT_H
#define SPARSEC_RUNTIME_CORE_TEXT_H

#include <cstdarg>
#include <cstdio>

namespace sparsec::rt {

/// A sentence under construction. It never allocates, so that "out of memory"
/// can be said too; what does not fit is cut off.
class Text {
public:
  static constexpr unsigned kCapacity = 1024;

  const char *c_str() const { return buffer; }

  __attribute__((format(printf, 2, 3))) void append(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length =
        std::vsnprintf(buffer + used, kCapacity - used, format, arguments);
    va_end(arguments);
    if (length > 0)
      used += unsigned(length) < kCapacity - used ? unsigned(length)
                                                  : kCapacity - used - 1;
  }

private:
  unsigned used = 0;
  char buffer[kCapacity] = "";
};

} // namespace sparsec::rt

#endif // SPARSEC_RUNTIME_CORE_TEXT_H
