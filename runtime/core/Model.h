//===- Model.h - A loaded model ---------------------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_CORE_MODEL_H
#define SPARSEC_RUNTIME_CORE_MODEL_H

#include "runtime/core/DeviceModel.h"
#include "runtime/core/SharedLibrary.h"
#include "runtime/core/Trace.h"

/// Constant once loaded, so that any number of threads may run it.
struct sparsec_model {
  sparsec::rt::SharedLibrary library;
  const sparsec_module_desc *module = nullptr;
  bool runnable = false; ///< loaded for a device, not just opened
  /// Null without kernels. Goes away before the library, which has the names.
  std::unique_ptr<sparsec::rt::DeviceModel> onDevice;
  std::unique_ptr<sparsec::rt::Trace> trace; ///< null: nothing is recorded
};

#endif // SPARSEC_RUNTIME_CORE_MODEL_H
