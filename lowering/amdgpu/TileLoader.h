//===- TileLoader.h - From memory to tiles in LDS ------------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_AMDGPU_TILELOADER_H
#define SPARSEC_LOWERING_AMDGPU_TILELOADER_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

#include <functional>
#include <memory>

namespace sparsec {

/// The tile of a factor: `size` rows of A or columns of B, from `first` on, and
/// `depth` k, which the work items of a workgroup load together.
struct TilePart {
  int64_t size, depth, items;
  mlir::Value item, first;
};

/// Emits what a work item does to bring its elements of each step to LDS.
class TileLoader {
public:
  TileLoader(mlir::Location loc, const TilePart &part) : loc(loc), part(part) {}
  virtual ~TileLoader() = default;

  /// What is carried from step to step.
  virtual llvm::SmallVector<mlir::Value> begin(mlir::OpBuilder &) { return {}; }
  /// Loads the elements of the step from k on; steps follow each other.
  virtual llvm::SmallVector<mlir::Value>
  load(mlir::OpBuilder &b, mlir::Value k,
       llvm::MutableArrayRef<mlir::Value> state) = 0;
  /// Stores them in [stage][k][row or column] of `lds`.
  void put(mlir::OpBuilder &b, llvm::ArrayRef<mlir::Value> loaded,
           mlir::Value lds, mlir::Value stage);

protected:
  /// Gives each work item its elements so that lanes follow memory, in which
  /// neighbours are neighbours in k or in the other dimension. They are loaded
  /// by up to `vector` at a time.
  void arrange(mlir::OpBuilder &b, bool alongDepth, int64_t vector);

  mlir::Location loc;
  TilePart part;
  bool alongDepth = false;
  int64_t vector = 1;
  /// Of the first element of each load, in the tile.
  llvm::SmallVector<mlir::Value> positions, depths;
};

/// A factor of a product on tiles.
class TileSource {
public:
  virtual ~TileSource() = default;
  /// Clocks of a wave's vector arithmetic on 64 elements, besides addresses.
  virtual int64_t loadClocks() const { return 0; }
  virtual std::unique_ptr<TileLoader>
  makeLoader(mlir::OpBuilder &b, mlir::Location loc,
             const TilePart &part) const = 0;
};

/// A dense factor: an array whose element (t, k), t a row of A or a column of
/// B, is at tileOffset(t) + depthOffset(k). Offsets are i32 and count elements.
class TileFactor : public TileSource {
public:
  using Offset = std::function<mlir::Value(mlir::OpBuilder &, mlir::Value)>;

  std::unique_ptr<TileLoader> makeLoader(mlir::OpBuilder &b, mlir::Location loc,
                                         const TilePart &part) const override;

  mlir::Value array; ///< a memref of one dimension, within reach of 32 bits
  Offset tileOffset, depthOffset;
  /// Neighbours in memory are neighbours in k, not in t.
  bool alongDepth = false;
  /// So many of them, from multiples of this on, are loaded at a time.
  int64_t vector = 1;
  /// depthOffset(x + y) is depthOffset(x) + depthOffset(y) for x where a step
  /// begins and y in it.
  bool linear = true;
};

/// `count` neighbouring elements of an array as f32 values.
llvm::SmallVector<mlir::Value>
loadNeighbours(mlir::OpBuilder &b, mlir::Location loc, mlir::Value array,
               mlir::ValueRange at, int64_t count);

} // namespace sparsec

#endif // SPARSEC_LOWERING_AMDGPU_TILELOADER_H
