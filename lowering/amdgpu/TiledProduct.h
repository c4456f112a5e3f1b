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

class TiledProduct {
public:
  /// Emits the load of what the sum at a row and a column starts from. Both are
  /// within the product.
  using Initial = llvm::function_ref<mlir::Value(
      mlir::OpBuilder &, mlir::Value row, mlir::Value column)>;
  /// Emits the store of sums of neighbouring columns, of which some or all may
  /// be outside the product.
  using Store = llvm::function_ref<void(mlir::OpBuilder &, mlir::Value row,
                                        mlir::Value column,
                                        llvm::ArrayRef<mlir::Value> sums)>;

  /// Sizes are index constants or values.
  TiledProduct(mlir::OpBuilder &b, mlir::Location loc, bool strict,
               mlir::OpFoldResult rows, mlir::OpFoldResult columns,
               mlir::OpFoldResult depth)
      : b(b), loc(loc), strict(strict), rows(rows), columns(columns),
        depth(depth) {}

  /// `initial` may be null: from zero.
  void launch(llvm::StringRef name, const TileFactor &a, const TileFactor &b,
              Initial initial, Store store);

private:
  /// What a work item keeps of a factor.
  struct Loader;

  Loader makeLoader(mlir::OpBuilder &b, const TileFactor &factor,
                    int64_t tileSize, mlir::Value item, mlir::Value first,
                    mlir::Value lds);
  llvm::SmallVector<mlir::Value> load(mlir::OpBuilder &b, const Loader &loader,
                                      mlir::Value k);
  void put(mlir::OpBuilder &b, const Loader &loader,
           llvm::ArrayRef<mlir::Value> loaded, mlir::Value stage);
  llvm::SmallVector<mlir::Value> readLds(mlir::OpBuilder &b, mlir::Value lds,
                                         mlir::Value stage, mlir::Value k,
                                         mlir::Value first, int64_t tileSize,
                                         int64_t count);
  void multiply(mlir::OpBuilder &b, mlir::Value k, mlir::Value stage,
                llvm::MutableArrayRef<mlir::Value> sums);

  void sumUp(mlir::OpBuilder &b, const TileFactor &factorA,
             const TileFactor &factorB, mlir::Value item, mlir::Value tileRow,
             mlir::Value tileColumn, int64_t stages,
             llvm::SmallVector<mlir::Value> &sums);

  mlir::OpBuilder &b;
  mlir::Location loc;
  bool strict;
  mlir::OpFoldResult rows, columns, depth;
  Tile tile;
  mlir::Value ldsA, ldsB;
  mlir::Value firstRow, firstColumn; ///< of the work item, in the tile
};

} // namespace sparsec

#endif // SPARSEC_LOWERING_AMDGPU_TILEDPRODUCT_H
