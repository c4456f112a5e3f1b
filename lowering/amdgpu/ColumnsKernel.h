//===- ColumnsKernel.h - Columns of x over lanes -------------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_AMDGPU_COLUMNSKERNEL_H
#define SPARSEC_LOWERING_AMDGPU_COLUMNSKERNEL_H

#include "lowering/amdgpu/WaveKernel.h"

namespace sparsec {

/// What products with a matrix share: a wave has a group of rows of the weight,
/// and a column of x for each lane, or up to four.
class ColumnsKernel : public WaveKernel {
public:
  using WaveKernel::WaveKernel;

protected:
  /// The sums of one group of rows, each row's by tiles.
  using GroupBody = llvm::function_ref<llvm::SmallVector<mlir::Value>(
      mlir::OpBuilder &, const StoredWeight &weight, mlir::Value group,
      mlir::ValueRange sums)>;

  using StepBody = llvm::function_ref<llvm::SmallVector<mlir::Value>(
      mlir::OpBuilder &, mlir::Value i, mlir::ValueRange state)>;

  /// x is a contiguous matrix of at least as many columns, or of an unknown
  /// number, within reach of 32 bits.
  bool hasColumns(int64_t least);
  /// The sum of what the slot of this lane has of a row, for its column.
  using FewBody = llvm::function_ref<mlir::Value(
      mlir::OpBuilder &, const StoredWeight &weight, mlir::Value row)>;

  /// Rows are summed over, in any order, and x has so few columns that lanes
  /// are better used as entries by columns.
  bool hasFewColumns();
  /// A wave for each row. Writes the launch and takes the product away.
  mlir::LogicalResult launchFew(llvm::StringRef name, FewBody body);

  mlir::Value columnCount(mlir::OpBuilder &b);
  /// How many lanes have columns, and how many slots that leaves.
  void chooseSlots(int64_t mostColumns);
  /// Makes the lanes of a wave slots by columns, of this tile of columns.
  void splitLanes(mlir::OpBuilder &b, mlir::Value wave, mlir::Value tile);
  /// x in this row and the lane's column.
  mlir::Value loadFactor(mlir::OpBuilder &b, mlir::Value row);
  /// Columns of an unknown number are refused where they are too many.
  void checkColumns();
  /// Writes the launch and takes the product away.
  mlir::LogicalResult launchRows(llvm::StringRef name, int64_t rows,
                                 GroupBody body);
  /// Adds the products of a value for each row and row k of x to the sums.
  void addProducts(mlir::OpBuilder &b, mlir::ValueRange values, mlir::Value k,
                   llvm::MutableArrayRef<mlir::Value> sums);
  /// Runs `body` for 0 to count - 1, a few times between branches. Scalars.
  llvm::SmallVector<mlir::Value> forUnrolled(mlir::OpBuilder &b,
                                             mlir::Value count,
                                             mlir::ValueRange initial,
                                             StepBody body);

  int64_t columns = 0; ///< or kDynamic
  int64_t tiles = 1;   ///< columns of a lane

  int64_t lanesOfColumns = 1; ///< columns that a wave has as lanes
  int64_t slots = kLanes;     ///< entries that a wave takes at a time
  mlir::Value lane, slot;
  mlir::Value part;           ///< the lane among those of the columns
  mlir::Value column;         ///< of the lane, an index
  mlir::Value existingColumn; ///< the same, or the last one
  mlir::Value scratch;        ///< 64 numbers for each wave, where slots < 64
  mlir::Value scratchFirst;   ///< where those of this wave begin

private:
  bool fillsTiles(int64_t count);
  int64_t countWaves(const StoredWeight &weight, int64_t rows, int64_t count);
  void emitGroup(mlir::OpBuilder &b, mlir::Value group, int64_t rows,
                 const StoredWeight &weight, GroupBody body);

  int64_t mostColumns = 0; ///< that offsets of 32 bits reach
  mlir::Value firstColumn; ///< of the lane, 32 bits
  mlir::Value matrix;      ///< x as a buffer
};

} // namespace sparsec

#endif // SPARSEC_LOWERING_AMDGPU_COLUMNSKERNEL_H
