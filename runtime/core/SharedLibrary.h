//===- SharedLibrary.h - The library of a model -----------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_CORE_SHAREDLIBRARY_H
#define SPARSEC_RUNTIME_CORE_SHAREDLIBRARY_H

#include "runtime/core/Text.h"
#include "sparsec/runtime.h"

#include <sys/types.h>

namespace sparsec::rt {

/// A model's library, loaded with dlopen.
///
/// dlopen takes a path that is loaded already for the same library, even if the
/// file has been replaced since: who compiles a model again and loads it beside
/// the old one would get the old one twice. So the runtime remembers which file
/// it loaded under which path, and spells the path of another file differently
/// ("dir/./model.so").
class SharedLibrary {
public:
  SharedLibrary() = default;
  ~SharedLibrary();
  SharedLibrary(const SharedLibrary &) = delete;
  SharedLibrary &operator=(const SharedLibrary &) = delete;

  sparsec_status open(const char *path, Text &why);
  void *symbol(const char *name) const;

private:
  void *handle = nullptr;
  char *spelling = nullptr;
  dev_t device = 0;
  ino_t file = 0;
  SharedLibrary *next = nullptr; // of all that are loaded
};

} // namespace sparsec::rt

#endif // SPARSEC_RUNTIME_CORE_SHAREDLIBRARY_H
