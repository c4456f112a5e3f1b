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
#include "lowering/amdgpu/WaveKernel.h"

using namespace mlir;
using namespace sparsec;

static constexpr int64_t kUnits = kComputeUnits;

/// Where two take the same time it is the first.
static constexpr Tile kTiles[] = {
    {128, 128, 8, 8, 8}, {64, 64, 4, 4, 16}, {32, 32, 2, 2, 16},
    {32, 32, 4, 4, 16},  {16, 16, 2, 2, 16}, {64, 16, 4, 4, 16},
    {16, 64, 4, 4, 16},  {64, 8, 4, 2, 16},  {8, 64, 2, 4, 16},
    {64, 4, 4, 1, 16},   {4, 64, 1, 4, 16},
};

static double estimate(const Tile &tile, const TileProblem &problem) {
  int64_t depth = problem.depth;
  int64_t groups = llvm::divideCeil(problem.rows, tile.rows) *
                   llvm::divideCeil(problem.columns, tile.columns);
  int64_t waves = groups * tile.items() / kLanes;
  // Vector instructions: one for each k of an element of C, some where it is
  // stored; addresses, once and for each step.
  constexpr double kClocks = 4, kStore = 6, kStep = 8, kWave = 60;
  double elements = tile.itemRows * tile.itemColumns;
  double loaded = double(depth) / tile.items();
  double issue = kClocks * (kWave + elements * (depth + kStore) +
                            kStep * llvm::divideCeil(depth, tile.depth)) +
                 loaded * (tile.rows * problem.loadClocksA +
                           tile.columns * problem.loadClocksB);
  double lds = 2.0 * (depth * (tile.itemRows + tile.itemColumns) +
                      loaded * (tile.rows + tile.columns));
  double l2 = 4.0 / 512 * groups * depth * (tile.rows + tile.columns);
  return std::max({issue * waves / std::min(waves, kSimds), issue,
                   lds * waves / std::min(groups, kUnits), l2});
}

TileChoice sparsec::chooseTile(TileProblem problem) {
  for (int64_t *size : {&problem.rows, &problem.columns, &problem.depth})
    if (ShapedType::isDynamic(*size))
      *size = kUnknownSize;
  TileChoice best{kTiles[0], estimate(kTiles[0], problem)};
  for (const Tile &tile : llvm::drop_begin(kTiles)) {
    double clocks = estimate(tile, problem);
    if (clocks < best.clocks)
      best = {tile, clocks};
  }
  return best;
}
