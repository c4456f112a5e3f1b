//===- CallFrame.h - Arguments and results of a run -------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_CORE_CALLFRAME_H
#define SPARSEC_RUNTIME_CORE_CALLFRAME_H

#include "runtime/core/Invocation.h"

namespace sparsec::rt {

/// The tensors of one call, as the caller and as generated code sees them.
class CallFrame {
public:
  explicit CallFrame(const sparsec_entry &entry) : entry(entry) {}
  ~CallFrame();
  CallFrame(const CallFrame &) = delete;
  CallFrame &operator=(const CallFrame &) = delete;

  /// Describes the inputs, which checkArguments has accepted. Those that are
  /// not aligned are copied into memory of the run, uncounted: bounds are about
  /// what generated code asks for.
  sparsec_status bind(Invocation &run, const sparsec_tensor *inputs);

  const void *const *inputs() const { return pointers; }
  void *results() const { return packed; }

  /// Checks all results and hands them to the caller, or none of them.
  sparsec_status take(Invocation &run, sparsec_tensor *results);

private:
  sparsec_status takeOne(Invocation &run, uint32_t index,
                         const char *descriptor, sparsec_tensor &result);

  const sparsec_entry &entry;
  void *storage = nullptr; // the four below, in one allocation
  sparsec_descriptor *descriptors = nullptr; // of the inputs
  sparsec_tensor *taken = nullptr;           // results, until all are sound
  const void **pointers = nullptr;
  char *packed = nullptr;
};

/// Whether an entry can be called with these tensors; if not, the reason is the
/// last error.
sparsec_status checkArguments(const sparsec_entry &entry,
                              const sparsec_tensor *inputs, size_t numInputs,
                              const sparsec_tensor *results, size_t numResults);

} // namespace sparsec::rt

#endif // SPARSEC_RUNTIME_CORE_CALLFRAME_H
