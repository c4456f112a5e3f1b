//===- IndexedKernels.h - Kernels for csr and csc ------------- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_LOWERING_AMDGPU_INDEXEDKERNELS_H
#define SPARSEC_LOWERING_AMDGPU_INDEXEDKERNELS_H

#include "lowering/amdgpu/RowPlan.h"
#include "lowering/amdgpu/UpdatesKernel.h"

namespace sparsec {

/// What the kernels for csr and csc share, which differ in what they call a
/// row: here it is what the format has one after the other.
class IndexedKernel : public UpdatesKernel {
public:
  using UpdatesKernel::UpdatesKernel;

protected:
  /// The arrays, read by buffer_load.
  struct Entries {
    mlir::Value values, indices;
  };

  /// Whether a weight with indices is summed over its rows.
  bool isIndexedSum();
  bool isIndexed();
  Entries toEntries(mlir::OpBuilder &b, const StoredWeight &weight);
  /// The inner index at a position, 32 bits.
  mlir::Value loadInner(mlir::OpBuilder &b, const Entries &entries,
                        mlir::Value position);
  mlir::Value loadValue(mlir::OpBuilder &b, const Entries &entries,
                        mlir::Value position);
  /// The sum of every so many entries from `begin` on.
  mlir::Value sumEntries(mlir::OpBuilder &b, const StoredWeight &weight,
                         mlir::Value begin, mlir::Value end, int64_t step);
};

/// csr x vector.
class IndexedGemv : public IndexedKernel {
public:
  using IndexedKernel::IndexedKernel;

  bool matches() override;
  mlir::LogicalResult run() override;

private:
  void emitRow(mlir::OpBuilder &b, mlir::Value slot, mlir::Value lane,
               const StoredWeight &weight, mlir::Value order);

  RowPlan plan;
};

/// csr x matrix.
class IndexedSpmm : public IndexedKernel {
public:
  using IndexedKernel::IndexedKernel;

  bool matches() override;
  mlir::LogicalResult run() override;

private:
  llvm::SmallVector<mlir::Value> emitEntries(mlir::OpBuilder &b,
                                             const StoredWeight &weight,
                                             mlir::Value row,
                                             mlir::ValueRange sums);
};

/// csr x a matrix of few columns.
class IndexedFew : public IndexedKernel {
public:
  using IndexedKernel::IndexedKernel;

  bool matches() override;
  mlir::LogicalResult run() override;
};

/// Products that sum over the rows of csr: csc x anything, transposed csr.
class IndexedUpdates : public IndexedKernel {
public:
  using IndexedKernel::IndexedKernel;

  bool matches() override;
  mlir::LogicalResult run() override;
};

} // namespace sparsec

#endif // SPARSEC_LOWERING_AMDGPU_INDEXEDKERNELS_H
