//===- TraceFile.cpp - The trace of a run as a file -----------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sparsec/TraceFile.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <vector>

using namespace llvm;

static constexpr int kProcess = 1, kKernels = 1, kCopies = 2;

static void writeRowName(json::OStream &json, int row, StringRef name) {
  json.object([&] {
    json.attribute("ph", "M");
    json.attribute("pid", kProcess);
    json.attribute("tid", row);
    json.attribute("name", "thread_name");
    json.attributeObject("args", [&] { json.attribute("name", name); });
  });
}

static void writeEvent(json::OStream &json, const sparsec_trace_event &event) {
  json.object([&] {
    json.attribute("ph", "X");
    json.attribute("pid", kProcess);
    json.attribute("tid", event.is_copy ? kCopies : kKernels);
    json.attribute("name", event.name);
    json.attribute("cat", event.is_copy ? "copy" : "kernel");
    json.attribute("ts", event.start * 1e6);
    json.attribute("dur", event.seconds * 1e6);
    if (event.is_copy)
      json.attributeObject("args",
                           [&] { json.attribute("bytes", event.bytes); });
  });
}

bool sparsec::tools::writeTrace(StringRef path, const sparsec_model &model,
                                std::string &error) {
  std::vector<sparsec_trace_event> events(
      sparsec_trace_events(&model, nullptr, 0));
  sparsec_trace_events(&model, events.data(), events.size());
  bool modelled = !events.empty() && events.front().modelled;
  Error problem = writeToOutput(path, [&](raw_ostream &out) {
    json::OStream json(out, /*IndentSize=*/1);
    json.object([&] {
      json.attribute("displayTimeUnit", "ns");
      json.attributeObject("otherData", [&] {
        json.attribute("times", modelled ? "modelled" : "measured");
      });
      json.attributeArray("traceEvents", [&] {
        writeRowName(json, kKernels,
                     modelled ? "kernels (modelled)" : "kernels");
        writeRowName(json, kCopies, modelled ? "copies (modelled)" : "copies");
        for (const sparsec_trace_event &event : events)
          writeEvent(json, event);
      });
    });
    out << "\n";
    return Error::success();
  });
  if (!problem)
    return true;
  error = "cannot write '" + path.str() + "': " + toString(std::move(problem));
  return false;
}
