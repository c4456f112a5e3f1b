//===- RowPlan.cpp - Lanes for rows of known length -----------------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A wave goes on until the longest of its rows is done, and a product until the
// longest of its waves is. With many lanes a row, rows are short but waves are
// many; with few, rows of one wave wait for each other, less so where they are
// sorted by length. The weight is known, so the plans are tried out.

#include "lowering/amdgpu/RowPlan.h"

#include "lowering/amdgpu/WaveKernel.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/SymbolTable.h"

#include <numeric>

using namespace mlir;
using namespace sparsec;

/// Clocks of a wave, as the model of the machine counts them: begin and end; a
/// round of its lanes; a step in adding up the lanes of a row.
static constexpr int64_t kWaveClocks = 150;
static constexpr int64_t kRoundClocks = 70;
static constexpr int64_t kStepClocks = 12;
/// An order is another array to read, so it has to be worth something.
static constexpr double kOrderGain = 0.8;

static std::vector<int32_t> toOffsets(Attribute elements) {
  std::vector<int32_t> result;
  if (auto dense = dyn_cast_if_present<DenseIntElementsAttr>(elements)) {
    for (int32_t offset : dense.getValues<int32_t>())
      result.push_back(offset);
  } else if (auto resource =
                 dyn_cast_if_present<DenseI32ResourceElementsAttr>(elements)) {
    if (std::optional<ArrayRef<int32_t>> array = resource.tryGetAsArrayRef())
      result.assign(array->begin(), array->end());
  }
  return result;
}

/// The offsets of a weight whose rows are all there, where they are known.
static std::vector<int32_t> readOffsets(const StoredWeight &weight,
                                        Operation *from) {
  if (weight.storage.first || ShapedType::isDynamic(weight.outerSize))
    return {};
  Value offsets = weight.storage.components.back();
  while (auto cast = offsets.getDefiningOp<memref::CastOp>())
    offsets = cast.getSource();
  auto get = offsets.getDefiningOp<memref::GetGlobalOp>();
  if (!get)
    return {};
  auto global = SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(
      from, get.getNameAttr());
  if (!global)
    return {};
  std::vector<int32_t> result = toOffsets(global.getInitialValueAttr());
  if (int64_t(result.size()) < weight.outerSize + 1)
    return {};
  return result;
}

/// The modelled clocks of rows of these lengths, in this order.
static double estimateClocks(ArrayRef<int32_t> lengths, int64_t lanes) {
  int64_t rowsOfWave = kLanes / lanes, total = 0, longest = 0;
  for (size_t row = 0; row < lengths.size(); row += rowsOfWave) {
    ArrayRef<int32_t> rows = lengths.drop_front(row).take_front(rowsOfWave);
    int64_t rounds =
        llvm::divideCeil(*std::max_element(rows.begin(), rows.end()), lanes);
    int64_t clocks = kWaveClocks + rounds * kRoundClocks +
                     llvm::Log2_64(lanes) * kStepClocks;
    total += clocks;
    longest = std::max(longest, clocks);
  }
  // Scalar, vector and memory instructions overlap: half of the sum.
  return std::max<double>(longest, 0.5 * double(total) / kSimds);
}

/// The plan that takes the least time.
static RowPlan choosePlan(ArrayRef<int32_t> offsets) {
  std::vector<int32_t> lengths;
  for (size_t row = 0; row + 1 < offsets.size(); ++row)
    lengths.push_back(offsets[row + 1] - offsets[row]);
  std::vector<int32_t> order(lengths.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    return lengths[a] > lengths[b];
  });
  std::vector<int32_t> sorted;
  for (int32_t row : order)
    sorted.push_back(lengths[row]);

  RowPlan plan;
  double best = estimateClocks(lengths, plan.lanes);
  for (int64_t lanes = kLanes / 2; lanes >= 1; lanes /= 2) {
    double plain = estimateClocks(lengths, lanes);
    if (plain < best) {
      best = plain;
      plan = {lanes, {}};
    }
  }
  double wanted = kOrderGain * best;
  for (int64_t lanes = kLanes; lanes >= 1; lanes /= 2) {
    double ordered = estimateClocks(sorted, lanes);
    if (ordered < wanted) {
      wanted = ordered;
      plan = {lanes, order};
    }
  }
  return plan;
}

/// Of rows of the same length.
static RowPlan choosePlan(int64_t rows, int64_t entries) {
  std::vector<int32_t> offsets;
  int64_t each = entries / std::max<int64_t>(rows, 1);
  for (int64_t row = 0; row <= std::max<int64_t>(rows, 1); ++row)
    offsets.push_back(int32_t(row * each));
  return choosePlan(offsets);
}

RowPlan sparsec::planRows(const StoredWeight &weight, Operation *from) {
  std::vector<int32_t> offsets = readOffsets(weight, from);
  if (offsets.size() > 1)
    return choosePlan(offsets);
  offsets = toOffsets(weight.wholeOffsets);
  if (offsets.size() <= 1)
    return choosePlan(weight.outerSize, weight.storedElements);
  // One kernel for all windows, so they have no order.
  return {choosePlan(offsets).lanes, {}};
}

Value sparsec::createOrder(OpBuilder &b, Location loc, const RowPlan &plan,
                           Operation *from) {
  auto module = from->getParentOfType<ModuleOp>();
  auto shape =
      RankedTensorType::get({int64_t(plan.order.size())}, b.getI32Type());
  auto type = MemRefType::get(shape.getShape(), b.getI32Type());
  auto atStart = OpBuilder::atBlockBegin(module.getBody());
  auto global = memref::GlobalOp::create(
      atStart, loc, "row_order", b.getStringAttr("private"), type,
      DenseElementsAttr::get(shape, ArrayRef<int32_t>(plan.order)),
      /*constant=*/true, b.getI64IntegerAttr(64));
  SymbolTable(module).insert(global); // makes the name its own
  Value order = memref::GetGlobalOp::create(b, loc, type, global.getSymName());
  // Kernels for weights with other numbers of rows are equal.
  return memref::CastOp::create(
      b, loc, MemRefType::get({ShapedType::kDynamic}, b.getI32Type()), order);
}
