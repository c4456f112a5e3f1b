//===- GpuKernels.cpp - Each product into a kernel for a GPU --------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The kernels that work for every format, shape and layout. A work item owns
// what it writes, so there are no atomics, and sums are taken with k ascending:
//
//   - where the weight's inner dimension is the reduction, a group of outer
//     indices and one column: a sum in a register for each outer index;
//   - where the outer dimension is, one column, which it updates from one outer
//     index after the other;
//   - of two dense operands, one element.

#include "lowering/Passes.h"
#include "lowering/common/Epilogue.h"
#include "lowering/common/GpuLaunch.h"
#include "lowering/common/StoredWeight.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace sparsec {
#define GEN_PASS_DEF_GPUKERNELS
#include "lowering/Passes.h.inc"
} // namespace sparsec

using namespace mlir;
using namespace sparsec;

namespace {

class GpuProduct {
public:
  GpuProduct(MatmulOp op, bool strict)
      : op(op), loc(op.getLoc()), b(op), strict(strict),
        sumType(this->op.getSumType()) {}

  LogicalResult run();

private:
  void lowerDense();
  void lowerSum(const StoredWeight &weight);
  void lowerUpdate(const StoredWeight &weight);

  /// An element of a dense operand, whose rows are its first dimension unless
  /// `swapped`.
  Value load(OpBuilder &b, Location loc, Value memref, Value row, Value column,
             bool swapped) const;
  /// Where the result of outer index (or row) `o` and column `c` is.
  SmallVector<Value> resultAt(Value o, Value c) const;
  /// What a sum starts from.
  Value initial(OpBuilder &b, Location loc, ValueRange position) const;
  void store(OpBuilder &b, Location loc, Value sum, ValueRange position) const;
  Value multiplyAdd(OpBuilder &b, Location loc, Value sum, Value x,
                    Value y) const;
  /// x at outer index `o` of the weight, or zero from `bound` on.
  Value loadInside(OpBuilder &b, Location loc, Value o, Value column,
                   Value bound) const;
  OpFoldResult sizeOf(Value memref, int64_t dim);
  OpFoldResult groupCount(const StoredWeight &weight, int64_t group);

  MatmulOp op;
  Location loc;
  OpBuilder b;
  bool strict;
  Type sumType;
  Value x;               ///< the operand that is not the weight
  bool xSwapped = false; ///< x is [columns, k]
  bool weightFirst = true;
};

} // namespace

LogicalResult GpuProduct::run() {
  std::optional<unsigned> side = op.getCompressedOperand();
  if (!side) {
    lowerDense();
    op.erase();
    return success();
  }
  weightFirst = *side == 0;
  FailureOr<StoredWeight> weight =
      findStoredWeight(b, op, weightFirst ? op.getLhs() : op.getRhs());
  if (failed(weight))
    return failure();
  x = weightFirst ? op.getRhs() : op.getLhs();
  xSwapped = weightFirst ? op.getTransposeRhs() : !op.getTransposeLhs();
  bool transposed = weightFirst ? op.getTransposeLhs() : op.getTransposeRhs();
  // The dimension of the weight that is the reduction.
  unsigned kDim = weightFirst != transposed ? 1 : 0;
  if (kDim != weight->outerDim)
    lowerSum(*weight);
  else
    lowerUpdate(*weight);
  op.erase();
  return success();
}

Value GpuProduct::load(OpBuilder &b, Location loc, Value memref, Value row,
                       Value column, bool swapped) const {
  SmallVector<Value> indices;
  if (cast<MemRefType>(memref.getType()).getRank() == 1)
    indices = {row};
  else if (swapped)
    indices = {column, row};
  else
    indices = {row, column};
  return toSum(b, loc, memref::LoadOp::create(b, loc, memref, indices),
               sumType);
}

SmallVector<Value> GpuProduct::resultAt(Value o, Value c) const {
  MatmulOp matmul = op;
  if (matmul.getInit().getType().getRank() == 1)
    return {o};
  if (weightFirst)
    return {o, c};
  return {c, o};
}

Value GpuProduct::initial(OpBuilder &b, Location loc,
                          ValueRange position) const {
  MatmulOp matmul = op;
  if (matmul.getZeroInit())
    return zeroSum(b, loc, sumType);
  return toSum(b, loc,
               memref::LoadOp::create(b, loc, matmul.getInit(), position),
               sumType);
}

void GpuProduct::store(OpBuilder &b, Location loc, Value sum,
                       ValueRange position) const {
  MatmulOp matmul = op;
  SmallVector<int> dims = llvm::to_vector(llvm::seq<int>(0, position.size()));
  Epilogue epilogue(op, matmul.getEpilogueOperands(), {}, dims);
  memref::StoreOp::create(b, loc, epilogue.apply(b, loc, sum, position),
                          matmul.getInit(), position);
}

Value GpuProduct::multiplyAdd(OpBuilder &b, Location loc, Value sum, Value x,
                              Value y) const {
  return addProduct(b, loc, sum, x, y,
                    strict ? arith::FastMathFlags::none
                           : arith::FastMathFlags::contract);
}

OpFoldResult GpuProduct::sizeOf(Value memref, int64_t dim) {
  auto type = cast<MemRefType>(memref.getType());
  if (!type.isDynamicDim(dim))
    return b.getIndexAttr(type.getDimSize(dim));
  return memref::DimOp::create(b, loc, memref, dim).getResult();
}

OpFoldResult GpuProduct::groupCount(const StoredWeight &weight, int64_t group) {
  if (!ShapedType::isDynamic(weight.outerSize))
    return b.getIndexAttr(llvm::divideCeil(weight.outerSize, group));
  return b.createOrFold<arith::CeilDivUIOp>(loc, weight.outerCount,
                                            createIndex(b, loc, group));
}

void GpuProduct::lowerDense() {
  // One element is a row of lhs times a column of rhs.
  Value lhs = op.getLhs(), rhs = op.getRhs();
  auto rank = [](Value memref) {
    return cast<MemRefType>(memref.getType()).getRank();
  };
  OpFoldResult one = b.getIndexAttr(1);
  OpFoldResult rows =
      rank(lhs) == 1 ? one : sizeOf(lhs, op.getTransposeLhs() ? 1 : 0);
  OpFoldResult columns =
      rank(rhs) == 1 ? one : sizeOf(rhs, op.getTransposeRhs() ? 0 : 1);
  // A vector as lhs has a result whose one dimension is the columns.
  weightFirst = rank(lhs) != 1;
  launchOver(
      b, loc, "matmul_dense", {rows, columns},
      [&](OpBuilder &b, Location loc, ValueRange at) {
        SmallVector<Value> position =
            weightFirst ? resultAt(at[0], at[1]) : resultAt(at[1], at[0]);
        unsigned kDim = rank(lhs) == 1 || op.getTransposeLhs() ? 0 : 1;
        Value depth = b.createOrFold<memref::DimOp>(loc, lhs, kDim);
        SmallVector<Value> sum = forLoop(
            b, loc, createIndex(b, loc, 0), depth, createIndex(b, loc, 1),
            initial(b, loc, position),
            [&](OpBuilder &b, Location loc, Value k, ValueRange args) {
              Value x = load(b, loc, lhs, k, at[0], !op.getTransposeLhs());
              Value y = load(b, loc, rhs, k, at[1], op.getTransposeRhs());
              return SmallVector<Value>{multiplyAdd(b, loc, args[0], x, y)};
            });
        store(b, loc, sum[0], position);
      });
}

/// Emits `body` for each outer index of a group that is in the matrix; `bound`
/// is null where all are.
static void
forEachInside(OpBuilder &b, Location loc, Value first, int64_t group,
              Value bound,
              function_ref<void(OpBuilder &, Location, Value, int64_t)> body) {
  for (int64_t r = 0; r < group; ++r) {
    Value o = addIndex(b, loc, first, r);
    if (!bound) {
      body(b, loc, o, r);
      continue;
    }
    Value inside =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, o, bound);
    scf::IfOp::create(b, loc, inside, [&](OpBuilder &b, Location loc) {
      body(b, loc, o, r);
      scf::YieldOp::create(b, loc);
    });
  }
}

/// Null where all groups of the weight are whole.
static Value partialBound(const StoredWeight &weight, int64_t group) {
  bool whole = group == 1 || (!ShapedType::isDynamic(weight.outerSize) &&
                              weight.outerSize % group == 0);
  return whole ? Value() : weight.outerCount;
}

/// Code of one lane.
static const VectorUnit kScalar;

/// As it is seen in the counts of a run: "sum_csr".
static std::string nameOf(StringRef loop, const StoredWeight &weight) {
  Attribute format = weight.storage.type.getEncoding();
  StringRef name = format.getAbstractAttribute().getName();
  return (loop + "_" + name.rsplit('.').second).str();
}

void GpuProduct::lowerSum(const StoredWeight &weight) {
  std::unique_ptr<Cursor> cursor = makeCursor(weight.storage, kScalar);
  int64_t group = cursor->groupSize();
  bool vector = cast<MemRefType>(x.getType()).getRank() == 1;
  OpFoldResult columns =
      vector ? OpFoldResult(b.getIndexAttr(1)) : sizeOf(x, xSwapped ? 0 : 1);
  Value bound = partialBound(weight, group);
  launchOver(
      b, loc, nameOf("sum", weight), {groupCount(weight, group), columns},
      [&](OpBuilder &b, Location loc, ValueRange at) {
        Value first = mulIndex(b, loc, at[0], group), column = at[1];
        Value zero = zeroSum(b, loc, sumType);
        SmallVector<Value> sums(group, zero);
        if (!op.getZeroInit())
          for (int64_t r = 0; r < group; ++r) {
            Value o = addIndex(b, loc, first, r);
            if (bound) // what is read twice is not stored
              o = arith::MinUIOp::create(
                  b, loc, o,
                  arith::SubIOp::create(b, loc, bound, createIndex(b, loc, 1)));
            sums[r] = initial(b, loc, resultAt(o, column));
          }
        sums = cursor->forEachStep(
            b, loc, at[0], sums, /*lanes=*/1,
            [&](OpBuilder &b, Location loc, Value inner, ValueRange values,
                unsigned, ValueRange carried) {
              Value factor = load(b, loc, x, inner, column, xSwapped);
              SmallVector<Value> next;
              for (auto [sum, value] : llvm::zip_equal(carried, values))
                next.push_back(multiplyAdd(
                    b, loc, sum, toSum(b, loc, value, sumType), factor));
              return next;
            });
        forEachInside(b, loc, first, group, bound,
                      [&](OpBuilder &b, Location loc, Value o, int64_t r) {
                        store(b, loc, sums[r], resultAt(o, column));
                      });
      });
}

void GpuProduct::lowerUpdate(const StoredWeight &weight) {
  std::unique_ptr<Cursor> cursor = makeCursor(weight.storage, kScalar);
  int64_t group = cursor->groupSize();
  bool vector = cast<MemRefType>(x.getType()).getRank() == 1;
  OpFoldResult columns =
      vector ? OpFoldResult(b.getIndexAttr(1)) : sizeOf(x, xSwapped ? 0 : 1);
  int64_t outputs = weight.storage.type.getDimSize(1 - weight.outerDim);
  Value bound = partialBound(weight, group);
  Value groups =
      getValueOrCreateConstantIndexOp(b, loc, groupCount(weight, group));

  // Sums have the columns of neighbouring lanes beside each other.
  SmallVector<Value> dynamic;
  if (auto value = dyn_cast<Value>(columns))
    dynamic.push_back(value);
  Value sums = memref::AllocOp::create(
      b, loc,
      MemRefType::get({outputs, dynamic.empty() ? *getConstantIntValue(columns)
                                                : ShapedType::kDynamic},
                      sumType),
      dynamic);
  launchOver(
      b, loc, nameOf("update", weight), columns,
      [&](OpBuilder &b, Location loc, ValueRange at) {
        Value column = at[0];
        auto forEachOutput =
            [&](function_ref<void(OpBuilder &, Location, Value)> body) {
              forLoop(b, loc, createIndex(b, loc, 0),
                      createIndex(b, loc, outputs), createIndex(b, loc, 1), {},
                      [&](OpBuilder &b, Location loc, Value i, ValueRange) {
                        body(b, loc, i);
                        return SmallVector<Value>();
                      });
            };
        forEachOutput([&](OpBuilder &b, Location loc, Value i) {
          memref::StoreOp::create(b, loc, initial(b, loc, resultAt(i, column)),
                                  sums, ValueRange{i, column});
        });
        forLoop(
            b, loc, createIndex(b, loc, 0), groups, createIndex(b, loc, 1), {},
            [&](OpBuilder &b, Location loc, Value index, ValueRange) {
              Value first = mulIndex(b, loc, index, group);
              SmallVector<Value> factors;
              for (int64_t r = 0; r < group; ++r)
                factors.push_back(loadInside(b, loc, addIndex(b, loc, first, r),
                                             column, bound));
              cursor->forEachStep(
                  b, loc, index, {}, /*lanes=*/1,
                  [&](OpBuilder &b, Location loc, Value inner,
                      ValueRange values, unsigned, ValueRange) {
                    SmallVector<Value> position{inner, column};
                    Value sum = memref::LoadOp::create(b, loc, sums, position);
                    for (auto [value, factor] :
                         llvm::zip_equal(values, factors))
                      sum = multiplyAdd(b, loc, sum,
                                        toSum(b, loc, value, sumType), factor);
                    memref::StoreOp::create(b, loc, sum, sums, position);
                    return SmallVector<Value>();
                  });
              return SmallVector<Value>();
            });
        forEachOutput([&](OpBuilder &b, Location loc, Value i) {
          Value sum =
              memref::LoadOp::create(b, loc, sums, ValueRange{i, column});
          store(b, loc, sum, resultAt(i, column));
        });
      });
}

Value GpuProduct::loadInside(OpBuilder &b, Location loc, Value o, Value column,
                             Value bound) const {
  if (!bound)
    return load(b, loc, x, o, column, xSwapped);
  // The weight is zero there, but 0 times an infinity is not.
  Value inside =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, o, bound);
  auto guarded = scf::IfOp::create(
      b, loc, inside,
      [&](OpBuilder &b, Location loc) {
        scf::YieldOp::create(b, loc, load(b, loc, x, o, column, xSwapped));
      },
      [&](OpBuilder &b, Location loc) {
        Value zero = zeroSum(b, loc, sumType);
        scf::YieldOp::create(b, loc, zero);
      });
  return guarded.getResult(0);
}

namespace {

struct GpuKernelsPass : sparsec::impl::GpuKernelsBase<GpuKernelsPass> {
  using GpuKernelsBase::GpuKernelsBase;

  void runOnOperation() override {
    SmallVector<MatmulOp> products;
    getOperation()->walk([&](MatmulOp op) { products.push_back(op); });
    for (MatmulOp op : products) {
      if (op.isTensorForm()) {
        op.emitError() << "is not bufferized";
        return signalPassFailure();
      }
      if (failed(GpuProduct(op, strict).run()))
        return signalPassFailure();
    }
    eraseWeightHandles(getOperation());
  }
};

} // namespace
