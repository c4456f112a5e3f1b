//===- BlockKernels.h - Kernels for block --------------------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_AMDGPU_BLOCKKERNELS_H
#define SPARSEC_LOWERING_AMDGPU_BLOCKKERNELS_H

#include "lowering/amdgpu/UpdatesKernel.h"

namespace sparsec {

/// What the kernels for blocks share.
class BlockKernel : public UpdatesKernel {
public:
  using UpdatesKernel::UpdatesKernel;

protected:
  /// The blocks of a block row: where the first and the one after the last are.
  struct Range {
    mlir::Value begin, end;
  };

  bool isBlock();
  Range loadRange(mlir::OpBuilder &b, const StoredWeight &weight,
                  mlir::Value group);

  /// The values, read by buffer_load, and one of them.
  mlir::Value toValues(mlir::OpBuilder &b, const StoredWeight &weight);
  mlir::Value loadElement(mlir::OpBuilder &b, mlir::Value values,
                          mlir::Value block, mlir::Value row,
                          mlir::Value column);

  int64_t size = 0; ///< rows and columns of a block
};

/// block x vector.
class BlockGemv : public BlockKernel {
public:
  using BlockKernel::BlockKernel;

  bool matches() override;
  mlir::LogicalResult run() override;

private:
  void emitWave(mlir::OpBuilder &b, mlir::Value group, mlir::Value wave,
                mlir::Value lane, const StoredWeight &weight);
  void emitTotals(mlir::OpBuilder &b, mlir::Value group, mlir::Value wave,
                  mlir::Value lane, const StoredWeight &weight);
  llvm::SmallVector<mlir::Value> emitBlocks(mlir::OpBuilder &b,
                                            mlir::Value group, mlir::Value wave,
                                            mlir::Value row, mlir::Value part,
                                            const StoredWeight &weight);

  int64_t blocks = 1;     ///< at a time
  int64_t lanesOfRow = 1; ///< those of one row of all of them
  int64_t rowsAtOnce = 1;
};

/// block x matrix.
class BlockSpmm : public BlockKernel {
public:
  using BlockKernel::BlockKernel;

  bool matches() override;
  mlir::LogicalResult run() override;

private:
  llvm::SmallVector<mlir::Value>
  emitBlock(mlir::OpBuilder &b, const StoredWeight &weight, mlir::Value block,
            mlir::Value firstRow, mlir::ValueRange sums);

  int64_t rows = 0; ///< of a block that a wave has
};

/// Transposed block x anything.
class BlockUpdates : public BlockKernel {
public:
  using BlockKernel::BlockKernel;

  bool matches() override;
  mlir::LogicalResult run() override;

private:
  llvm::SmallVector<mlir::Value>
  loadFactors(mlir::OpBuilder &b, mlir::Value group, mlir::Value rows);
  /// The sum over the rows of a block.
  mlir::Value addUp(mlir::OpBuilder &b, mlir::ValueRange elements,
                    mlir::ValueRange factors);
  /// Adds row after row, and only rows that the weight has.
  void addInOrder(mlir::OpBuilder &b, const StoredWeight &weight,
                  mlir::Value group, mlir::ValueRange elements,
                  mlir::ValueRange factors, mlir::Value inner,
                  Accumulate accumulate);
};

} // namespace sparsec

#endif // SPARSEC_LOWERING_AMDGPU_BLOCKKERNELS_H
