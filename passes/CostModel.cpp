//===- CostModel.cpp - What a product costs in each format ----------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/CostModel.h"

#include "passes/CostTables.inc"

#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cmath>

using namespace llvm;
using namespace sparsec;

/// Vectors of columns for which a kernel goes through the weight once.
static constexpr int64_t kTileVectors = 4;
/// Of the file format; docs/cost-model.md.
static constexpr int64_t kVersion = 1;

//===----------------------------------------------------------------------===//
// Prediction
//===----------------------------------------------------------------------===//

const CostTable::Line *CostTable::find(const Product &product, double density,
                                       const formats::Format *format) const {
  StringRef kind = product.columns == 1
                       ? (product.transposed ? "A^T x" : "A x")
                       : (product.transposed ? "A^T X" : "A X");
  std::string spelling = format ? format->spelling() : "dense";
  std::string name = format ? format->name() : "dense";
  for (const Line &line : lines)
    if ((line.format == spelling || line.format == name) &&
        line.product == kind && line.dtype == product.dtype &&
        density < line.densityBelow && product.columns < line.columnsBelow)
      return &line;
  return nullptr;
}

std::optional<double> CostTable::predict(const Product &product,
                                         const formats::Statistics &stats,
                                         const formats::Format *format) const {
  const Line *line = find(product, stats.density(), format);
  if (!line)
    return std::nullopt;
  formats::Work work = format ? format->work(stats) : formats::denseWork(stats);
  double columns = double(product.columns);
  double vectors = double(divideCeil(product.columns, lanes));
  double tiles = std::ceil(vectors / kTileVectors);
  double inputs = double(product.transposed ? stats.rows : stats.cols);
  double outputs = double(product.transposed ? stats.cols : stats.rows);

  double serial = tiles * (line->outer * double(work.outer) +
                           line->step * double(work.steps) +
                           line->entry * double(work.entries)) +
                  vectors * (line->vector * double(work.entries) +
                             line->operand * inputs + line->result * outputs);
  if (product.columns > 1)
    serial += move * columns *
              ((product.movesOperand ? inputs : 0) +
               (product.movesResult ? outputs : 0));

  // As the runtime does it: threads are started for enough work only.
  double multiplies = double(work.entries) * columns;
  double started = 1;
  if (parallelWork > 0 && multiplies >= double(parallelWork))
    started = std::min(double(threads), 2 * multiplies / double(parallelWork));
  double speedup = 1 + line->scaling * (started - 1);
  double nanoseconds =
      line->fixed + serial / speedup + (started > 1 ? parallel : 0);
  double rows = std::max(1.0, double(work.outer));
  double wave = line->waveFixed + line->waveInput * inputs +
                (line->waveStep * double(work.steps) +
                 line->waveEntry * double(work.entries)) /
                    rows;
  return std::max(nanoseconds, wave) * 1e-9;
}

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

Expected<CostTable> CostTable::parse(StringRef text) {
  Expected<json::Value> value = json::parse(text);
  if (!value)
    return value.takeError();
  json::Path::Root root("cost table");
  json::Path path(root);
  auto fail = [&](json::Path where, StringLiteral what) -> Error {
    where.report(what);
    return root.getError();
  };
  auto isCost = [](double number) { return number >= 0 && number < 1e15; };

  CostTable table;
  int64_t version = 0;
  const json::Array *lines = nullptr;
  json::ObjectMapper map(*value, path);
  if (!map || !map.map("version", version))
    return root.getError();
  if (version != kVersion)
    return fail(path.field("version"), "is not 1: calibrate again");
  if (!map.map("target", table.targetName) || !map.map("lanes", table.lanes) ||
      !map.map("threads", table.threads) ||
      !map.map("parallel_work", table.parallelWork) ||
      !map.map("parallel_ns", table.parallel) ||
      !map.map("move_ns", table.move) ||
      !map.mapOptional("splits_weights", table.splitsWeights))
    return root.getError();
  if (table.lanes < 1 || table.threads < 1 || table.parallelWork < 0 ||
      !isCost(table.parallel) || !isCost(table.move))
    return fail(path, "has a number out of range");
  lines = value->getAsObject()->getArray("lines");
  if (!lines)
    return fail(path.field("lines"), "is not an array");
  json::Path list = path.field("lines"); // paths refer to their parents
  for (auto [index, entry] : enumerate(*lines)) {
    json::Path where = list.index(index);
    Line line;
    json::ObjectMapper fields(entry, where);
    if (!fields || !fields.map("format", line.format) ||
        !fields.map("product", line.product) ||
        !fields.map("dtype", line.dtype) ||
        !fields.mapOptional("density_below", line.densityBelow) ||
        !fields.mapOptional("columns_below", line.columnsBelow) ||
        !fields.map("fixed_ns", line.fixed) ||
        !fields.map("outer_ns", line.outer) ||
        !fields.map("step_ns", line.step) ||
        !fields.map("entry_ns", line.entry) ||
        !fields.map("vector_ns", line.vector) ||
        !fields.map("operand_ns", line.operand) ||
        !fields.map("result_ns", line.result) ||
        !fields.map("scaling", line.scaling) ||
        !fields.mapOptional("wave_fixed_ns", line.waveFixed) ||
        !fields.mapOptional("wave_input_ns", line.waveInput) ||
        !fields.mapOptional("wave_step_ns", line.waveStep) ||
        !fields.mapOptional("wave_entry_ns", line.waveEntry))
      return root.getError();
    for (double cost : {line.fixed, line.outer, line.step, line.entry,
                        line.vector, line.operand, line.result, line.waveFixed,
                        line.waveInput, line.waveStep, line.waveEntry})
      if (!isCost(cost))
        return fail(where, "has a cost that is negative or out of range");
    if (!(line.scaling >= 0 && line.scaling <= 1))
      return fail(where.field("scaling"), "is not between 0 and 1");
    table.lines.push_back(std::move(line));
  }
  return table;
}

static Expected<CostTable> readTable(StringRef path) {
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return createStringError(buffer.getError().message());
  return CostTable::parse((*buffer)->getBuffer());
}

Expected<CostTable> CostTable::load(StringRef target, StringRef path) {
  if (!path.empty()) {
    Expected<CostTable> table = readTable(path);
    if (!table)
      return createStringError("cannot read cost table '" + path +
                               "': " + toString(table.takeError()));
    if (table->targetName != target)
      return createStringError("cost table '" + path + "' is for target '" +
                               table->targetName + "', not for '" + target +
                               "'");
    return table;
  }
  for (const char *text : kBuiltInTables) {
    CostTable table = cantFail(parse(text), "a built-in cost table is broken");
    if (table.targetName == target)
      return table;
  }
  return createStringError("there is no cost table for target '" + target +
                           "': give one with cost-table, or use strategy "
                           "rules or size");
}
