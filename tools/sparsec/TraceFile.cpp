//===- TraceFile.cpp - The trace of a run as a file -----------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sparsec/TraceFile.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <vector>

using namespace llvm;

namespace {
/// What a row shows, and the category of its events.
struct Row {
  int number;
  const char *name, *category;
};
} // namespace

static constexpr int kProcess = 1;
static constexpr Row kDeviceRows[] = {{1, "kernels", "kernel"},
                                      {2, "copies", "copy"}};
static constexpr Row kHostRows[] = {{1, "computation", "compute"},
                                    {2, "reading ahead", "read"}};

static void writeRow(json::OStream &json, const Row &row, bool modelled) {
  json.object([&] {
    json.attribute("ph", "M");
    json.attribute("pid", kProcess);
    json.attribute("tid", row.number);
    json.attribute("name", "thread_name");
    json.attributeObject("args", [&] {
      json.attribute("name",
                     (Twine(row.name) + (modelled ? " (modelled)" : "")).str());
    });
  });
}

static void writeEvent(json::OStream &json, const Row &row,
                       const sparsec_trace_event &event) {
  json.object([&] {
    json.attribute("ph", "X");
    json.attribute("pid", kProcess);
    json.attribute("tid", row.number);
    json.attribute("name", event.name);
    json.attribute("cat", row.category);
    json.attribute("ts", event.start * 1e6);
    json.attribute("dur", event.seconds * 1e6);
    if (event.is_copy)
      json.attributeObject("args",
                           [&] { json.attribute("bytes", event.bytes); });
  });
}

bool sparsec::tools::writeTrace(StringRef path, const sparsec_model &model,
                                bool onHost, std::string &error) {
  std::vector<sparsec_trace_event> events(
      sparsec_trace_events(&model, nullptr, 0));
  sparsec_trace_events(&model, events.data(), events.size());
  ArrayRef<Row> rows = onHost ? ArrayRef(kHostRows) : ArrayRef(kDeviceRows);
  bool modelled = !events.empty() && events.front().modelled;
  Error problem = writeToOutput(path, [&](raw_ostream &out) {
    json::OStream json(out, /*IndentSize=*/1);
    json.object([&] {
      json.attribute("displayTimeUnit", "ns");
      json.attributeObject("otherData", [&] {
        json.attribute("times", modelled ? "modelled" : "measured");
      });
      json.attributeArray("traceEvents", [&] {
        for (const Row &row : rows)
          writeRow(json, row, modelled);
        for (const sparsec_trace_event &event : events)
          writeEvent(json, rows[event.is_copy], event);
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
