//===- Run.cpp - Run an entry ---------------------------------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/CallFrame.h"
#include "runtime/core/Model.h"
#include "runtime/core/Status.h"
#include "runtime/core/Visibility.h"

#include <chrono>

using namespace sparsec;
using rt::fail;

static sparsec_stats collectStats(const sparsec_model &model,
                                  const sparsec_entry &entry,
                                  const rt::Invocation &run, double seconds) {
  sparsec_stats stats = {};
  const sparsec_module_desc &module = *model.module;
  stats.peak_decompressed_bytes = run.peakDecompressed();
  stats.bound_decompressed_bytes = entry.bound_decompressed_bytes;
  stats.peak_working_bytes = run.peakWorking();
  stats.bound_working_bytes = entry.bound_working_bytes;
  for (uint32_t i = 0; i < module.num_weights; ++i) {
    stats.compressed_bytes += module.weights[i].compressed_bytes;
    stats.dense_bytes += module.weights[i].dense_bytes;
  }
  stats.peak_device_bytes = run.peakOnDevice();
  if (model.onDevice)
    stats.peak_device_bytes += int64_t(model.onDevice->weightsBytes());
  stats.seconds = seconds;
  return stats;
}

SPARSEC_API sparsec_status sparsec_run(sparsec_model *model, const char *name,
                                       const sparsec_tensor *inputs,
                                       size_t numInputs,
                                       sparsec_tensor *results,
                                       size_t numResults,
                                       sparsec_stats *stats) {
  const sparsec_entry *entry;
  if (sparsec_status status = sparsec_find_entry(model, name, &entry))
    return status;
  if (!model->runnable)
    return fail(SPARSEC_INVALID_ARGUMENT,
                "the model was opened to be described; load it for a device "
                "to run it");
  if (sparsec_status status =
          rt::checkArguments(*entry, inputs, numInputs, results, numResults))
    return status;

  rt::Invocation run(model->onDevice.get(), *entry, model->trace.get());
  rt::CallFrame frame(*entry);
  if (sparsec_status status = frame.bind(run, inputs))
    return status;

  using Clock = std::chrono::steady_clock;
  Clock::time_point start = Clock::now();
  if (sparsec_status status = run.launch(frame.results(), frame.inputs()))
    return status;
  std::chrono::duration<double> seconds = Clock::now() - start;

  if (sparsec_status status = frame.take(run, results))
    return status;
  if (stats)
    *stats = collectStats(*model, *entry, run, seconds.count());
  return SPARSEC_OK;
}

SPARSEC_API void sparsec_tensor_release(sparsec_tensor *tensor) {
  if (!tensor || !tensor->data)
    return;
  rt::Invocation::release(rt::Block::of(tensor->data));
  tensor->data = nullptr;
}
