//===- ProductLowering.h - One product into kernels and calls - -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Used by the sparsec-host-kernels pass: what ProductLowering does is spread
// over Operands.cpp (what is multiplied, and in which layout), Dispatch.cpp
// (kernels as functions, and ranges of equal work), UpdateLowering.cpp and
// ProductLowering.cpp (the loops to use).

#ifndef SPARSEC_LOWERING_HOST_PRODUCTLOWERING_H
#define SPARSEC_LOWERING_HOST_PRODUCTLOWERING_H

#include "lowering/host/Emit.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/SymbolTable.h"

#include <optional>

namespace sparsec {

/// The private functions of a module that hold kernels; equal ones are shared.
class KernelTable {
public:
  explicit KernelTable(mlir::ModuleOp module)
      : module(module), symbols(module) {}

  using Emit = llvm::function_ref<void(mlir::OpBuilder &, mlir::Location,
                                       mlir::ValueRange args, mlir::Value begin,
                                       mlir::Value end)>;

  /// A function (begin, end, captures...) whose body `emit` writes.
  mlir::func::FuncOp create(mlir::Location loc, mlir::ValueRange captures,
                            Emit emit);

  /// The runtime function of this name.
  mlir::func::FuncOp getRuntime(llvm::StringRef name, mlir::FunctionType type);

private:
  mlir::ModuleOp module;
  mlir::SymbolTable symbols;
  llvm::SmallVector<mlir::func::FuncOp> kernels;
};

/// Where the range of thread t of `threads` begins.
using Split = llvm::function_ref<mlir::Value(mlir::OpBuilder &, mlir::Value t,
                                             mlir::Value threads)>;

/// Calls kernel(., ., captures) so that [begin, end) is covered, in parallel
/// where `work` multiply-adds are worth it. Without `split` ranges are equal.
void dispatchKernel(mlir::OpBuilder &builder, mlir::Location loc,
                    KernelTable &kernels, mlir::func::FuncOp kernel,
                    mlir::ValueRange captures, mlir::Value begin,
                    mlir::Value end, mlir::Value work, Split split = nullptr);

/// Lowers an expansion to zeros and a kernel.
llvm::LogicalResult lowerExpand(ExpandOp op, KernelTable &kernels);

/// The weight of a product: compressed, or a dense memref with its outer
/// dimension.
struct ProductWeight {
  std::optional<WeightStorage> storage;
  mlir::Value dense;
  unsigned outerDim = 0;
  int64_t outerSize = 0;  // or kDynamic
  mlir::Value outerCount; // of a compressed weight, as an index
  int64_t storedElements = 0;

  llvm::SmallVector<mlir::Value> values() const {
    if (!storage)
      return {dense};
    llvm::SmallVector<mlir::Value> all(storage->components);
    if (storage->first)
      all.push_back(storage->first);
    return all;
  }

  /// A cursor over the same weight, of which `inside` are the values.
  std::unique_ptr<Cursor> cursor(mlir::ValueRange inside, int64_t denseGroup,
                                 const VectorUnit &unit) const {
    if (!storage)
      return makeDenseCursor(inside[0], outerDim, denseGroup, unit);
    WeightStorage copy = *storage;
    size_t count = copy.components.size();
    copy.components.assign(inside.begin(), inside.begin() + count);
    copy.first = copy.first ? inside[count] : mlir::Value();
    return makeCursor(copy, unit);
  }
};

/// Lowers one product.
class ProductLowering {
public:
  ProductLowering(MatmulOp op, KernelTable &kernels, KernelOptions options)
      : op(op), loc(op.getLoc()), b(op), kernels(kernels), options(options) {}

  llvm::LogicalResult run();

private:
  llvm::LogicalResult findWeight();
  void findDenseRoles();
  void findCaptures();

  void lower();
  void lowerSum();
  void lowerUpdate();
  /// Whether this is a known number of whole vectors.
  bool isWhole(mlir::OpFoldResult columns) const;
  std::pair<mlir::Value, mlir::Value>
  allocateSums(llvm::ArrayRef<mlir::OpFoldResult> sizes);
  void updateVector(mlir::Value x, mlir::Value sums);
  void updateColumns(mlir::Value x, mlir::Value sums);
  /// How many partial results of this many elements a product with one column
  /// is split into; 1 for none.
  int64_t partialCount(int64_t outputs) const;

  mlir::Value asVector(mlir::Value matrix);
  mlir::Value castToOne(mlir::Value memref, unsigned dim);
  mlir::Value allocate(llvm::ArrayRef<mlir::OpFoldResult> sizes);
  mlir::Value makeOperand();
  bool isDirect(mlir::Value memref, bool needSums);
  mlir::Value dimOf(mlir::Value memref, int64_t dim);

  /// dispatchKernel here.
  void dispatch(mlir::func::FuncOp kernel, mlir::ValueRange captures,
                mlir::Value begin, mlir::Value end, mlir::Value work,
                Split split = nullptr) {
    dispatchKernel(b, loc, kernels, kernel, captures, begin, end, work, split);
  }
  /// Moves y to or from another layout.
  void move(mlir::Value source, mlir::Value target, bool transpose,
            bool finish);
  Epilogue makeEpilogue(mlir::ValueRange inside,
                        llvm::ArrayRef<int> dims) const;
  llvm::SmallVector<int> resultDims(int64_t kernelRank);
  /// Whether the last group of a compressed weight may reach past its end.
  bool mayBePartial(int64_t group) const {
    return group > 1 && (mlir::ShapedType::isDynamic(weight.outerSize) ||
                         weight.outerSize % group != 0);
  }
  mlir::Value groupCount(int64_t group);
  mlir::Value balancedSplit(mlir::OpBuilder &b, const Cursor &cursor,
                            mlir::Value groups, mlir::Value t,
                            mlir::Value threads);
  void sumOver(int64_t denseGroup, mlir::Value firstGroup, mlir::Value groups,
               mlir::Value x, mlir::Value y, bool readInit, bool finish);

  MatmulOp op;
  mlir::Location loc;
  mlir::OpBuilder b;
  KernelTable &kernels;
  KernelOptions options;

  ProductWeight weight;
  bool sums = true; // the weight's inner dimension is the reduction
  mlir::Value x, y;
  bool kFirst = true;  // x is [k, columns], not [columns, k]
  bool oFirst = true;  // y is [outputs, columns]
  bool vector = false; // one column
  /// What the epilogue needs inside a kernel: its operands, then captured
  /// values.
  llvm::SmallVector<mlir::Value> epilogueValues;
  llvm::SmallVector<mlir::Value> captured;
  llvm::SmallVector<mlir::Value> temporaries;
};

} // namespace sparsec

#endif // SPARSEC_LOWERING_HOST_PRODUCTLOWERING_H
