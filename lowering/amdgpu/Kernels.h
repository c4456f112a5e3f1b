//===- Kernels.h - Products with kernels of their own --------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Used by the pass sparsec-amdgpu-kernels.

#ifndef SPARSEC_LOWERING_AMDGPU_KERNELS_H
#define SPARSEC_LOWERING_AMDGPU_KERNELS_H

#include "lowering/amdgpu/UpdatesKernel.h"

namespace sparsec {

/// What the kernels for a bitmask weight share.
class BitmaskKernel : public UpdatesKernel {
public:
  using UpdatesKernel::UpdatesKernel;

protected:
  /// Whether rows of a bitmask weight are summed over.
  bool isBitmaskSum();
  /// `from`, and the number of bits that are set below that of the lane.
  mlir::Value rank(mlir::OpBuilder &b, mlir::Value bits, mlir::Value from);
  /// In the lanes whose bits are set, the next values from `position` on.
  /// Zero in the others.
  mlir::Value loadValues(mlir::OpBuilder &b, mlir::Value bits,
                         mlir::Value position, mlir::Value values);
  /// The value of this lane, whose bit is set.
  mlir::Value loadValue(mlir::OpBuilder &b, mlir::Value bits,
                        mlir::Value position, mlir::Value values);
  /// Goes through the words of a row where LDS is written between: lanes load
  /// the mask, as scalar loads would not be made. `body` gets the position of
  /// the first value of the word.
  llvm::SmallVector<mlir::Value>
  forEachWord(mlir::OpBuilder &b, const StoredWeight &weight, mlir::Value row,
              mlir::ValueRange state,
              llvm::function_ref<llvm::SmallVector<mlir::Value>(
                  mlir::OpBuilder &, mlir::Value word, mlir::Value bits,
                  mlir::Value position, mlir::ValueRange)>
                  body);
  /// Goes through the entries of a word, so many at a time as there are slots,
  /// by a list of their inner indices that lanes write to LDS.
  llvm::SmallVector<mlir::Value>
  forEachEntry(mlir::OpBuilder &b, mlir::Value bits, mlir::Value word,
               mlir::Value position, mlir::Value values, mlir::ValueRange state,
               llvm::function_ref<llvm::SmallVector<mlir::Value>(
                   mlir::OpBuilder &, mlir::Value inner, mlir::Value value,
                   mlir::ValueRange)>
                   body);
  mlir::Value isOn(mlir::OpBuilder &b, mlir::Value bits);
  mlir::Value countBits(mlir::OpBuilder &b, mlir::Value bits);
  /// The number of the lowest bit of what is not zero.
  mlir::Value findLowest(mlir::OpBuilder &b, mlir::Value bits);
  mlir::Value clearLowest(mlir::OpBuilder &b, mlir::Value bits);
};

class BitmaskGemv : public BitmaskKernel {
public:
  using BitmaskKernel::BitmaskKernel;

  bool matches() override;
  mlir::LogicalResult run() override;

private:
  void emitWave(mlir::OpBuilder &b, mlir::Value wave,
                const StoredWeight &weight);
  llvm::SmallVector<mlir::Value> emitWords(mlir::OpBuilder &b,
                                           const StoredWeight &weight,
                                           mlir::Value lane,
                                           llvm::ArrayRef<mlir::Value> rows);
  mlir::Value emitWord(mlir::OpBuilder &b, mlir::Value bits,
                       mlir::Value position, mlir::Value values,
                       mlir::Value factor, mlir::Value sum);
  void emitResult(mlir::OpBuilder &b, mlir::Value lane, mlir::Value firstRow,
                  mlir::Value end, llvm::ArrayRef<mlir::Value> sums);

  int64_t rowsPerWave = 1;
};

class BitmaskSpmm : public BitmaskKernel {
public:
  using BitmaskKernel::BitmaskKernel;

  bool matches() override;
  mlir::LogicalResult run() override;

private:
  llvm::SmallVector<mlir::Value> emitWords(mlir::OpBuilder &b,
                                           const StoredWeight &weight,
                                           mlir::Value row,
                                           mlir::ValueRange sums);
  llvm::SmallVector<mlir::Value> emitBits(mlir::OpBuilder &b, mlir::Value bits,
                                          mlir::Value held, mlir::Value first,
                                          mlir::ValueRange sums);
};

/// bitmask x a matrix of few columns.
class BitmaskFew : public BitmaskKernel {
public:
  using BitmaskKernel::BitmaskKernel;

  bool matches() override;
  mlir::LogicalResult run() override;
};

/// Products that sum over the rows of a bitmask weight.
class BitmaskUpdates : public BitmaskKernel {
public:
  using BitmaskKernel::BitmaskKernel;

  bool matches() override;
  mlir::LogicalResult run() override;

private:
  void emitWord(mlir::OpBuilder &b, mlir::Value bits, mlir::Value word,
                mlir::Value position, mlir::Value values, mlir::Value factor,
                Accumulate accumulate);
};

} // namespace sparsec

#endif // SPARSEC_LOWERING_AMDGPU_KERNELS_H
