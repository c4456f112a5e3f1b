//===- Tiles.cpp - The tile that a product is divided into ----------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Large tiles read less of LDS and memory for each product, small ones keep all
// compute units busy. Which is better follows from the bounds of
// docs/gfx803-model.md.

#include "lowering/amdgpu/TiledProduct.h"

using namespace mlir;
using namespace sparsec;

static constexpr int64_t kUnits = 36, kSimds = 4 * kUnits, kLanes = 64;
/// What stands for a size that is not known: a batch that is worth a card.
static constexpr int64_t kUnknown = 256;

/// Where two take the same time it is the first.
static constexpr Tile kTiles[] = {
    {128, 128, 8, 8, 8}, {64, 64, 4, 4, 16}, {32, 32, 2, 2, 16},
    {32, 32, 4, 4, 16},  {16, 16, 2, 2, 16}, {64, 16, 4, 4, 16},
    {16, 64, 4, 4, 16},  {64, 8, 4, 2, 16},  {8, 64, 2, 4, 16},
    {64, 4, 4, 1, 16},   {4, 64, 1, 4, 16},
};

/// In clocks.
static double estimate(const Tile &tile, int64_t rows, int64_t columns,
                       int64_t depth) {
  int64_t groups = llvm::divideCeil(rows, tile.rows) *
                   llvm::divideCeil(columns, tile.columns);
  int64_t waves = groups * tile.items() / kLanes;
  // Vector instructions: one for each k of an element of C, some where it is
  // stored; addresses, once and for each step.
  constexpr double kClocks = 4, kStore = 6, kStep = 8, kWave = 60;
  double elements = tile.itemRows * tile.itemColumns;
  double issue = kClocks * (kWave + elements * (depth + kStore) +
                            kStep * llvm::divideCeil(depth, tile.depth));
  double lds = 2.0 * depth *
               (tile.itemRows + tile.itemColumns +
                double(tile.rows + tile.columns) / tile.items());
  double l2 = 4.0 / 512 * groups * depth * (tile.rows + tile.columns);
  return std::max({issue * waves / std::min(waves, kSimds), issue,
                   lds * waves / std::min(groups, kUnits), l2});
}

Tile sparsec::chooseTile(int64_t rows, int64_t columns, int64_t depth) {
  auto assume = [](int64_t size) {
    return ShapedType::isDynamic(size) ? kUnknown : size;
  };
  const Tile *best = nullptr;
  double least = 0;
  for (const Tile &tile : kTiles) {
    double clocks =
        estimate(tile, assume(rows), assume(columns), assume(depth));
    if (best && clocks >= least)
      continue;
    best = &tile;
    least = clocks;
  }
  return *best;
}
