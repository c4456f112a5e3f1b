//===- Visibility.h - What the runtime exports ------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_CORE_VISIBILITY_H
#define SPARSEC_RUNTIME_CORE_VISIBILITY_H

/// On the definition of each function of abi.h and runtime.h. All else is
/// compiled with -fvisibility=hidden and stays inside libsparsec_rt.so.1.
#define SPARSEC_API extern "C" __attribute__((visibility("default")))

#endif // SPARSEC_RUNTIME_CORE_VISIBILITY_H
