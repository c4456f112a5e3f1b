//===- UpdatesKernel.h - Sums over rows, in LDS --------------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_AMDGPU_UPDATESKERNEL_H
#define SPARSEC_LOWERING_AMDGPU_UPDATESKERNEL_H

#include "lowering/amdgpu/ColumnsKernel.h"

namespace sparsec {

/// What products share that sum over the rows of the weight (those that the
/// format has one after the other): y[inner, c] += w[row, inner] * x[row, c].
class UpdatesKernel : public ColumnsKernel {
public:
  using ColumnsKernel::ColumnsKernel;

protected:
  /// Adds value * factor, or what is `value` where the factor is null, to the
  /// sum of an inner index and the column of the lane.
  using Accumulate =
      llvm::function_ref<void(mlir::OpBuilder &, mlir::Value inner,
                              mlir::Value value, mlir::Value factor)>;
  /// Goes through the entries of a group of rows, no two lanes of a column with
  /// the same inner index at a time.
  using UpdateBody =
      llvm::function_ref<void(mlir::OpBuilder &, const StoredWeight &weight,
                              mlir::Value group, Accumulate accumulate)>;

  /// The product sums over rows, and x is one that it can be read of.
  bool hasUpdates();
  mlir::LogicalResult launchUpdates(llvm::StringRef name, int64_t rows,
                                    UpdateBody body);
  /// The offsets of a row, or of a block row, and the next. What is in LDS may
  /// be what a scalar load reads, for all that LLVM knows, so these are not.
  std::pair<mlir::Value, mlir::Value>
  loadOffsets(mlir::OpBuilder &b, const StoredWeight &weight, mlir::Value at);

  int64_t ranges = 1;     ///< that inner indices are divided into
  int64_t rangeSize = 0;  ///< a multiple of 64
  mlir::Value rangeFirst; ///< where the wave's begins; null for 0

private:
  void chooseSizes(const StoredWeight &weight, int64_t rows);
  void emitWave(mlir::OpBuilder &b, mlir::Value chunk, mlir::Value group,
                mlir::Value wave, int64_t rows, const StoredWeight &weight,
                UpdateBody body);
  void fillSums(mlir::OpBuilder &b, mlir::Value base, mlir::Value wave);
  /// Goes through the sums of the range that are of an output and a column;
  /// items of the workgroup take turns, each with a column of its own.
  void forEachSum(mlir::OpBuilder &b, mlir::Value wave,
                  llvm::function_ref<void(mlir::OpBuilder &, mlir::Value at,
                                          mlir::Value inner)>
                      body);
  void emitTotals(mlir::OpBuilder &b, mlir::Value chunk, mlir::Value wave);
  void addChunks();

  int64_t outputs = 0;
  int64_t waves = 1;    ///< of a workgroup, each with sums of its own
  int64_t chunks = 1;   ///< that rows are divided into
  mlir::Value partials; ///< the sums of chunks, where there are several
};

} // namespace sparsec

#endif // SPARSEC_LOWERING_AMDGPU_UPDATESKERNEL_H
