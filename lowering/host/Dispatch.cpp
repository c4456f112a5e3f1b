//===- Dispatch.cpp - Kernels as functions, and ranges of equal work ------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/host/ProductLowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace sparsec;

func::FuncOp KernelTable::create(Location loc, ValueRange captures, Emit emit) {
  OpBuilder b(module.getContext());
  SmallVector<Type> types(2, b.getIndexType());
  llvm::append_range(types, captures.getTypes());
  auto func =
      func::FuncOp::create(loc, "sparsec_kernel", b.getFunctionType(types, {}));
  func.setPrivate();
  Block *body = func.addEntryBlock();
  b.setInsertionPointToEnd(body);
  auto args = body->getArguments();
  emit(b, loc, args.drop_front(2), args[0], args[1]);
  func::ReturnOp::create(b, loc);

  for (func::FuncOp known : kernels) {
    if (known.getFunctionType() == func.getFunctionType() &&
        OperationEquivalence::isRegionEquivalentTo(
            &known.getBody(), &func.getBody(),
            OperationEquivalence::IgnoreLocations)) {
      func.erase();
      return known;
    }
  }
  symbols.insert(func, module.getBody()->end());
  kernels.push_back(func);
  return func;
}

func::FuncOp KernelTable::getRuntime(StringRef name, FunctionType type) {
  if (auto func = symbols.lookup<func::FuncOp>(name))
    return func;
  auto func = func::FuncOp::create(module.getLoc(), name, type);
  func.setPrivate();
  symbols.insert(func, module.getBody()->begin());
  return func;
}

void sparsec::dispatchKernel(
    OpBuilder &b, Location loc, KernelTable &kernels, func::FuncOp kernel,
    ValueRange captures, Value begin, Value end, Value work,
    function_ref<Value(OpBuilder &, Value, Value)> split) {
  auto call = [&](OpBuilder &b, Value begin, Value end) {
    SmallVector<Value> args{begin, end};
    llvm::append_range(args, captures);
    func::CallOp::create(b, loc, kernel, args);
  };
  Type i64 = b.getI64Type();
  func::FuncOp threadsOf =
      kernels.getRuntime("sparsec_rt_threads", b.getFunctionType({i64}, {i64}));
  Value work64 = arith::IndexCastOp::create(b, loc, i64, work);
  Value threads = arith::IndexCastOp::create(
      b, loc, b.getIndexType(),
      func::CallOp::create(b, loc, threadsOf, work64).getResult(0));
  Value zero = createIndex(b, loc, 0), one = createIndex(b, loc, 1);
  Value many =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ugt, threads, one);
  scf::IfOp::create(
      b, loc, many,
      [&](OpBuilder &b, Location loc) {
        scf::ParallelOp::create(
            b, loc, ValueRange{zero}, ValueRange{threads}, ValueRange{one},
            [&](OpBuilder &b, Location loc, ValueRange ivs) {
              auto bound = [&](Value t) -> Value {
                if (split)
                  return split(b, t, threads);
                Value size = arith::SubIOp::create(b, loc, end, begin);
                Value part = arith::DivUIOp::create(
                    b, loc, arith::MulIOp::create(b, loc, t, size), threads);
                return arith::AddIOp::create(b, loc, begin, part);
              };
              Value next = arith::AddIOp::create(b, loc, ivs[0], one);
              Value first = bound(ivs[0]);
              call(b, first, bound(next));
            });
        scf::YieldOp::create(b, loc);
      },
      [&](OpBuilder &b, Location loc) {
        call(b, begin, end);
        scf::YieldOp::create(b, loc);
      });
}

Value ProductLowering::balancedSplit(OpBuilder &b, const Cursor &cursor,
                                     Value groups, Value t, Value threads) {
  // The first group whose key, the entries and groups before it, reaches t
  // shares of the whole; found by bisection, since keys grow.
  auto key = [&](OpBuilder &b, Value group) -> Value {
    return addIndex(b, loc, cursor.entryOffset(b, loc, group),
                    mulIndex(b, loc, group, cursor.groupOverhead()));
  };
  Value zero = createIndex(b, loc, 0);
  Value base = key(b, zero);
  Value total = arith::SubIOp::create(b, loc, key(b, groups), base);
  Value share = arith::DivUIOp::create(
      b, loc, arith::MulIOp::create(b, loc, total, t), threads);
  Value goal = arith::AddIOp::create(b, loc, base, share);
  auto loop = scf::WhileOp::create(
      b, loc, TypeRange{b.getIndexType(), b.getIndexType()},
      ValueRange{zero, groups},
      [&](OpBuilder &b, Location loc, ValueRange range) {
        Value open = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult,
                                           range[0], range[1]);
        scf::ConditionOp::create(b, loc, open, range);
      },
      [&](OpBuilder &b, Location loc, ValueRange range) {
        Value sum = arith::AddIOp::create(b, loc, range[0], range[1]);
        Value middle =
            arith::ShRUIOp::create(b, loc, sum, createIndex(b, loc, 1));
        Value below = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult,
                                            key(b, middle), goal);
        Value low = arith::SelectOp::create(
            b, loc, below, addIndex(b, loc, middle, 1), range[0]);
        Value high = arith::SelectOp::create(b, loc, below, range[1], middle);
        scf::YieldOp::create(b, loc, ValueRange{low, high});
      });
  return loop.getResult(0);
}
