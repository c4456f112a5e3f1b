//===- Streaming.h - Weights that leave memory again ------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_CORE_STREAMING_H
#define SPARSEC_RUNTIME_CORE_STREAMING_H

#include <cstdint>

namespace sparsec::rt {

/// These bytes of the model's weights have been read, and as many behind them
/// are next: the pages of the former may leave memory.
void forgetPages(const void *begin, uint64_t bytes);

} // namespace sparsec::rt

#endif // SPARSEC_RUNTIME_CORE_STREAMING_H
