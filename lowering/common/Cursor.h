//===- Cursor.h - Loops over the stored entries of a weight --- -*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Kernels are written once, against a cursor that a format emits. A cursor goes
// through a weight along the format's outer dimension (rows, or columns for
// csc), one *group* of neighbouring outer indices at a time, and emits code
// that visits the group's entries with the inner index ascending:
//
//   - as *steps*: one inner index and one scalar value for each outer index of
//   the
//     group (a group has one outer index, except where a format stores blocks);
//   - as *chunks*, where the format and the target allow it: a vector of values
//   for
//     consecutive inner indices, and which of them are stored.
//
// The component arrays may be memrefs or, in the reference lowering, tensors.

#ifndef SPARSEC_LOWERING_COMMON_CURSOR_H
#define SPARSEC_LOWERING_COMMON_CURSOR_H

#include "dialect/Attrs.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Value.h"

#include <functional>
#include <memory>

namespace sparsec {

/// What a cursor needs to know of the machine it emits code for.
struct VectorUnit {
  int64_t lanes = 1;      ///< f32 elements in a vector register
  int64_t registers = 16; ///< vector registers
  bool expand = false;    ///< AVX-512: expands by mask in a register
  bool permute = false;   ///< AVX2: permutes lanes by a vector
};

class Cursor {
public:
  /// Emits the body of a step: `inner` is the inner index, `values` one element
  /// for each outer index of the group. `lane` says which of the independent
  /// accumulators to use. Returns what the loop carries on.
  using StepBody = llvm::function_ref<llvm::SmallVector<mlir::Value>(
      mlir::OpBuilder &, mlir::Location, mlir::Value inner,
      mlir::ValueRange values, unsigned lane, mlir::ValueRange carried)>;

  /// Emits the body of a chunk: inner indices from `inner` on, one vector for
  /// each outer index of the group, widened to what products are summed in.
  /// Entries that are not stored are zero in the vectors and off in `mask`,
  /// which is null where all are stored and in range.
  using ChunkBody = llvm::function_ref<llvm::SmallVector<mlir::Value>(
      mlir::OpBuilder &, mlir::Location, mlir::Value inner,
      mlir::ValueRange vectors, mlir::Value mask, unsigned lane,
      mlir::ValueRange carried)>;

  virtual ~Cursor() = default;

  /// The outer indices of a group. The last group may reach past the end of the
  /// matrix; its values there are zero.
  virtual int64_t groupSize() const { return 1; }

  /// The offset of the first stored entry (or block) of a group, which grows
  /// from group to group: what balances the load. Null where all groups are
  /// equal.
  virtual mlir::Value entryOffset(mlir::OpBuilder &builder, mlir::Location loc,
                                  mlir::Value group) const = 0;

  /// The cost of visiting a group that stores nothing, in entries.
  virtual int64_t groupOverhead() const { return 1; }

  /// Emits a loop over the steps of `group`. With `lanes` > 1 consecutive steps
  /// go to different lanes, as far as the format can tell them apart cheaply.
  virtual llvm::SmallVector<mlir::Value>
  forEachStep(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value group,
              mlir::ValueRange carried, unsigned lanes,
              StepBody body) const = 0;

  /// The elements of a chunk, or 0 if there are none of this format here.
  virtual int64_t chunkSize() const { return 0; }
  /// The independent accumulators that forEachChunk makes use of.
  virtual unsigned chunkLanes() const { return 1; }
  virtual llvm::SmallVector<mlir::Value>
  forEachChunk(mlir::OpBuilder &builder, mlir::Location loc, mlir::Type sum,
               mlir::Value group, mlir::ValueRange carried,
               ChunkBody body) const;
};

/// A weight in memory: its compressed type and component arrays, seen from
/// outer index `first` on (a window).
struct WeightStorage {
  mlir::RankedTensorType type;
  llvm::SmallVector<mlir::Value> components;
  mlir::Value first; ///< null for 0; a multiple of the window granule
  /// Fraction of the elements that are stored, where known: decides between
  /// visiting bits and expanding words.
  double density = 0.1;
};

/// The cursor of the storage's format.
std::unique_ptr<Cursor> makeCursor(const WeightStorage &storage,
                                   const VectorUnit &unit);

/// A cursor over a dense matrix: `outerDim` of the rank-2 memref is the outer
/// dimension, `group` outer indices at a time (all of them in range).
std::unique_ptr<Cursor> makeDenseCursor(mlir::Value matrix, unsigned outerDim,
                                        int64_t group, const VectorUnit &unit);

//===----------------------------------------------------------------------===//
// Helpers for cursors and kernels
//===----------------------------------------------------------------------===//

/// One entry of a component array, as it is stored.
mlir::Value loadEntry(mlir::OpBuilder &builder, mlir::Location loc,
                      mlir::Value array, mlir::ValueRange indices);
/// One unsigned integer entry, as an index.
mlir::Value loadIndex(mlir::OpBuilder &builder, mlir::Location loc,
                      mlir::Value array, mlir::ValueRange indices);
mlir::Value createIndex(mlir::OpBuilder &builder, mlir::Location loc,
                        int64_t value);
/// Sums and products of indices; constants fold.
mlir::Value addIndex(mlir::OpBuilder &builder, mlir::Location loc,
                     mlir::Value a, mlir::Value b);
mlir::Value addIndex(mlir::OpBuilder &builder, mlir::Location loc,
                     mlir::Value a, int64_t b);
mlir::Value mulIndex(mlir::OpBuilder &builder, mlir::Location loc,
                     mlir::Value a, int64_t b);
/// A scalar or vector of stored elements, widened to what products are summed
/// in, `sum`: f32, or i32 for integers. Exact.
mlir::Value toSum(mlir::OpBuilder &builder, mlir::Location loc,
                  mlir::Value value, mlir::Type sum);
/// The same to f32.
mlir::Value toF32(mlir::OpBuilder &builder, mlir::Location loc,
                  mlir::Value value);
/// A sum, scalar or vector, rounded to `element`.
mlir::Value fromSum(mlir::OpBuilder &builder, mlir::Location loc,
                    mlir::Value value, mlir::Type element);
/// acc + a * b, all of the type of the sum. `flags` are for floats.
mlir::Value addProduct(mlir::OpBuilder &builder, mlir::Location loc,
                       mlir::Value acc, mlir::Value a, mlir::Value b,
                       mlir::arith::FastMathFlags flags);
/// The zero that sums start from: a scalar, or a vector if `lanes` > 0.
mlir::Value zeroSum(mlir::OpBuilder &builder, mlir::Location loc,
                    mlir::Type sum, int64_t lanes = 0);

/// A loop [begin, end) by `step` that carries values.
llvm::SmallVector<mlir::Value>
forLoop(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value begin,
        mlir::Value end, mlir::Value step, mlir::ValueRange carried,
        llvm::function_ref<llvm::SmallVector<mlir::Value>(
            mlir::OpBuilder &, mlir::Location, mlir::Value, mlir::ValueRange)>
            body);

} // namespace sparsec

#endif // SPARSEC_LOWERING_COMMON_CURSOR_H
