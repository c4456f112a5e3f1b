//===- ElfCheck.h - Is this file a compiled model? --------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_CORE_ELFCHECK_H
#define SPARSEC_RUNTIME_CORE_ELFCHECK_H

#include "runtime/core/Text.h"
#include "sparsec/runtime.h"

namespace sparsec::rt {

/// Checks, without loading it, that the file is a whole x86-64 shared object
/// that exports a `sparsec_module` of this runtime's ABI version.
///
/// dlopen maps what the program headers say and dies with SIGBUS if the file is
/// shorter. It also reports an unknown function before anything of the model
/// can be asked for its version, and it runs the constructors of whatever it is
/// given. Hence this look at the bytes of the file first.
///
/// This file needs nothing else of the runtime, so that tests can link it.
sparsec_status checkModelFile(const char *path, Text &why);

/// Checks as far as the above goes that the file is a whole x86-64 shared
/// object that dlopen can be given. `what` names it in `why`: "PATH is not
/// WHAT: ...".
sparsec_status checkLibraryFile(const char *path, const char *what, Text &why);

/// Compares magic and version with this runtime's.
sparsec_status checkAbi(const char *path, uint64_t magic, uint32_t version,
                        Text &why);

} // namespace sparsec::rt

#endif // SPARSEC_RUNTIME_CORE_ELFCHECK_H
