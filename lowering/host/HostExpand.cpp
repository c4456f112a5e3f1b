//===- HostExpand.cpp - A packed weight into a dense buffer ---------------===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowering/common/Expand.h"
#include "lowering/host/ProductLowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace sparsec;

LogicalResult sparsec::lowerExpand(ExpandOp op, KernelTable &kernels) {
  OpBuilder b(op);
  Location loc = op.getLoc();
  FailureOr<StoredWeight> weight = findStoredWeight(b, op, op.getCompressed());
  if (failed(weight))
    return failure();
  emitExpandZeros(b, loc, op.getTarget());

  SmallVector<Value> captures(weight->storage.components);
  size_t count = captures.size();
  if (weight->storage.first)
    captures.push_back(weight->storage.first);
  captures.push_back(op.getTarget());
  func::FuncOp kernel = kernels.create(
      loc, captures,
      [&](OpBuilder &b, Location loc, ValueRange args, Value begin, Value end) {
        StoredWeight inside = *weight;
        inside.storage.components.assign(args.begin(), args.begin() + count);
        if (inside.storage.first)
          inside.storage.first = args[count];
        forLoop(b, loc, begin, end, createIndex(b, loc, 1), {},
                [&](OpBuilder &b, Location loc, Value group, ValueRange) {
                  emitExpandGroup(b, loc, inside, group, args.back());
                  return SmallVector<Value>();
                });
      });
  Value groups =
      getValueOrCreateConstantIndexOp(b, loc, getGroupCount(b, loc, *weight));
  dispatchKernel(b, loc, kernels, kernel, captures, createIndex(b, loc, 0),
                 groups, createIndex(b, loc, weight->storedElements));
  op.erase();
  return success();
}
