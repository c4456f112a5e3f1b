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

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

#include <functional>

namespace sparsec {

/// The part of C that a workgroup has, and how its work items share it.
struct Tile {
  int64_t rows, columns;         ///< of a workgroup
  int64_t itemRows, itemColumns; ///< of a work item
  int64_t depth;                 ///< k of a step

  int64_t items() const { return rows / itemRows * (columns / itemColumns); }
};

/// The tile with the least modelled time, for sizes that may be kDynamic.
Tile chooseTile(int64_t rows, int64_t columns, int64_t depth);

/// A factor of the product, as the loader sees it: an array whose element
/// (t, k), t a row of A or a column of B, is at tileOffset(t) + depthOffset(k).
/// Offsets are i32 and count elements.
struct TileFactor {
  using Offset = std::function<mlir::Value(mlir::OpBuilder &, mlir::Value)>;

  mlir::Value array; ///< a memref of one dimension, within reach of 32 bits
  Offset tileOffset, depthOffset;
  /// Neighbours in memory are neighbours in k, not in t.
  bool alongDepth = false;
  /// So many of them, from multiples of this on, are loaded at a time.
  int64_t vector = 1;
  /// depthOffset(x + y) is depthOffset(x) + depthOffset(y).
  bool linear = true;
};

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

  void launch(llvm::StringRef name, const TileFactor &a, const TileFactor &b,
              const TileResult &c);

private:
  /// What a work item keeps of a factor.
  struct Loader;

  Loader makeLoader(mlir::OpBuilder &b, const TileFactor &factor,
                    int64_t tileSize, mlir::Value first, mlir::Value lds);
  llvm::SmallVector<mlir::Value> load(mlir::OpBuilder &b, const Loader &loader,
                                      mlir::Value k);
  void put(mlir::OpBuilder &b, const Loader &loader,
           llvm::ArrayRef<mlir::Value> loaded, mlir::Value stage);
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

  void sumUp(mlir::OpBuilder &b, const TileFactor &factorA,
             const TileFactor &factorB, int64_t stages,
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
