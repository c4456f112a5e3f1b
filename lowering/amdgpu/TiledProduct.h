//===- TiledProduct.h - Matrix products on tiles in LDS ------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// C[row, column] = sum over k of A[row, k] B[k, column], where a workgroup has
// a tile of C and goes through k in steps: it loads the tiles of A and B of the
// next step into registers, multiplies those of this step, which are in LDS,
// and puts the next ones there. A work item has a few rows and columns of C in
// registers. Each sum is taken with k ascending.
//
// What A, B and C are is up to the caller, who says where elements are: a dense
// product and a convolution differ in nothing else.

#ifndef SPARSEC_LOWERING_AMDGPU_TILEDPRODUCT_H
#define SPARSEC_LOWERING_AMDGPU_TILEDPRODUCT_H

#include "lowering/amdgpu/TileLoader.h"

namespace sparsec {

/// The part of C that a workgroup has, and how its work items share it.
struct Tile {
  int64_t rows, columns;         ///< of a workgroup
  int64_t itemRows, itemColumns; ///< of a work item
  int64_t depth;                 ///< k of a step

  int64_t items() const { return rows / itemRows * (columns / itemColumns); }
};

/// What stands for a size that is not known: a batch that is worth a card.
inline constexpr int64_t kUnknownSize = 256;

/// What a tile is chosen for. Sizes may be kDynamic.
struct TileProblem {
  int64_t rows, columns, depth;
  /// Vector arithmetic on each element that is loaded.
  int64_t loadClocksA = 0, loadClocksB = 0;
};

struct TileChoice {
  Tile tile;
  double clocks; ///< modelled
};

/// The tile with the least modelled time.
TileChoice chooseTile(TileProblem problem);

/// C: its element at a row and a column is at offset(row, column).
struct TileResult {
  mlir::Value array; ///< a memref of one dimension, within reach of 32 bits
  std::function<mlir::Value(mlir::OpBuilder &, mlir::Value row,
                            mlir::Value column)>
      offset;
  /// So many columns, from multiples of this on, are neighbours in memory.
  int64_t vector = 1;
  /// Sums start from the elements that are there, not from zero.
  bool accumulates = false;
  /// The element(s) to store for an f32 sum, or for a vector of those of
  /// `vector` columns; what it loads for a row and a column is in C.
  std::function<mlir::Value(mlir::OpBuilder &, mlir::Value sum, mlir::Value row,
                            mlir::Value column)>
      finish;
};

class TiledProduct {
public:
  TiledProduct(mlir::OpBuilder &b, mlir::Location loc, bool strict,
               mlir::OpFoldResult rows, mlir::OpFoldResult columns,
               mlir::OpFoldResult depth)
      : b(b), loc(loc), strict(strict), rows(rows), columns(columns),
        depth(depth) {}

  void launch(llvm::StringRef name, const TileSource &a, const TileSource &b,
              const TileResult &c);

private:
  llvm::SmallVector<mlir::Value> readLds(mlir::OpBuilder &b, mlir::Value lds,
                                         mlir::Value stage, mlir::Value k,
                                         mlir::Value first, int64_t tileSize,
                                         int64_t count);
  llvm::SmallVector<mlir::Value> initialize(mlir::OpBuilder &b,
                                            const TileResult &result);
  void store(mlir::OpBuilder &b, const TileResult &result,
             llvm::ArrayRef<mlir::Value> sums);
  mlir::Value rowOf(mlir::OpBuilder &b, int64_t r);
  mlir::Value columnOf(mlir::OpBuilder &b, int64_t c);
  void multiply(mlir::OpBuilder &b, mlir::Value k, mlir::Value stage,
                llvm::MutableArrayRef<mlir::Value> sums);

  void sumUp(mlir::OpBuilder &b, const TileSource &sourceA,
             const TileSource &sourceB, int64_t stages,
             llvm::SmallVector<mlir::Value> &sums);

  mlir::OpBuilder &b;
  mlir::Location loc;
  bool strict;
  mlir::OpFoldResult rows, columns, depth;
  Tile tile;
  mlir::Value ldsA, ldsB;
  mlir::Value item, tileRow, tileColumn;
  mlir::Value itemRow, itemColumn; ///< the first ones, in the tile
};

} // namespace sparsec

#endif // SPARSEC_LOWERING_AMDGPU_TILEDPRODUCT_H
